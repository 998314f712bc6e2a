// What the store keeps of statistics. What every store keeps:
//
//  1. Each commit notes what it wrote that counts (stats/step-counts.ts has the rules), in its own transaction: nothing
//     is lost or counted twice, whatever stops when.
//  2. `rollUp` moves some of what is noted into the steps of each resolution, in the batch's transaction; in which order
//     is the store's own affair. What is noted and what is rolled up together are the truth at every moment, and that is what
//     a query answers. History from before a store could note is not counted.
//  3. Steps begin at multiples of their resolution since the epoch. A resolution's steps may be removed, oldest first.

import type { ResolutionMs, StatScope, StepCounts } from '../stats/step-counts.ts';

export interface StatQuery {
  readonly scope: StatScope;
  /** Which steps are read. */
  readonly resolutionMs: ResolutionMs;
  /** Into what they are gathered: a multiple of the resolution. */
  readonly stepMs: number;
  /** From (included), to (not): multiples of `stepMs`. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StatStep {
  readonly atMs: number;
  readonly counts: StepCounts;
}

export interface EndpointStatQuery extends Omit<StatQuery, 'scope'> {
  readonly endpointSeqs: readonly number[];
}

/** One step of one endpoint; `counts.latencies` is left empty. */
export interface EndpointStatStep extends StatStep {
  readonly endpointSeq: number;
}
