// The lane-to-sender boundary: plain data only, so that signing and sending can run in another thread.
//
// The engine hands over orders in groups; the sender reports each exactly once, in any order, also when it is closing.
// Every field survives structured clone. Objects shared between orders of one group (an event, a target) are cloned once.

import type { AttemptId, DeliveryCause, DeliveryId, Outcome, ProfileDefinition, WireEvent } from '@waxwing/protocol';

/** A profile as the sender finds it: by name and version. Built-in ones are version 0 and always known; others are taught first. */
export interface ProfileRef {
  readonly name: string;
  readonly version: number;
}

/** An endpoint as an attempt needs it. */
export interface SendTarget {
  readonly endpointId: string;
  readonly url: string;
  readonly profile: ProfileRef;
  /** The endpoint's own headers, in plain text. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly verifyTls: boolean;
  readonly timeoutMs: number;
  /** Secrets that sign this attempt, newest first. More than one only where the scheme carries several signatures. */
  readonly secrets: readonly string[];
}

export interface SendOrder {
  /** The delivery's sequence number: names the order in its report. */
  readonly delivery: number;
  readonly target: SendTarget;
  readonly event: WireEvent;
  readonly facts: string | null;
  /** Set where the endpoint is relayed: what its listener is told beside the message. */
  readonly relayed?: RelayedAttempt;
}

/** An attempt as a listener knows it. */
export interface RelayedAttempt {
  readonly attempt: AttemptId;
  readonly number: number;
  readonly delivery: DeliveryId;
  readonly cause: DeliveryCause;
}

export interface AttemptReport {
  readonly delivery: number;
  readonly startedMs: number;
  readonly durationMs: number;
  readonly outcome: Outcome;
  /** What the receiver's Retry-After asks for, in milliseconds from the answer; null where absent or unreadable. */
  readonly retryAfterMs: number | null;
  /** The error in a few words (`connection refused`, `certificate has expired`), for lists and notices; null when delivered. */
  readonly error: string | null;
  /** An `AttemptRecord` as JSON text: opaque to the engine, stored as it is. */
  readonly record: string;
}

/** What is kept of an attempt: all that the API shows and that cannot be derived again. Stored as JSON text. */
export interface AttemptRecord {
  readonly url: string;
  /** Every header as sent; the values of the endpoint's own headers are kept as null, since they may be credentials. */
  readonly requestHeaders: readonly (readonly [name: string, value: string | null])[];
  readonly response: {
    readonly status: number;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: string;
    readonly bodyEncoding: 'utf8' | 'base64';
    readonly bodyBytes: number;
    readonly bodyTruncated: boolean;
  } | null;
  readonly address: string | null;
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly firstByteMs: number | null;
  readonly totalMs: number;
  /** `code` is short and stable (`dns_not_found`, `tls_expired`, `blocked_private_address`…); `message` the cause's own words; `explanation` a sentence that says what to do. */
  readonly error: { readonly code: string; readonly message: string; readonly explanation: string } | null;
}

/** Sends attempts. Handed to the engine; real sockets in send/, a model in the simulation. */
export interface Sender {
  /**
   * Called once, before any order. `onReturned`, by the relay alone: orders that were never tried come back, and are not
   * reported.
   */
  start(onReports: (reports: readonly AttemptReport[]) => void, onReturned?: (deliveries: readonly number[]) => void): Promise<void>;
  /** Teaches a profile of the platform's own. Orders that name it come after. */
  learnProfile(version: number, definition: ProfileDefinition): void;
  send(orders: readonly SendOrder[]): void;
  /** Waits for what is in flight, at most `graceMs`; cuts off the rest unreported; then frees everything. */
  close(graceMs: number): Promise<void>;
}

/** What egress allows. Everything is refused that is not allowed here. */
export interface EgressPolicy {
  readonly allowHttp: boolean;
  readonly allowPrivateNetworks: boolean;
}
