// Chooses whose things are shown: all tenants', or one's. The choice is in the address, so a link keeps it.

import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { useTenants } from '../data/queries.ts';
import { useConsole } from '../data/surroundings.tsx';
import { ComboBox } from '../design/select.tsx';
import styles from './shell.module.css';

/** No tenant's id: they have no blanks. */
const ALL = ' all';

export function TenantPicker(): ReactNode {
  const { tenant, chooseTenant } = useConsole();
  const { rows } = useTenants();
  const options = useMemo(
    () => [
      { id: ALL, label: 'All tenants' },
      ...rows.map((row) => ({ id: row.id, label: row.id, ...(row.name === row.id ? {} : { detail: row.name }) })),
    ],
    [rows],
  );
  return (
    <div className={styles.picker}>
      <ComboBox
        label="Tenant"
        compact
        options={options}
        value={tenant ?? ALL}
        allowsOther
        onChange={(id) => chooseTenant(id === ALL || id === null ? null : id)}
      />
    </div>
  );
}
