// Rows: what the stores keep, as the engine sees it. Times are epoch milliseconds; `seq` numbers are the engine's own, rising.

import type {
  DeliveryCause,
  DeliveryId,
  DeliveryState,
  EndpointCall,
  EndpointId,
  EndpointStatus,
  KeyId,
  KeyScope,
  NoticeId,
  NoticeKind,
  Ordering,
  OutcomeKind,
  PortalTheme,
  ProfileDefinition,
  Reactions,
  ReplayableState,
  ReplayId,
  ReplayState,
  TenantAction,
} from '@waxwing/protocol';

export interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly profile: string;
  readonly notifyEmails: readonly string[];
  readonly metadata: { readonly [key: string]: string };
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** An endpoint. `secretSealed`, `previousSecretSealed` and `headersSealed` are encrypted; the store never sees plain text. */
export interface EndpointRow {
  /** The store's short name for it: rows of deliveries point here. Never used again. */
  readonly seq: number;
  readonly id: EndpointId;
  readonly tenant: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly profile: string;
  readonly profileVersion: number;
  readonly eventTypes: readonly string[];
  readonly status: EndpointStatus;
  readonly statusReason: string | null;
  readonly statusChangedMs: number | null;
  readonly headersSealed: string | null;
  readonly verifyTls: boolean;
  readonly timeoutSeconds: number;
  readonly maxRetries: number;
  readonly retryScheduleSeconds: readonly number[];
  readonly jitterRatio: number;
  readonly concurrency: number;
  readonly rateLimitPerSecond: number | null;
  readonly ordering: Ordering;
  readonly reactions: Reactions;
  /** Absent from rows that are older than calls. */
  readonly call?: EndpointCall | null;
  readonly secretSealed: string;
  readonly previousSecretSealed: string | null;
  readonly graceEndsMs: number | null;
  /** Since when every attempt has failed; null while the latest one succeeded or none was made. */
  readonly failingSinceMs: number | null;
  readonly lastTriggeredMs: number | null;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface ProfileRow {
  readonly name: string;
  /** 1 and up; every change makes a new one, old ones stay for the endpoints that hold them. */
  readonly version: number;
  readonly definition: ProfileDefinition;
  readonly createdMs: number;
  /** A deleted profile's rows stay readable for history, and make no new endpoints. */
  readonly deletedMs: number | null;
}

export interface EventTypeRow {
  readonly name: string;
  readonly profile: string | null;
  readonly description: string;
  readonly group: string;
  readonly schema: { readonly [keyword: string]: unknown };
  readonly sample: { readonly [member: string]: unknown };
}

export interface KeyRow {
  readonly id: KeyId;
  readonly name: string;
  readonly scope: KeyScope;
  readonly tenant: string | null;
  readonly actions: readonly TenantAction[];
  /** SHA-256 of the key, hex. */
  readonly hash: string;
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly revokedMs: number | null;
  /** Set for a portal link. */
  readonly portal?: { readonly theme: PortalTheme; readonly origins: readonly string[] };
}

export interface EventRow {
  readonly seq: number;
  readonly id: string;
  readonly tenant: string;
  readonly type: string;
  readonly timestampMs: number;
  readonly receivedMs: number;
  /** JSON text. */
  readonly data: string;
  readonly hasUnsafeInteger: boolean;
}

export interface DeliveryRow {
  readonly seq: number;
  readonly id: DeliveryId;
  readonly tenant: string;
  readonly eventSeq: number;
  readonly endpointSeq: number;
  readonly cause: DeliveryCause;
  readonly origin: DeliveryId | null;
  /** The replay that made it. */
  readonly replaySeq: number | null;
  readonly state: DeliveryState;
  readonly stateReason: string | null;
  readonly outcome: OutcomeKind | null;
  readonly attempts: number;
  /** When due, while pending; kept at its last value once final. */
  readonly dueMs: number;
  /** What the body takes from the endpoint as it stood at publish. */
  readonly facts: string | null;
  readonly createdMs: number;
  readonly finishedMs: number | null;
}

export interface AttemptRow {
  readonly deliverySeq: number;
  /** 1 and up, gapless. */
  readonly number: number;
  readonly startedMs: number;
  readonly durationMs: number;
  readonly outcome: OutcomeKind;
  readonly status: number | null;
  /** When the next attempt was set for; null when the delivery ended here. */
  readonly nextDueMs: number | null;
  /** JSON text of an `AttemptRecord`. */
  readonly record: string;
}

/** A pending delivery with what sending it takes. */
export interface PendingDelivery {
  readonly seq: number;
  readonly id: DeliveryId;
  readonly tenant: string;
  readonly endpointSeq: number;
  readonly cause: DeliveryCause;
  readonly attempts: number;
  readonly dueMs: number;
  readonly facts: string | null;
  readonly event: EventRow;
}

/** A replay: what was asked for, and how far it is. */
export interface ReplayRow {
  readonly seq: number;
  readonly id: ReplayId;
  readonly tenant: string;
  readonly state: ReplayState;
  readonly filter: ReplayFilter;
  /** The newest delivery when it was asked for: nothing later is replayed. */
  readonly upToSeq: number;
  /** Null while counting. */
  readonly total: number | null;
  readonly made: number;
  /** The endpoints that have something left to be made, each with the delivery it has come to. */
  readonly streams: readonly ReplayStream[];
  /** Of those made, how many have ended and how many of these undelivered: as counted at its end. */
  readonly done: number;
  readonly failed: number;
  readonly createdMs: number;
  readonly finishedMs: number | null;
}

export interface ReplayStream {
  readonly endpointSeq: number;
  /** Everything up to this delivery was made, or left out. */
  readonly after: number;
}

export interface ReplayFilter {
  readonly endpointSeq: number | null;
  /** The endpoint's id as it was given, for people. */
  readonly endpoint: string | null;
  /** Null for all. */
  readonly types: readonly string[] | null;
  readonly states: readonly ReplayableState[];
  /** By when the delivery was made: from (included), to (not). */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** A notice: what happened, the operational event that tells of it, and the emails that do. */
export interface NoticeRow {
  readonly id: NoticeId;
  readonly kind: NoticeKind;
  /** The tenant that it is about. */
  readonly tenant: string;
  readonly endpointSeq: number | null;
  readonly endpoint: EndpointId | null;
  /** What the operational event says. */
  readonly data: { readonly [member: string]: string | number | null };
  /** The operational event; null while failures are still being counted. */
  readonly eventId: string | null;
  /** The delivery whose attempts an email quotes. */
  readonly deliverySeq: number | null;
  /** Failures of the endpoint until then are counted, not told; null once nothing depends on this row any more. */
  readonly openUntilMs: number | null;
  /** Null when nobody is to be mailed. */
  readonly mail: NoticeMail | null;
  readonly createdMs: number;
}

export interface NoticeMail {
  readonly recipients: readonly MailRecipient[];
  /** Times it was tried. */
  readonly attempts: number;
  /** When it is tried next; null when no recipient waits any more. */
  readonly dueMs: number | null;
}

export interface MailRecipient {
  readonly address: string;
  readonly state: 'waiting' | 'sent' | 'refused';
  /** What went wrong last. */
  readonly error: string | null;
}
