// Streams: the feed as the API tells it. What may be told is decided here: a tenant's stream holds that tenant's alone, and
// no stream holds bodies, the values of headers, or secrets.

import {
  attemptId,
  checkEventTypes,
  matchesEventType,
  STREAM_KINDS,
  WaxwingError,
  type StreamAttempt,
  type StreamKind,
  type StreamMessage,
} from '@waxwing/protocol';
import type { EventStream, StreamFilter } from '../engine.ts';
import { FeedCursor } from '../feed/cursor.ts';
import { Follower } from '../feed/follow.ts';
import type { SeatFilter, Tail } from '../feed/tail.ts';
import type { AttemptRecord } from '../send/order.ts';
import type { AttemptRow } from '../store/rows.ts';
import type { DeliveryListRow, EverEndpoint, FeedEntry } from '../store/store.ts';
import type { ServiceContext } from './context.ts';
import { findEndpoint } from './endpoints.ts';
import { HIDDEN, iso, isoOrNull, presentDelivery, presentEndpoint, presentEvent } from './present.ts';
import { find as findTenant } from './tenants.ts';

/** Throws `tenant_not_found`, `endpoint_not_found`, `invalid_event_types`, `invalid_request`, `invalid_cursor`. */
export function stream(context: ServiceContext, tail: Tail, tenant: string | null, filter: StreamFilter): EventStream {
  const { store, waits } = context;
  const from = filter.cursor === undefined ? null : parseCursor(filter.cursor);
  const follower = new Follower({ tail, store, waits, filter: seatFilter(context, tenant, filter), from, signal: filter.signal ?? null });
  return {
    get cursor() {
      return follower.cursor;
    },
    [Symbol.asyncIterator]: () => messages(context, follower),
  };
}

async function* messages(context: ServiceContext, follower: Follower): AsyncGenerator<StreamMessage, void, undefined> {
  for await (const followed of follower.entries()) {
    const { cursor } = follower;
    switch (followed.kind) {
      case 'begun':
        yield { kind: 'ready', cursor, data: {} };
        break;
      case 'gone':
        yield { kind: 'reset', cursor, data: { reason: followed.reason } };
        break;
      case 'entry':
        yield messageOf(context, followed.entry, cursor);
        break;
      default:
        followed satisfies never;
    }
  }
}

function messageOf(context: ServiceContext, entry: FeedEntry, cursor: string): StreamMessage {
  switch (entry.kind) {
    case 'event':
      return { kind: 'event', cursor, data: presentEvent(entry.event) };
    case 'attempt': {
      const { delivery, attempt } = entry;
      const told = attempt === null ? null : presentStreamAttempt(attempt, delivery);
      return { kind: 'attempt', cursor, data: { delivery: presentDelivery(delivery), attempt: told } };
    }
    case 'endpoint':
      return endpointMessage(context, entry.endpoint, cursor);
    default:
      return entry satisfies never;
  }
}

function endpointMessage(context: ServiceContext, { row, deletedMs }: EverEndpoint, cursor: string): StreamMessage {
  const { registry, health, clock } = context;
  if (deletedMs !== null) return { kind: 'endpoint', cursor, data: { id: row.id, tenant: row.tenant, deleted: true } };
  const endpoint = presentEndpoint({ row }, registry, health, clock.nowMs());
  const headers = Object.fromEntries(Object.keys(endpoint.headers).map((name) => [name, HIDDEN]));
  return { kind: 'endpoint', cursor, data: { ...endpoint, headers } };
}

function presentStreamAttempt(row: AttemptRow, delivery: DeliveryListRow): StreamAttempt {
  const record: AttemptRecord = JSON.parse(row.record);
  const { url, response, address, dnsMs, connectMs, tlsMs, firstByteMs, totalMs, error } = record;
  return {
    id: attemptId(delivery.id, row.number),
    number: row.number,
    startedAt: iso(row.startedMs),
    outcome: row.outcome,
    request: { method: 'POST', url },
    response: response === null ? null : { status: response.status, bodyBytes: response.bodyBytes, bodyTruncated: response.bodyTruncated },
    address,
    timings: { dnsMs, connectMs, tlsMs, firstByteMs, totalMs },
    error,
    nextAttemptAt: isoOrNull(row.nextDueMs),
  };
}

/** With an endpoint, events are those that it subscribes to as it stands when they are told. */
function seatFilter(context: ServiceContext, tenant: string | null, filter: StreamFilter): SeatFilter {
  if (tenant !== null) findTenant(context, tenant);
  const { types = null } = filter;
  if (types !== null) checkEventTypes(types);
  const kinds = filter.kinds ?? STREAM_KINDS;
  for (const kind of kinds) if (!isKind(kind)) throw unknownKind(kind);
  const endpointSeq = filter.endpoint === undefined ? null : endpointSeqOf(context, tenant, filter.endpoint);
  const isOfType = (type: string): boolean => types === null || matchesEventType(types, type);
  const subscribes = (type: string): boolean => {
    const entry = endpointSeq === null ? undefined : context.registry.endpoint(endpointSeq);
    return entry !== undefined && matchesEventType(entry.row.eventTypes, type);
  };
  return {
    tenant,
    kinds,
    takes(entry) {
      if (!kinds.includes(entry.kind)) return false;
      switch (entry.kind) {
        case 'event': {
          const { event } = entry;
          return (tenant === null || event.tenant === tenant) && isOfType(event.type) && (endpointSeq === null || subscribes(event.type));
        }
        case 'attempt': {
          const { delivery } = entry;
          const isHere = endpointSeq === null || delivery.endpointSeq === endpointSeq;
          return isHere && (tenant === null || delivery.tenant === tenant) && isOfType(delivery.eventType);
        }
        case 'endpoint': {
          const { row } = entry.endpoint;
          return (tenant === null || row.tenant === tenant) && (endpointSeq === null || row.seq === endpointSeq);
        }
        default:
          return entry satisfies never;
      }
    },
  };
}

function endpointSeqOf(context: ServiceContext, tenant: string | null, id: string): number {
  if (tenant !== null) return findEndpoint(context, tenant, id).row.seq;
  const entry = context.registry.endpointById(id);
  if (entry === undefined) throw new WaxwingError('endpoint_not_found', `There is no endpoint ${JSON.stringify(id)}.`);
  return entry.row.seq;
}

function isKind(kind: string): kind is StreamKind {
  return STREAM_KINDS.some((known) => known === kind);
}

function unknownKind(kind: string): WaxwingError {
  const message = `must be some of ${STREAM_KINDS.join(', ')}`;
  return new WaxwingError('invalid_request', `A stream has no kind ${JSON.stringify(kind)}: kinds ${message}.`, {
    fields: [{ path: 'query/kinds', message }],
  });
}

function parseCursor(text: string): FeedCursor {
  const cursor = FeedCursor.parse(text);
  if (cursor !== null) return cursor;
  throw new WaxwingError('invalid_cursor', 'The cursor is not one that a stream gave. Start without it, from now.', {
    fields: [{ path: 'query/cursor', message: 'not a cursor of a stream' }],
  });
}
