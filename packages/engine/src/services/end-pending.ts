// End pending: ends deliveries without an attempt, by a person's hand or because they are too old.
//
// A delivery whose attempt is under way ends too: the attempt is finished and recorded, and leads to nothing more. One
// whose attempt has just come back is left to its own settle, which is on its way to the store; look at it again.

import type { OutcomeKind } from '@waxwing/protocol';
import type { Settle } from '../store/store.ts';
import type { ServiceContext } from './context.ts';

export interface Endable {
  readonly seq: number;
  readonly endpointSeq: number;
  readonly outcome: OutcomeKind | null;
  readonly attempts: number;
  readonly dueMs: number;
}

export interface PendingEnd {
  readonly state: 'cancelled' | 'failed';
  readonly reason: string;
}

/** Resolves when durable, with how many were ended. */
export async function endPending(context: ServiceContext, rows: readonly Endable[], end: PendingEnd): Promise<number> {
  const { dispatcher, settler, clock } = context;
  const nowMs = clock.nowMs();
  const ending = rows.filter((row) => !dispatcher.isSettling(row.endpointSeq, row.seq));
  const inFlight = new Set(ending.filter((row) => dispatcher.isInFlight(row.seq)).map(({ seq }) => seq));
  for (const { seq, endpointSeq } of ending) {
    if (inFlight.has(seq)) settler.endsWithAttempt(seq);
    else dispatcher.withdraw(endpointSeq, seq);
  }
  await Promise.all(ending.map((row) => settle(context, ended(row, end, nowMs))));
  for (const { seq, endpointSeq } of ending) {
    if (inFlight.has(seq)) continue; // counted when its attempt is settled
    settler.finished[end.state] += 1;
    if (dispatcher.isInFlight(seq)) settler.endsWithAttempt(seq); // read back and sent while its end was being written
    else {
      dispatcher.withdraw(endpointSeq, seq);
      dispatcher.ended(1);
    }
  }
  return ending.length;
}

function ended(row: Endable, { state, reason }: PendingEnd, nowMs: number): Settle {
  const { seq, outcome, attempts, dueMs } = row;
  return { deliverySeq: seq, attempt: null, state, stateReason: reason, outcome, attempts, dueMs, finishedMs: nowMs };
}

/** Hands one settle to the committer; resolves when it is durable. */
export function settle(context: ServiceContext, row: Settle): Promise<void> {
  return new Promise((resolve, reject) =>
    context.committer.submit({ kind: 'settle', bytes: 0, settle: row, done: resolve, failed: reject }),
  );
}
