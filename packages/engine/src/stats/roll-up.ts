// Roll-up: has the store carry what its commits noted into the statistics' steps, in small turns beside everything else.
//
// Invariants:
//  1. Nothing waits for it: a query counts what is not rolled up yet. It is only work put off, and a turn's share is bounded.
//  2. Where nothing is committed, nothing is done: no timer runs in an idle engine.
//  3. Steps older than their window needs are removed in the same turns.

import type { Committer } from '../commit/committer.ts';
import { untold } from '../commit/items.ts';
import type { Clock } from '../ports.ts';
import type { Change } from '../store/store.ts';
import { RESOLUTIONS_MS, type ResolutionMs } from './step-counts.ts';

/** A scope is written in four rows or so: some 5 ms of the writer's time a turn. */
const SCOPES_MAX = 200;
const REMOVED_MAX = 1_000;
/** Then as many turns as it takes. */
const REMOVE_EVERY_MS = 5 * 60_000;
/** Between two turns while there is more to do: a busy scope gathers counts meanwhile and is written once for them. */
const PAUSE_MS = 400;
/** From a commit to the turn that it starts. */
const DELAY_MS = 2_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface RollUpOptions {
  readonly clock: Clock;
  readonly committer: Committer;
  readonly retentionDays: number;
  /** Whether this node does it, for all. */
  readonly isOurs: () => boolean;
}

export class RollUp {
  readonly #options: RollUpOptions;
  readonly #keptMs: ReadonlyMap<ResolutionMs, number>;
  #cancel: (() => void) | null = null;
  #underWay = false;
  #removesAtMs = -Infinity;
  /** The next batch to be told of is the one that held a turn. */
  #isOwn = false;
  #stopped = false;

  constructor(options: RollUpOptions) {
    this.#options = options;
    const [finest, middle, coarsest] = RESOLUTIONS_MS;
    this.#keptMs = new Map<ResolutionMs, number>([
      [finest, HOUR_MS + 5 * 60_000],
      [middle, DAY_MS + HOUR_MS],
      [coarsest, Math.min(options.retentionDays, 31) * DAY_MS + coarsest],
    ]);
  }

  /** A batch was committed, or may have been before a stop. */
  noted(): void {
    if (this.#isOwn) this.#isOwn = false;
    else this.#turnAfter(DELAY_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #turnAfter(ms: number): void {
    if (this.#stopped || this.#underWay || this.#cancel !== null) return;
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#cancel = null;
      if (this.#options.isOurs()) this.#turn();
    });
  }

  #turn(): void {
    const { committer, clock } = this.#options;
    this.#underWay = true;
    committer.submit({
      kind: 'change',
      key: 'statistics',
      prepare: () => untold([{ kind: 'rollUp', scopesMax: SCOPES_MAX }, ...this.#removals()]),
      done: ([left = 0, ...removed]) => {
        this.#underWay = false;
        this.#isOwn = true;
        if (removed.length > 0 && !removed.includes(REMOVED_MAX)) this.#removesAtMs = clock.monotonicMs() + REMOVE_EVERY_MS;
        if (left > 0 || removed.includes(REMOVED_MAX)) this.#turnAfter(PAUSE_MS);
      },
      failed: () => {
        this.#underWay = false;
        this.#turnAfter(DELAY_MS);
      },
    });
  }

  #removals(): readonly Change[] {
    if (this.#options.clock.monotonicMs() < this.#removesAtMs) return [];
    const nowMs = this.#options.clock.nowMs();
    return Array.from(this.#keptMs, ([resolutionMs, keptMs]) => ({
      kind: 'removeSteps',
      resolutionMs,
      beforeMs: nowMs - keptMs,
      limit: REMOVED_MAX,
    }));
  }
}
