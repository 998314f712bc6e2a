// End pending: ends deliveries without an attempt, by a person's hand or because they are too old.
//
// A delivery whose attempt is under way ends too: the attempt is finished and recorded, and leads to nothing more. One
// whose attempt has just come back is left to its own settle, which is on its way to the store; look at it again.

import type { OutcomeKind } from '@waxwing/protocol';
import type { PendingDelivery } from '../store/rows.ts';
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

/**
 * Resolves when durable, with how many were ended.
 * @param submitted told of each in the turn in which its end goes to the committer
 */
export async function endPending(
  context: ServiceContext,
  rows: readonly Endable[],
  end: PendingEnd,
  submitted: (delivery: PendingDelivery) => void = () => {},
): Promise<number> {
  const { dispatcher, settler, clock, store } = context;
  // What was read a while ago may have ended since. The store answers in order: what it says here holds until the settle.
  const pending = new Map((await store.load(rows.map(({ seq }) => seq))).map((row) => [row.seq, row]));
  const nowMs = clock.nowMs();
  const ending = rows.filter(({ seq, endpointSeq }) => pending.has(seq) && dispatcher.beginEnding(endpointSeq, seq));
  const underWay = new Set(ending.filter(({ seq }) => dispatcher.isInFlight(seq)).map(({ seq }) => seq));
  for (const seq of underWay) settler.endsWithAttempt(seq);
  const over = ({ seq, endpointSeq }: Endable): void => {
    dispatcher.ended(endpointSeq, seq, underWay.has(seq));
    if (!underWay.has(seq)) settler.finished[end.state] += 1; // else counted when its attempt is settled
  };
  try {
    const settled = ending.map((row) => settle(context, ended(row, end, nowMs), () => over(row)));
    for (const { seq } of ending) {
      const delivery = pending.get(seq);
      if (delivery !== undefined) submitted(delivery);
    }
    await Promise.all(settled);
  } finally {
    for (const { seq, endpointSeq, dueMs } of ending) dispatcher.spared(endpointSeq, seq, dueMs);
  }
  return ending.length;
}

function ended(row: Endable, { state, reason }: PendingEnd, nowMs: number): Settle {
  const { seq, endpointSeq, outcome, attempts, dueMs } = row;
  return { deliverySeq: seq, endpointSeq, attempt: null, state, stateReason: reason, outcome, attempts, dueMs, finishedMs: nowMs };
}

/** Hands one settle to the committer; resolves when it is durable. `then` is done at that very moment, before anything else is sent. */
export function settle(context: ServiceContext, row: Settle, then: () => void): Promise<void> {
  return new Promise((resolve, reject) =>
    context.committer.submit({
      kind: 'settle',
      bytes: 0,
      settle: row,
      change: null,
      done: () => {
        then();
        resolve();
      },
      failed: reject,
    }),
  );
}
