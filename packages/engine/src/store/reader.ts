// Reads for people and for upkeep: lists, details, counts. Never on the hot path; the invariants are store.ts's.

import type { DeliveryId, DeliveryState, EndpointId, NoticeId, NoticeKind, OutcomeKind, ReplayId } from '@waxwing/protocol';
import type { FeedPage, FeedPlace, FeedQuery } from './feed.ts';
import type { AttemptRow, DeliveryRow, EndpointRow, EventRow, NoticeRow, ReplayFilter, ReplayRow } from './rows.ts';
import type { EndpointStatQuery, EndpointStatStep, StatQuery, StatStep } from './stat-rows.ts';

/** Reads for people: lists and details. None is on the hot path. */
export interface StoreReader {
  events(query: EventQuery): Promise<RowPage<EventRow>>;
  /** Of all tenants when `tenant` is null: the newest with this id. */
  event(tenant: string | null, id: string): Promise<EventRow | null>;
  deliveries(query: DeliveryQuery): Promise<RowPage<DeliveryListRow>>;
  delivery(id: DeliveryId): Promise<DeliveryListRow | null>;
  attempts(deliverySeq: number): Promise<readonly AttemptRow[]>;
  /** An endpoint that may be deleted: name and URL for history. */
  endpoint(seq: number): Promise<{ readonly id: EndpointId; readonly profile: string; readonly profileVersion: number } | null>;
  /** An endpoint by its id, also a deleted one. */
  endpointEver(id: string): Promise<EverEndpoint | null>;
  replay(id: ReplayId): Promise<ReplayRow | null>;
  /** Newest first. */
  replays(query: { readonly tenant: string | null; readonly limit: number; readonly before: number | null }): Promise<RowPage<ReplayRow>>;
  /** What a replay has made, by state. */
  replayCounts(replaySeq: number): Promise<{ readonly [S in DeliveryState]: number }>;
  /** Pending deliveries of a replay. */
  replayPending(replaySeq: number, limit: number): Promise<readonly DeliveryListRow[]>;
  /** Deliveries that a replay's filter takes, in the order in which they were made. May look at a part only: `next` says where to go on. */
  selection(query: SelectionQuery): Promise<SelectionPage>;
  /** How many a replay's filter takes, by endpoint; in parts, as `selection`. */
  selectionCounts(query: SelectionQuery): Promise<SelectionCounts>;
  /** Deliveries that were made before a time and are pending still, or ended before another; oldest first, in parts. */
  oldDeliveries(query: OldDeliveriesQuery): Promise<OldRows<OldDelivery>>;
  /** Events received before a time that have no deliveries; oldest first, in parts. */
  oldEvents(query: OldEventsQuery): Promise<OldRows<number>>;
  /** Newest first. */
  notices(query: NoticeQuery): Promise<NoticePage>;
  /** Notices whose email waits, nearest due first. */
  mailsDue(limit: number): Promise<readonly NoticeRow[]>;
  counts(): Promise<StoreCounts>;
  /** What happened to a scope, by step; steps in which nothing did are left out. What is not rolled up yet is counted too. */
  stats(query: StatQuery): Promise<readonly StatStep[]>;
  /** The same of several endpoints at once, without latencies. */
  endpointStats(query: EndpointStatQuery): Promise<readonly EndpointStatStep[]>;
  /** When the oldest of these endpoints' pending deliveries was made: of each endpoint, the one with the lowest number. Null when none is pending. */
  oldestPending(endpointSeqs: readonly number[]): Promise<number | null>;
  /** What was committed after a place, in the order of its commits (feed.ts). */
  feed(query: FeedQuery): Promise<FeedPage>;
  /** The place after everything that is committed. */
  feedHead(): Promise<readonly FeedPlace[]>;
}

export interface NoticeQuery {
  /** All tenants when null. */
  readonly tenant: string | null;
  readonly kind: NoticeKind | null;
  readonly limit: number;
  /** Ids strictly below; null from the newest. */
  readonly before: NoticeId | null;
}

export interface NoticePage {
  readonly rows: readonly NoticeRow[];
  /** Where the next page starts: strictly below this id; null at the end. */
  readonly next: NoticeId | null;
}

export interface EverEndpoint {
  readonly row: EndpointRow;
  readonly deletedMs: number | null;
}

/**
 * What a replay's filter takes: of each event and endpoint the latest delivery alone, and not of deleted endpoints nor of
 * tests. A delivery that was retried since counts no more; the retry does.
 */
export interface SelectionQuery {
  readonly tenant: string;
  readonly filter: ReplayFilter;
  /** Strictly after this delivery. */
  readonly after: number;
  /** Up to this one, included. */
  readonly upToSeq: number;
  /** Most rows; for counts, without meaning. */
  readonly limit: number;
}

export interface SelectionPage {
  readonly rows: readonly SelectedDelivery[];
  /** Go on after this delivery; null at the end. */
  readonly next: number | null;
}

export interface SelectionCounts {
  readonly counts: readonly { readonly endpointSeq: number; readonly deliveries: number }[];
  readonly next: number | null;
}

/** What a new delivery takes from the one it repeats. */
export interface SelectedDelivery {
  readonly seq: number;
  readonly id: DeliveryId;
  readonly eventSeq: number;
  readonly endpointSeq: number;
  readonly facts: string | null;
}

export interface OldDeliveriesQuery {
  readonly madeBeforeMs: number;
  readonly endedBeforeMs: number;
  readonly after: number;
  /** Most rows, attempts counted. */
  readonly rowsMax: number;
}

export interface OldEventsQuery {
  readonly receivedBeforeMs: number;
  readonly after: number;
  readonly rowsMax: number;
  /** Most bytes of data. */
  readonly bytesMax: number;
}

export interface OldRows<R> {
  readonly rows: readonly R[];
  /** Go on after this number; null at the end. */
  readonly next: number | null;
}

export interface OldDelivery {
  readonly seq: number;
  readonly endpointSeq: number;
  readonly state: DeliveryState;
  readonly outcome: OutcomeKind | null;
  readonly attempts: number;
  readonly dueMs: number;
}

export interface StoreCounts {
  readonly events: number;
  readonly deliveries: { readonly [S in DeliveryState]: number };
  readonly bytes: number;
}

/** A delivery with what lists show of its event and endpoint. */
export interface DeliveryListRow extends DeliveryRow {
  readonly eventId: string;
  readonly eventType: string;
  readonly endpointId: EndpointId;
}

export interface RowPage<R> {
  readonly rows: readonly R[];
  /** Where the next page starts: strictly below this seq; null at the end. A page may hold fewer rows than asked for, even none, and still have a next one: filters stop after a bounded number of rows looked at. */
  readonly next: number | null;
}

export interface PageQuery {
  /** All tenants when null. */
  readonly tenant: string | null;
  readonly limit: number;
  /** Rows with a seq strictly below; null from the newest. */
  readonly before: number | null;
  /** By when received or created, epoch milliseconds: from (included), to (not). */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface EventQuery extends PageQuery {
  /** An exact name, `prefix.*`, or null. */
  readonly type: string | null;
  /** Text that `data` contains, as stored JSON text or as a decoded string; case-sensitive; null for any. */
  readonly text: string | null;
}

export interface DeliveryQuery extends PageQuery {
  readonly endpointSeq: number | null;
  readonly eventId: string | null;
  readonly type: string | null;
  readonly state: DeliveryState | null;
  readonly outcome: OutcomeKind | null;
  readonly cause: DeliveryRow['cause'] | null;
}
