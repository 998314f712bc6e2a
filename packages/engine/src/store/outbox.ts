// The outbox: what programs publish within database transactions of their own, until it is an event.
//
// A row is there once its transaction has committed, and never when that rolled back. It becomes an event, or a rejected
// event, in the transaction that takes it away: once.

import type { FieldError } from '@waxwing/protocol';
import type { RowPage } from './reader.ts';

export interface OutboxRow {
  /** Rising in the order of the calls, not of their commits. */
  readonly no: number;
  readonly tenant: string;
  readonly type: string;
  /** JSON text, as it was given. */
  readonly data: string;
  readonly id: string | null;
  readonly idempotencyKey: string | null;
  /** ISO 8601. */
  readonly timestamp: string | null;
}

/** An event that was published in a transaction and could not be taken. */
export interface RejectedEventRow {
  /** The outbox row's number, which no other event has. */
  readonly seq: number;
  readonly tenant: string;
  readonly type: string;
  readonly data: string;
  /** The id and key that were given. */
  readonly eventId: string | null;
  readonly idempotencyKey: string | null;
  /** An error code of the API's, and what it says. */
  readonly code: string;
  readonly message: string;
  readonly fields: readonly FieldError[];
  readonly rejectedMs: number;
}

export interface RejectedQuery {
  /** Null for all. */
  readonly tenant: string | null;
  readonly limit: number;
  /** Only those with lower numbers. */
  readonly before: number | null;
}

export interface Outbox {
  /** The first rows, as committed by now. */
  rows(limit: number): Promise<readonly OutboxRow[]>;
  /** Newest first. */
  rejected(query: RejectedQuery): Promise<RowPage<RejectedEventRow>>;
}
