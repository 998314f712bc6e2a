// The store's clock: the database's time, read off this machine's monotonic clock between two looks at it.
//
// A look's answer is the database's time at some moment between asking and hearing: the shorter that took, the better. The
// best look counts, and counts for less as it ages. Time never steps back: where it was ahead it goes at half its pace.

import type { Clock } from '../../ports.ts';

/** By how much two machines' clocks may drift apart, per millisecond. */
const DRIFT = 0.0002;
/** A look that differs from the last by more than both can be wrong, and this, is of a clock that was set. */
const SET_MS = 100;

interface Look {
  /** The database's time, less this machine's monotonic one. */
  readonly aheadMs: number;
  readonly errorMs: number;
  readonly atMs: number;
}

export class StoreClock {
  readonly #clock: Clock;
  #best: Look | null = null;
  #told: { readonly ms: number; readonly atMs: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The database answered with its time; both others are this machine's monotonic time. */
  looked(storeMs: number, askedMs: number, heardMs: number): void {
    const look = { aheadMs: storeMs - (askedMs + heardMs) / 2, errorMs: (heardMs - askedMs) / 2, atMs: heardMs };
    const best = this.#best;
    const bestErrorMs = best === null ? Infinity : best.errorMs + (heardMs - best.atMs) * DRIFT;
    const wasSet = best !== null && Math.abs(look.aheadMs - best.aheadMs) > look.errorMs + bestErrorMs + SET_MS;
    if (look.errorMs <= bestErrorMs || wasSet) this.#best = look;
  }

  /** Epoch milliseconds, whole. This machine's own time until the first look. */
  nowMs(): number {
    if (this.#best === null) return this.#clock.nowMs();
    const atMs = this.#clock.monotonicMs();
    const ms = atMs + this.#best.aheadMs;
    const told = this.#told;
    const slowMs = told === null ? ms : told.ms + Math.max(0, atMs - told.atMs) / 2;
    this.#told = { ms: Math.max(ms, slowMs), atMs };
    return Math.floor(this.#told.ms);
  }
}
