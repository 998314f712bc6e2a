// Event types as a filter: one name, or all below a prefix (`meeting.*`). Those of the catalogue are offered, with the
// prefixes that they share; anything else can be typed.

import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { useEventTypes } from '../data/queries.ts';
import { ComboBox } from '../design/select.tsx';

export function TypeFilter({ value, onChange }: { readonly value: string; readonly onChange: (type: string) => void }): ReactNode {
  const { data } = useEventTypes(null);
  const options = useMemo(() => {
    const names = [...new Set((data ?? []).map(({ name }) => name))].sort();
    const prefixes = [...new Set(names.filter((name) => name.includes('.')).map((name) => `${name.slice(0, name.indexOf('.'))}.*`))];
    return [...prefixes.map((id) => ({ id, label: id, detail: 'all below' })), ...names.map((id) => ({ id, label: id }))];
  }, [data]);
  return (
    <ComboBox
      compact
      allowsOther
      label="Event type"
      placeholder="Any type, or prefix.*"
      options={options}
      value={value === '' ? null : value}
      onChange={(type) => onChange((type ?? '').trim())}
    />
  );
}

/** As the API reads the filter: a name, `prefix.*` (any depth below), `*` or nothing for all. */
export function takesType(filter: string, type: string): boolean {
  if (filter === '' || filter === '*') return true;
  return filter.endsWith('.*') ? type.startsWith(filter.slice(0, -1)) : type === filter;
}
