// A search box for the filters of a page. What is typed is handed on when typing pauses.

import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { Button, Input, SearchField } from 'react-aria-components';
import { classNames } from './class-names.ts';
import { Icon } from './icons.tsx';
import styles from './search-box.module.css';

const PAUSE_MS = 250;

export interface SearchBoxProps {
  readonly label: string;
  readonly placeholder?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function SearchBox({ label, placeholder = '', value, onChange }: SearchBoxProps): ReactNode {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => onChange(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <SearchField
      aria-label={label}
      className={classNames(styles.search)}
      value={typed}
      onChange={setTyped}
      onSubmit={onChange}
      onClear={() => onChange('')}
    >
      <Icon name="search" size={15} />
      <Input className={classNames(styles.input)} placeholder={placeholder} spellCheck={false} autoComplete="off" />
      <Button className={classNames(styles.clear)} aria-label="Clear">
        <Icon name="close" size={13} />
      </Button>
    </SearchField>
  );
}
