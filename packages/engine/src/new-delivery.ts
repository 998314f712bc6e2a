// New deliveries: the first row of one, and how it goes to its lane.

import type { DeliveryId } from '@waxwing/protocol';
import type { DeliveryRow, EventRow, PendingDelivery } from './store/rows.ts';

/** A delivery's first row: pending and due at once, or skipped with the reason. */
export function newDelivery(from: {
  readonly seq: number;
  readonly id: DeliveryId;
  readonly event: EventRow;
  readonly endpointSeq: number;
  readonly facts: string | null;
  readonly skippedReason: string | null;
  readonly nowMs: number;
}): DeliveryRow {
  const skipped = from.skippedReason !== null;
  return {
    seq: from.seq,
    id: from.id,
    tenant: from.event.tenant,
    eventSeq: from.event.seq,
    endpointSeq: from.endpointSeq,
    cause: 'publish',
    origin: null,
    replaySeq: null,
    state: skipped ? 'skipped' : 'pending',
    stateReason: from.skippedReason,
    outcome: null,
    attempts: 0,
    dueMs: from.nowMs,
    facts: from.facts,
    createdMs: from.nowMs,
    finishedMs: skipped ? from.nowMs : null,
  };
}

/** A pending row as a lane holds it. */
export function pending(row: DeliveryRow, event: EventRow): PendingDelivery {
  return {
    seq: row.seq,
    id: row.id,
    tenant: row.tenant,
    endpointSeq: row.endpointSeq,
    cause: row.cause,
    attempts: row.attempts,
    dueMs: row.dueMs,
    facts: row.facts,
    event,
  };
}
