// What an endpoint received lately.

import type { Endpoint } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { useDeliveries } from '../../data/queries.ts';
import { Empty } from '../../design/states.tsx';
import { DeliveryTable } from '../../parts/delivery-table.tsx';

export function EndpointDeliveries({ endpoint }: { readonly endpoint: Endpoint }): ReactNode {
  const list = useDeliveries({ endpoint: endpoint.id }, endpoint.tenant);
  return (
    <DeliveryTable
      list={list}
      showsEndpoint={false}
      showsTenant={false}
      maxHeight={640}
      empty={<Empty icon="deliveries" title="Nothing was delivered here yet" />}
    />
  );
}
