// Judge: whether the inserts of one group may be written, are known already, or contradict what is known.
//
// Pure: what the store holds is asked through `Known`. A group is judged whole before any of it is written, so that a
// conflict or a missing event leaves nothing behind. Names and events of earlier inserts of the same group count as held.
// Every store judges with this, so that none can differ.

import type { Idempotency, InsertResult } from './store.ts';

/** What judging needs to know of an insert. */
export type Candidate =
  | {
      readonly kind: 'event';
      readonly seq: number;
      readonly id: string;
      readonly tenant: string;
      readonly type: string;
      readonly timestampMs: number;
      readonly receivedMs: number;
      readonly idempotency: Idempotency | null;
      readonly deliveryCount: number;
      readonly expands: boolean;
    }
  | { readonly kind: 'deliveries'; readonly eventSeq: number }
  | { readonly kind: 'chunk'; readonly eventSeq: number }
  | { readonly kind: 'replay'; readonly replaySeq: number; readonly eventSeqs: readonly number[] };

/** A name that is remembered: whose content, and the first answer. */
export interface RememberedName {
  readonly contentHash: string;
  readonly eventId: string;
  readonly type: string;
  readonly timestampMs: number;
  readonly receivedMs: number;
  readonly deliveryCount: number;
}

/** What the store holds, rows of the same batch's earlier groups included. */
export interface Known {
  name(tenant: string, name: string): RememberedName | null;
  eventId(tenant: string, id: string): boolean;
  eventSeq(seq: number): boolean;
  expansion(eventSeq: number): boolean;
  /** Whether the replay has not ended. */
  replayRuns(replaySeq: number): boolean;
}

export type Judgement =
  | { readonly kind: 'write'; readonly inserts: readonly InsertResult[] }
  | { readonly kind: 'conflict'; readonly index: number; readonly name: string }
  | { readonly kind: 'missing'; readonly index: number };

const STORED: InsertResult = { kind: 'stored' };

/** Judges a group. `write` says for each insert whether it is to be written (`stored`) or left out (`duplicate`). */
export function judge(candidates: readonly Candidate[], store: Known): Judgement {
  const known = new WithGroup(store);
  const inserts: InsertResult[] = [];
  for (const [index, candidate] of candidates.entries()) {
    switch (candidate.kind) {
      case 'event': {
        const verdict = judgeEvent(candidate, known);
        if (verdict.kind === 'conflict') return { kind: 'conflict', index, name: verdict.name };
        if (verdict.kind === 'stored') known.add(candidate);
        inserts.push(verdict);
        break;
      }
      case 'deliveries':
        if (!known.eventSeq(candidate.eventSeq)) return { kind: 'missing', index };
        inserts.push(STORED);
        break;
      case 'chunk':
        if (!known.expansion(candidate.eventSeq)) return { kind: 'missing', index };
        inserts.push(STORED);
        break;
      case 'replay':
        if (!known.replayRuns(candidate.replaySeq) || !candidate.eventSeqs.every((seq) => known.eventSeq(seq)))
          return { kind: 'missing', index };
        inserts.push(STORED);
        break;
      default:
        candidate satisfies never;
    }
  }
  return { kind: 'write', inserts };
}

type EventCandidate = Extract<Candidate, { kind: 'event' }>;
type Answer = Pick<EventCandidate, 'id' | 'type' | 'timestampMs' | 'receivedMs' | 'deliveryCount'>;

function judgeEvent(event: EventCandidate, known: Known): InsertResult | { readonly kind: 'conflict'; readonly name: string } {
  if (event.idempotency === null) return STORED;
  let first: RememberedName | null = null;
  for (const name of event.idempotency.names) {
    const remembered = known.name(event.tenant, name);
    if (remembered === null) continue;
    // Two names that were used for two events contradict each other, whatever the content.
    const contradicts = first !== null && first.eventId !== remembered.eventId;
    if (contradicts || remembered.contentHash !== event.idempotency.contentHash) return { kind: 'conflict', name };
    first = remembered;
  }
  if (first !== null) {
    const { eventId, type, timestampMs, receivedMs, deliveryCount } = first;
    return { kind: 'duplicate', eventId, type, timestampMs, receivedMs, deliveryCount };
  }
  // The id is still taken after its name was forgotten. Its content can no longer be compared: the safe answer is "other".
  if (known.eventId(event.tenant, event.id)) return { kind: 'conflict', name: `id:${event.id}` };
  return STORED;
}

/** What the store holds, and what the group's earlier inserts will add to it. */
class WithGroup implements Known {
  readonly #store: Known;
  readonly #names = new Map<string, RememberedName>();
  readonly #ids = new Set<string>();
  readonly #seqs = new Set<number>();
  readonly #expansions = new Set<number>();

  constructor(store: Known) {
    this.#store = store;
  }

  add(event: EventCandidate): void {
    this.#seqs.add(event.seq);
    this.#ids.add(`${event.tenant} ${event.id}`);
    if (event.expands) this.#expansions.add(event.seq);
    if (event.idempotency === null) return;
    const remembered = { contentHash: event.idempotency.contentHash, ...answerOf(event) };
    for (const name of event.idempotency.names) this.#names.set(`${event.tenant} ${name}`, remembered);
  }

  name(tenant: string, name: string): RememberedName | null {
    return this.#names.get(`${tenant} ${name}`) ?? this.#store.name(tenant, name);
  }

  eventId(tenant: string, id: string): boolean {
    return this.#ids.has(`${tenant} ${id}`) || this.#store.eventId(tenant, id);
  }

  eventSeq(seq: number): boolean {
    return this.#seqs.has(seq) || this.#store.eventSeq(seq);
  }

  expansion(eventSeq: number): boolean {
    return this.#expansions.has(eventSeq) || this.#store.expansion(eventSeq);
  }

  replayRuns(replaySeq: number): boolean {
    return this.#store.replayRuns(replaySeq);
  }
}

/** What is remembered of an event's publishing, and answered to a duplicate. */
export function answerOf(event: Answer): Omit<RememberedName, 'contentHash'> {
  const { id, type, timestampMs, receivedMs, deliveryCount } = event;
  return { eventId: id, type, timestampMs, receivedMs, deliveryCount };
}
