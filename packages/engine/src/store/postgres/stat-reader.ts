// The stat reader: steps that are rolled up, with what is noted and not carried yet, read in one snapshot of the database.

import { addFact, mergeCounts, noCounts, stepOf, type StatScope, type StepCounts } from '../../stats/step-counts.ts';
import { integer, integerOrNull, text, type SqlRow } from '../columns.ts';
import type { EndpointStatQuery, EndpointStatStep, StatQuery, StatStep } from '../stat-rows.ts';
import type { StoreReader } from '../store.ts';
import { conditions, type Ask, type Condition } from './list-scan.ts';
import { ALL_SCOPE, endpointScope, factsOf, readCounts, tenantScope } from './roll-up.ts';

/** Runs reads that see one moment of the database. */
export type Together = <R>(work: (ask: Ask) => Promise<R>) => Promise<R>;

export class StatReader implements Pick<StoreReader, 'stats' | 'endpointStats' | 'oldestPending'> {
  readonly #together: Together;

  constructor(together: Together) {
    this.#together = together;
  }

  async stats(query: StatQuery): Promise<readonly StatStep[]> {
    const found = await this.#steps(query, [scopeName(query.scope)], factScope(query.scope), () => '');
    return inOrder(found.get('') ?? new Map<number, StepCounts>());
  }

  async endpointStats(query: EndpointStatQuery): Promise<readonly EndpointStatStep[]> {
    const { endpointSeqs } = query;
    if (endpointSeqs.length === 0) return [];
    const scope: Condition = { sql: 'f.endpoint_seq = ANY(?::bigint[])', values: [endpointSeqs] };
    const found = await this.#steps(query, endpointSeqs.map(endpointScope), scope, (row) => row);
    return endpointSeqs.flatMap((endpointSeq) =>
      inOrder(found.get(endpointScope(endpointSeq)) ?? new Map<number, StepCounts>()).map((step) => {
        step.counts.latencies.clear();
        return { endpointSeq, ...step };
      }),
    );
  }

  /** One look a pending endpoint. */
  oldestPending(endpointSeqs: readonly number[]): Promise<number | null> {
    return this.#together(async (ask) => {
      const [row = {}] = await ask({ text: OLDEST_PENDING }, [endpointSeqs]);
      return integerOrNull(row, 'oldest');
    });
  }

  /** Counts by name and step; `nameOf` names what a scope counts under. */
  #steps(
    query: Omit<StatQuery, 'scope'>,
    scopes: readonly string[],
    factsTaken: Condition,
    nameOf: (scope: string) => string,
  ): Promise<Map<string, Map<number, StepCounts>>> {
    const { resolutionMs, stepMs, fromMs, toMs } = query;
    return this.#together(async (ask) => {
      const found = new Map<string, Map<number, StepCounts>>();
      const at = (name: string, ms: number): StepCounts => {
        let steps = found.get(name);
        if (steps === undefined) found.set(name, (steps = new Map<number, StepCounts>()));
        let counts = steps.get(stepOf(ms, stepMs));
        if (counts === undefined) steps.set(stepOf(ms, stepMs), (counts = noCounts()));
        return counts;
      };
      for (const row of await ask({ text: STEPS }, [resolutionMs, fromMs, toMs, scopes]))
        mergeCounts(at(nameOf(text(row, 'scope')), integer(row, 'at_ms')), readCounts(text(row, 'counts')));
      const where = conditions([{ sql: 'f.at_ms >= ? AND f.at_ms < ?', values: [fromMs, toMs] }, factsTaken]);
      for (const row of await ask({ text: `SELECT f.* FROM waxwing.stat_facts f WHERE ${where.sql}` }, where.values))
        for (const fact of factsOf(row)) addFact(at(nameOf(factName(row)), fact.atMs), fact);
      return found;
    });
  }
}

function factName(row: SqlRow): string {
  const endpointSeq = integerOrNull(row, 'endpoint_seq');
  return endpointSeq === null ? ALL_SCOPE : endpointScope(endpointSeq);
}

function scopeName(scope: StatScope): string {
  switch (scope.kind) {
    case 'all':
      return ALL_SCOPE;
    case 'tenant':
      return tenantScope(scope.tenant);
    case 'endpoint':
      return endpointScope(scope.endpointSeq);
    default:
      return scope satisfies never;
  }
}

function factScope(scope: StatScope): Condition {
  switch (scope.kind) {
    case 'all':
      return { sql: 'TRUE', values: [] };
    case 'tenant':
      return {
        sql: '(f.tenant = ? OR f.endpoint_seq IN (SELECT seq FROM waxwing.endpoints WHERE tenant = ?))',
        values: [scope.tenant, scope.tenant],
      };
    case 'endpoint':
      return { sql: 'f.endpoint_seq = ?', values: [scope.endpointSeq] };
    default:
      return scope satisfies never;
  }
}

function inOrder(steps: ReadonlyMap<number, StepCounts>): StatStep[] {
  return [...steps].map(([atMs, counts]) => ({ atMs, counts })).toSorted((a, b) => a.atMs - b.atMs);
}

const STEPS = `SELECT at_ms, scope, counts FROM waxwing.stat_steps
  WHERE resolution_ms = $1 AND at_ms >= $2 AND at_ms < $3 AND scope = ANY($4::text[])`;

const OLDEST_PENDING = `SELECT min(d.created_ms) AS oldest FROM unnest($1::bigint[]) AS a(endpoint_seq)
  CROSS JOIN LATERAL (SELECT seq FROM waxwing.pending p WHERE p.endpoint_seq = a.endpoint_seq ORDER BY seq LIMIT 1) AS first
  JOIN waxwing.deliveries d ON d.seq = first.seq`;
