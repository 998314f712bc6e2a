// The settings in effect, to read: where each comes from, and of secrets only whether they are set.

import { useQuery } from '@tanstack/react-query';
import type { Setting } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useConsole } from '../../data/surroundings.tsx';
import { useUrlState } from '../../data/url-state.ts';
import { Inert } from '../../design/code-block.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import { FilterBar, Page, Panel } from '../../design/page.tsx';
import { Tag } from '../../design/pill.tsx';
import { SearchBox } from '../../design/search-box.tsx';
import { Empty } from '../../design/states.tsx';
import { PlainTable } from '../../parts/plain-table.tsx';
import type { PlainColumn } from '../../parts/plain-table.tsx';
import styles from './settings.module.css';

const COLUMNS: readonly PlainColumn<Setting>[] = [
  { id: 'name', title: 'Setting', cell: ({ name }) => <code>{name}</code> },
  { id: 'value', title: 'In effect', cell: (setting) => <Value setting={setting} /> },
  {
    id: 'variable',
    title: 'Set by',
    cell: ({ variable }) =>
      variable === null ? (
        '–'
      ) : (
        <>
          <code>{variable}</code> <CopyButton text={variable} label={`Copy ${variable}`} />
        </>
      ),
  },
];

export function SettingsPage(): ReactNode {
  const { api } = useConsole();
  const [search, setSearch] = useUrlState('q');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => api.settings({ signal }),
    staleTime: 60_000,
  });
  const words = search.q.toLowerCase().split(/\s+/);
  const rows = (data ?? []).filter(({ name, variable }) => words.every((word) => `${name} ${variable ?? ''}`.toLowerCase().includes(word)));
  return (
    <Page
      title="Settings"
      lead="In effect since this node started. They are changed where it is started: flags, environment, settings file."
    >
      <FilterBar>
        <SearchBox label="Filter settings" placeholder="Name or variable" value={search.q} onChange={(q) => setSearch({ q })} />
      </FilterBar>
      <Panel flush>
        <PlainTable
          label="Settings"
          columns={COLUMNS}
          rows={rows}
          keyOf={({ name }) => name}
          isLoading={isPending}
          error={error}
          onRetry={() => void refetch()}
          empty={<Empty icon="settings" title={search.q === '' ? 'The server was not told its settings' : 'No setting matches'} />}
        />
      </Panel>
    </Page>
  );
}

function Value({ setting }: { readonly setting: Setting }): ReactNode {
  const { secret, value } = setting;
  if (secret) return <Tag tone={value === 'set' ? 'good' : 'idle'}>{value === 'set' ? 'set' : 'not set'}</Tag>;
  if (value === null || value === '') return <span className={styles.none}>not set</span>;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return <Inert text={String(value)} mono />;
}
