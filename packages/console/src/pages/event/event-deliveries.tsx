// To whom an event went, an endpoint a row, and how that stands.

import type { DeliverySummary, Endpoint, EventDetail } from '@waxwing/protocol';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { Inert } from '../../design/code-block.tsx';
import { DeliveryPill, OutcomePill, Tag } from '../../design/pill.tsx';
import { Empty } from '../../design/states.tsx';
import { Table } from '../../design/table.tsx';
import type { Column } from '../../design/table.tsx';
import { Time } from '../../design/time.tsx';

const HEIGHT_MAX_PX = 480;

export function EventDeliveries({
  event,
  names,
}: {
  readonly event: EventDetail;
  readonly names: ReadonlyMap<string, Endpoint>;
}): ReactNode {
  const columns = useMemo(() => columnsOf(names), [names]);
  return (
    <Table<DeliverySummary>
      label="Deliveries"
      columns={columns}
      rows={event.deliveries}
      keyOf={({ id }) => id}
      linkOf={({ tenant, id }) => ({ to: paths.delivery(tenant, id) })}
      maxHeight={HEIGHT_MAX_PX}
      empty={
        <Empty icon="deliveries" title="Nobody was subscribed">
          No endpoint took this event when it was published.
        </Empty>
      }
    />
  );
}

function columnsOf(names: ReadonlyMap<string, Endpoint>): readonly Column<DeliverySummary>[] {
  return [
    {
      id: 'endpoint',
      title: 'Endpoint',
      width: 'minmax(130px, 2fr)',
      cell: ({ endpoint }) => <Inert text={names.get(endpoint)?.name ?? endpoint} />,
    },
    { id: 'state', title: 'State', width: '100px', cell: ({ state }) => <DeliveryPill state={state} /> },
    {
      id: 'outcome',
      title: 'Last outcome',
      width: '116px',
      from: 560,
      cell: ({ outcome }) => (outcome === null ? '–' : <OutcomePill outcome={outcome} />),
    },
    { id: 'cause', title: 'Cause', width: '76px', from: 760, cell: ({ cause }) => <Tag>{cause}</Tag> },
    { id: 'attempts', title: 'Attempts', width: '72px', from: 640, align: 'end', cell: ({ attempts }) => attempts },
    {
      id: 'next',
      title: 'Next attempt',
      width: '104px',
      from: 860,
      align: 'end',
      cell: ({ nextAttemptAt }) => (nextAttemptAt === null ? '–' : <Time at={nextAttemptAt} />),
    },
    { id: 'created', title: 'Created', width: '104px', from: 480, align: 'end', cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
}
