// Deliveries: read, retried and cancelled by hand. Only a pending one changes; a retry of a final one makes a new one.

import { WaxwingError, type DeliverySummary } from '@waxwing/protocol';
import type { DeliveryFilter, Engine } from '../engine.ts';
import type { DeliveryRow } from '../store/rows.ts';
import type { DeliveryListRow, Settle } from '../store/store.ts';
import type { ServiceContext } from './context.ts';
import { deliveryDetail, findDelivery } from './delivery-detail.ts';
import { endPending, settle } from './end-pending.ts';
import { pageLimit, readSeqCursor, writeCursor } from './paging.ts';
import { presentDelivery } from './present.ts';
import { find as findTenant } from './tenants.ts';
import { timeRange } from './time-range.ts';

/** How long an attempt that has just come back is given to reach the store. */
const SETTLING_MS = 20;

export function deliveryService(context: ServiceContext): Engine['deliveries'] {
  const { store, dispatcher } = context;

  return {
    async get(tenant, id) {
      findTenant(context, tenant);
      return deliveryDetail(context, tenant, id);
    },

    async list(tenant, filter: DeliveryFilter = {}) {
      if (tenant !== null) findTenant(context, tenant);
      const limit = pageLimit(filter);
      const before = readSeqCursor('deliveries', filter.cursor);
      const range = timeRange(filter);
      const endpointSeq = filter.endpoint === undefined ? null : await endpointSeqOf(context, tenant, filter.endpoint);
      if (endpointSeq === undefined) return { data: [], nextCursor: null };
      const page = await store.read.deliveries({
        tenant,
        limit,
        before,
        ...range,
        endpointSeq,
        eventId: filter.event ?? null,
        type: filter.type ?? null,
        state: filter.state ?? null,
        outcome: filter.outcome ?? null,
        cause: filter.cause ?? null,
      });
      return { data: page.rows.map(presentDelivery), nextCursor: page.next === null ? null : writeCursor('deliveries', page.next) };
    },

    async retry(tenant, id) {
      findTenant(context, tenant);
      const row = await findDelivery(context, tenant, id);
      const entry = context.registry.endpoint(row.endpointSeq);
      if (entry === undefined) throw deleted(id);
      if (row.state !== 'pending') return { delivery: await retryFinal(context, row), created: true };
      if (!dispatcher.isInFlight(row.seq)) await dueNow(context, row);
      return { delivery: presentDelivery(await findDelivery(context, tenant, id)), created: false };
    },

    async cancel(tenant, id) {
      findTenant(context, tenant);
      for (let ended = 0; ended === 0;) {
        const row = await findDelivery(context, tenant, id);
        if (row.state !== 'pending')
          throw new WaxwingError('delivery_final', `${id} is ${row.state} already; only a pending delivery can be cancelled.`);
        ended = await endPending(context, [row], { state: 'cancelled', reason: 'cancelled by a person' });
        if (ended === 0) await context.waits.wait(SETTLING_MS);
      }
      const after = await findDelivery(context, tenant, id);
      if (after.state !== 'cancelled')
        throw new WaxwingError('delivery_final', `${id} became ${after.state} meanwhile; it can no longer be cancelled.`);
      return presentDelivery(after);
    },
  };
}

/** Undefined when there is no such endpoint, or it is another tenant's: the list is then empty. */
async function endpointSeqOf(context: ServiceContext, tenant: string | null, id: string): Promise<number | undefined> {
  const entry = context.registry.endpointById(id);
  return entry === undefined || (tenant !== null && entry.row.tenant !== tenant) ? undefined : entry.row.seq;
}

/** Makes a pending delivery due at once. What an attempt has made of it meanwhile stands. */
async function dueNow(context: ServiceContext, row: DeliveryListRow): Promise<void> {
  const { dispatcher, clock } = context;
  const { seq, endpointSeq, outcome, attempts } = row;
  const dueMs = Math.max(clock.nowMs(), row.createdMs + 1); // never as publishing made it: by that nodes tell a new one
  const [attempt, stateReason, finishedMs] = [null, null, null];
  const due: Settle = { deliverySeq: seq, endpointSeq, attempt, state: 'pending', stateReason, outcome, attempts, dueMs, finishedMs };
  await settle(context, due, () => {
    dispatcher.withdraw(endpointSeq, seq);
    dispatcher.leave(endpointSeq, seq, dueMs);
  });
}

async function retryFinal(context: ServiceContext, from: DeliveryListRow): Promise<DeliverySummary> {
  const { numbers, ids, clock, committer, dispatcher } = context;
  const nowMs = clock.nowMs();
  const again: Omit<DeliveryRow, 'seq'> = {
    id: ids.mint('dlv'),
    tenant: from.tenant,
    eventSeq: from.eventSeq,
    endpointSeq: from.endpointSeq,
    cause: 'retry',
    origin: from.id,
    replaySeq: null,
    state: 'pending',
    stateReason: null,
    outcome: null,
    attempts: 0,
    dueMs: nowMs,
    facts: from.facts,
    createdMs: nowMs,
    finishedMs: null,
  };
  let row: DeliveryRow = { ...again, seq: 0 };
  await new Promise<void>((resolve, reject) =>
    committer.submit({
      kind: 'group',
      tenant: from.tenant,
      rows: 1,
      bytes: 0,
      prepare: () => {
        if (context.registry.endpoint(from.endpointSeq) === undefined) throw deleted(from.id);
        row = { ...again, seq: numbers.take('delivery') };
        return { inserts: [{ kind: 'deliveries', eventSeq: from.eventSeq, deliveries: [row] }] };
      },
      done: (result) => {
        if (result.kind === 'stored') {
          dispatcher.made(row.endpointSeq);
          dispatcher.leave(row.endpointSeq, row.seq, row.dueMs);
          resolve();
        } else reject(new WaxwingError('event_not_found', `The event of ${from.id} is no longer kept; it cannot be delivered again.`));
      },
      failed: reject,
    }),
  );
  return presentDelivery({ ...row, eventId: from.eventId, eventType: from.eventType, endpointId: from.endpointId });
}

function deleted(id: string): WaxwingError {
  return new WaxwingError('endpoint_deleted', `The endpoint of ${id} is deleted; there is nowhere to deliver to.`);
}
