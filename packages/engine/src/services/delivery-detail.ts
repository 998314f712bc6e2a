// Delivery detail: one delivery with every attempt in full, its bodies rendered again from the event.

import { WaxwingError, type DeliveryDetail, type DeliveryId } from '@waxwing/protocol';
import type { DeliveryListRow } from '../store/store.ts';
import type { ServiceContext } from './context.ts';
import { whatKeeps } from './explain.ts';
import { presentAttempt, presentDelivery, renderBody } from './present.ts';

/** Throws `delivery_not_found`, also where the delivery is another tenant's. */
export async function findDelivery(context: ServiceContext, tenant: string, id: string): Promise<DeliveryListRow> {
  const row = isDeliveryId(id) ? await context.store.read.delivery(id) : null;
  if (row === null || row.tenant !== tenant)
    throw new WaxwingError('delivery_not_found', `Tenant ${tenant} has no delivery ${JSON.stringify(id)}.`);
  return row;
}

export async function deliveryDetail(context: ServiceContext, tenant: string, id: string): Promise<DeliveryDetail> {
  const { store, registry } = context;
  const row = await findDelivery(context, tenant, id);
  const [attempts, event, endpoint] = await Promise.all([
    store.read.attempts(row.seq),
    store.read.event(row.tenant, row.eventId),
    store.read.endpoint(row.endpointSeq),
  ]);
  const known = event !== null && endpoint !== null;
  const body = known ? renderBody(registry.profile(endpoint.profile, endpoint.profileVersion), event, endpoint.id, row.facts) : '';
  const stateReason = row.stateReason ?? (await whatKeeps(context, row));
  return { ...presentDelivery(row), stateReason, attemptLog: attempts.map((attempt) => presentAttempt(attempt, row, body)) };
}

function isDeliveryId(id: string): id is DeliveryId {
  return id.startsWith('dlv_');
}
