// Events: the answer to publishing, and events read back.

import type { ErrorCode, FieldError } from '../errors.ts';
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

/** An event that was published within a database transaction and could not be accepted. */
export interface RejectedEvent {
  /** Its number in the outbox. */
  readonly no: number;
  readonly tenant: string;
  readonly type: string;
  /** The id and key that were given. */
  readonly eventId: string | null;
  readonly idempotencyKey: string | null;
  /** What publishing it over the API would have been answered. */
  readonly code: ErrorCode;
  readonly message: string;
  readonly fields: readonly FieldError[];
  /** JSON text, as it was given. */
  readonly data: string;
  readonly rejectedAt: string;
}
