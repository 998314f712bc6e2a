// Deliveries and their attempts.

import type { AttemptId, DeliveryId, EndpointId } from '../ids.ts';
import type { DeliveryCause, DeliveryState, OutcomeKind } from '../outcome.ts';

export interface DeliverySummary {
  readonly id: DeliveryId;
  readonly tenant: string;
  readonly event: string;
  readonly eventType: string;
  readonly endpoint: EndpointId;
  readonly cause: DeliveryCause;
  /** The delivery that this one retries or replays. */
  readonly origin: DeliveryId | null;
  readonly state: DeliveryState;
  /** Why it is in this state, where there is more to say. */
  readonly stateReason: string | null;
  /** The latest attempt's outcome. */
  readonly outcome: OutcomeKind | null;
  readonly attempts: number;
  /** When the next attempt is due; null once final. */
  readonly nextAttemptAt: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export interface DeliveryDetail extends DeliverySummary {
  readonly attemptLog: readonly Attempt[];
}

/** One HTTP try, in full. */
export interface Attempt {
  readonly id: AttemptId;
  readonly number: number;
  readonly startedAt: string;
  readonly outcome: OutcomeKind;
  readonly request: {
    readonly method: 'POST';
    readonly url: string;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: string;
  };
  readonly response: AttemptResponse | null;
  /** The address that was connected to. */
  readonly address: string | null;
  readonly timings: AttemptTimings;
  /** What failed, as a short code and in words a customer's engineer understands. */
  readonly error: { readonly code: string; readonly message: string; readonly explanation: string } | null;
  /** What the attempt led to: the next one's due time, or null when the delivery ended with it. */
  readonly nextAttemptAt: string | null;
}

export interface AttemptResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The kept part of the body: as text when it is valid UTF-8 without NUL, else base64. */
  readonly body: string;
  readonly bodyEncoding: 'utf8' | 'base64';
  /** How many bytes came; more than were kept when `bodyTruncated`. */
  readonly bodyBytes: number;
  readonly bodyTruncated: boolean;
}

/** Milliseconds each stage took; null where it did not happen (a kept-alive connection has no dns, connect and tls). */
export interface AttemptTimings {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly firstByteMs: number | null;
  readonly totalMs: number;
}
