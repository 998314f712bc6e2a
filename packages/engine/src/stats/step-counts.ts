// Step counts: what happened to one scope within one step of time, as the statistics count it. Additive: two are merged by adding.
//
// The rules of counting, which every store keeps:
//  1. An event counts when it was received; an attempt, when it ended; a delivery that ended, when it did. Each is counted once,
//     by the commit that wrote it: what a commit did not write (a duplicate, an end that came too late) does not count.
//  2. An attempt and a delivery count for their endpoint, for its tenant, and for all; an event for its tenant and for all.
//  3. Latency is that of attempts that got an exchange: delivered, refused, timed out.

import { OUTCOME_KINDS, type DeliveryState, type OutcomeKind } from '@waxwing/protocol';
import type { AttemptRow } from '../store/rows.ts';
import { addLatency, mergeLatencies, type Latencies } from './latencies.ts';

/** How fine the steps are that are kept, in milliseconds: finest first, each a multiple of the one before. */
export const RESOLUTIONS_MS = [15_000, 900_000, 7_200_000] as const;
export type ResolutionMs = (typeof RESOLUTIONS_MS)[number];
export const FINEST_MS: ResolutionMs = RESOLUTIONS_MS[0];

/** Whose counts. */
export type StatScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'endpoint'; readonly endpointSeq: number };

export type FinalState = Exclude<DeliveryState, 'pending'>;
export const FINAL_STATES: readonly FinalState[] = ['delivered', 'failed', 'cancelled', 'skipped'];

export interface StepCounts {
  events: number;
  readonly deliveries: Record<FinalState, number>;
  readonly attempts: Record<OutcomeKind, number>;
  latencyMaxMs: number;
  readonly latencies: Latencies;
}

/** One thing to be counted. */
export type Fact =
  | { readonly kind: 'event'; readonly tenant: string; readonly atMs: number }
  | {
      readonly kind: 'attempt';
      readonly endpointSeq: number;
      readonly atMs: number;
      readonly outcome: OutcomeKind;
      readonly durationMs: number;
    }
  | { readonly kind: 'ended'; readonly endpointSeq: number; readonly atMs: number; readonly state: FinalState; readonly count: number };

export function noCounts(): StepCounts {
  return {
    events: 0,
    deliveries: { delivered: 0, failed: 0, cancelled: 0, skipped: 0 },
    attempts: { delivered: 0, refused: 0, timed_out: 0, unreachable: 0, blocked: 0 },
    latencyMaxMs: 0,
    latencies: new Map(),
  };
}

export function addFact(counts: StepCounts, fact: Fact): void {
  switch (fact.kind) {
    case 'event':
      counts.events += 1;
      return;
    case 'attempt':
      counts.attempts[fact.outcome] += 1;
      if (!hadExchange(fact.outcome)) return;
      addLatency(counts.latencies, fact.durationMs);
      counts.latencyMaxMs = Math.max(counts.latencyMaxMs, fact.durationMs);
      return;
    case 'ended':
      counts.deliveries[fact.state] += fact.count;
      return;
    default:
      fact satisfies never;
  }
}

export function mergeCounts(into: StepCounts, from: StepCounts): void {
  into.events += from.events;
  for (const state of FINAL_STATES) into.deliveries[state] += from.deliveries[state];
  for (const outcome of OUTCOME_KINDS) into.attempts[outcome] += from.attempts[outcome];
  into.latencyMaxMs = Math.max(into.latencyMaxMs, from.latencyMaxMs);
  mergeLatencies(into.latencies, from.latencies);
}

/** When an attempt ended. */
export function attemptEndMs({ startedMs, durationMs }: Pick<AttemptRow, 'startedMs' | 'durationMs'>): number {
  return startedMs + Math.ceil(durationMs);
}

export function stepOf(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs;
}

export function isFinal(state: DeliveryState): state is FinalState {
  return state !== 'pending';
}

function hadExchange(outcome: OutcomeKind): boolean {
  return outcome === 'delivered' || outcome === 'refused' || outcome === 'timed_out';
}
