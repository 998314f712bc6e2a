// The fact journal: what each batch wrote that the statistics count, as one small row in the batch's transaction.
//
// One row at the table's end costs a part of one page; counting in place would dirty a page per endpoint in the batch. A row
// stays until rollup.ts has carried all of it into the steps. A fact is 16 bytes: an endpoint's number (6), the finest step
// (4), a duration or count (4), an outcome (1) and a final state (1). Events are counted per tenant and step, as JSON.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { attemptEndMs, FINEST_MS } from '../../stats/step-counts.ts';
import { StoreError } from '../store.ts';
import { integer, text, type SqlRow } from '../columns.ts';

export const FACT_COLUMNS = 'seq, events, facts';
/** In place of an outcome's or a state's code. */
export const NONE = 255;

const FACT_BYTES = 16;
const VALUE_MAX = 2 ** 32 - 1;

/** Takes facts one by one. `step` counts finest steps; `value` is a duration where there is an outcome, else how many ended. */
export interface FactTaker {
  event(tenant: string, step: number, count: number): void;
  fact(endpointSeq: number, step: number, outcome: number, state: number, value: number): void;
}

export class FactJournal {
  readonly #insert: StatementSync;
  /** The number of the newest row. Rows are deleted, so the table alone does not know it. */
  #newest: number;
  readonly #events = new Map<string, Map<number, number>>();
  /** Five numbers a fact, as `FactTaker.fact` takes them. */
  #facts: number[] = [];
  #isWritten = false;

  /** @param carried up to where everything was rolled up */
  constructor(db: DatabaseSync, carried: number) {
    const row = db.prepare('SELECT ifnull(max(seq), 0) AS seq FROM fact_journal').get() ?? {};
    this.#newest = Math.max(carried, integer(row, 'seq'));
    this.#insert = db.prepare(`INSERT INTO fact_journal (${FACT_COLUMNS}) VALUES (?, ?, ?)`);
  }

  /** Of the batches before this one. */
  get newest(): number {
    return this.#newest;
  }

  get isEmpty(): boolean {
    return this.#facts.length === 0 && this.#events.size === 0;
  }

  event(tenant: string, atMs: number): void {
    const step = Math.floor(atMs / FINEST_MS);
    const steps = this.#events.get(tenant);
    if (steps === undefined) this.#events.set(tenant, new Map([[step, 1]]));
    else steps.set(step, (steps.get(step) ?? 0) + 1);
  }

  /** An attempt that ended, and the state that its delivery ended in with it (or NONE), and when. */
  attempt(
    endpointSeq: number,
    attempt: { readonly startedMs: number; readonly durationMs: number; readonly outcome: number },
    state: number,
    endedMs: number,
  ): void {
    const step = Math.floor(attemptEndMs(attempt) / FINEST_MS);
    const isAtOnce = step === Math.floor(endedMs / FINEST_MS);
    this.#facts.push(endpointSeq, step, attempt.outcome, isAtOnce ? state : NONE, Math.min(VALUE_MAX, Math.ceil(attempt.durationMs)));
    if (!isAtOnce) this.ended(endpointSeq, endedMs, state, 1);
  }

  /** Deliveries that ended without an attempt, or in another step. */
  ended(endpointSeq: number, atMs: number, state: number, count: number): void {
    if (state !== NONE && count > 0) this.#facts.push(endpointSeq, Math.floor(atMs / FINEST_MS), NONE, state, count);
  }

  /** Writes the batch's row; part of its transaction. */
  flush(): void {
    if (this.isEmpty) return;
    this.#insert.run(this.#newest + 1, eventsOf(this.#events), bytesOf(this.#facts));
    this.#isWritten = true;
  }

  /** The batch is committed; its facts go to whoever counts them. */
  committed(taker: FactTaker): void {
    if (this.#isWritten) this.#newest += 1;
    for (const [tenant, steps] of this.#events) for (const [step, count] of steps) taker.event(tenant, step, count);
    const facts = this.#facts;
    for (let at = 0; at < facts.length; at += 5)
      taker.fact(facts[at] ?? 0, facts[at + 1] ?? 0, facts[at + 2] ?? NONE, facts[at + 3] ?? NONE, facts[at + 4] ?? 0);
    this.reset();
  }

  /** The batch was not written, or is over. */
  reset(): void {
    this.#events.clear();
    this.#facts = [];
    this.#isWritten = false;
  }
}

/** Gives a row's facts to a taker. */
export function takeFacts(row: SqlRow, taker: FactTaker): void {
  const events: unknown = JSON.parse(text(row, 'events'));
  const bytes = row['facts'];
  if (!Array.isArray(events) || !(bytes instanceof Uint8Array))
    throw new StoreError('unavailable', 'the store is damaged: the fact journal cannot be read');
  for (let at = 0; at < events.length; at += 3) taker.event(String(events[at]), Number(events[at + 1]), Number(events[at + 2]));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += FACT_BYTES) {
    const endpointSeq = view.getUint32(at) * 2 ** 16 + view.getUint16(at + 4);
    taker.fact(endpointSeq, view.getUint32(at + 6), view.getUint8(at + 14), view.getUint8(at + 15), view.getUint32(at + 10));
  }
}

function eventsOf(events: ReadonlyMap<string, ReadonlyMap<number, number>>): string {
  const cells: (string | number)[] = [];
  for (const [tenant, steps] of events) for (const [step, count] of steps) cells.push(tenant, step, count);
  return JSON.stringify(cells);
}

function bytesOf(facts: readonly number[]): Uint8Array {
  const bytes = new Uint8Array((facts.length / 5) * FACT_BYTES);
  const view = new DataView(bytes.buffer);
  for (let from = 0, at = 0; from < facts.length; from += 5, at += FACT_BYTES) {
    const endpointSeq = facts[from] ?? 0;
    view.setUint32(at, Math.floor(endpointSeq / 2 ** 16));
    view.setUint16(at + 4, endpointSeq % 2 ** 16);
    view.setUint32(at + 6, facts[from + 1] ?? 0);
    view.setUint32(at + 10, facts[from + 4] ?? 0);
    view.setUint8(at + 14, facts[from + 2] ?? NONE);
    view.setUint8(at + 15, facts[from + 3] ?? NONE);
  }
  return bytes;
}
