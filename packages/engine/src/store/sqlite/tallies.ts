// Tallies: counts by state and the time span of each block, gathered over a batch and written once at its end.
//
// So that `counts` is exact and costs six rows, and lists by time know where to look, for a few statements a batch.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { STATES } from '../codes.ts';
import { BLOCK_BITS } from './schema.ts';

interface Span {
  minMs: number;
  maxMs: number;
}

const BLOCK_ROWS = 2 ** BLOCK_BITS;

export class Tallies {
  readonly #add: StatementSync;
  readonly #eventSpan: StatementSync;
  readonly #deliverySpan: StatementSync;
  readonly #byState = new Map<number, number>();
  readonly #eventSpans = new Map<number, Span>();
  readonly #deliverySpans = new Map<number, Span>();
  #events = 0;

  constructor(db: DatabaseSync) {
    this.#add = db.prepare(
      'INSERT INTO tallies (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
    );
    this.#eventSpan = db.prepare(upsertSpan('event_blocks'));
    this.#deliverySpan = db.prepare(upsertSpan('delivery_blocks'));
  }

  event(seq: number, receivedMs: number): void {
    this.#events += 1;
    widen(this.#eventSpans, seq, receivedMs);
  }

  delivery(seq: number, state: number, createdMs: number): void {
    this.#count(state, 1);
    widen(this.#deliverySpans, seq, createdMs);
  }

  moved(from: number, to: number, rows: number): void {
    if (from === to) return;
    this.#count(from, -rows);
    this.#count(to, rows);
  }

  removed(state: number): void {
    this.#count(state, -1);
  }

  eventsRemoved(rows: number): void {
    this.#events -= rows;
  }

  /** Writes what was gathered; part of the batch's transaction. */
  flush(): void {
    if (this.#events !== 0) this.#add.run('events', this.#events);
    for (const [state, rows] of this.#byState) if (rows !== 0) this.#add.run(STATES.name(state), rows);
    for (const [block, span] of this.#eventSpans) this.#eventSpan.run(block, span.minMs, span.maxMs);
    for (const [block, span] of this.#deliverySpans) this.#deliverySpan.run(block, span.minMs, span.maxMs);
    this.reset();
  }

  reset(): void {
    this.#events = 0;
    this.#byState.clear();
    this.#eventSpans.clear();
    this.#deliverySpans.clear();
  }

  #count(state: number, rows: number): void {
    this.#byState.set(state, (this.#byState.get(state) ?? 0) + rows);
  }
}

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

function upsertSpan(table: string): string {
  return `INSERT INTO ${table} (block, min_ms, max_ms) VALUES (?, ?, ?)
    ON CONFLICT (block) DO UPDATE SET min_ms = min(min_ms, excluded.min_ms), max_ms = max(max_ms, excluded.max_ms)`;
}
