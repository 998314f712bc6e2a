// Endpoints: who receives, and how that goes. Filters stand in the address.

import type { Endpoint, EndpointStats } from '@waxwing/protocol';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { useLiveMessages } from '../../data/live.tsx';
import { paths } from '../../data/paths.ts';
import { useEndpoints, useSparklines } from '../../data/queries.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { useUrlState } from '../../data/url-state.ts';
import { Button, LinkButton } from '../../design/button.tsx';
import { Inert } from '../../design/code-block.tsx';
import { percent } from '../../design/numbers.ts';
import { FilterBar, Page } from '../../design/page.tsx';
import { EndpointPill, Tag } from '../../design/pill.tsx';
import { SearchBox } from '../../design/search-box.tsx';
import { Select } from '../../design/select.tsx';
import { Sparkline } from '../../design/sparkline.tsx';
import { Empty } from '../../design/states.tsx';
import { Table } from '../../design/table.tsx';
import type { Column } from '../../design/table.tsx';
import { Time } from '../../design/time.tsx';
import styles from './endpoints.module.css';

const ANY = 'any';
const STATUSES = [ANY, 'active', 'failing', 'paused', 'disabled'];

export function EndpointsPage(): ReactNode {
  const { tenant, may } = useConsole();
  const [filters, setFilters] = useUrlState('status', 'profile', 'q');
  const list = useEndpoints();
  useLiveMessages(['endpoint']);
  const rows = useMemo(() => list.rows.filter((endpoint) => matches(endpoint, filters)), [list.rows, filters]);
  const ids = useMemo(() => rows.map(({ id }) => id), [rows]);
  const sparklines = useSparklines(ids, '24h');
  const columns = useMemo(() => columnsOf(sparklines, tenant === null), [sparklines, tenant]);
  const profiles = useMemo(
    () => [...new Set([...list.rows.map(({ profile }) => profile), filters.profile].filter((name) => name !== ''))].sort(),
    [list.rows, filters.profile],
  );
  const filtered = filters.status !== '' || filters.profile !== '' || filters.q !== '';
  const create = may('manage') && (
    <LinkButton to={paths.newEndpoint} kind="primary" icon="plus">
      New endpoint
    </LinkButton>
  );

  return (
    <Page title="Endpoints" full actions={create}>
      <FilterBar>
        <SearchBox label="Filter endpoints" placeholder="Name, URL, event type" value={filters.q} onChange={(q) => setFilters({ q })} />
        <Select
          compact
          label="Status"
          options={STATUSES.map((id) => ({ id, label: id === ANY ? 'Any status' : id }))}
          value={filters.status === '' ? ANY : filters.status}
          onChange={(status) => setFilters({ status: status === ANY ? '' : status })}
        />
        <Select
          compact
          label="Profile"
          options={[{ id: ANY, label: 'Any profile' }, ...profiles.map((id) => ({ id, label: id }))]}
          value={filters.profile === '' ? ANY : filters.profile}
          onChange={(profile) => setFilters({ profile: profile === ANY ? '' : profile })}
        />
        {filtered && (
          <Button kind="quiet" onPress={() => setFilters({ q: '', status: '', profile: '' })}>
            Clear
          </Button>
        )}
      </FilterBar>
      <Table<Endpoint>
        label="Endpoints"
        columns={columns}
        rows={rows}
        keyOf={({ id }) => id}
        linkOf={({ id, tenant: owner }) => ({ to: paths.endpoint(owner, id) })}
        isLoading={list.isLoading}
        error={list.error}
        onRetry={list.retry}
        onMore={list.more}
        isLoadingMore={list.isLoadingMore}
        empty={
          filtered ? (
            <Empty icon="filter" title="No endpoint matches">
              Loosen the filters, or find one by its id with the search box above.
            </Empty>
          ) : (
            <Empty icon="endpoints" title="No endpoints yet" action={create}>
              An endpoint is a URL that receives the events it subscribed to.
            </Empty>
          )
        }
      />
    </Page>
  );
}

function matches(endpoint: Endpoint, filters: { readonly status: string; readonly profile: string; readonly q: string }): boolean {
  if (filters.status !== '' && endpoint.status !== filters.status) return false;
  if (filters.profile !== '' && endpoint.profile !== filters.profile) return false;
  const text = [endpoint.name, endpoint.url, endpoint.id, endpoint.tenant, endpoint.description, ...endpoint.eventTypes]
    .join(' ')
    .toLowerCase();
  return filters.q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function columnsOf(sparklines: ReadonlyMap<string, EndpointStats>, showsTenant: boolean): readonly Column<Endpoint>[] {
  return [
    {
      id: 'name',
      title: 'Endpoint',
      width: 'minmax(150px, 2.2fr)',
      cell: ({ name, url }) => (
        <span className={styles.names}>
          <Inert text={name} />
          <span className={styles.url}>
            <Inert text={url} />
          </span>
        </span>
      ),
    },
    { id: 'status', title: 'Status', width: '92px', cell: ({ status }) => <EndpointPill status={status} /> },
    ...(showsTenant
      ? [
          {
            id: 'tenant',
            title: 'Tenant',
            width: 'minmax(80px, 0.8fr)',
            from: 820,
            cell: ({ tenant }: Endpoint) => <Inert text={tenant} />,
          },
        ]
      : []),
    { id: 'profile', title: 'Profile', width: 'minmax(128px, 0.7fr)', from: 620, cell: ({ profile }) => <Tag>{profile}</Tag> },
    {
      id: 'success',
      title: 'Success, 24 h',
      width: '92px',
      from: 700,
      align: 'end',
      cell: ({ id }) => {
        const ratio = sparklines.get(id)?.successRate ?? null;
        return ratio === null ? <span className={styles.none}>–</span> : percent(ratio);
      },
    },
    {
      id: 'lately',
      title: 'Last 24 h',
      width: '128px',
      from: 940,
      cell: ({ id, name }) => <Lately stats={sparklines.get(id)} name={name} />,
    },
    {
      id: 'triggered',
      title: 'Last triggered',
      width: '112px',
      from: 520,
      align: 'end',
      cell: ({ lastTriggeredAt }) =>
        lastTriggeredAt === null ? <span className={styles.none}>never</span> : <Time at={lastTriggeredAt} />,
    },
  ];
}

function Lately({ stats, name }: { readonly stats: EndpointStats | undefined; readonly name: string }): ReactNode {
  const points = stats?.series ?? [];
  const [good, bad] = [
    points.reduce((sum, { delivered }) => sum + delivered, 0),
    points.reduce((sum, { undelivered }) => sum + undelivered, 0),
  ];
  return (
    <Sparkline
      points={points.map(({ delivered, undelivered }) => ({ good: delivered, bad: undelivered }))}
      label={`${name}, last 24 hours: ${good} attempts delivered, ${bad} not`}
    />
  );
}
