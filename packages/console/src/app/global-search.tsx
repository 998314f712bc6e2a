// One search box for any id, on `/`: an event, a delivery, an attempt, an endpoint, a key.

import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Input, SearchField } from 'react-aria-components';
import { paths } from '../data/paths.ts';
import { classNames } from '../design/class-names.ts';
import { Icon } from '../design/icons.tsx';
import styles from './shell.module.css';

/** The keyboard layer finds it by this. */
export const GLOBAL_SEARCH_ID = 'global-search';

export function GlobalSearch(): ReactNode {
  const [text, setText] = useState('');
  const navigate = useNavigate();
  return (
    <SearchField
      aria-label="Find by id"
      className={classNames(styles.search)}
      value={text}
      onChange={setText}
      onSubmit={(submitted) => {
        const id = submitted.trim();
        if (id === '') return;
        setText('');
        void navigate({ to: paths.find(id) });
      }}
    >
      <Icon name="search" size={15} />
      <Input
        id={GLOBAL_SEARCH_ID}
        className={classNames(styles.searchInput)}
        placeholder="Find any id"
        spellCheck={false}
        autoComplete="off"
      />
      <kbd className={styles.searchKey}>/</kbd>
    </SearchField>
  );
}
