// An endpoint's own headers: names and values, sent with every attempt.

import type { ReactNode } from 'react';
import { Button, IconButton } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import type { HeaderRow } from './draft.ts';
import styles from './endpoint-form.module.css';

export interface HeaderRowsProps {
  readonly value: readonly HeaderRow[];
  readonly onChange: (rows: readonly HeaderRow[]) => void;
  readonly error: string | null;
}

export function HeaderRows({ value, onChange, error }: HeaderRowsProps): ReactNode {
  const change = (index: number, row: Partial<HeaderRow>): void =>
    onChange(value.map((one, at) => (at === index ? { ...one, ...row } : one)));
  return (
    <div className={styles.headers} role="group" aria-label="Headers">
      <span className={styles.groupLabel}>Headers</span>
      <span className={styles.faint}>
        Sent with every attempt, such as a token that your gateway asks for. Kept encrypted; signing headers cannot be replaced.
      </span>
      {value.map((row, index) => (
        <div key={index} className={styles.headerRow}>
          <TextField
            label={`Name ${index + 1}`}
            placeholder="X-Api-Key"
            mono
            value={row.name}
            onChange={(name) => change(index, { name })}
          />
          <TextField label={`Value ${index + 1}`} mono value={row.value} onChange={(text) => change(index, { value: text })} />
          <IconButton icon="trash" label={`Remove header ${index + 1}`} onPress={() => onChange(value.filter((_, at) => at !== index))} />
        </div>
      ))}
      {error !== null && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
      <div>
        <Button small icon="plus" onPress={() => onChange([...value, { name: '', value: '' }])}>
          Add a header
        </Button>
      </div>
    </div>
  );
}
