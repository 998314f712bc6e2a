// Present: the store's rows as the API's resources. Times become ISO 8601; what is sealed stays sealed.

import {
  attemptId,
  parseExactly,
  type Attempt,
  type DeliverySummary,
  type Endpoint,
  type EventSummary,
  type EventType,
  type Key,
  type Profile,
  type Tenant,
  type WireEvent,
} from '@waxwing/protocol';
import type { Health } from '../health.ts';
import type { EndpointEntry, Registry } from '../registry.ts';
import type { AttemptRecord } from '../send/order.ts';
import type { AttemptRow, EventRow, EventTypeRow, KeyRow, TenantRow } from '../store/rows.ts';
import type { DeliveryListRow } from '../store/store.ts';

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}

export function presentTenant(row: TenantRow): Tenant {
  return {
    id: row.id,
    name: row.name,
    profile: row.profile,
    notifyEmails: row.notifyEmails,
    metadata: row.metadata,
    createdAt: iso(row.createdMs),
    updatedAt: iso(row.updatedMs),
  };
}

export function presentEndpoint({ row }: Pick<EndpointEntry, 'row'>, registry: Registry, health: Health, nowMs: number): Endpoint {
  const inGrace = row.graceEndsMs !== null && row.graceEndsMs > nowMs;
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    description: row.description,
    url: row.url,
    profile: row.profile,
    eventTypes: row.eventTypes,
    status: row.status,
    statusReason: row.statusReason,
    statusChangedAt: isoOrNull(row.statusChangedMs),
    headers: registry.headers(row),
    verifyTls: row.verifyTls,
    timeoutSeconds: row.timeoutSeconds,
    maxRetries: row.maxRetries,
    retryScheduleSeconds: row.retryScheduleSeconds,
    concurrency: row.concurrency,
    rateLimitPerSecond: row.rateLimitPerSecond,
    ordering: row.ordering,
    reactions: row.reactions,
    call: row.call ?? null,
    secretGraceEndsAt: inGrace ? isoOrNull(row.graceEndsMs) : null,
    lastTriggeredAt: isoOrNull(health.lastTriggeredMs(row)),
    createdAt: iso(row.createdMs),
    updatedAt: iso(row.updatedMs),
  };
}

export function presentEvent(row: EventRow): EventSummary {
  return {
    id: row.id,
    tenant: row.tenant,
    type: row.type,
    timestamp: iso(row.timestampMs),
    receivedAt: iso(row.receivedMs),
    data: row.hasUnsafeInteger ? parseExactly(row.data) : JSON.parse(row.data),
  };
}

export function presentDelivery(row: DeliveryListRow): DeliverySummary {
  return {
    id: row.id,
    tenant: row.tenant,
    event: row.eventId,
    eventType: row.eventType,
    endpoint: row.endpointId,
    cause: row.cause,
    origin: row.origin,
    state: row.state,
    stateReason: row.stateReason,
    outcome: row.outcome,
    attempts: row.attempts,
    nextAttemptAt: row.state === 'pending' ? iso(row.dueMs) : null,
    createdAt: iso(row.createdMs),
    finishedAt: isoOrNull(row.finishedMs),
  };
}

/** What a custom header's value is shown as: it may be a credential. */
export const HIDDEN = '(hidden)';

export function presentAttempt(row: AttemptRow, delivery: DeliveryListRow, body: string): Attempt {
  const record: AttemptRecord = JSON.parse(row.record);
  const { dnsMs, connectMs, tlsMs, firstByteMs, totalMs } = record;
  return {
    id: attemptId(delivery.id, row.number),
    number: row.number,
    startedAt: iso(row.startedMs),
    outcome: row.outcome,
    request: {
      method: 'POST',
      url: record.url,
      headers: record.requestHeaders.map(([name, value]) => [name, value ?? HIDDEN] as const),
      body,
    },
    response: record.response,
    address: record.address,
    timings: { dnsMs, connectMs, tlsMs, firstByteMs, totalMs },
    error: record.error,
    nextAttemptAt: isoOrNull(row.nextDueMs),
  };
}

/** The body of a delivery's attempts, rendered again: it is a pure function of the event and the facts kept with the delivery. */
export function renderBody(profile: Profile, event: EventRow, endpointId: string, facts: string | null): string {
  const wire: WireEvent = {
    id: event.id,
    type: event.type,
    timestampMs: event.timestampMs,
    data: event.data,
    hasUnsafeInteger: event.hasUnsafeInteger,
  };
  return profile.body(wire, endpointId, facts);
}

export function presentEventType(row: EventTypeRow): EventType {
  return { ...row, builtIn: false };
}

export function presentKey(row: KeyRow): Key {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    tenant: row.tenant,
    actions: row.actions,
    createdAt: iso(row.createdMs),
    expiresAt: isoOrNull(row.expiresMs),
    revokedAt: isoOrNull(row.revokedMs),
  };
}
