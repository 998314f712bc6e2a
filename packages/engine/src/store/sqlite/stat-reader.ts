// The stat reader: steps that are rolled up, with what the fact journal holds beyond their cursor, on the reader's connection.
//
// Both are read within one transaction, so that what a rollup carries over in between is neither missed nor counted twice.
// The journal's rest is bounded: it is what was committed within the last turn of rolling up, 16 bytes an attempt.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { decodeLatencies } from '../../stats/latencies.ts';
import { FINEST_MS, mergeCounts, noCounts, stepOf, type StatScope, type StepCounts } from '../../stats/step-counts.ts';
import type { EndpointStatQuery, EndpointStatStep, StatQuery, StatStep } from '../stat-rows.ts';
import { STATES } from '../codes.ts';
import { integer, type SqlRow } from '../columns.ts';
import { FACT_COLUMNS, NONE, takeFacts, type FactTaker } from './fact-journal.ts';
import { readCursors, scopeKey, shardOf } from './stat-shards.ts';
import type { StatCall } from './thread-messages.ts';
import { countInto } from './waiting-facts.ts';

const PENDING = STATES.code('pending');

const ONE_SCOPE = `SELECT s.* FROM json_each(?1) t CROSS JOIN stat_steps s ON s.resolution_ms = ?2 AND s.at_ms = t.value AND s.scope = ?3`;

// A bound number is a REAL to SQLite, and would not be divided as a whole one.
const BY_ENDPOINT = `SELECT s.scope, s.at_ms / CAST(?4 AS INTEGER) * CAST(?4 AS INTEGER) AS at_ms, sum(s.events) AS events,
    sum(s.ended_delivered) AS ended_delivered, sum(s.ended_failed) AS ended_failed, sum(s.ended_cancelled) AS ended_cancelled,
    sum(s.ended_skipped) AS ended_skipped, sum(s.delivered) AS delivered, sum(s.refused) AS refused, sum(s.timed_out) AS timed_out,
    sum(s.unreachable) AS unreachable, sum(s.blocked) AS blocked, max(s.latency_max_ms) AS latency_max_ms, NULL AS latencies
  FROM json_each(?1) t CROSS JOIN json_each(?3) e
    CROSS JOIN stat_steps s ON s.resolution_ms = ?2 AND s.at_ms = t.value AND s.scope = e.value
  GROUP BY 1, 2`;

export class StatReader {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  answer(call: StatCall): unknown {
    switch (call.verb) {
      case 'stats':
        return this.#together(() => this.stats(call.query));
      case 'endpointStats':
        return this.#together(() => this.endpointStats(call.query));
      case 'oldestPending':
        return this.oldestPending(call.endpointSeqs);
      default:
        return call satisfies never;
    }
  }

  stats(query: StatQuery): readonly StatStep[] {
    const { scope, resolutionMs, stepMs } = query;
    const key = scopeKey(scope);
    const steps = new Map<number, StepCounts>();
    for (const row of this.#prepared(ONE_SCOPE).iterate(stepsOf(query), resolutionMs, key))
      mergeCounts(at(steps, stepOf(integer(row, 'at_ms'), stepMs)), countsOf(row));
    const isTaken = this.#taken(scope);
    const [first, last] = [query.fromMs / FINEST_MS, query.toMs / FINEST_MS];
    const countsAt = (step: number): StepCounts => at(steps, stepOf(step * FINEST_MS, stepMs));
    const taker: FactTaker = {
      event(tenant, step, count) {
        if (step >= first && step < last && isTaken.event(tenant)) countInto(countsAt(step), NONE, NONE, count);
      },
      fact(endpointSeq, step, outcome, state, value) {
        if (step >= first && step < last && isTaken.endpoint(endpointSeq)) countInto(countsAt(step), outcome, state, value);
      },
    };
    for (const row of this.#rest(readCursors(this.#db)[shardOf(key)] ?? 0)) takeFacts(row, taker);
    return inOrder(steps);
  }

  endpointStats(query: EndpointStatQuery): readonly EndpointStatStep[] {
    const { endpointSeqs, resolutionMs, stepMs } = query;
    const found = new Map(endpointSeqs.map((seq) => [seq, new Map<number, StepCounts>()]));
    const values = [stepsOf(query), resolutionMs, JSON.stringify([...found.keys()]), stepMs] as const;
    for (const row of this.#prepared(BY_ENDPOINT).iterate(...values)) {
      const steps = found.get(integer(row, 'scope'));
      if (steps !== undefined) mergeCounts(at(steps, integer(row, 'at_ms')), countsOf(row));
    }
    const cursors = readCursors(this.#db);
    const [first, last] = [query.fromMs / FINEST_MS, query.toMs / FINEST_MS];
    let no = 0;
    const taker: FactTaker = {
      event() {},
      fact(endpointSeq, step, outcome, state, value) {
        const steps = found.get(endpointSeq);
        if (steps === undefined || step < first || step >= last || no <= (cursors[shardOf(endpointSeq)] ?? 0)) return;
        countInto(at(steps, stepOf(step * FINEST_MS, stepMs)), outcome, state, value);
      },
    };
    for (const row of this.#rest(Math.min(...endpointSeqs.map((seq) => cursors[shardOf(seq)] ?? 0)))) {
      no = integer(row, 'seq');
      takeFacts(row, taker);
    }
    for (const steps of found.values()) for (const { latencies } of steps.values()) latencies.clear();
    return [...found].flatMap(([endpointSeq, steps]) => inOrder(steps).map((step) => ({ endpointSeq, ...step })));
  }

  /** One look a pending endpoint, on the index by sequence. */
  oldestPending(endpointSeqs: readonly number[]): number | null {
    const first = this.#prepared(
      `SELECT created_ms FROM deliveries INDEXED BY deliveries_pending_by_seq WHERE endpoint_seq = ? AND state = ${PENDING} ORDER BY seq LIMIT 1`,
    );
    let oldest: number | null = null;
    for (const seq of endpointSeqs) {
      const row = first.get(seq);
      if (row !== undefined) oldest = Math.min(oldest ?? Infinity, integer(row, 'created_ms'));
    }
    return oldest;
  }

  #rest(after: number): Iterable<SqlRow> {
    return this.#prepared(`SELECT ${FACT_COLUMNS} FROM fact_journal WHERE seq > ? ORDER BY seq`).iterate(after);
  }

  #taken(scope: StatScope): { readonly event: (tenant: string) => boolean; readonly endpoint: (seq: number) => boolean } {
    switch (scope.kind) {
      case 'all':
        return { event: () => true, endpoint: () => true };
      case 'tenant': {
        const rows = this.#prepared('SELECT seq FROM endpoints INDEXED BY endpoints_by_tenant WHERE tenant = ?').all(scope.tenant);
        const seqs = new Set(rows.map((row) => integer(row, 'seq')));
        return { event: (tenant) => tenant === scope.tenant, endpoint: (seq) => seqs.has(seq) };
      }
      case 'endpoint':
        return { event: () => false, endpoint: (seq) => seq === scope.endpointSeq };
      default:
        return scope satisfies never;
    }
  }

  #together<R>(read: () => R): R {
    this.#db.exec('BEGIN');
    try {
      return read();
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

/** The kept steps that a query takes, as JSON: each is then one look by the whole key. */
function stepsOf({ resolutionMs, fromMs, toMs }: Omit<StatQuery, 'scope'>): string {
  return JSON.stringify(Array.from({ length: Math.ceil((toMs - fromMs) / resolutionMs) }, (_, i) => fromMs + i * resolutionMs));
}

function at(steps: Map<number, StepCounts>, atMs: number): StepCounts {
  let counts = steps.get(atMs);
  if (counts === undefined) steps.set(atMs, (counts = noCounts()));
  return counts;
}

function inOrder(steps: ReadonlyMap<number, StepCounts>): readonly StatStep[] {
  return [...steps].map(([atMs, counts]) => ({ atMs, counts })).toSorted((a, b) => a.atMs - b.atMs);
}

function countsOf(row: SqlRow): StepCounts {
  const latencies = row['latencies'];
  return {
    events: integer(row, 'events'),
    deliveries: {
      delivered: integer(row, 'ended_delivered'),
      failed: integer(row, 'ended_failed'),
      cancelled: integer(row, 'ended_cancelled'),
      skipped: integer(row, 'ended_skipped'),
    },
    attempts: {
      delivered: integer(row, 'delivered'),
      refused: integer(row, 'refused'),
      timed_out: integer(row, 'timed_out'),
      unreachable: integer(row, 'unreachable'),
      blocked: integer(row, 'blocked'),
    },
    latencyMaxMs: integer(row, 'latency_max_ms'),
    latencies: latencies instanceof Uint8Array ? decodeLatencies(latencies, new Map()) : new Map(),
  };
}
