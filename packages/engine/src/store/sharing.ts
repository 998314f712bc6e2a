// Sharing: how several programs (nodes) work on one store at once. A store that only one program can open has none of this.
//
//  1. A node holds a lease, judged by the store's clock, and a number. Whatever it commits names both; the store refuses the
//     commits of a node whose lease another has ended (`unavailable`, and `lost` is told).
//  2. A holder that cannot renew its lease stops sending by its own monotonic clock, before another may take its shards.
//  3. A shard has one owner at a time, and its owner alone sends and settles attempts of the endpoints in it. It goes from hand
//     to hand when its owner gives it up, drained, or when the owner's lease has ended.
//  4. Configuration has a version. A batch that matches subscribers or changes configuration is refused as `behind` when
//     others have changed it since this node last caught up: nothing of it was written, and it is to be prepared again.
//  5. What others committed is read by a place in each node's own batches (feed.ts), so that none is missed.
//  6. Every node judges time by the store's clock.
//  7. `contents` is served strictly in the order of calls, together with `commit`, `refill` and `load` (store.ts, 2). What it
//     has shown of a shard does not come again by `arrivals`: that a delivery was made is told once.

import type { Change } from './batch.ts';
import type { RelayPost } from './relay-post.ts';
import type { NoticeRow, PendingDelivery, ReplayRow } from './rows.ts';
import type { Expansion } from './store.ts';

/** Slices of endpoints; each is owned by one node at a time. */
export const SHARDS = 64;

/** The shard that an endpoint's deliveries belong to: a fixed function of its number, the same in SQL. */
export function shardOf(endpointSeq: number): number {
  return Math.floor(((endpointSeq % 1_000_003) * 40_503) / 1_024) % SHARDS;
}

/** The shard whose owner does what is done once for all: upkeep, the outbox, fan-outs in chunks, replays, emails. */
export const UPKEEP_SHARD = 0;

export interface Sharing {
  /** This node's number: the source of its batches in the feed. */
  readonly source: number;
  /** Whether it may send now: its lease holds by its own monotonic clock. Cheap: asked before everything that is sent. */
  readonly isHeld: boolean;
  /** Whether another has ended its lease: for good. The engine is to be closed, and another opened in its place. */
  readonly isLost: boolean;
  /** Epoch milliseconds, whole, by the store's clock; between two looks at it by this machine's monotonic one. Never steps back. */
  nowMs(): number;
  /** The shards that are its own, as it knows: also while its lease does not hold; those it was asked for until `gaveUp`. */
  readonly shards: readonly number[];
  /** Told from then on. What it owns already at that time comes as `gained` at once. */
  watch(watcher: SharingWatcher): void;
  /** Nothing of these is under way any more: others may own them. */
  gaveUp(shards: readonly number[]): void;
  /** Gives its shards up and takes no others; what it commits is taken still. Before a drained stop. */
  leave(): void;
  nodes(): Promise<readonly NodeRow[]>;
  /** How many deliveries each of these endpoints has pending; those with none are left out. For people: it looks at all of them. */
  pendingOf(endpointSeqs: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** A run of so many numbers for rows that nobody else has or gets, above all that were given out before by anybody; gives the first. */
  numbers(count: number): Promise<number>;
  /** What others have changed of the configuration since this node last asked, as changes to apply in this order. Empty for nothing. */
  catchUp(): Promise<readonly Change[]>;
  /** How listeners and the nodes that work for their endpoints reach each other. */
  readonly relayPost: RelayPost;
  /** What others have committed since this node last asked, as far as it concerns these shards. */
  arrivals(shards: readonly number[]): Promise<Arrivals>;
  /** What lies in shards that are about to be worked on. What is committed after this comes by `arrivals`. */
  contents(shards: readonly number[]): Promise<ShardContents>;
}

export interface SharingWatcher {
  /** The lease holds again after it did not. */
  resumed(): void;
  /** It owns these now: nobody else sends or settles anything of them any more. */
  gained(shards: readonly number[]): void;
  /** Others are to have these: nothing of them is begun any more; `gaveUp` when what is under way has ended and is on record. */
  asked(shards: readonly number[]): void;
  /** Others may have committed something: `arrivals` may be asked now. The truth is what it says, hints or none. */
  hinted?(): void;
  /** Told once: its lease was ended. */
  lost(): void;
}

export interface NodeRow {
  readonly id: string;
  readonly source: number;
  readonly version: string;
  readonly startedMs: number;
  readonly shards: readonly number[];
  /** Whether it is about to leave. */
  readonly isLeaving: boolean;
}

export interface Arrivals {
  /** Deliveries of these shards that are pending, as they are now: new ones, and ones whose due time a hand has changed. */
  readonly pending: readonly PendingDelivery[];
  /** Deliveries that others have ended: number and endpoint. */
  readonly ended: readonly { readonly seq: number; readonly endpointSeq: number }[];
  /** Wide fan-outs and replays that have begun, or whose rows were changed by others; only with UPKEEP_SHARD. */
  readonly expansions: readonly Expansion[];
  readonly replays: readonly ReplayRow[];
  /** Whether programs' own transactions wait in the outbox. */
  readonly outbox: boolean;
  /** Whether there are listeners, or mail of the relay's post. */
  readonly relay: boolean;
  /** Whether the configuration has moved on. */
  readonly behind: boolean;
  /** Whether there is more to read at once. */
  readonly more: boolean;
  /** Whether others committed anything at all: streams have news. */
  readonly news: boolean;
}

export interface ShardContents {
  readonly backlog: readonly { readonly endpointSeq: number; readonly pending: number; readonly nextDueMs: number }[];
  /** Open notices of endpoints in these shards. */
  readonly notices: readonly NoticeRow[];
  /** Only with UPKEEP_SHARD: */
  readonly expansions: readonly Expansion[];
  readonly replays: readonly ReplayRow[];
  readonly mailsWaiting: number;
}
