// Events: the answer to publishing, and events read back.

import type { DeliverySummary } from './delivery.ts';

export interface PublishResult {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly receivedAt: string;
  /** How many deliveries were made (skipped ones included). */
  readonly deliveries: number;
  /** Whether this id or key was published before with the same content; the rest is then the first answer. */
  readonly duplicate: boolean;
  /** Says when nobody is subscribed. */
  readonly warning?: string;
}

export interface EventSummary {
  readonly id: string;
  readonly tenant: string;
  readonly type: string;
  readonly timestamp: string;
  readonly receivedAt: string;
  readonly data: unknown;
}

export interface EventDetail extends EventSummary {
  readonly deliveries: readonly DeliverySummary[];
}
