// Lookup: anything by its id, over all tenants.

import { parseAttemptId, WaxwingError, type LookupResult } from '@waxwing/protocol';
import type { ServiceContext } from './context.ts';
import { findEventOrNull } from './find-event.ts';
import { presentDelivery, presentEndpoint, presentEvent, presentKey } from './present.ts';

/** Throws `nothing_found`. */
export async function lookup(context: ServiceContext, id: string): Promise<LookupResult> {
  const { registry, store, health, clock } = context;
  const endpoint = registry.endpointById(id);
  if (endpoint !== undefined)
    return { kind: 'endpoint', tenant: endpoint.row.tenant, resource: presentEndpoint(endpoint, registry, health, clock.nowMs()) };
  const key = registry.keys.get(id);
  if (key !== undefined) return { kind: 'key', tenant: key.tenant, resource: presentKey(key) };
  const attempt = parseAttemptId(id);
  const deliveryId = attempt?.delivery ?? (id.startsWith('dlv_') ? (`dlv_${id.slice('dlv_'.length)}` as const) : null);
  const delivery = deliveryId === null ? null : await store.read.delivery(deliveryId);
  if (delivery !== null && (attempt === null || attempt.attempt <= delivery.attempts)) {
    return { kind: attempt === null ? 'delivery' : 'attempt', tenant: delivery.tenant, resource: presentDelivery(delivery) };
  }
  const event = await findEventOrNull(context, null, id);
  if (event === null) throw new WaxwingError('nothing_found', `Nothing has the id ${JSON.stringify(id)}.`);
  return { kind: 'event', tenant: event.tenant, resource: presentEvent(event) };
}
