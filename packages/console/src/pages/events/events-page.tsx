// Events: the live tail, and what was published before. Filters stand in the address.

import type { EventFilter } from '@waxwing/client';
import type { EventSummary } from '@waxwing/protocol';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { useConsole } from '../../data/surroundings.tsx';
import { useUrlState } from '../../data/url-state.ts';
import { Button } from '../../design/button.tsx';
import { Inert } from '../../design/code-block.tsx';
import { FilterBar, Page } from '../../design/page.tsx';
import { SearchBox } from '../../design/search-box.tsx';
import { Empty } from '../../design/states.tsx';
import { Table } from '../../design/table.tsx';
import type { Column } from '../../design/table.tsx';
import { Time } from '../../design/time.tsx';
import { PauseButton, TailFrame, useReading } from '../../parts/tail-frame.tsx';
import { useTail } from '../../parts/tail.ts';
import { isWithin, TimeFilter, useTimeBounds } from '../../parts/time-filter.tsx';
import { takesType, TypeFilter } from '../../parts/type-filter.tsx';
import { holdsText, previewOf } from './data-preview.ts';
import styles from './events.module.css';

export function EventsPage(): ReactNode {
  const { api, tenant } = useConsole();
  const [filters, setFilters] = useUrlState('type', 'q', 'last', 'from', 'to');
  const bounds = useTimeBounds(filters);
  const reading = useReading();
  const { type, q } = filters;
  const filter: EventFilter = { ...(type === '' ? {} : { type }), ...(q === '' ? {} : { q }), ...bounds };
  const tail = useTail<EventSummary>(
    {
      key: ['events', tenant, filter],
      kind: 'event',
      fetchPage: (options, signal) => {
        const asked = [{ ...filter, ...options }, signal === undefined ? {} : { signal }] as const;
        return (tenant === null ? api.everywhere.events(...asked) : api.tenant(tenant).events.list(...asked)).page();
      },
      rowOf: (message) => (message.kind === 'event' ? message.data : null),
      keyOf,
      timeOf: ({ receivedAt }) => receivedAt,
      matches: (event) =>
        (tenant === null || event.tenant === tenant) &&
        takesType(type, event.type) &&
        isWithin(bounds, event.receivedAt) &&
        holdsText(event, q),
    },
    reading.held,
  );
  const columns = useMemo(() => columnsOf(tenant === null), [tenant]);
  const filtered = Object.values(filters).some((value) => value !== '');

  return (
    <Page title="Events" full actions={<PauseButton reading={reading} waiting={tail.waiting} />}>
      <FilterBar>
        <SearchBox label="Text in the data" placeholder="Text in the data" value={q} onChange={(text) => setFilters({ q: text })} />
        <div className={styles.filter}>
          <TypeFilter value={type} onChange={(next) => setFilters({ type: next })} />
        </div>
        <TimeFilter value={filters} onChange={setFilters} />
        {filtered && (
          <Button kind="quiet" onPress={() => setFilters({ type: '', q: '', last: '', from: '', to: '' })}>
            Clear
          </Button>
        )}
      </FilterBar>
      <TailFrame reading={reading} waiting={tail.waiting} letIn={tail.letIn} noun="event">
        <Table<EventSummary>
          label="Events"
          columns={columns}
          rows={tail.rows}
          keyOf={keyOf}
          linkOf={({ tenant: owner, id }) => ({ to: paths.event(owner, id) })}
          isLoading={tail.isLoading}
          error={tail.error}
          onRetry={tail.retry}
          onMore={tail.more}
          isLoadingMore={tail.isLoadingMore}
          empty={
            filtered ? (
              <Empty icon="filter" title="No event matches">
                What matches appears here as it is published.
              </Empty>
            ) : (
              <Empty icon="events" title="No events yet">
                What is published appears here at once.
              </Empty>
            )
          }
        />
      </TailFrame>
    </Page>
  );
}

/** Ids are the publisher's to choose, within a tenant. */
function keyOf({ tenant, id }: EventSummary): string {
  return `${tenant} ${id}`;
}

function columnsOf(showsTenant: boolean): readonly Column<EventSummary>[] {
  return [
    { id: 'type', title: 'Event', width: 'minmax(150px, 1fr)', cell: ({ type }) => <Inert text={type} /> },
    ...(showsTenant
      ? [
          {
            id: 'tenant',
            title: 'Tenant',
            width: 'minmax(70px, 0.5fr)',
            from: 620,
            cell: ({ tenant }: EventSummary) => <Inert text={tenant} />,
          },
        ]
      : []),
    {
      id: 'data',
      title: 'Data',
      width: 'minmax(120px, 2.4fr)',
      from: 480,
      cell: (event) => <bdi className={styles.data}>{previewOf(event)}</bdi>,
    },
    {
      id: 'id',
      title: 'Id',
      width: '296px',
      from: 1180,
      cell: ({ id }) => (
        <span className={styles.id}>
          <Inert text={id} mono />
        </span>
      ),
    },
    { id: 'clock', title: 'At', width: '64px', from: 760, align: 'end', cell: ({ receivedAt }) => <Time at={receivedAt} show="clock" /> },
    { id: 'received', title: 'Received', width: '96px', align: 'end', cell: ({ receivedAt }) => <Time at={receivedAt} /> },
  ];
}
