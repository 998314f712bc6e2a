// Waiting facts: what is noted and not rolled up, shard by shard, as bare numbers until its turn comes.
//
// Counting at once would keep an object per scope and step for as long as a turn takes, and the collector busy with them
// (measured at 10,000 endpoints: 8 µs a delivery, against 1 as numbers). Scopes have a number each: an endpoint its own, all 0,
// tenants negative ones in the order in which they were met.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { addFact, FINEST_MS, isFinal, noCounts, type StepCounts } from '../../stats/step-counts.ts';
import { OUTCOMES, STATES } from '../codes.ts';
import { textOrNull } from '../columns.ts';
import { NONE, type FactTaker } from './fact-journal.ts';
import { ALL, SHARDS, shardOf, type ScopeKey } from './stat-shards.ts';

/** Counts of each scope by when its steps begin. */
export type ScopeSteps = ReadonlyMap<ScopeKey, ReadonlyMap<number, StepCounts>>;

interface Shard {
  readonly scopes: Set<number>;
  /** Five numbers a fact: scope, step, outcome, state, value. An event has neither outcome nor state. */
  facts: number[];
}

export class WaitingFacts {
  readonly #shards: readonly Shard[] = Array.from({ length: SHARDS }, () => ({ scopes: new Set<number>(), facts: [] }));
  readonly #findTenant: StatementSync;
  readonly #tenantOfEndpoint = new Map<number, number>();
  readonly #tenantNumbers = new Map<string, number>();
  readonly #tenants: { readonly name: string; readonly shard: number }[] = [];
  readonly #allShard = shardOf(ALL);

  constructor(db: DatabaseSync) {
    this.#findTenant = db.prepare('SELECT tenant FROM endpoints WHERE seq = ?');
  }

  /** How many scopes wait in a shard. */
  size(shard: number): number {
    return this.#shards[shard]?.scopes.size ?? 0;
  }

  clear(shard: number): void {
    const waiting = this.#shards[shard];
    if (waiting === undefined || waiting.facts.length === 0) return;
    waiting.scopes.clear();
    waiting.facts = [];
  }

  /** Takes facts for the shards that may have them: those that a journal row is new to. */
  taker(mayTake: (shard: number) => boolean): FactTaker {
    const add = (scope: number, shard: number, step: number, outcome: number, state: number, value: number): void => {
      const waiting = this.#shards[shard];
      if (waiting === undefined || !mayTake(shard)) return;
      waiting.scopes.add(scope);
      waiting.facts.push(scope, step, outcome, state, value);
    };
    const addTenant = (tenant: number, step: number, outcome: number, state: number, value: number): void =>
      add(-1 - tenant, this.#tenants[tenant]?.shard ?? 0, step, outcome, state, value);
    return {
      event: (tenant, step, count) => {
        add(0, this.#allShard, step, NONE, NONE, count);
        addTenant(this.#tenantNumber(tenant), step, NONE, NONE, count);
      },
      fact: (endpointSeq, step, outcome, state, value) => {
        add(0, this.#allShard, step, outcome, state, value);
        add(endpointSeq, shardOf(endpointSeq), step, outcome, state, value);
        const tenant = this.#tenantOf(endpointSeq);
        if (tenant !== null) addTenant(tenant, step, outcome, state, value);
      },
    };
  }

  /** What waits in a shard, counted. */
  counted(shard: number): ScopeSteps {
    const { facts } = this.#shards[shard] ?? { facts: [] };
    const scopes = new Map<ScopeKey, Map<number, StepCounts>>();
    for (let at = 0; at < facts.length; at += 5) {
      const key = this.#keyOf(facts[at] ?? 0);
      let steps = scopes.get(key);
      if (steps === undefined) scopes.set(key, (steps = new Map<number, StepCounts>()));
      const atMs = (facts[at + 1] ?? 0) * FINEST_MS;
      let counts = steps.get(atMs);
      if (counts === undefined) steps.set(atMs, (counts = noCounts()));
      countInto(counts, facts[at + 2] ?? NONE, facts[at + 3] ?? NONE, facts[at + 4] ?? 0);
    }
    return scopes;
  }

  #keyOf(scope: number): ScopeKey {
    if (scope > 0) return scope;
    return scope === 0 ? ALL : (this.#tenants[-1 - scope]?.name ?? ALL);
  }

  #tenantNumber(name: string): number {
    const known = this.#tenantNumbers.get(name);
    if (known !== undefined) return known;
    this.#tenantNumbers.set(name, this.#tenants.length);
    return this.#tenants.push({ name, shard: shardOf(name) }) - 1;
  }

  /** An endpoint's tenant never changes; one whose row is not there has none. */
  #tenantOf(endpointSeq: number): number | null {
    const known = this.#tenantOfEndpoint.get(endpointSeq);
    if (known !== undefined) return known;
    const row = this.#findTenant.get(endpointSeq);
    const name = row === undefined ? null : textOrNull(row, 'tenant');
    if (name === null) return null;
    const tenant = this.#tenantNumber(name);
    this.#tenantOfEndpoint.set(endpointSeq, tenant);
    return tenant;
  }
}

/** Adds what a fact's codes stand for. Without outcome and state it is as many events. */
export function countInto(counts: StepCounts, outcome: number, state: number, value: number): void {
  if (outcome === NONE && state === NONE) {
    counts.events += value;
    return;
  }
  if (outcome !== NONE) addFact(counts, { kind: 'attempt', endpointSeq: 0, atMs: 0, outcome: OUTCOMES.name(outcome), durationMs: value });
  if (state === NONE) return;
  const name = STATES.name(state);
  if (isFinal(name)) counts.deliveries[name] += outcome === NONE ? value : 1;
}
