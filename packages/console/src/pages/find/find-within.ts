// Finds by id with one tenant's rights only: the id's prefix says what it is, and the tenant's own routes are asked.

import type { TenantClient } from '@waxwing/client';
import { paths } from '../../data/paths.ts';

/** The page of what has this id. Throws as the client does when the tenant has no such thing. */
export async function findWithin(tenant: TenantClient, id: string, signal: AbortSignal): Promise<string> {
  if (id.startsWith('ep_')) return paths.endpoint(tenant.id, (await tenant.endpoints.get(id, { signal })).id);
  if (id.startsWith('dlv_')) return paths.delivery(tenant.id, (await tenant.deliveries.get(id, { signal })).id);
  if (id.startsWith('rpl_')) return paths.replay(tenant.id, (await tenant.replays.get(id, { signal })).id);
  return paths.event(tenant.id, (await tenant.events.get(id, { signal })).id); // an event's id may be its publisher's own
}
