// A lane's settings, as its endpoint has them, and what others may know of how it does.

import type { PaceSettings } from './pace.ts';

export interface LaneSettings extends PaceSettings {
  readonly fifo: boolean;
  /** Paused, disabled, or relayed and its listener away: nothing leaves. */
  readonly held: boolean;
}

/** What a lane waits for. */
export type Readiness =
  | { readonly kind: 'ready' }
  /** Nothing before this time. */
  | { readonly kind: 'at'; readonly ms: number }
  /** An attempt's end, a refill's, or a person's hand will move it on. */
  | { readonly kind: 'waiting' };

/** What others may know of a lane. */
export interface LanePace {
  /** Paused or disabled. */
  readonly held: boolean;
  /** Attempts it may have at once. */
  readonly slots: number;
  readonly inFlight: number;
  /** Whether something is due and waits. */
  readonly behind: boolean;
  /** When its next attempt may start, by its rate or the rest that its receiver asked for. */
  readonly nextStartMs: number;
}

/**
 * What a lane takes from its endpoint.
 * @param isAway whether it is relayed, and no listener is there to take anything
 */
export function laneSettings(
  row: {
    readonly concurrency: number;
    readonly ordering: 'none' | 'fifo';
    readonly status: string;
    readonly rateLimitPerSecond: number | null;
  },
  isAway: boolean,
): LaneSettings {
  return {
    concurrency: row.concurrency,
    fifo: row.ordering === 'fifo',
    held: row.status === 'paused' || row.status === 'disabled' || isAway,
    rateLimitPerSecond: row.rateLimitPerSecond,
  };
}
