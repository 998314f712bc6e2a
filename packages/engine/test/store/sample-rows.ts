// Sample rows: whole rows with sensible values, of which a test says only what it is about.

import type { DeliveryId, EndpointId } from '@waxwing/protocol';
import type { AttemptRow, DeliveryRow, EndpointRow, EventRow, KeyRow, TenantRow } from '../../src/store/rows.ts';
import type { Batch, DeliveryQuery, EventQuery, Insert, Settle } from '../../src/store/store.ts';

export const T0 = 1_790_000_000_000;

export function eventRow(seq: number, over: Partial<EventRow> = {}): EventRow {
  return {
    seq,
    id: `evt_${String(seq).padStart(26, '0')}`,
    tenant: 'acme',
    type: 'meeting.completed',
    timestampMs: T0 + seq,
    receivedMs: T0 + seq,
    data: `{"n":${seq}}`,
    hasUnsafeInteger: false,
    ...over,
  };
}

export function deliveryId(seq: number): DeliveryId {
  return `dlv_${String(seq).padStart(26, '0')}`;
}

export function endpointId(seq: number): EndpointId {
  return `ep_${String(seq).padStart(26, '0')}`;
}

export function deliveryRow(seq: number, over: Partial<DeliveryRow> = {}): DeliveryRow {
  return {
    seq,
    id: deliveryId(seq),
    tenant: 'acme',
    eventSeq: seq,
    endpointSeq: 1,
    cause: 'publish',
    origin: null,
    replaySeq: null,
    state: 'pending',
    stateReason: null,
    outcome: null,
    attempts: 0,
    dueMs: T0 + seq,
    facts: null,
    createdMs: T0 + seq,
    finishedMs: null,
    ...over,
  };
}

export function attemptRow(deliverySeq: number, number: number, over: Partial<AttemptRow> = {}): AttemptRow {
  return {
    deliverySeq,
    number,
    startedMs: T0 + 1_000,
    durationMs: 12,
    outcome: 'delivered',
    status: 200,
    nextDueMs: null,
    record: `{"url":"https://example.test/${number}"}`,
    ...over,
  };
}

export function delivered(deliverySeq: number, over: Partial<Settle> = {}): Settle {
  const attempts = over.attempts ?? 1;
  return {
    deliverySeq,
    endpointSeq: 1,
    attempt: attemptRow(deliverySeq, attempts),
    state: 'delivered',
    stateReason: null,
    outcome: 'delivered',
    attempts,
    dueMs: T0,
    finishedMs: T0 + 2_000,
    ...over,
  };
}

export function failed(deliverySeq: number, over: Partial<Settle> = {}): Settle {
  const attempt = attemptRow(deliverySeq, over.attempts ?? 1, { outcome: 'refused', status: 500 });
  return delivered(deliverySeq, { state: 'failed', outcome: 'refused', attempt, ...over });
}

export function endpointRow(seq: number, over: Partial<EndpointRow> = {}): EndpointRow {
  return {
    seq,
    id: endpointId(seq),
    tenant: 'acme',
    name: `endpoint ${seq}`,
    description: '',
    url: 'https://example.test/',
    profile: 'standard',
    profileVersion: 0,
    eventTypes: ['*'],
    status: 'active',
    statusReason: null,
    statusChangedMs: null,
    headersSealed: null,
    verifyTls: true,
    timeoutSeconds: 15,
    maxRetries: 3,
    retryScheduleSeconds: [5, 300],
    jitterRatio: 0.1,
    concurrency: 16,
    rateLimitPerSecond: null,
    ordering: 'none',
    reactions: { goneDisables: true, retryAfterHonoured: true, overloadSlows: true, disableAfterSeconds: 432_000 },
    secretSealed: 'sealed',
    previousSecretSealed: null,
    graceEndsMs: null,
    failingSinceMs: null,
    lastTriggeredMs: null,
    createdMs: T0,
    updatedMs: T0,
    ...over,
  };
}

export function tenantRow(id: string, over: Partial<TenantRow> = {}): TenantRow {
  return { id, name: id, profile: 'standard', notifyEmails: [], metadata: {}, createdMs: T0, updatedMs: T0, ...over };
}

export function keyRow(id: KeyRow['id'], over: Partial<KeyRow> = {}): KeyRow {
  return { id, name: id, scope: 'admin', tenant: null, actions: [], hash: 'ab', createdMs: T0, expiresMs: null, revokedMs: null, ...over };
}

/** A publish: the event and its deliveries. */
export function publish(
  event: EventRow,
  deliveries: readonly DeliveryRow[] = [],
  over: Partial<Extract<Insert, { kind: 'event' }>> = {},
): Extract<Insert, { kind: 'event' }> {
  return { kind: 'event', event, deliveries, expansion: null, idempotency: null, deliveryCount: deliveries.length, ...over };
}

/** A batch of groups of one insert each. */
export function batchOf(inserts: readonly Insert[], over: Partial<Batch> = {}): Batch {
  return { groups: inserts.map((insert) => ({ inserts: [insert] })), settles: [], changes: [], ...over };
}

export function eventQuery(over: Partial<EventQuery> = {}): EventQuery {
  return { tenant: 'acme', limit: 50, before: null, fromMs: null, toMs: null, type: null, text: null, ...over };
}

export function deliveryQuery(over: Partial<DeliveryQuery> = {}): DeliveryQuery {
  return {
    tenant: 'acme',
    limit: 50,
    before: null,
    fromMs: null,
    toMs: null,
    endpointSeq: null,
    eventId: null,
    type: null,
    state: null,
    outcome: null,
    cause: null,
    ...over,
  };
}
