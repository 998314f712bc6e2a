// The API's resources as TypeScript types: what the HTTP API answers, the client returns, and the engine's services give.
//
// Times are ISO 8601 UTC with milliseconds. Types only; the server holds the JSON Schemas and checks them against these.

import type { ExplanationReason } from './explanation.ts';
import type { DeliveryId, EndpointId, AttemptId, KeyId, ReplayId } from './ids.ts';
import type { DeliveryCause, DeliveryState, EndpointStatus, OutcomeKind, ReplayableState, ReplayState } from './outcome.ts';
import type { ProfileDefinition, Reactions } from './profile.ts';

/** One page of a list, newest received first. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

export interface TenantInput {
  readonly name?: string;
  readonly profile?: string;
  readonly notifyEmails?: readonly string[];
  readonly metadata?: { readonly [key: string]: string };
}

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly profile: string;
  readonly notifyEmails: readonly string[];
  readonly metadata: { readonly [key: string]: string };
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type Ordering = 'none' | 'fifo';

/** What creation takes. Only `url` is required; the rest comes from the tenant's profile. */
export interface EndpointInput {
  readonly url: string;
  readonly name?: string;
  readonly description?: string;
  readonly profile?: string;
  readonly eventTypes?: readonly string[];
  readonly secret?: string;
  readonly status?: 'active' | 'paused' | 'disabled';
  readonly headers?: { readonly [name: string]: string };
  readonly verifyTls?: boolean;
  readonly timeoutSeconds?: number;
  readonly maxRetries?: number;
  readonly retryScheduleSeconds?: readonly number[];
  readonly concurrency?: number;
  readonly rateLimitPerSecond?: number | null;
  readonly ordering?: Ordering;
  readonly reactions?: Partial<Reactions>;
}

/** What an edit takes: any of creation's fields save `profile` and `secret`. */
export type EndpointPatch = Partial<Omit<EndpointInput, 'profile' | 'secret'>>;

export interface Endpoint {
  readonly id: EndpointId;
  readonly tenant: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly profile: string;
  readonly eventTypes: readonly string[];
  readonly status: EndpointStatus;
  readonly statusReason: string | null;
  readonly statusChangedAt: string | null;
  readonly headers: { readonly [name: string]: string };
  readonly verifyTls: boolean;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
  readonly retryScheduleSeconds: readonly number[];
  readonly concurrency: number;
  readonly rateLimitPerSecond: number | null;
  readonly ordering: Ordering;
  readonly reactions: Reactions;
  /** When the old secret's grace ends, while a rotation is under way. */
  readonly secretGraceEndsAt: string | null;
  readonly lastTriggeredAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The answer to creation and rotation: the only two that carry the secret. */
export interface EndpointWithSecret extends Endpoint {
  readonly secret: string;
  /** The public key (`whpk_…`), when the secret is an ed25519 pair. */
  readonly publicKey?: string;
  readonly warning?: string;
}

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

/** Which deliveries to replay. The latest one of each event and endpoint counts: what was delivered by a retry since is left alone. */
export interface ReplayInput {
  /** An endpoint's id; all of the tenant's when left out. */
  readonly endpoint?: string;
  /** Names, `prefix.*` or `*`; all when left out. */
  readonly types?: readonly string[];
  /** Default: failed and skipped. */
  readonly states?: readonly ReplayableState[];
  /** By when the delivery was made: from (included), to (not). ISO 8601. */
  readonly from?: string;
  readonly to?: string;
  /** Only counts. */
  readonly dryRun?: boolean;
}

/** What a dry run answers. */
export interface ReplayCount {
  readonly count: number;
}

/** A replay and how far it is. */
export interface Replay {
  readonly id: ReplayId;
  readonly tenant: string;
  readonly state: ReplayState;
  /** What was asked for. */
  readonly endpoint: string | null;
  readonly types: readonly string[] | null;
  readonly states: readonly ReplayableState[];
  readonly from: string | null;
  readonly to: string | null;
  /** Deliveries that the filter takes; null while they are counted. */
  readonly total: number | null;
  /** Of these, how many new deliveries were made; made, how many have ended; ended, how many without being delivered. */
  readonly made: number;
  readonly done: number;
  readonly failed: number;
  /** What it waits for, where it waits. */
  readonly note: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

/** Why an endpoint did or did not get an event. */
export interface Explanation {
  readonly event: string;
  readonly eventType: string;
  readonly endpoint: EndpointId;
  readonly reason: ExplanationReason;
  /** The reason in a sentence, with its times and names. */
  readonly sentence: string;
  /** More that helps: an edited subscription, other deliveries of this event to this endpoint. */
  readonly notes: readonly string[];
  /** The latest delivery of this event to this endpoint. */
  readonly delivery: DeliverySummary | null;
  /** What went wrong in the latest attempt, in plain words. */
  readonly lastError: string | null;
  /** The delivery that goes first (`fifo_wait`). */
  readonly behind: DeliveryId | null;
}

export interface EventTypeInput {
  /** The profile it belongs to; null for the deployment's own. */
  readonly profile?: string | null;
  readonly description?: string;
  readonly group?: string;
  readonly schema?: { readonly [keyword: string]: unknown };
  readonly sample?: { readonly [member: string]: unknown };
}

export interface EventType {
  readonly name: string;
  readonly profile: string | null;
  readonly description: string;
  readonly group: string;
  readonly schema: { readonly [keyword: string]: unknown };
  readonly sample: { readonly [member: string]: unknown };
  readonly builtIn: boolean;
}

export interface ProfileResource extends ProfileDefinition {
  readonly version: number;
  readonly builtIn: boolean;
  /** A message of the first sample, signed with a sample secret: what a receiver would get. */
  readonly sampleMessage: {
    readonly secret: string;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: string;
  } | null;
}

/** What a key may do: `admin`, `read`, `publish` over the deployment, or `tenant` with actions over one. */
export type KeyScope = 'admin' | 'read' | 'publish' | 'tenant';
export type TenantAction = 'publish' | 'manage' | 'read';

export interface KeyInput {
  readonly name?: string;
  readonly scope: KeyScope;
  readonly tenant?: string;
  readonly actions?: readonly TenantAction[];
  readonly expiresAt?: string | null;
}

export interface Key {
  readonly id: KeyId;
  readonly name: string;
  readonly scope: KeyScope;
  readonly tenant: string | null;
  readonly actions: readonly TenantAction[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

/** The answer to creation: the only one that carries the key itself. */
export interface KeyWithSecret extends Key {
  readonly key: string;
}

/** Anything that has an id, found by it. */
export type LookupResult =
  | { readonly kind: 'event'; readonly tenant: string; readonly resource: EventSummary }
  | { readonly kind: 'delivery'; readonly tenant: string; readonly resource: DeliverySummary }
  | { readonly kind: 'endpoint'; readonly tenant: string; readonly resource: Endpoint }
  | { readonly kind: 'attempt'; readonly tenant: string; readonly resource: DeliverySummary }
  | { readonly kind: 'key'; readonly tenant: string | null; readonly resource: Key };

/** A problem as RFC 9457 has it: the body of every error answer. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}
