// The deployment as operators see it: its nodes, its store, the settings that it runs with.

import type { DeliveryState } from '../outcome.ts';

export interface Cluster {
  readonly nodes: readonly ClusterNode[];
  /** Slices of the endpoints that are owned by one node at a time. */
  readonly shards: number;
  readonly store: ClusterStore;
}

export interface ClusterNode {
  readonly id: string;
  readonly version: string;
  readonly startedAt: string;
  /** `stalled`: it runs, and its store takes no writes. `draining`: it is about to leave. */
  readonly state: 'running' | 'stalled' | 'draining';
  /** How many of them it owns. */
  readonly shards: number;
}

export interface ClusterStore {
  readonly kind: 'sqlite' | 'postgres' | 'model';
  /** What it takes on disk. */
  readonly bytes: number;
  readonly events: number;
  readonly deliveries: { readonly [S in DeliveryState]: number };
}

/** One setting as it is in effect. */
export interface Setting {
  readonly name: string;
  /** The environment variable that sets it. */
  readonly variable: string | null;
  readonly secret: boolean;
  /** Of a secret, only `set` or `not set`; null for none. */
  readonly value: string | number | boolean | null;
}
