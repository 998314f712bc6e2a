// Which event types an endpoint receives: all, whole branches (`meeting.*`), or names, found by searching the catalogue;
// anything else can be typed. What a branch covers shows as covered.

import { isEventTypeName, matchesEventType } from '@waxwing/protocol/event-types';
import type { EventType } from '@waxwing/protocol';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../design/button.tsx';
import { Inert } from '../../design/code-block.tsx';
import { Checkbox, RadioGroup, TextField } from '../../design/field.tsx';
import { SearchBox } from '../../design/search-box.tsx';
import { branchesOf } from './branches.ts';
import styles from './endpoint-form.module.css';

export interface SubscriptionFieldProps {
  readonly value: readonly string[];
  readonly onChange: (patterns: readonly string[]) => void;
  readonly catalogue: readonly EventType[];
  readonly error: string | null;
}

const ALL = '*';

export function SubscriptionField({ value, onChange, catalogue, error }: SubscriptionFieldProps): ReactNode {
  const [search, setSearch] = useState('');
  const takesAll = value.includes(ALL);
  const branches = useMemo(() => branchesOf(catalogue, search), [catalogue, search]);
  const taken = catalogue.filter(({ name }) => matchesEventType(value, name)).length;
  const toggle = (pattern: string, on: boolean): void =>
    onChange(on ? [...value.filter((one) => !covers(pattern, one)), pattern] : value.filter((one) => one !== pattern));
  return (
    <div className={styles.subscription}>
      <RadioGroup
        label="Event types"
        value={takesAll ? 'all' : 'some'}
        onChange={(id) => onChange(id === 'all' ? [ALL] : value.filter((one) => one !== ALL))}
        options={[
          { id: 'all', label: 'All', help: '(*), those to come included' },
          { id: 'some', label: 'Some of them' },
        ]}
        error={error}
      />
      {!takesAll && (
        <>
          <Chosen value={value} onRemove={(pattern) => toggle(pattern, false)} />
          <div className={styles.finder}>
            <SearchBox label="Search the catalogue" placeholder="Search the catalogue" value={search} onChange={setSearch} />
            <span className={styles.count} role="status">
              {catalogue.length === 0 ? 'The catalogue is empty' : `${taken} of ${catalogue.length} taken`}
            </span>
          </div>
          {catalogue.length > 0 && (
            <div className={styles.catalogue} role="group" aria-label="Catalogue" tabIndex={0}>
              {branches.length === 0 && <p className={styles.faint}>Nothing of the catalogue matches.</p>}
              {branches.map(({ pattern, types }) => (
                <div key={pattern ?? types[0]?.name} className={styles.branch}>
                  {pattern !== null && (
                    <Checkbox
                      label={pattern}
                      isSelected={value.includes(pattern)}
                      onChange={(on) => toggle(pattern, on)}
                      isDisabled={value.some((one) => one !== pattern && covers(one, pattern))}
                    />
                  )}
                  {types.map((type) => {
                    const covered = value.some((one) => one !== type.name && covers(one, type.name));
                    return (
                      <div key={type.name} className={pattern === null ? styles.single : styles.type}>
                        <Checkbox
                          label={type.name}
                          isSelected={covered || value.includes(type.name)}
                          isDisabled={covered}
                          onChange={(on) => toggle(type.name, on)}
                        />
                        <span className={styles.faint}>
                          <Inert text={type.description} />
                        </span>
                      </div>
                    );
                  })}
                </div>
              ))}
            </div>
          )}
          <Other onAdd={(pattern) => toggle(pattern, true)} taken={value} />
        </>
      )}
    </div>
  );
}

function Chosen({ value, onRemove }: { readonly value: readonly string[]; readonly onRemove: (pattern: string) => void }): ReactNode {
  if (value.length === 0) return null;
  return (
    <ul className={styles.chosen} aria-label="Chosen">
      {value.map((pattern) => (
        <li key={pattern} className={styles.chip}>
          <Inert text={pattern} mono />
          <IconButton small icon="close" label={`Remove ${pattern}`} onPress={() => onRemove(pattern)} />
        </li>
      ))}
    </ul>
  );
}

function Other({ onAdd, taken }: { readonly onAdd: (pattern: string) => void; readonly taken: readonly string[] }): ReactNode {
  const [typed, setTyped] = useState('');
  const pattern = typed.trim();
  const wrong = pattern !== '' && !isPattern(pattern);
  const add = (): void => {
    if (pattern === '' || wrong || taken.includes(pattern)) return;
    onAdd(pattern);
    setTyped('');
  };
  return (
    <div
      className={styles.other}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        add();
      }}
    >
      <TextField
        label="Or type one"
        placeholder="invoice.* or invoice.paid"
        mono
        value={typed}
        onChange={setTyped}
        error={wrong ? 'A name such as invoice.paid, or prefix.* for all below it.' : null}
      />
      <Button onPress={add} isDisabled={pattern === '' || wrong}>
        Add
      </Button>
    </div>
  );
}

function isPattern(text: string): boolean {
  return text === ALL || isEventTypeName(text.endsWith('.*') ? text.slice(0, -2) : text);
}

/** Whether one pattern takes all that the other does. */
function covers(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === ALL) return true;
  return wide.endsWith('.*') && narrow.startsWith(wide.slice(0, -1));
}
