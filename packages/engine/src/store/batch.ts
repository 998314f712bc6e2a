// Batches: what the store writes in one transaction, and what it answers. The invariants are store.ts's.

import type { DeliveryState, OutcomeKind } from '@waxwing/protocol';
import type { ResolutionMs } from '../stats/step-counts.ts';
import type { RejectedEventRow } from './outbox.ts';
import type { ExpansionMatch } from './store.ts';
import type {
  AttemptRow,
  DeliveryRow,
  EndpointRow,
  EventRow,
  EventTypeRow,
  KeyRow,
  NoticeRow,
  ProfileRow,
  ReplayRow,
  TenantRow,
} from './rows.ts';

export interface Batch {
  /** Publishes and other inserts. Each group is atomic of itself as regards duplicates and conflicts. */
  readonly groups: readonly InsertGroup[];
  readonly settles: readonly Settle[];
  /** Applied last, in order. */
  readonly changes: readonly Change[];
}

export interface InsertGroup {
  readonly inserts: readonly Insert[];
  /** The outbox row that it is made of, which goes with it; refused as `missing` when that is not there any more. */
  readonly outboxNo?: number;
}

export type Insert =
  | {
      readonly kind: 'event';
      readonly event: EventRow;
      readonly deliveries: readonly DeliveryRow[];
      /** Set when the fan-out is too wide for one batch: `deliveries` is then empty. */
      readonly expansion: readonly ExpansionMatch[] | null;
      /** Set when the caller chose the id or sent an Idempotency-Key. */
      readonly idempotency: Idempotency | null;
      /** How many deliveries the answer states; kept for duplicates. */
      readonly deliveryCount: number;
    }
  /** Deliveries of an event that exists (retry, replay, test); refused as `missing` when it does not. */
  | { readonly kind: 'deliveries'; readonly eventSeq: number; readonly deliveries: readonly DeliveryRow[] }
  /** The next chunk of an expansion; `done` is its new total. The expansion is removed when complete. */
  | { readonly kind: 'chunk'; readonly eventSeq: number; readonly deliveries: readonly DeliveryRow[]; readonly done: number }
  /** The next deliveries of a replay, of many events, and how far it is now; refused as `missing` when it does not run or an event is gone. */
  | { readonly kind: 'replay'; readonly replay: ReplayRow; readonly deliveries: readonly DeliveryRow[] };

export interface Idempotency {
  /** Under which names this publish is remembered, per tenant: `id:<event id>` and/or `key:<Idempotency-Key>`. */
  readonly names: readonly string[];
  /** Of type, chosen timestamp and data; equal content is a duplicate, other content a conflict. */
  readonly contentHash: string;
}

/** What an attempt (or a hand, without one) did to a delivery. Without an attempt, `outcome` and `attempts` stay as they are in the store. */
export interface Settle {
  readonly deliverySeq: number;
  /** The delivery's endpoint: whose statistics it counts for. */
  readonly endpointSeq: number;
  readonly attempt: AttemptRow | null;
  readonly state: DeliveryState;
  readonly stateReason: string | null;
  readonly outcome: OutcomeKind | null;
  /** Attempts made, this one included. */
  readonly attempts: number;
  readonly dueMs: number;
  readonly finishedMs: number | null;
}

export type Change =
  | { readonly kind: 'putTenant'; readonly tenant: TenantRow }
  | { readonly kind: 'deleteTenant'; readonly id: string }
  /** `untold`: nothing that people see has changed, and the feed does not tell of it. */
  | { readonly kind: 'putEndpoint'; readonly endpoint: EndpointRow; readonly untold?: boolean }
  /** Frees the id; the row stays, marked, for history, without its secrets and headers. Its pending deliveries are cancelled by `cancelPending`. */
  | { readonly kind: 'deleteEndpoint'; readonly seq: number; readonly deletedMs: number }
  /** When an endpoint was last triggered; never moves back. */
  | { readonly kind: 'touchEndpoint'; readonly seq: number; readonly lastTriggeredMs: number }
  | { readonly kind: 'putProfile'; readonly profile: ProfileRow }
  | { readonly kind: 'putEventType'; readonly eventType: EventTypeRow }
  | { readonly kind: 'deleteEventType'; readonly name: string }
  | { readonly kind: 'putKey'; readonly key: KeyRow }
  | { readonly kind: 'deleteKey'; readonly id: string }
  | { readonly kind: 'putMeta'; readonly name: string; readonly value: string }
  /** Ends up to `limit` pending deliveries of an endpoint; the result says how many. */
  | {
      readonly kind: 'cancelPending';
      readonly endpointSeq: number;
      readonly reason: string;
      readonly nowMs: number;
      readonly limit: number;
    }
  /** Forgets idempotency names older than this, up to `limit`; the result says how many. */
  | { readonly kind: 'forgetIdempotency'; readonly beforeMs: number; readonly limit: number }
  /** Makes a replay or moves it on. One that has ended stays ended. */
  | { readonly kind: 'putReplay'; readonly replay: ReplayRow }
  /** Removes deliveries with their attempts; what is pending stays. The result says how many. */
  | { readonly kind: 'removeDeliveries'; readonly seqs: readonly number[] }
  /** Removes events; those that have deliveries, or are still being expanded, stay. The result says how many. */
  | { readonly kind: 'removeEvents'; readonly seqs: readonly number[] }
  /** Removes endpoints that were deleted before a time and that nothing refers to, up to `limit`; the result says how many. */
  | { readonly kind: 'removeEndpoints'; readonly deletedBeforeMs: number; readonly limit: number }
  /** Removes replays that ended before a time, up to `limit`; the result says how many. */
  | { readonly kind: 'removeReplays'; readonly finishedBeforeMs: number; readonly limit: number }
  /** Forgets the feed's batches older than this, up to `limit`, oldest first; the newest of each source stays. The result says how many. */
  | { readonly kind: 'trimFeed'; readonly beforeMs: number; readonly limit: number }
  /** Carries some of what commits noted into the statistics' steps, of about `scopesMax` scopes; the result says how much is left, 0 for none. */
  | { readonly kind: 'rollUp'; readonly scopesMax: number }
  /** Removes steps that began before a time, up to `limit`, oldest first; the result says how many. */
  | { readonly kind: 'removeSteps'; readonly resolutionMs: ResolutionMs; readonly beforeMs: number; readonly limit: number }
  /** Takes an event out of the outbox that cannot be accepted, and keeps it with the reason. */
  | { readonly kind: 'rejectEvent'; readonly event: RejectedEventRow }
  /** Removes rejected events from before a time, up to `limit`; the result says how many. */
  | { readonly kind: 'removeRejected'; readonly rejectedBeforeMs: number; readonly limit: number }
  /** Makes a notice or replaces it. */
  | { readonly kind: 'putNotice'; readonly notice: NoticeRow }
  /** Removes notices made before a time, up to `limit`; open ones stay, and those whose email waits unless `unsentToo`. The result says how many. */
  | { readonly kind: 'removeNotices'; readonly createdBeforeMs: number; readonly unsentToo: boolean; readonly limit: number };

export interface BatchResult {
  /** One a group, in order. */
  readonly groups: readonly GroupResult[];
  /** One a change, in order: rows it touched. */
  readonly changes: readonly number[];
}

export type GroupResult =
  | { readonly kind: 'stored'; readonly inserts: readonly InsertResult[] }
  /** Nothing of the group was written: this insert's id or key was used before with other content. */
  | { readonly kind: 'conflict'; readonly index: number; readonly name: string }
  | { readonly kind: 'missing'; readonly index: number };

export type InsertResult =
  | { readonly kind: 'stored' }
  /** Written before, with the same content: the first answer. */
  | {
      readonly kind: 'duplicate';
      readonly eventId: string;
      readonly type: string;
      readonly timestampMs: number;
      readonly receivedMs: number;
      readonly deliveryCount: number;
    };
