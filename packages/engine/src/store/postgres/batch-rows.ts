// Batch rows: a batch's rows as columns, the way one statement takes them: an array for each column. write-statement.ts takes them.

import type { AttemptRow, DeliveryRow, EventRow } from '../rows.ts';
import { StoreError, type ExpansionMatch, type Idempotency, type Settle } from '../store.ts';
import { answerOf } from '../judge.ts';
import { CAUSES, OUTCOMES, STATES } from '../codes.ts';
import { storedFacts } from './facts.ts';
import { deliveryMark, eventMark } from './feed-marks.ts';
import { BLOCK_BITS } from './schema.ts';
import type { SqlValue } from './session.ts';

type Cell = string | number | boolean | null;

/** A table to be: its rows, column by column. */
class Columns {
  readonly arrays: Cell[][];

  constructor(width: number) {
    this.arrays = Array.from({ length: width }, () => []);
  }

  add(...cells: readonly Cell[]): void {
    for (const [index, array] of this.arrays.entries()) array.push(cells[index] ?? null);
  }

  get size(): number {
    return this.arrays[0]?.length ?? 0;
  }
}

interface Span {
  minMs: number;
  maxMs: number;
}

/** The lowest and the highest of some numbers. */
export class Range {
  low: number | null = null;
  high: number | null = null;

  add(low: number | null, high: number | null = low): void {
    if (low === null || high === null) return;
    this.low = Math.min(this.low ?? low, low);
    this.high = Math.max(this.high ?? high, high);
  }
}

/** The feed's row of the batch: its number and time; whether these rows write it, or the caller. */
export interface FeedRow {
  readonly no: number;
  readonly atMs: number;
  readonly isWritten: boolean;
}

const BLOCK_ROWS = 2 ** BLOCK_BITS;

export class BatchRows {
  readonly #events = new Columns(8);
  readonly #names = new Columns(8);
  readonly #expansions = new Columns(3);
  readonly #deliveries = new Columns(16);
  readonly #settles = new Columns(10);
  readonly #attempts = new Columns(8);
  readonly #touches = new Map<number, number>();
  readonly #eventSpans = new Map<number, Span>();
  readonly #deliverySpans = new Map<number, Span>();
  readonly #written = new Set<number>();
  readonly #pending = new Range();
  readonly #settled = new Range();
  readonly #begun: string[] = [];
  readonly #marks: string[] = [];
  #latestMs = 0;

  event(event: EventRow, deliveryCount: number, idempotency: Idempotency | null, expansion: readonly ExpansionMatch[] | null): void {
    const { seq, id, tenant, type, timestampMs, receivedMs, hasUnsafeInteger, data } = event;
    this.#events.add(seq, id, tenant, type, timestampMs, receivedMs, hasUnsafeInteger ? 1 : 0, data);
    widen(this.#eventSpans, seq, receivedMs);
    this.#tell(eventMark(seq), receivedMs);
    if (idempotency !== null) {
      const first = answerOf({ id, type, timestampMs, receivedMs, deliveryCount });
      for (const name of idempotency.names)
        this.#names.add(tenant, name, idempotency.contentHash, first.eventId, type, timestampMs, receivedMs, deliveryCount);
    }
    if (expansion === null || expansion.length === 0) return;
    this.#expansions.add(seq, JSON.stringify(expansion), expansion.length);
    this.#begun.push(`x${seq}`);
  }

  /** `isTold`: the feed tells of it by itself. */
  delivery(d: DeliveryRow, isTold: boolean): void {
    const state = STATES.code(d.state);
    const outcome = OUTCOMES.codeOrNull(d.outcome);
    this.#deliveries.add(
      d.seq,
      d.id,
      d.tenant,
      d.eventSeq,
      d.endpointSeq,
      CAUSES.code(d.cause),
      d.origin,
      state,
      d.stateReason,
      outcome,
      d.attempts,
      d.dueMs,
      storedFacts(d.facts),
      d.createdMs,
      d.finishedMs,
      d.replaySeq,
    );
    widen(this.#deliverySpans, d.seq, d.createdMs);
    this.#written.add(d.seq);
    if (d.state === 'pending') this.#pending.add(d.seq);
    if (isTold) this.#tell(deliveryMark(d.seq), d.createdMs);
    else this.#latestMs = Math.max(this.#latestMs, Math.trunc(d.createdMs));
  }

  /** False when the delivery is made or settled by these rows already: one statement can write a row only once. */
  settle(s: Settle): boolean {
    if (this.#written.has(s.deliverySeq)) return false;
    this.#written.add(s.deliverySeq);
    this.#settled.add(s.deliverySeq);
    const outcome = OUTCOMES.codeOrNull(s.outcome);
    const byHand = s.attempt === null;
    const [state, ord] = [STATES.code(s.state), this.#settles.size];
    this.#settles.add(s.deliverySeq, state, s.stateReason, outcome, s.attempts, s.dueMs, s.finishedMs, byHand, s.endpointSeq, ord);
    this.#latestMs = Math.max(this.#latestMs, Math.trunc(s.attempt?.startedMs ?? s.finishedMs ?? s.dueMs));
    if (s.attempt !== null) this.#attempt(s.attempt);
    return true;
  }

  /** When an endpoint was last triggered; the latest counts. */
  touch(endpointSeq: number, lastTriggeredMs: number): void {
    this.#touches.set(endpointSeq, Math.max(this.#touches.get(endpointSeq) ?? lastTriggeredMs, lastTriggeredMs));
  }

  get empty(): boolean {
    return this.#events.size + this.#deliveries.size + this.#settles.size + this.#touches.size === 0;
  }

  /** What the feed tells of these rows, save their settles: of those the database knows. */
  get marks(): string {
    return this.#marks.join(',');
  }

  /** The latest time that these rows name. */
  get latestMs(): number {
    return this.#latestMs;
  }

  /** The lowest and highest number of what became pending. */
  get pending(): Range {
    return this.#pending;
  }

  /** What others must hear of besides. */
  get begun(): readonly string[] {
    return this.#begun;
  }

  /** In the order of the write statement's parameters. */
  values(source: number, feed: FeedRow): readonly SqlValue[] {
    const touches = [...this.#touches].toSorted(([a], [b]) => a - b);
    return [
      source,
      feed.no,
      feed.atMs,
      feed.isWritten,
      this.marks,
      this.#pending.low,
      this.#pending.high,
      this.#begun.length === 0 ? null : this.#begun.join(','),
      this.#settled.low ?? 0,
      this.#settled.high ?? -1,
      ...this.#events.arrays,
      ...this.#names.arrays,
      ...this.#expansions.arrays,
      ...this.#deliveries.arrays,
      ...this.#settles.arrays,
      ...this.#attempts.arrays,
      touches.map(([seq]) => seq),
      touches.map(([, ms]) => ms),
      ...spanArrays(this.#eventSpans),
      ...spanArrays(this.#deliverySpans),
    ];
  }

  #tell(mark: string, atMs: number): void {
    this.#marks.push(mark);
    this.#latestMs = Math.max(this.#latestMs, Math.trunc(atMs));
  }

  #attempt(a: AttemptRow): void {
    if (!Number.isInteger(a.number) || a.number < 1 || a.number > ATTEMPT_NUMBER_MAX)
      throw new StoreError('row', `an attempt's number must be from 1 to ${ATTEMPT_NUMBER_MAX}: ${a.number}`);
    const outcome = OUTCOMES.code(a.outcome);
    this.#attempts.add(a.deliverySeq, a.number, a.startedMs, a.durationMs, outcome, a.status, a.nextDueMs, a.record);
  }
}

/** Attempt ids hold at most six digits. */
const ATTEMPT_NUMBER_MAX = 999_999;

function widen(spans: Map<number, Span>, seq: number, ms: number): void {
  const block = Math.floor(seq / BLOCK_ROWS);
  const span = spans.get(block);
  if (span === undefined) {
    spans.set(block, { minMs: ms, maxMs: ms });
    return;
  }
  if (ms < span.minMs) span.minMs = ms;
  if (ms > span.maxMs) span.maxMs = ms;
}

function spanArrays(spans: ReadonlyMap<number, Span>): readonly SqlValue[] {
  const sorted = [...spans].toSorted(([a], [b]) => a - b);
  return [sorted.map(([block]) => block), sorted.map(([, span]) => span.minMs), sorted.map(([, span]) => span.maxMs)];
}
