// Rows for tests: small, complete, each field overridable.

import type { EventRow, PendingDelivery } from '../src/store/rows.ts';

export function eventRow(over: Partial<EventRow> = {}): EventRow {
  return { seq: 1, id: 'evt_1', tenant: 'acme', type: 'a.b', timestampMs: 0, receivedMs: 0, data: '{}', hasUnsafeInteger: false, ...over };
}

export function pendingDelivery(over: Partial<PendingDelivery> = {}): PendingDelivery {
  const seq = over.seq ?? 1;
  return {
    seq,
    id: `dlv_${seq}`,
    tenant: 'acme',
    endpointSeq: 1,
    cause: 'publish',
    attempts: 0,
    dueMs: 0,
    facts: null,
    event: eventRow({ seq }),
    ...over,
  };
}
