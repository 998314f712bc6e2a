// The judge: from what was answered, what was received, what the store recorded and when the kills were, to the claims.
// Pure; test/soak.test.ts shows each claim failing.
//
// A receipt belongs to the recorded attempt of its event and endpoint that was under way when it arrived. A receipt that
// belongs to none is of an attempt whose record was lost: that may be only where a kill came before the attempt's end was on
// disk. Ends are recorded in their order, so each such receipt must have arrived before some kill, and its answer have been
// given at most `windowMs` before the end of the last attempt that was recorded before that kill. (Not before the kill itself:
// on a busy machine a server can stand still for seconds.)

import { matchesEventType } from '@waxwing/protocol';
import type { Ledger, LedgerAttempt } from './ledger.ts';
import type { Receipt } from './receipts.ts';

/** An event that was answered 202. */
export interface Acknowledged {
  readonly id: string;
  readonly tenant: string;
  readonly type: string;
  /** When its publishing was asked for, the first time. */
  readonly askedMs: number;
}

/** An endpoint that was answered as created. */
export interface Subscriber {
  readonly label: string;
  readonly tenant: string;
  readonly eventTypes: readonly string[];
  /** When its creation was answered: events published from then on are owed to it. */
  readonly sinceMs: number;
  /** Deleted, or meant to be: nothing is owed to it any more. */
  gone: boolean;
  readonly fifo: boolean;
}

export interface Kill {
  /** When the signal was sent. */
  readonly killedMs: number;
  /** When all that the dead process had sent had arrived, before the next one started. */
  readonly quietMs: number;
}

export interface Evidence {
  readonly acknowledged: readonly Acknowledged[];
  readonly subscribers: readonly Subscriber[];
  readonly receipts: readonly Receipt[];
  readonly ledger: Ledger;
  readonly kills: readonly Kill[];
  /** What was found wrong with the store after a kill. */
  readonly damages: readonly string[];
  readonly windowMs: number;
}

export interface Figures {
  readonly events: number;
  readonly deliveries: number;
  readonly attempts: number;
  readonly receipts: number;
  /** Events owed to an endpoint that never received them. */
  readonly lost: number;
  /** Requests that were received and have no record: in flight at a kill. */
  readonly inFlightAtKill: number;
  /** Of these, those answered with success: their delivery came once more. */
  readonly duplicates: number;
  /** By how much, at most, something recorded ended after one of these was answered. */
  readonly overtakenMsMax: number;
}

export interface Verdict {
  readonly figures: Figures;
  /** Each claim, and what breaks it. All must be empty. */
  readonly broken: readonly { readonly claim: string; readonly cases: readonly string[] }[];
}

/** Clocks of two processes on one machine, and rounding to whole milliseconds. */
const ROUNDING_MS = 3;
/**
 * A busy machine parks a process between the readings of its clock and its stopwatch. Far below the second that is between a
 * delivery's attempts, so that none is taken for another.
 */
const PARKED_MS = 500;

export function judge(evidence: Evidence): Verdict {
  const { receipts, ledger, acknowledged, kills, damages } = evidence;
  const byPair = grouped(receipts, (receipt) => pair(receipt.event, receipt.endpoint));
  const lost = lostOf(evidence, byPair);
  const { unrecorded, unwitnessed } = matched(ledger, byPair);
  const ends = ledger.attempts.map(({ endedMs }) => endedMs).toSorted((a, b) => a - b);
  const distances = unrecorded.map((receipt) => overtaken(receipt, kills, ends));
  const strays = unrecorded.filter((_, index) => (distances[index] ?? Infinity) > evidence.windowMs);
  return {
    figures: {
      events: acknowledged.length,
      deliveries: ledger.deliveries.length,
      attempts: ledger.attempts.length,
      receipts: receipts.length,
      lost: lost.length,
      inFlightAtKill: unrecorded.length,
      duplicates: unrecorded.filter(({ status }) => status === 200).length,
      overtakenMsMax: Math.max(0, ...distances.filter(Number.isFinite)),
    },
    broken: [
      { claim: 'every event that was answered 202 was delivered to each endpoint it matches', cases: lost },
      { claim: 'what was received without a record was in flight at a kill', cases: strays.map(described) },
      { claim: 'every recorded delivery was received', cases: unwitnessed },
      { claim: 'no attempt number is skipped or repeated', cases: gaps(ledger) },
      { claim: 'no event was published to an endpoint twice', cases: twice(ledger) },
      { claim: 'every delivery came to its end', cases: unfinished(evidence) },
      { claim: 'every attempt of an event to an endpoint had the same body', cases: differing(byPair) },
      { claim: 'a FIFO endpoint received in the order of publishing', cases: disordered(evidence) },
      { claim: 'the store passed its integrity check after every kill', cases: damages },
    ],
  };
}

function lostOf({ acknowledged, subscribers }: Evidence, byPair: ReadonlyMap<string, readonly Receipt[]>): string[] {
  const owing = grouped(
    subscribers.filter(({ gone }) => !gone),
    ({ tenant }) => tenant,
  );
  return acknowledged.flatMap(({ id, tenant, type, askedMs }) =>
    (owing.get(tenant) ?? [])
      .filter(({ sinceMs, eventTypes }) => sinceMs < askedMs && matchesEventType(eventTypes, type))
      .map(({ label }) => pair(id, label))
      .filter((key) => !(byPair.get(key) ?? []).some(({ status }) => status === 200)),
  );
}

/** Gives each recorded attempt the receipt that arrived while it was under way. What is left over on either side is told. */
function matched(ledger: Ledger, byPair: ReadonlyMap<string, readonly Receipt[]>): { unrecorded: Receipt[]; unwitnessed: string[] } {
  const owner = new Map(ledger.deliveries.map(({ seq, event, endpoint }) => [seq, pair(event, endpoint)]));
  const attempts = grouped(ledger.attempts, ({ delivery }) => owner.get(delivery) ?? '');
  const unrecorded: Receipt[] = [];
  const unwitnessed: string[] = [];
  for (const key of new Set([...byPair.keys(), ...attempts.keys()])) {
    if (key === '') continue; // of the deployment's own tenant
    const left = (byPair.get(key) ?? []).toSorted((a, b) => a.arrivedMs - b.arrivedMs);
    for (const attempt of (attempts.get(key) ?? []).toSorted((a, b) => a.endedMs - b.endedMs)) {
      const index = left.findIndex((receipt) => isOf(receipt, attempt));
      if (index >= 0) left.splice(index, 1);
      else if (attempt.delivered) unwitnessed.push(`${key}: attempt ${attempt.number} of delivery ${attempt.delivery}`);
    }
    unrecorded.push(...left);
  }
  return { unrecorded, unwitnessed };
}

function isOf(receipt: Receipt, attempt: LedgerAttempt): boolean {
  const { arrivedMs, status } = receipt;
  if (attempt.delivered !== (status === 200)) return false;
  return arrivedMs >= attempt.startedMs - ROUNDING_MS && arrivedMs <= attempt.endedMs + PARKED_MS;
}

/** By how much an attempt that was recorded before its server's kill ended after it was answered; infinite where no kill came. */
function overtaken(receipt: Receipt, kills: readonly Kill[], ends: readonly number[]): number {
  const kill = kills.find(({ quietMs }) => quietMs >= receipt.arrivedMs);
  if (kill === undefined) return Infinity;
  const last = ends.findLast((endedMs) => endedMs <= kill.killedMs) ?? 0;
  return Math.max(0, last - receipt.answeredMs);
}

function gaps({ deliveries, attempts }: Ledger): string[] {
  const numbers = grouped(attempts, ({ delivery }) => delivery);
  return deliveries.flatMap(({ seq, attempts: count, event, endpoint }) => {
    const found = (numbers.get(seq) ?? []).map(({ number }) => number).toSorted((a, b) => a - b);
    const whole = found.length === count && found.every((number, index) => number === index + 1);
    return whole ? [] : [`${pair(event, endpoint)}: ${count} attempts, numbered ${found.join(', ') || 'none'}`];
  });
}

function twice({ deliveries }: Ledger): string[] {
  const published = deliveries.filter(({ cause }) => cause === 'publish');
  const times = grouped(published, ({ event, endpoint }) => pair(event, endpoint));
  return [...times].filter(([, of]) => of.length > 1).map(([key, of]) => `${key}: ${of.length} deliveries`);
}

/** Delivered; or cancelled, where the endpoint was deleted. */
function unfinished({ ledger, subscribers }: Evidence): string[] {
  const kept = new Set(subscribers.filter(({ gone }) => !gone).map(({ label }) => label));
  return ledger.deliveries
    .filter(({ state, endpoint }) => state === 'pending' || (state !== 'delivered' && kept.has(endpoint)))
    .map(({ event, endpoint, state, attempts }) => `${pair(event, endpoint)}: ${state} after ${attempts} attempts`);
}

function differing(byPair: ReadonlyMap<string, readonly Receipt[]>): string[] {
  return [...byPair].filter(([, of]) => new Set(of.map(({ body }) => body)).size > 1).map(([key]) => key);
}

/** By the attempt that delivered: of two deliveries the one that was published first ends first. */
function disordered({ subscribers, ledger }: Evidence): string[] {
  const fifo = new Set(subscribers.filter((subscriber) => subscriber.fifo).map(({ label }) => label));
  const endedMs = new Map(ledger.attempts.filter(({ delivered }) => delivered).map((attempt) => [attempt.delivery, attempt.endedMs]));
  const found: string[] = [];
  const lastMs = new Map<string, number>();
  for (const { seq, endpoint, event } of ledger.deliveries) {
    const ended = endedMs.get(seq);
    if (!fifo.has(endpoint) || ended === undefined) continue;
    if (ended < (lastMs.get(endpoint) ?? 0)) found.push(pair(event, endpoint));
    lastMs.set(endpoint, ended);
  }
  return found;
}

function pair(event: string, endpoint: string): string {
  return `${event} → ${endpoint}`;
}

function described({ event, endpoint, status, arrivedMs }: Receipt): string {
  return `${pair(event, endpoint)}: answered ${status} at ${new Date(arrivedMs).toISOString()}`;
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
