// History ranges: how a store that keeps its history in ranges of number (partitions) lets go of what is old, a whole range
// at a time instead of row by row.
//
//  1. A range goes when all of it was made before the given time, nothing of it is pending, and nothing of it has been
//     pending for `restMs`. Until then it is waited for: what was pending has failed by then (retention.ts), so the wait is short.
//  2. Deliveries go first, with their attempts. An event goes with its range unless a younger delivery or a fan-out needs it:
//     then it stays, and is removed by itself when that has gone (`leftEvents`).
//  3. Each call does a bounded part. None keeps a writer waiting for longer than a short lock.

import type { OldDelivery, OldEventsQuery, OldRows } from './reader.ts';

export interface HistoryRanges {
  /** Makes the ranges that come next, and begins one when the present one is older than `periodMs`. */
  prepare(nowMs: number, periodMs: number): Promise<void>;
  /** Deliveries that are pending and were made before a time; by number, in parts. */
  oldPending(madeBeforeMs: number, after: number, rowsMax: number): Promise<OldRows<OldDelivery>>;
  /** Does the next part of removing ranges. */
  removeSome(query: RemovalQuery): Promise<RangeRemoval>;
  /** Events whose range is gone and that nothing needs any more; by number, in parts. */
  leftEvents(query: Omit<OldEventsQuery, 'receivedBeforeMs'>): Promise<OldRows<number>>;
}

export interface RemovalQuery {
  readonly madeBeforeMs: number;
  readonly nowMs: number;
  /** How long everything stays after the last of its range has ended. */
  readonly restMs: number;
}

export interface RangeRemoval {
  readonly events: number;
  readonly deliveries: number;
  /** `more`: there is another part to do. `busy`: others were using what was to go; again in a while. `rest`: nothing is to be done now. */
  readonly state: 'more' | 'busy' | 'rest';
}
