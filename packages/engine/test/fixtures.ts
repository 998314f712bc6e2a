// Rows for tests: small, complete, each field overridable.

import type { EndpointRow, EventRow, PendingDelivery } from '../src/store/rows.ts';

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

export function endpointRow(over: Partial<EndpointRow> = {}): EndpointRow {
  return {
    seq: 1,
    id: 'ep_01j00000000000000000000001',
    tenant: 'acme',
    name: 'Production',
    description: '',
    url: 'http://127.0.0.1:9/',
    profile: 'standard',
    profileVersion: 0,
    eventTypes: ['*'],
    status: 'active',
    statusReason: null,
    statusChangedMs: null,
    headersSealed: null,
    verifyTls: true,
    timeoutSeconds: 15,
    maxRetries: 2,
    retryScheduleSeconds: [5, 300],
    jitterRatio: 0,
    concurrency: 4,
    rateLimitPerSecond: null,
    ordering: 'none',
    reactions: { goneDisables: true, retryAfterHonoured: true, overloadSlows: true, disableAfterSeconds: 432_000 },
    secretSealed: '',
    previousSecretSealed: null,
    graceEndsMs: null,
    failingSinceMs: null,
    lastTriggeredMs: null,
    createdMs: 0,
    updatedMs: 0,
    ...over,
  };
}
