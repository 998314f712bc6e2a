// A list of deliveries, wherever one is shown: on its own page, under an endpoint, under an event.

import type { DeliverySummary } from '@waxwing/protocol';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import { paths } from '../data/paths.ts';
import type { ListState } from '../data/queries.ts';
import { Inert } from '../design/code-block.tsx';
import { DeliveryPill, OutcomePill, Tag } from '../design/pill.tsx';
import { Table } from '../design/table.tsx';
import type { Column } from '../design/table.tsx';
import { Time } from '../design/time.tsx';

export interface DeliveryTableProps {
  readonly list: ListState<DeliverySummary>;
  readonly showsEndpoint: boolean;
  readonly showsTenant: boolean;
  /** What an endpoint is called, where that is known. */
  readonly nameOf?: (endpoint: string) => string | undefined;
  readonly empty: ReactNode;
  readonly maxHeight?: number;
  readonly onCurrent?: (delivery: DeliverySummary | null) => void;
}

export function DeliveryTable({ list, showsEndpoint, showsTenant, nameOf, empty, maxHeight, onCurrent }: DeliveryTableProps): ReactNode {
  const columns = useMemo(() => columnsOf(showsEndpoint, showsTenant, nameOf), [showsEndpoint, showsTenant, nameOf]);
  return (
    <Table<DeliverySummary>
      label="Deliveries"
      columns={columns}
      rows={list.rows}
      keyOf={({ id }) => id}
      linkOf={({ id, tenant }) => ({ to: paths.delivery(tenant, id) })}
      isLoading={list.isLoading}
      error={list.error}
      onRetry={list.retry}
      onMore={list.more}
      isLoadingMore={list.isLoadingMore}
      empty={empty}
      {...(maxHeight === undefined ? {} : { maxHeight })}
      {...(onCurrent === undefined ? {} : { onCurrent })}
    />
  );
}

function columnsOf(showsEndpoint: boolean, showsTenant: boolean, nameOf: DeliveryTableProps['nameOf']): readonly Column<DeliverySummary>[] {
  return [
    { id: 'type', title: 'Event', width: 'minmax(140px, 2fr)', cell: ({ eventType }) => <Inert text={eventType} /> },
    { id: 'state', title: 'State', width: '100px', cell: ({ state }) => <DeliveryPill state={state} /> },
    {
      id: 'outcome',
      title: 'Last outcome',
      width: '116px',
      from: 640,
      cell: ({ outcome }) => (outcome === null ? '–' : <OutcomePill outcome={outcome} />),
    },
    ...(showsTenant
      ? [
          {
            id: 'tenant',
            title: 'Tenant',
            width: 'minmax(80px, 1fr)',
            from: 860,
            cell: ({ tenant }: DeliverySummary) => <Inert text={tenant} />,
          },
        ]
      : []),
    ...(showsEndpoint
      ? [
          {
            id: 'endpoint',
            title: 'Endpoint',
            width: 'minmax(120px, 1.2fr)',
            from: 760,
            cell: ({ tenant, endpoint }: DeliverySummary) => (
              <Link to={paths.endpoint(tenant, endpoint)}>
                <EndpointName id={endpoint} name={nameOf?.(endpoint)} />
              </Link>
            ),
          },
        ]
      : []),
    { id: 'cause', title: 'Cause', width: '76px', from: 980, cell: ({ cause }) => <Tag>{cause}</Tag> },
    { id: 'attempts', title: 'Attempts', width: '72px', from: 540, align: 'end', cell: ({ attempts }) => attempts },
    {
      id: 'next',
      title: 'Next attempt',
      width: '104px',
      from: 1_060,
      align: 'end',
      cell: ({ nextAttemptAt }) => (nextAttemptAt === null ? '–' : <Time at={nextAttemptAt} />),
    },
    { id: 'created', title: 'Created', width: '104px', from: 480, align: 'end', cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
}

function EndpointName({ id, name }: { readonly id: string; readonly name: string | undefined }): ReactNode {
  return name === undefined ? <code>{id.slice(0, 12)}…</code> : <Inert text={name} />;
}
