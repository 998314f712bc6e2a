// The store's one interface. SQLite, PostgreSQL and the simulation's model keep it; one conformance suite holds them to it.
//
// Invariants:
//  1. `commit` is atomic and durable: when it resolves, everything in the batch is on disk (fsync), or — where a group was a
//     duplicate or a conflict — exactly what its result says. When it rejects with `row`, nothing of the batch was written.
//  2. `commit`, `refill` and `load` are served strictly in the order they were called: what `refill` sees is what every
//     earlier `commit` left, and nothing of a later one.
//  3. Only `pending` deliveries change state; a settle of one that is no longer pending keeps its attempt and changes nothing else.
//  4. The store reads no clock, draws no randomness and decides nothing.
//  5. `read` never waits for the writer nor makes it wait; it sees committed rows only.

import type { DeliveryId, DeliveryState, EndpointId, NoticeId, NoticeKind, OutcomeKind, ReplayId } from '@waxwing/protocol';
import type {
  AttemptRow,
  DeliveryRow,
  EndpointRow,
  EventRow,
  EventTypeRow,
  KeyRow,
  NoticeRow,
  PendingDelivery,
  ProfileRow,
  ReplayFilter,
  ReplayRow,
  TenantRow,
} from './rows.ts';

export interface Store {
  readonly kind: 'sqlite' | 'postgres' | 'model';
  /** Where an embedded store lies, so that what belongs beside it (the generated master key) can; null elsewhere. */
  readonly folder: string | null;
  /** Opens, migrates, checks its own durability settings, takes the exclusive lock. Throws `data_folder_in_use`, `store_too_new`, `store_unavailable`. */
  open(): Promise<StoreSnapshot>;
  commit(batch: Batch): Promise<BatchResult>;
  /** Pending deliveries of one endpoint after a position, nearest due first, by (dueMs, seq). Stops at either bound, but gives at least one row where there is one. */
  refill(query: RefillQuery): Promise<readonly PendingDelivery[]>;
  /** Pending deliveries by seq; those that are not pending are left out. */
  load(seqs: readonly number[]): Promise<readonly PendingDelivery[]>;
  readonly read: StoreReader;
  /** Marks the stop as clean and frees everything. */
  close(): Promise<void>;
}

/** All that the engine holds in memory, as found at opening. */
export interface StoreSnapshot {
  readonly tenants: readonly TenantRow[];
  readonly endpoints: readonly EndpointRow[];
  readonly profiles: readonly ProfileRow[];
  readonly eventTypes: readonly EventTypeRow[];
  readonly keys: readonly KeyRow[];
  /** Per endpoint that has pending deliveries: how many, and the nearest due time. */
  readonly backlog: readonly { readonly endpointSeq: number; readonly pending: number; readonly nextDueMs: number }[];
  /** Wide fan-outs whose deliveries are not all made yet. */
  readonly expansions: readonly Expansion[];
  /** Replays that have not ended. */
  readonly replays: readonly ReplayRow[];
  /** Notices that are still open, and how many have an email that waits. */
  readonly notices: { readonly open: readonly NoticeRow[]; readonly mailsWaiting: number };
  /** Small facts kept by name (see `putMeta`). */
  readonly meta: { readonly [name: string]: string };
  /** The first unused sequence numbers: beyond every row that is kept or was ever removed. */
  readonly nextSeq: { readonly event: number; readonly delivery: number; readonly endpoint: number; readonly replay: number };
  /** Whether the last run closed the store. */
  readonly cleanStop: boolean;
}

/** An event whose deliveries are made in chunks after it was committed: its match set, and how many are done. */
export interface Expansion {
  readonly event: EventRow;
  /** (endpoint, facts, whether skipped) of each match, in order. */
  readonly matches: readonly ExpansionMatch[];
  readonly done: number;
}

export interface ExpansionMatch {
  readonly endpointSeq: number;
  readonly facts: string | null;
  readonly skippedReason: string | null;
}

export interface Batch {
  /** Publishes and other inserts. Each group is atomic of itself as regards duplicates and conflicts. */
  readonly groups: readonly InsertGroup[];
  readonly settles: readonly Settle[];
  /** Applied last, in order. */
  readonly changes: readonly Change[];
}

export interface InsertGroup {
  readonly inserts: readonly Insert[];
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
  | { readonly kind: 'putEndpoint'; readonly endpoint: EndpointRow }
  /** Frees the id; the row stays, marked, for history, without its secrets and headers. Its pending deliveries are cancelled by `cancelPending`. */
  | { readonly kind: 'deleteEndpoint'; readonly seq: number; readonly deletedMs: number }
  /** When an endpoint was last triggered; never moves back. */
  | { readonly kind: 'touchEndpoint'; readonly seq: number; readonly lastTriggeredMs: number }
  | { readonly kind: 'putProfile'; readonly profile: ProfileRow }
  | { readonly kind: 'putEventType'; readonly eventType: EventTypeRow }
  | { readonly kind: 'deleteEventType'; readonly name: string }
  | { readonly kind: 'putKey'; readonly key: KeyRow }
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
  /** Removes replays that ended before a time, up to `limit`; the result says how many. */
  | { readonly kind: 'removeReplays'; readonly finishedBeforeMs: number; readonly limit: number }
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

/**
 * What `commit` rejects with. `row`: something in the batch cannot be written, nothing was; the committer bisects.
 * `unavailable`: nothing was written, the store may come back. `unknown`: whether it was written is not known; the store
 * must be opened anew.
 */
export class StoreError extends Error {
  readonly kind: 'row' | 'unavailable' | 'unknown';
  constructor(kind: 'row' | 'unavailable' | 'unknown', message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StoreError';
    this.kind = kind;
  }
}

export interface RefillQuery {
  readonly endpointSeq: number;
  /** `due` (the default): by (dueMs, seq). `seq`: by the order of publishing, whatever is due when; `after.dueMs` then counts for nothing. */
  readonly order?: 'due' | 'seq';
  /** Strictly after this position; null from the start. */
  readonly after: { readonly dueMs: number; readonly seq: number } | null;
  readonly rowsMax: number;
  readonly bytesMax: number;
}

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
  replays(query: { readonly tenant: string; readonly limit: number; readonly before: number | null }): Promise<RowPage<ReplayRow>>;
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
