// Engine status: how the engine does just now, and what it has done since its start.

import type { DeliveryState, OutcomeKind } from '@waxwing/protocol';

/** Gauges and counters for metrics and readiness; reading them costs nothing. */
export interface EngineStatus {
  readonly ready: boolean;
  /** Why not, when not. */
  readonly notReady: string | null;
  readonly tenants: number;
  readonly endpoints: number;
  /** Pending deliveries, in memory and in the store. */
  readonly pending: number;
  /** Due time of the oldest delivery that is due and waits; null when none does. */
  readonly oldestDueAt: string | null;
  /** How many shards this node owns, and of how many; null where it has the store alone. */
  readonly shards: { readonly owned: number; readonly of: number } | null;
  readonly inFlight: number;
  readonly inMemory: number;
  /** Publishes that wait to be stored, and their bytes. */
  readonly commitQueue: number;
  readonly commitQueueBytes: number;
  readonly eventsPublished: number;
  readonly commits: number;
  readonly attempts: { readonly [K in OutcomeKind]: number };
  readonly finished: { readonly [S in DeliveryState]: number };
  /** What retention has removed since the start; `expired` were pending still, and failed. */
  readonly removed: { readonly events: number; readonly deliveries: number; readonly expired: number };
  /** Notices' emails: whether a mail server is set, how many notices wait for theirs, emails sent and failed tries since the start. */
  readonly emails: { readonly isSet: boolean; readonly waiting: number; readonly sent: number; readonly failed: number };
  readonly outbox: { readonly taken: number; readonly rejected: number }; // events out of the database's outbox, since the start
}
