// The feed: what was committed, in the order of its commits. The truth that live streams are read from.
//
// What every store keeps:
//  1. Each committed batch that holds something to tell takes the next number of its source and lists what it holds: events
//     stored, attempts recorded, deliveries whose state a hand or a refusal to make them changed, endpoints put or deleted.
//     It is written in the batch's own transaction, and lists nothing that the batch did not write.
//  2. A source is one writer, whose batches are numbered without gaps from 1. SQLite has one (0); where several nodes write one
//     database, each is a source. Between sources there is no order, and none is promised.
//  3. A number is never given out twice, also when older ones were trimmed away.
//  4. `feed` reads on from a place and misses nothing committed before it was asked. Entries that a filter leaves out count as
//     read: `reached` lies behind them. A page stops at either bound, but moves on by one entry at least.
//
// An attempt's delivery is as that attempt left it. A delivery that changed without one, and an endpoint, are as they stand
// when they are read: changes that follow each other closely may be told once or twice alike.

import type { AttemptRow, EventRow } from './rows.ts';
import type { DeliveryListRow, EverEndpoint } from './reader.ts';

/** The kinds of what is told. */
export type FeedKind = 'event' | 'attempt' | 'endpoint';

/** One entry's place: the batch `no` of a source, and the entry's number within it (from 0). As a place reached: everything up to it, itself included. */
export interface FeedPlace {
  readonly source: number;
  readonly no: number;
  readonly index: number;
}

/** The index of a place that lies behind all of its batch. */
export const BATCH_END: number = Number.MAX_SAFE_INTEGER;

export interface FeedQuery {
  /** The place reached in each source; from its beginning where a source is not named. */
  readonly after: readonly FeedPlace[];
  /** All tenants when null. */
  readonly tenants: readonly string[] | null;
  readonly kinds: readonly FeedKind[];
  /** Most entries looked at. */
  readonly entriesMax: number;
  /** Most bytes of events' data and attempts' records. */
  readonly bytesMax: number;
}

export interface FeedPage {
  /**
   * Why it cannot go on from there: what came next was trimmed away, or the place was never reached in this store (a copy was
   * put back, the cursor is another's). Nothing else is then answered.
   */
  readonly gone: 'retention' | 'unknown' | null;
  readonly entries: readonly FeedEntry[];
  readonly reached: readonly FeedPlace[];
  /** Whether there is more to read at once. */
  readonly more: boolean;
}

export type FeedEntry =
  | { readonly kind: 'event'; readonly at: FeedPlace; readonly event: EventRow }
  /** `attempt` null: the state changed without one. */
  | { readonly kind: 'attempt'; readonly at: FeedPlace; readonly delivery: DeliveryListRow; readonly attempt: AttemptRow | null }
  | { readonly kind: 'endpoint'; readonly at: FeedPlace; readonly endpoint: EverEndpoint };

/** A batch's list, as stores keep it: what each entry is about. `isKeptOnly`: the attempt came too late to change its delivery. */
export type FeedMark =
  | { readonly kind: 'event'; readonly seq: number }
  | { readonly kind: 'attempt'; readonly deliverySeq: number; readonly number: number; readonly isKeptOnly: boolean }
  | { readonly kind: 'delivery'; readonly deliverySeq: number }
  | { readonly kind: 'endpoint'; readonly endpointSeq: number };

/** Whether an inserted delivery is told of by itself: those that a publish makes follow from their event, unless they never go out. */
export function isTold(insert: 'event' | 'deliveries' | 'chunk' | 'replay', isPending: boolean): boolean {
  return insert === 'deliveries' || !isPending;
}

/** A delivery as an attempt of it left it, from how both stand now. */
export function afterAttempt(delivery: DeliveryListRow, attempt: AttemptRow, isKeptOnly: boolean): DeliveryListRow {
  if (isKeptOnly) return delivery; // it was final before
  const { number, outcome, nextDueMs } = attempt;
  return nextDueMs === null
    ? { ...delivery, attempts: number, outcome }
    : { ...delivery, state: 'pending', stateReason: null, attempts: number, outcome, dueMs: nextDueMs, finishedMs: null };
}
