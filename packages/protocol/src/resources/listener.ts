// Listeners: endpoints whose messages go over a connection that their receiver made, and whose answers come back that way.
//
// The protocol, in short. POST …/listeners makes one, with a secret of its own. GET …/listeners/{id}/messages attaches: what is
// pending comes as server-sent events, oldest first, one at a time. POST …/listeners/{id}/results says what became of each.
// Nothing is lost and nothing is invented: a message that was handed over and not answered when the connection ends, or
// that was not tried, comes again with the same attempt id, signed afresh. While nobody is attached, deliveries wait.

import type { AttemptId, DeliveryId } from '../ids.ts';
import type { DeliveryCause } from '../outcome.ts';

/** What makes a listener. All of it may be left out. */
export interface ListenerInput {
  readonly name?: string;
  /** An endpoint whose profile, subscription and call are copied. Its own deliveries are not touched. */
  readonly endpoint?: string;
  readonly profile?: string;
  readonly eventTypes?: readonly string[];
  /** For the local answer, whole. */
  readonly timeoutSeconds?: number;
  /** Delays of retries after a local failure. Default: seven within two minutes, as far as the profile allows so many. */
  readonly retryScheduleSeconds?: readonly number[];
  /** Your own secret, as endpoints take one. */
  readonly secret?: string;
}

/** One signed message, to be sent on as it is. */
export interface RelayedMessage {
  /** Names it in its result. The same when it comes again. */
  readonly attempt: AttemptId;
  /** 1 and up. */
  readonly number: number;
  readonly delivery: DeliveryId;
  readonly cause: DeliveryCause;
  /** The event's id, as it was published. */
  readonly event: string;
  readonly eventType: string;
  readonly method: 'POST';
  /** As they are to be sent; only Host, Connection and Content-Length are yours to add. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The exact bytes, base64. */
  readonly body: string;
  /** How long the local exchange may take. */
  readonly timeoutMs: number;
}

export const RELAY_ERRORS = [
  'dns_not_found',
  'connect_refused',
  'connect_timeout',
  'connect_failed',
  'tls_untrusted',
  'reset_before_answer',
  'reset_during_answer',
  'bad_http',
  'timeout',
] as const;

/** How a local exchange can fail. */
export type RelayError = (typeof RELAY_ERRORS)[number];

export interface RelayResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Base64; the first 16 KiB are enough. */
  readonly body: string;
  /** How many bytes came, where `body` holds fewer. */
  readonly bodyBytes?: number;
}

/** What became of one message: exactly one of `response`, `error` and `notTried`. */
export interface RelayResult {
  readonly attempt: AttemptId;
  /** Where it was sent on to, for the record. */
  readonly url?: string;
  readonly durationMs?: number;
  readonly response?: RelayResponse;
  readonly error?: { readonly code: RelayError; readonly message: string };
  /** Nothing was sent on. The message comes again after this long (100 ms to a minute), and no attempt is counted. */
  readonly notTried?: { readonly retryInMs: number };
}

/** How many of the results named a message that was waited for, or were passed on to the node that works for the endpoint. The others are too late, and change nothing. */
export interface RelayAccepted {
  readonly accepted: number;
}

/** What a listener's connection brings. */
export type ListenerMessage =
  /** First of all: attached. `waiting`: what is pending, and comes now. */
  | { readonly kind: 'ready'; readonly data: { readonly listener: string; readonly waiting: number } }
  | { readonly kind: 'message'; readonly data: RelayedMessage }
  /** Last: another connection has attached, or the listener is deleted; or it left a message unanswered for too long. */
  | { readonly kind: 'detached'; readonly data: { readonly reason: 'replaced' | 'deleted' | 'unresponsive' } };
