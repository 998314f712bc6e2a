// What an endpoint received lately, live. It is held while one stands on a row, so that what is read does not move.

import type { DeliverySummary, Endpoint } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useConsole } from '../../data/surroundings.tsx';
import { Empty } from '../../design/states.tsx';
import { DeliveryTable } from '../../parts/delivery-table.tsx';
import { TailFrame, useReading } from '../../parts/tail-frame.tsx';
import { useTail } from '../../parts/tail.ts';

export function EndpointDeliveries({ endpoint: { tenant, id } }: { readonly endpoint: Endpoint }): ReactNode {
  const { of } = useConsole();
  const reading = useReading();
  const tail = useTail<DeliverySummary>(
    {
      key: ['deliveries', tenant, { endpoint: id }],
      kind: 'attempt',
      fetchPage: (options, signal) =>
        of(tenant)
          .deliveries.list({ endpoint: id, ...options }, signal === undefined ? {} : { signal })
          .page(),
      rowOf: (message) => (message.kind === 'attempt' ? message.data.delivery : null),
      keyOf: ({ id: delivery }) => delivery,
      timeOf: ({ createdAt }) => createdAt,
      matches: (row) => row.endpoint === id,
    },
    reading.held,
  );
  return (
    <TailFrame reading={reading} waiting={tail.waiting} letIn={tail.letIn} noun="delivery">
      <DeliveryTable
        list={tail}
        showsEndpoint={false}
        showsTenant={false}
        maxHeight={640}
        empty={<Empty icon="deliveries" title="Nothing was delivered here yet" />}
      />
    </TailFrame>
  );
}
