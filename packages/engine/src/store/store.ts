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

import type { Batch, BatchResult } from './batch.ts';
import type { StoreReader } from './reader.ts';
import type { HistoryRanges } from './history-ranges.ts';
import type { Outbox } from './outbox.ts';
import type { EndpointRow, EventRow, EventTypeRow, KeyRow, NoticeRow, PendingDelivery, ProfileRow, ReplayRow, TenantRow } from './rows.ts';
import type { Sharing } from './sharing.ts';

export type { Batch, InsertGroup, Insert, Idempotency, Settle, Change, BatchResult, GroupResult, InsertResult } from './batch.ts';
export type { EndpointStatQuery, StatQuery } from './stat-rows.ts';
export type { Arrivals, ShardContents, Sharing } from './sharing.ts';
export type { Outbox, OutboxRow, RejectedEventRow } from './outbox.ts';
export type { FeedEntry, FeedKind, FeedPage, FeedPlace, FeedQuery } from './feed.ts';
export type {
  StoreReader,
  NoticeQuery,
  NoticePage,
  EverEndpoint,
  SelectionQuery,
  SelectionPage,
  SelectionCounts,
  SelectedDelivery,
  OldDeliveriesQuery,
  OldEventsQuery,
  OldRows,
  OldDelivery,
  StoreCounts,
  DeliveryListRow,
  RowPage,
  PageQuery,
  EventQuery,
  DeliveryQuery,
} from './reader.ts';

export interface Store {
  readonly kind: 'sqlite' | 'postgres' | 'model';
  /** Where an embedded store lies, so that what belongs beside it (the generated master key) can; null elsewhere. */
  readonly folder: string | null;
  /** Where several programs can work on the store at once. */
  readonly sharing?: Sharing;
  /** Where programs publish within transactions of their own. */
  readonly outbox?: Outbox;
  /** Where history lies in ranges, and what is old goes by the range. */
  readonly history?: HistoryRanges;
  /** Opens, migrates, checks its own durability settings, takes the exclusive lock. Throws `data_folder_in_use`, `store_too_new`, `store_unavailable`. */
  open(options?: OpenOptions): Promise<StoreSnapshot>;
  commit(batch: Batch): Promise<BatchResult>;
  /** Pending deliveries of one endpoint after a position, nearest due first, by (dueMs, seq). Stops at either bound, but gives at least one row where there is one. */
  refill(query: RefillQuery): Promise<readonly PendingDelivery[]>;
  /** Pending deliveries by seq; those that are not pending are left out. */
  load(seqs: readonly number[]): Promise<readonly PendingDelivery[]>;
  readonly read: StoreReader;
  /** Marks the stop as clean and frees everything. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Sees the small facts that the store keeps (`putMeta`) before anything is taken or written; what it throws is thrown. */
  readonly inspect?: (meta: { readonly [name: string]: string }) => void;
  /** Goes on with what this program held before: refused when another has had it since. */
  readonly continues?: boolean;
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

/**
 * What `commit` rejects with. `row`: something in the batch cannot be written, nothing was; the committer bisects.
 * `unavailable`: nothing was written, the store may come back. `unknown`: whether it was written is not known; the store
 * must be opened anew. `behind`: nothing was written, as others have changed the configuration since (sharing.ts): catch up,
 * prepare the batch again. `disk` says where it is the disk's fault, and which.
 */
export class StoreError extends Error {
  readonly kind: 'row' | 'unavailable' | 'unknown' | 'behind';
  readonly disk: DiskFault | null;
  constructor(kind: StoreError['kind'], message: string, cause?: unknown, disk: DiskFault | null = null) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StoreError';
    this.kind = kind;
    this.disk = disk;
  }
}

/** No room left, or writes and syncs that fail. */
export type DiskFault = 'full' | 'failing';

export interface RefillQuery {
  readonly endpointSeq: number;
  /** `due` (the default): by (dueMs, seq). `seq`: by the order of publishing, whatever is due when; `after.dueMs` then counts for nothing. */
  readonly order?: 'due' | 'seq';
  /** Strictly after this position; null from the start. */
  readonly after: { readonly dueMs: number; readonly seq: number } | null;
  readonly rowsMax: number;
  readonly bytesMax: number;
}
