// Stored rows of deliveries, attempts and endpoints, as the statements of both stores give them back.

import { CAUSES, OUTCOMES, STATES } from './codes.ts';
import { id, idOrNull, integer, integerOrNull, json, text, textOrNull, type SqlRow } from './columns.ts';
import type { AttemptRow, EndpointRow } from './rows.ts';
import type { DeliveryListRow, EverEndpoint } from './store.ts';

export function deliveryOf(row: SqlRow): DeliveryListRow {
  return {
    seq: integer(row, 'seq'),
    id: id(row, 'id', 'dlv'),
    tenant: text(row, 'tenant'),
    eventSeq: integer(row, 'event_seq'),
    endpointSeq: integer(row, 'endpoint_seq'),
    cause: CAUSES.name(integer(row, 'cause')),
    origin: idOrNull(row, 'origin', 'dlv'),
    state: STATES.name(integer(row, 'state')),
    stateReason: textOrNull(row, 'state_reason'),
    outcome: OUTCOMES.nameOrNull(integerOrNull(row, 'outcome')),
    attempts: integer(row, 'attempts'),
    dueMs: integer(row, 'due_ms'),
    facts: textOrNull(row, 'facts'),
    createdMs: integer(row, 'created_ms'),
    finishedMs: integerOrNull(row, 'finished_ms'),
    replaySeq: integerOrNull(row, 'replay_seq'),
    eventId: text(row, 'event_id'),
    eventType: text(row, 'event_type'),
    endpointId: id(row, 'endpoint_id', 'ep'),
  };
}

export function attemptOf(row: SqlRow, deliverySeq: number): AttemptRow {
  return {
    deliverySeq,
    number: integer(row, 'number'),
    startedMs: integer(row, 'started_ms'),
    durationMs: integer(row, 'duration_ms'),
    outcome: OUTCOMES.name(integer(row, 'outcome')),
    status: integerOrNull(row, 'status'),
    nextDueMs: integerOrNull(row, 'next_due_ms'),
    record: text(row, 'record'),
  };
}

/** From its columns `row` and `deleted_ms`. When it was last triggered is left out. */
export function everEndpointOf(row: SqlRow): EverEndpoint {
  const kept = json<Omit<EndpointRow, 'lastTriggeredMs'>>(row, 'row');
  return { row: { ...kept, lastTriggeredMs: null }, deletedMs: integerOrNull(row, 'deleted_ms') };
}
