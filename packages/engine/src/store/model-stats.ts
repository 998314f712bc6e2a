// The model's statistics: facts as they were committed, and the steps that some of them were carried into. No shards, no bytes.

import {
  addFact,
  mergeCounts,
  noCounts,
  RESOLUTIONS_MS,
  stepOf,
  type Fact,
  type StatScope,
  type StepCounts,
} from '../stats/step-counts.ts';
import type { ModelDisk } from './model-disk.ts';
import type { StatQuery, StatStep } from './stat-rows.ts';
import type { Change, StoreReader } from './store.ts';

export type ModelStatReader = Pick<StoreReader, 'stats' | 'endpointStats' | 'oldestPending'>;

/** What one scope counts in one step. */
export interface KeptStep {
  readonly resolutionMs: number;
  readonly atMs: number;
  readonly scope: string;
  readonly counts: StepCounts;
}

export function noteFact(disk: ModelDisk, fact: Fact): void {
  const no = (disk.factsNoted.get('no') ?? 0) + 1;
  disk.factsNoted.put('no', no);
  disk.facts.put(no, fact);
}

/** Carries the oldest facts, about as many as scopes are asked for; gives how many are left. */
export function rollUp(disk: ModelDisk, { scopesMax }: Extract<Change, { kind: 'rollUp' }>): number {
  const all = disk.facts.entries();
  for (const [no, fact] of all.slice(0, scopesMax)) {
    disk.facts.delete(no);
    for (const scope of scopesOf(disk, fact)) for (const resolutionMs of RESOLUTIONS_MS) carry(disk, resolutionMs, scope, fact);
  }
  return Math.max(0, all.length - scopesMax);
}

export function removeSteps(disk: ModelDisk, { resolutionMs, beforeMs, limit }: Extract<Change, { kind: 'removeSteps' }>): number {
  const old = disk.steps.entries().filter(([, step]) => step.resolutionMs === resolutionMs && step.atMs < beforeMs);
  const oldest = old.toSorted(([, a], [, b]) => a.atMs - b.atMs || (a.scope < b.scope ? -1 : 1)).slice(0, limit);
  for (const [key] of oldest) disk.steps.delete(key);
  return oldest.length;
}

export function modelStatReader(held: () => ModelDisk): ModelStatReader {
  return {
    async stats(query) {
      return modelSteps(held(), query);
    },
    async endpointStats({ endpointSeqs, ...query }) {
      const disk = held();
      return endpointSeqs.flatMap((endpointSeq) =>
        modelSteps(disk, { ...query, scope: { kind: 'endpoint', endpointSeq } }).map((step) => {
          step.counts.latencies.clear();
          return { endpointSeq, ...step };
        }),
      );
    },
    async oldestPending(endpointSeqs) {
      const disk = held();
      const oldest = endpointSeqs.flatMap((seq) => {
        const rows = disk.pendingOf(seq).values();
        return rows.length === 0 ? [] : [rows.reduce((a, b) => (b.seq < a.seq ? b : a)).createdMs];
      });
      return oldest.length === 0 ? null : Math.min(...oldest);
    },
  };
}

/** What a scope counts, by step: steps that are rolled up, and facts that are not. */
export function modelSteps(disk: ModelDisk, query: StatQuery): readonly StatStep[] {
  const { resolutionMs, stepMs, fromMs, toMs } = query;
  const scope = nameOf(query.scope);
  const found = new Map<number, StepCounts>();
  const at = (ms: number): StepCounts => {
    const counts = found.get(stepOf(ms, stepMs)) ?? noCounts();
    found.set(stepOf(ms, stepMs), counts);
    return counts;
  };
  const isWithin = (ms: number): boolean => ms >= fromMs && ms < toMs;
  for (const step of disk.steps.values())
    if (step.resolutionMs === resolutionMs && step.scope === scope && isWithin(step.atMs)) mergeCounts(at(step.atMs), step.counts);
  for (const fact of disk.facts.values()) if (isWithin(fact.atMs) && scopesOf(disk, fact).includes(scope)) addFact(at(fact.atMs), fact);
  return [...found].map(([atMs, counts]) => ({ atMs, counts })).toSorted((a, b) => a.atMs - b.atMs);
}

function carry(disk: ModelDisk, resolutionMs: number, scope: string, fact: Fact): void {
  const atMs = stepOf(fact.atMs, resolutionMs);
  const key = `${resolutionMs} ${atMs} ${scope}`;
  const counts = noCounts();
  const before = disk.steps.get(key);
  if (before !== undefined) mergeCounts(counts, before.counts); // a copy, so that it can be taken back
  addFact(counts, fact);
  disk.steps.put(key, { resolutionMs, atMs, scope, counts });
}

function scopesOf(disk: ModelDisk, fact: Fact): readonly string[] {
  if (fact.kind === 'event') return [nameOf({ kind: 'all' }), nameOf({ kind: 'tenant', tenant: fact.tenant })];
  const { endpointSeq } = fact;
  const tenant = disk.endpoints.get(endpointSeq)?.row.tenant;
  const ofTenant = tenant === undefined ? [] : [nameOf({ kind: 'tenant', tenant })];
  return [nameOf({ kind: 'all' }), ...ofTenant, nameOf({ kind: 'endpoint', endpointSeq })];
}

function nameOf(scope: StatScope): string {
  switch (scope.kind) {
    case 'all':
      return 'all';
    case 'tenant':
      return `tenant ${scope.tenant}`;
    case 'endpoint':
      return `endpoint ${scope.endpointSeq}`;
    default:
      return scope satisfies never;
  }
}
