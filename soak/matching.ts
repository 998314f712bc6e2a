// Matching: each recorded attempt and the receipt that arrived while it was under way. What is left over on either side is
// told: requests without a record, and deliveries that nobody received. Pure.

import type { Ledger, LedgerAttempt } from './ledger.ts';
import type { Receipt } from './receipts.ts';

export interface Matching {
  readonly unrecorded: readonly Receipt[];
  readonly unwitnessed: readonly string[];
  /** By `attemptKey`: who received it. */
  readonly witnesses: ReadonlyMap<string, Receipt>;
}

/** Clocks of two processes on one machine, and rounding to whole milliseconds. */
const ROUNDING_MS = 3;
/**
 * A busy machine parks a process between the readings of its clock and its stopwatch. Far below the second that is between a
 * delivery's attempts, so that none is taken for another.
 */
const PARKED_MS = 500;

/** @param byPair receipts by `pair` @param skewMs by how much the clock that attempts are recorded by may be ahead of the receiver's */
export function match(ledger: Ledger, byPair: ReadonlyMap<string, readonly Receipt[]>, skewMs: number): Matching {
  const owner = new Map(ledger.deliveries.map(({ seq, event, endpoint }) => [seq, pair(event, endpoint)]));
  const attempts = grouped(ledger.attempts, ({ delivery }) => owner.get(delivery) ?? '');
  const unrecorded: Receipt[] = [];
  const unwitnessed: string[] = [];
  const witnesses = new Map<string, Receipt>();
  for (const key of new Set([...byPair.keys(), ...attempts.keys()])) {
    if (key === '') continue; // of the deployment's own tenant
    const left = (byPair.get(key) ?? []).toSorted((a, b) => a.arrivedMs - b.arrivedMs);
    for (const attempt of (attempts.get(key) ?? []).toSorted((a, b) => a.endedMs - b.endedMs)) {
      const index = left.findIndex((receipt) => isOf(receipt, attempt, ROUNDING_MS + skewMs));
      const [witness] = index >= 0 ? left.splice(index, 1) : [];
      if (witness !== undefined) witnesses.set(attemptKey(attempt.delivery, attempt.number), witness);
      else if (attempt.delivered) unwitnessed.push(`${key}: attempt ${attempt.number} of delivery ${attempt.delivery}`);
    }
    unrecorded.push(...left);
  }
  return { unrecorded, unwitnessed, witnesses };
}

function isOf(receipt: Receipt, attempt: LedgerAttempt, earlyMs: number): boolean {
  const { arrivedMs, status } = receipt;
  if (attempt.delivered !== (status === 200)) return false;
  return arrivedMs >= attempt.startedMs - earlyMs && arrivedMs <= attempt.endedMs + PARKED_MS;
}

export function pair(event: string, endpoint: string): string {
  return `${event} → ${endpoint}`;
}

export function attemptKey(delivery: number, number: number): string {
  return `${delivery}/${number}`;
}

export function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
