// Subscribing: the endpoints of a soak that are there from the start.

import type { Waxwing } from '@waxwing/client';
import { endpointInput, type SoakEndpoint } from './meddling.ts';
import { LIVE, WIDE } from './publishing.ts';
import type { Behaviour, Receiver } from './receipts.ts';

/** Of each behaviour, one FIFO, and very many of a tenant of their own. */
export async function subscribe(client: Waxwing, receiver: Receiver, wideEndpoints: number): Promise<SoakEndpoint[]> {
  const endpoints: SoakEndpoint[] = [];
  const create = async (tenant: string, label: string, behaviour: Behaviour, eventTypes: readonly string[], fifo = false) => {
    const input = { ...endpointInput(receiver, label, behaviour, eventTypes), ...(fifo ? { ordering: 'fifo' as const } : {}) };
    const { id } = await client.tenant(tenant).endpoints.create(input);
    endpoints.push({ id, label, tenant, eventTypes, sinceMs: Date.now(), gone: false, fifo });
  };
  await create(LIVE, 'all', 'steady', ['*']);
  await create(LIVE, 'orders', 'failing', ['order.*']);
  await create(LIVE, 'paid', 'slow', ['order.paid']);
  await create(LIVE, 'agents', 'failing', ['agent.*']);
  await create(LIVE, 'fifo', 'steady', ['order.created', 'agent.started'], true);
  for (let n = 0; n < wideEndpoints; n += 50)
    await Promise.all(Array.from({ length: Math.min(50, wideEndpoints - n) }, (_, i) => create(WIDE, `wide${n + i}`, 'steady', ['*'])));
  return endpoints;
}
