// The judge: from what was answered, what was received, what the store recorded and when the faults were, to the claims.
// Pure; test/soak.test.ts shows each claim failing.
//
// A receipt belongs to the recorded attempt of its event and endpoint that was under way when it arrived. A receipt that
// belongs to none is of an attempt whose record was lost: that may be only where a fault met its sender before the attempt's
// end was on disk. A sender's ends are recorded in their order, so each such receipt must have arrived before such a fault was
// over, and its answer have been given at most `windowMs` before the end of the last attempt that its sender had on record
// when the fault came. (Not before the fault itself: on a busy machine a server can stand still for seconds.)

import { matchesEventType } from '@waxwing/protocol';
import type { Ledger } from './ledger.ts';
import { attemptKey, grouped, match, pair, type Matching } from './matching.ts';
import type { Receipt } from './receipts.ts';

/** An event that was answered 202. */
export interface Acknowledged {
  readonly id: string;
  readonly tenant: string;
  readonly type: string;
  /** When its publishing was asked for, the first time; and when it was answered. */
  readonly askedMs: number;
  readonly answeredMs: number;
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

export type FaultKind = 'kill' | 'pause' | 'cut' | 'database';

export interface Fault {
  readonly kind: FaultKind;
  /** Whom it met: the address that the node sends from. Null for all. */
  readonly node: string | null;
  /** When it began: the signal was sent. */
  readonly fromMs: number;
  /** When all that was sent under it had arrived; of a kill, before the next process started. */
  readonly quietMs: number;
}

export interface Evidence {
  readonly acknowledged: readonly Acknowledged[];
  readonly subscribers: readonly Subscriber[];
  readonly receipts: readonly Receipt[];
  readonly ledger: Ledger;
  readonly faults: readonly Fault[];
  /** What was found wrong with the store after a fault. */
  readonly damages: readonly string[];
  /** `pair`s whose delivery somebody asked to cancel by hand. */
  readonly waived: ReadonlySet<string>;
  readonly windowMs: number;
  /** By how much the clock that attempts are recorded by may be ahead of the receiver's. */
  readonly skewMs: number;
  /** Whether one program numbered everything, or several at the same time. */
  readonly writers: 'one' | 'several';
}

export interface Figures {
  readonly events: number;
  readonly deliveries: number;
  readonly attempts: number;
  readonly receipts: number;
  /** Events owed to an endpoint that never received them. */
  readonly lost: number;
  /** Requests that were received and have no record: in flight at a fault. */
  readonly unrecorded: number;
  /** Of these, those answered with success, by the fault that explains them: their delivery came once more. */
  readonly duplicates: { readonly [kind in FaultKind]: number };
  /** By how much, at most, something recorded ended after one of these was answered. */
  readonly overtakenMsMax: number;
  /** Requests of FIFO endpoints that came after a later number had come: what was in flight at a fault, coming again. */
  readonly outOfOrder: number;
}

export interface Claim {
  readonly claim: string;
  readonly cases: readonly string[];
}

export interface Verdict {
  readonly figures: Figures;
  /** Each claim, and what breaks it. All must be empty. */
  readonly broken: readonly Claim[];
}

/** How many deliveries before one are looked at for its order. */
const LOOKED_BACK = 100;

export function judge(evidence: Evidence): Verdict {
  const { receipts, ledger, acknowledged, damages } = evidence;
  const byPair = grouped(receipts, (receipt) => pair(receipt.event, receipt.endpoint));
  const lost = lostOf(evidence, byPair);
  const matching = match(ledger, byPair, evidence.skewMs);
  const explained = explain(evidence, matching);
  const duplicates = { kill: 0, pause: 0, cut: 0, database: 0 };
  for (const { receipt, fault } of explained) if (fault !== null && receipt.status === 200) duplicates[fault.kind] += 1;
  return {
    figures: {
      events: acknowledged.length,
      deliveries: ledger.deliveries.length,
      attempts: ledger.attempts.length,
      receipts: receipts.length,
      lost: lost.length,
      unrecorded: matching.unrecorded.length,
      duplicates,
      overtakenMsMax: Math.max(0, ...explained.map(({ distanceMs }) => distanceMs).filter(Number.isFinite)),
      outOfOrder: arrivedLate(evidence),
    },
    broken: [
      { claim: 'every event that was answered 202 was delivered to each endpoint it matches', cases: lost },
      {
        claim: 'what was received without a record was in flight at a fault',
        cases: explained.filter(({ fault }) => fault === null).map(described),
      },
      { claim: 'every recorded delivery was received', cases: matching.unwitnessed },
      { claim: 'no attempt number is skipped or repeated', cases: gaps(ledger) },
      { claim: 'no event was published to an endpoint twice', cases: twice(ledger) },
      { claim: 'every delivery came to its end', cases: unfinished(evidence) },
      { claim: 'every attempt of an event to an endpoint had the same body', cases: differing(byPair) },
      { claim: 'a FIFO endpoint received in the order of publishing', cases: disordered(evidence, matching) },
      { claim: 'the store was whole after every fault', cases: damages },
    ],
  };
}

function lostOf({ acknowledged, subscribers, waived }: Evidence, byPair: ReadonlyMap<string, readonly Receipt[]>): string[] {
  const owing = grouped(
    subscribers.filter(({ gone }) => !gone),
    ({ tenant }) => tenant,
  );
  return acknowledged.flatMap(({ id, tenant, type, askedMs }) =>
    (owing.get(tenant) ?? [])
      .filter(({ sinceMs, eventTypes }) => sinceMs < askedMs && matchesEventType(eventTypes, type))
      .map(({ label }) => pair(id, label))
      .filter((key) => !waived.has(key) && !(byPair.get(key) ?? []).some(({ status }) => status === 200))
      .map((key) => `${key}: published ${new Date(askedMs).toISOString()}`),
  );
}

interface Explained {
  readonly receipt: Receipt;
  /** Null: none explains it. */
  readonly fault: Fault | null;
  /** By how much an attempt that its sender had on record at the fault ended after it was answered. */
  readonly distanceMs: number;
}

/** Each unrecorded receipt with the fault that lies closest. */
function explain({ ledger, faults, windowMs }: Evidence, { unrecorded, witnesses }: Matching): Explained[] {
  const ends = new Map<string, number[]>();
  for (const { delivery, number, endedMs } of ledger.attempts) {
    const from = witnesses.get(attemptKey(delivery, number))?.from;
    if (from === undefined) continue;
    const list = ends.get(from);
    if (list === undefined) ends.set(from, [endedMs]);
    else list.push(endedMs);
  }
  for (const list of ends.values()) list.sort((a, b) => a - b);
  const nearestFirst = faults.toSorted((a, b) => Number(a.node === null) - Number(b.node === null) || a.fromMs - b.fromMs);
  return unrecorded.map((receipt) => {
    let best: Explained = { receipt, fault: null, distanceMs: Infinity };
    for (const fault of nearestFirst) {
      if ((fault.node !== null && fault.node !== receipt.from) || fault.quietMs < receipt.arrivedMs) continue;
      const last = lastUpTo(ends.get(receipt.from) ?? [], fault.fromMs);
      const distanceMs = Math.max(0, last - receipt.answeredMs);
      if (distanceMs < best.distanceMs) best = { receipt, fault: distanceMs <= windowMs ? fault : null, distanceMs };
      if (distanceMs === 0) break;
    }
    return best;
  });
}

/** The last of these ascending times that is not after the limit; 0 for none. */
function lastUpTo(times: readonly number[], limitMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= limitMs) low = middle + 1;
    else high = middle;
  }
  return times[low - 1] ?? 0;
}

function gaps({ deliveries, attempts }: Ledger): string[] {
  const numbers = grouped(attempts, ({ delivery }) => delivery);
  return deliveries.flatMap(({ seq, attempts: count, event, endpoint }) => {
    const found = (numbers.get(seq) ?? []).map(({ number }) => number).toSorted((a, b) => a - b);
    const whole = found.length === count && found.every((number, index) => number === index + 1);
    return whole ? [] : [`${pair(event, endpoint)}: delivery ${seq}, ${count} attempts, numbered ${found.join(', ') || 'none'}`];
  });
}

function twice({ deliveries }: Ledger): string[] {
  const published = deliveries.filter(({ cause }) => cause === 'publish');
  const times = grouped(published, ({ event, endpoint }) => pair(event, endpoint));
  return [...times].filter(([, of]) => of.length > 1).map(([key, of]) => `${key}: ${of.length} deliveries`);
}

/** Delivered; or cancelled, where the endpoint was deleted or somebody cancelled it. */
function unfinished({ ledger, subscribers, waived }: Evidence): string[] {
  const kept = new Set(subscribers.filter(({ gone }) => !gone).map(({ label }) => label));
  return ledger.deliveries
    .filter(({ state, endpoint, event }) => {
      if (state === 'cancelled' && waived.has(pair(event, endpoint))) return false;
      return state === 'pending' || (state !== 'delivered' && kept.has(endpoint));
    })
    .map(({ seq, event, endpoint, state, attempts }) => `${pair(event, endpoint)}: delivery ${seq} is ${state} after ${attempts} attempts`);
}

function differing(byPair: ReadonlyMap<string, readonly Receipt[]>): string[] {
  return [...byPair].filter(([, of]) => new Set(of.map(({ body }) => body)).size > 1).map(([key]) => key);
}

/**
 * By the attempt that delivered: of two deliveries the one that was published first arrives first. Where several write one
 * store, two events that were published at the same time may come either way, whatever their numbers.
 */
function disordered({ subscribers, ledger, acknowledged, writers }: Evidence, { witnesses }: Matching): string[] {
  const fifo = new Set(subscribers.filter((subscriber) => subscriber.fifo).map(({ label }) => label));
  const arrivedMs = new Map<number, number>();
  for (const { delivery, number, delivered, endedMs } of ledger.attempts)
    if (delivered) arrivedMs.set(delivery, witnesses.get(attemptKey(delivery, number))?.arrivedMs ?? endedMs);
  const published = new Map(acknowledged.map((event) => [event.id, event]));
  const isAfter = (event: string, former: string): boolean =>
    writers === 'one' || (published.get(former)?.answeredMs ?? Infinity) < (published.get(event)?.askedMs ?? 0);
  const found: string[] = [];
  const formers = new Map<string, { readonly seq: number; readonly event: string; readonly ms: number }[]>();
  for (const { seq, endpoint, event, cause } of ledger.deliveries) {
    const ms = arrivedMs.get(seq);
    if (!fifo.has(endpoint) || ms === undefined || (writers === 'several' && cause !== 'publish')) continue;
    const before = formers.get(endpoint) ?? [];
    const passed = before.find((former) => ms < former.ms && isAfter(event, former.event));
    if (passed !== undefined) found.push(`${pair(event, endpoint)}: delivery ${seq} ${passed.ms - ms} ms before ${passed.seq}`);
    formers.set(endpoint, [...before.slice(1 - LOOKED_BACK), { seq, event, ms }]);
  }
  return found;
}

/** Requests that came to a FIFO endpoint after an event of a later number had first come. */
function arrivedLate({ subscribers, ledger, receipts }: Evidence): number {
  const fifo = new Set(subscribers.filter((subscriber) => subscriber.fifo).map(({ label }) => label));
  const seqs = new Map<string, number>();
  for (const { seq, event, endpoint, cause } of ledger.deliveries) if (cause === 'publish') seqs.set(pair(event, endpoint), seq);
  const last = new Map<string, number>();
  let late = 0;
  for (const { event, endpoint, status } of receipts) {
    const seq = seqs.get(pair(event, endpoint));
    if (!fifo.has(endpoint) || status !== 200 || seq === undefined) continue;
    if (seq < (last.get(endpoint) ?? 0)) late += 1;
    else last.set(endpoint, seq);
  }
  return late;
}

function described({ receipt, distanceMs }: Explained): string {
  const { event, endpoint, status, arrivedMs, from } = receipt;
  const how = Number.isFinite(distanceMs) ? `, ${distanceMs} ms before the last on record at the fault` : '';
  return `${pair(event, endpoint)}: from ${from}, answered ${status} at ${new Date(arrivedMs).toISOString()}${how}`;
}
