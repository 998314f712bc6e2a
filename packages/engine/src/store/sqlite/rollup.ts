// The rollup: carries what the fact journal holds into the steps of each resolution, some shards at a time.
//
//  1. A shard's steps and its cursor move in one transaction: a stop at any point loses nothing and counts nothing twice.
//  2. What waits is kept in memory as it is committed (waiting-facts.ts), so that a turn reads nothing but the rows it adds
//     to. It can always be made again from the journal, and is, when the store is opened.
//  3. A journal row goes when every shard has passed it.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { decodeLatencies, encodeLatencies } from '../../stats/latencies.ts';
import { FINEST_MS, mergeCounts, noCounts, RESOLUTIONS_MS, stepOf, type ResolutionMs, type StepCounts } from '../../stats/step-counts.ts';
import { integer } from '../columns.ts';
import { FACT_COLUMNS, FactJournal, takeFacts, type FactTaker } from './fact-journal.ts';
import { readCursors, SHARDS, writeCursors, type Cursors } from './stat-shards.ts';
import { WaitingFacts } from './waiting-facts.ts';

/** Counts of a scope by step. */
type Steps = ReadonlyMap<number, StepCounts>;

const COUNTERS = [
  'events',
  'ended_delivered',
  'ended_failed',
  'ended_cancelled',
  'ended_skipped',
  'delivered',
  'refused',
  'timed_out',
  'unreachable',
  'blocked',
] as const;

const UPSERT = `INSERT INTO stat_steps (resolution_ms, at_ms, scope, ${COUNTERS.join(', ')}, latency_max_ms, latencies)
  VALUES (?, ?, ?, ${COUNTERS.map(() => '?').join(', ')}, ?, ?)
  ON CONFLICT (resolution_ms, at_ms, scope) DO UPDATE SET ${COUNTERS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')},
    latency_max_ms = max(latency_max_ms, excluded.latency_max_ms), latencies = merge_latencies(latencies, excluded.latencies)`;

export class Rollup {
  readonly journal: FactJournal;
  readonly #upsert: StatementSync;
  readonly #moveCursors: StatementSync;
  readonly #forget: StatementSync;
  readonly #removeSteps: StatementSync;
  readonly #waiting: WaitingFacts;
  readonly #taker: FactTaker;
  #cursors: Cursors;
  /** Whose turn it is. */
  #next = 0;
  /** What the batch under way carries. */
  #turn: { readonly shards: ReadonlySet<number>; readonly cursors: Cursors } | null = null;

  constructor(db: DatabaseSync) {
    db.function('merge_latencies', { deterministic: true }, mergeBytes);
    this.#cursors = readCursors(db);
    this.journal = new FactJournal(db, Math.max(...this.#cursors));
    this.#upsert = db.prepare(UPSERT);
    this.#moveCursors = db.prepare('UPDATE rollup_cursors SET cursors = ?');
    this.#forget = db.prepare('DELETE FROM fact_journal WHERE seq <= ?');
    this.#removeSteps = db.prepare(
      `DELETE FROM stat_steps WHERE (resolution_ms, at_ms, scope) IN (
         SELECT resolution_ms, at_ms, scope FROM stat_steps WHERE resolution_ms = ? AND at_ms < ? ORDER BY at_ms, scope LIMIT ?)`,
    );
    this.#waiting = new WaitingFacts(db);
    this.#taker = this.#waiting.taker(() => true);
    for (const row of db
      .prepare(`SELECT ${FACT_COLUMNS} FROM fact_journal WHERE seq > ? ORDER BY seq`)
      .iterate(Math.min(...this.#cursors))) {
      const seq = integer(row, 'seq');
      const isNew = (shard: number): boolean => seq > (this.#cursors[shard] ?? 0);
      takeFacts(row, this.#waiting.taker(isNew));
    }
  }

  /** Carries some of what earlier batches left, of about `scopesMax` scopes; part of the batch's transaction. Gives how many scopes are left. */
  turn(scopesMax: number): number {
    const shards = new Set(this.#turn?.shards);
    let [carried, left] = [0, 0];
    for (let i = 0; i < SHARDS; i++) {
      const shard = (this.#next + i) % SHARDS;
      const size = this.#waiting.size(shard);
      if (shards.has(shard)) continue;
      if (size > 0 && carried > 0 && carried + size > scopesMax) left += size;
      else {
        shards.add(shard); // one where nothing waits passes as well
        carried += size;
        this.#write(shard);
      }
    }
    const own = this.journal.isEmpty ? 0 : 1;
    if (carried === 0) return left + own;
    const cursors = this.#cursors.map((seq, shard) => (shards.has(shard) ? this.journal.newest : seq));
    this.#moveCursors.run(writeCursors(cursors));
    this.#forget.run(Math.min(...cursors));
    this.#turn = { shards, cursors };
    return left + own;
  }

  /** Removes steps that began before a time; gives how many. */
  removeSteps(resolutionMs: ResolutionMs, beforeMs: number, limit: number): number {
    return Number(this.#removeSteps.run(resolutionMs, beforeMs, limit).changes);
  }

  /** The batch is committed. */
  committed(): void {
    if (this.#turn !== null) {
      for (const shard of this.#turn.shards) this.#waiting.clear(shard);
      this.#cursors = this.#turn.cursors;
      for (let i = 0; i < SHARDS && this.#waiting.size(this.#next) === 0; i++) this.#next = (this.#next + 1) % SHARDS;
      this.#turn = null;
    }
    this.journal.committed(this.#taker);
  }

  /** The batch was not written. */
  reset(): void {
    this.#turn = null;
    this.journal.reset();
  }

  #write(shard: number): void {
    for (const [key, finest] of this.#waiting.counted(shard)) {
      const column = typeof key === 'number' ? BigInt(key) : key; // as a number it would be kept as a REAL
      let steps: Steps = finest;
      for (const resolutionMs of RESOLUTIONS_MS) {
        steps = coarser(steps, resolutionMs);
        for (const [atMs, counts] of steps) this.#upsert.run(resolutionMs, atMs, column, ...cellsOf(counts));
      }
    }
  }
}

function coarser(steps: Steps, resolutionMs: ResolutionMs): Steps {
  if (resolutionMs === FINEST_MS) return steps;
  const gathered = new Map<number, StepCounts>();
  for (const [atMs, counts] of steps) {
    const stepMs = stepOf(atMs, resolutionMs);
    const into = gathered.get(stepMs);
    if (into !== undefined) mergeCounts(into, counts);
    else if (steps.size === 1) gathered.set(stepMs, counts);
    else {
      const copy = noCounts();
      mergeCounts(copy, counts);
      gathered.set(stepMs, copy);
    }
  }
  return gathered;
}

function cellsOf(counts: StepCounts): (number | Uint8Array | null)[] {
  const { events, deliveries, attempts, latencyMaxMs, latencies } = counts;
  return [
    events,
    deliveries.delivered,
    deliveries.failed,
    deliveries.cancelled,
    deliveries.skipped,
    attempts.delivered,
    attempts.refused,
    attempts.timed_out,
    attempts.unreachable,
    attempts.blocked,
    latencyMaxMs,
    latencies.size === 0 ? null : encodeLatencies(latencies),
  ];
}

function mergeBytes(kept: unknown, added: unknown): Uint8Array | null {
  const [a, b] = [kept instanceof Uint8Array ? kept : null, added instanceof Uint8Array ? added : null];
  if (a === null || b === null) return a ?? b;
  return encodeLatencies(decodeLatencies(b, decodeLatencies(a, new Map())));
}
