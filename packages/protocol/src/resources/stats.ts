// Statistics: what happened within a window of time, whole and step by step.

import type { EndpointId } from '../ids.ts';
import type { DeliveryState, EndpointStatus, OutcomeKind } from '../outcome.ts';
import type { StatsWindow } from '../stats-windows.ts';

/** Attempts that ended, by outcome. */
export type AttemptCounts = { readonly [K in OutcomeKind]: number };

/** Milliseconds; within 5 % of the truth. */
export interface LatencyPercentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Stats {
  readonly window: StatsWindow;
  /** The first step's beginning. */
  readonly from: string;
  /** Now. */
  readonly to: string;
  readonly stepSeconds: number;
  /** Received in the window; null for an endpoint. */
  readonly events: number | null;
  /** Deliveries that ended in the window. */
  readonly deliveries: { readonly [S in Exclude<DeliveryState, 'pending'>]: number };
  readonly attempts: AttemptCounts;
  /** Delivered attempts of all; null when there were none. */
  readonly successRate: number | null;
  /** One attempt's whole exchange, of those that got one (delivered, refused, timed out); null when none did. `max` is exact. */
  readonly latencyMs: (LatencyPercentiles & { readonly max: number }) | null;
  /** Pending deliveries now. */
  readonly pending: number;
  /** When the oldest of them was made. */
  readonly oldestPendingAt: string | null;
  /** Endpoints by status now; null for an endpoint. */
  readonly endpoints: { readonly [S in EndpointStatus]: number } | null;
  /** Every step of the window, oldest first; the last one is still running. */
  readonly series: readonly StatsPoint[];
}

export interface StatsPoint {
  readonly at: string;
  readonly events: number | null;
  readonly attempts: AttemptCounts;
  readonly latencyMs: LatencyPercentiles | null;
}

/** One of several endpoints, in brief. */
export interface EndpointStats {
  readonly endpoint: EndpointId;
  readonly attempts: AttemptCounts;
  readonly successRate: number | null;
  /** Attempts by step, oldest first. */
  readonly series: readonly { readonly at: string; readonly delivered: number; readonly undelivered: number }[];
}
