// The model's sharing: one node's side of a disk that several stores work on, by the rules of sharing.ts.
//
// It looks at the disk every half second (renews its lease, ends leases that have run out, takes and asks for shards) by the
// timers of the clock that it is given, and by nothing else. What goes to the disk goes by a wire, which the simulation and
// tests cut or slow down; what a node knows moves on when an answer has come, never before.

import { WaxwingError } from '@waxwing/protocol';
import type { Clock } from '../ports.ts';
import { VERSION } from '../version.ts';
import { arrivalsOf, changeOf, contentsOf } from './model-arrivals.ts';
import { LEASE_MS, needsConfig, type ModelNode } from './model-cluster.ts';
import type { ModelDisk } from './model-disk.ts';
import { relayPostOf } from './model-relay-post.ts';
import type { RelayPost } from './relay-post.ts';
import type { Arrivals, NodeRow, ShardContents, Sharing, SharingWatcher } from './sharing.ts';
import { StoreError, type Batch, type BatchResult, type Change } from './store.ts';

export interface ModelShared {
  readonly clock: Clock;
  /** Carries each call to the disk and its answer back. At once when absent. */
  readonly wire?: ModelWire;
}

/** What is carried, how it takes effect on the disk, and its answer. Rejects with StoreError where it, or its answer, is lost. */
export type ModelWire = <T>(call: ModelCall, effect: () => T) => Promise<T>;
export type ModelCall =
  | { readonly kind: 'commit'; readonly batch: Batch }
  | { readonly kind: 'question' | 'arrivals' | 'contents' | 'look' };

/** What is handed to the sender just before the lease ends has this long to leave. */
const MARGIN_MS = 300;
const LOOK_MS = 500;

class LeaseEnded extends Error {}

export class ModelSharing implements Sharing {
  readonly #disk: ModelDisk;
  readonly #clock: Clock;
  readonly #wire: ModelWire;
  readonly #watchers: SharingWatcher[] = [];
  #node: ModelNode | null = null;
  #source = 0;
  #deadlineMs = -Infinity;
  #isLost = false;
  #isLeaving = false;
  /** The disk's time, less this machine's monotonic one. */
  #aheadMs = 0;
  #latestMs = -Infinity;
  readonly #owned = new Set<number>();
  readonly #asked = new Set<number>();
  /** Given up, and not yet free on the disk for all that is known. */
  readonly #freeing = new Set<number>();
  /** How far it knows the configuration, and the news. */
  #version = 0;
  #place = 0;
  /** Up to where a shard's contents have shown its news. */
  readonly #shown = new Map<number, number>();
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #cancel: (() => void) | null = null;

  constructor(disk: ModelDisk, { clock, wire = async (_call, effect) => effect() }: ModelShared) {
    this.#disk = disk;
    this.#clock = clock;
    this.#wire = wire;
  }

  get isOpen(): boolean {
    return this.#node !== null;
  }

  get source(): number {
    return this.#source;
  }

  get isHeld(): boolean {
    return !this.#isLost && this.#clock.monotonicMs() < this.#deadlineMs;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  get shards(): readonly number[] {
    return [...this.#owned];
  }

  /** Joins the others; or goes on as the node that it was, with all it has. What the caller reads of the disk next is what it knows. */
  open(continues: boolean): void {
    const { cluster } = this.#disk;
    const nowMs = this.#diskMs();
    if (continues && (this.#node === null || !cluster.has(this.#node))) {
      this.#lose();
      throw new WaxwingError('data_folder_in_use', 'Other nodes have taken over the model disk.');
    }
    if (this.#disk.isExclusive || (!continues && this.#node !== null && !this.#isLost))
      throw new WaxwingError('data_folder_in_use', 'The model disk is held by another store.');
    if (!continues) this.#join(nowMs);
    else if (this.#node !== null) Object.assign(this.#node, { token: {}, renewedMs: nowMs });
    this.#version = cluster.version;
    this.#place = cluster.newest;
    this.#renewed(this.#clock.monotonicMs(), nowMs);
    this.#look();
  }

  async close(): Promise<void> {
    this.#cancel?.();
    const node = this.#node;
    this.#node = null;
    await this.#looking;
    this.#deadlineMs = -Infinity;
    if (node !== null) await this.#wire({ kind: 'look' }, () => this.#disk.cluster.remove(node)).catch(() => undefined);
  }

  async commit(batch: Batch, write: (source: number) => BatchResult): Promise<BatchResult> {
    const node = this.#entered();
    const { token } = node;
    const known = this.#version;
    const { cluster } = this.#disk;
    return this.#asking({ kind: 'commit', batch }, () => {
      if (!cluster.has(node) || node.token !== token) throw new LeaseEnded();
      if (needsConfig(batch) && known !== cluster.version)
        throw new StoreError('behind', 'other nodes have changed the configuration meanwhile');
      const result = write(node.source);
      return { result, version: needsConfig(batch) ? cluster.version : known };
    }).then(({ result, version }) => {
      this.#version = Math.max(this.#version, version);
      return result;
    });
  }

  nowMs(): number {
    this.#latestMs = Math.max(this.#latestMs, Math.floor(this.#clock.monotonicMs() + this.#aheadMs));
    return this.#latestMs;
  }

  watch(watcher: SharingWatcher): void {
    this.#watchers.push(watcher);
    if (this.#isLost) return watcher.lost();
    if (this.#owned.size > 0) watcher.gained([...this.#owned]);
    if (this.#asked.size > 0) watcher.asked([...this.#asked]);
  }

  gaveUp(shards: readonly number[]): void {
    for (const shard of shards) {
      this.#asked.delete(shard);
      if (this.#owned.delete(shard)) this.#freeing.add(shard);
    }
    this.#look();
  }

  leave(): void {
    this.#isLeaving = true;
    this.#look();
  }

  nodes(): Promise<readonly NodeRow[]> {
    const { cluster } = this.#disk;
    return this.#asking({ kind: 'question' }, () =>
      [...cluster.nodes.values()]
        .toSorted((a, b) => a.source - b.source)
        .map((node) => {
          const { id, source, version, startedMs, isLeaving } = node;
          return { id, source, version, startedMs, isLeaving, shards: cluster.ownedBy(node) };
        }),
    );
  }

  pendingOf(endpointSeqs: readonly number[]): Promise<ReadonlyMap<number, number>> {
    return this.#asking({ kind: 'question' }, () => {
      const counts = endpointSeqs.map((seq) => [seq, this.#disk.pendingOf(seq).values().length] as const);
      return new Map(counts.filter(([, count]) => count > 0));
    });
  }

  numbers(count: number): Promise<number> {
    return this.#asking({ kind: 'question' }, () => this.#disk.cluster.numbers(count));
  }

  async catchUp(): Promise<readonly Change[]> {
    const { cluster } = this.#disk;
    const since = this.#version;
    const { keys, version } = await this.#asking({ kind: 'question' }, () => ({
      keys: cluster.configSince(since).flatMap((key) => changeOf(this.#disk, key)),
      version: cluster.version,
    }));
    this.#version = Math.max(this.#version, version);
    return keys;
  }

  get relayPost(): RelayPost {
    return relayPostOf(this.#disk.cluster, async (effect) => {
      const node = this.#entered();
      return this.#asking({ kind: 'question' }, () => {
        if (!this.#disk.cluster.has(node)) throw new LeaseEnded();
        return effect(node.source);
      });
    });
  }

  async arrivals(shards: readonly number[]): Promise<Arrivals> {
    const { cluster } = this.#disk;
    const { source } = this.#entered();
    const [from, known] = [this.#place, this.#version];
    const { place, arrivals, free } = await this.#asking({ kind: 'arrivals' }, () => {
      const { any, place: reached } = cluster.newsSince(from, source);
      const flags = { outbox: false, behind: known < cluster.version, more: reached < cluster.newest, news: any };
      const found: Arrivals = { ...this.#arrivalsIn(shards, from, reached), ...flags, relay: cluster.relayPost.isInUse };
      return { place: reached, arrivals: found, free: cluster.owners.includes(null) };
    });
    this.#place = Math.max(this.#place, place);
    if (free) this.#look();
    return arrivals;
  }

  contents(shards: readonly number[]): Promise<ShardContents> {
    return this.#asking({ kind: 'contents' }, () => {
      for (const shard of shards) this.#shown.set(shard, this.#disk.cluster.newest);
      return contentsOf(this.#disk, shards);
    });
  }

  /** What came for these shards from a place to another; of each, only what was not shown as its contents. */
  #arrivalsIn(shards: readonly number[], from: number, to: number): ReturnType<typeof arrivalsOf> {
    const { cluster } = this.#disk;
    const starts = Map.groupBy(shards, (shard) => Math.min(to, Math.max(from, this.#shown.get(shard) ?? 0)));
    const parts = [...starts].map(([start, of]) => arrivalsOf(this.#disk, cluster.newsSince(start, this.#source, to).news, of));
    return {
      pending: parts.flatMap(({ pending }) => pending).toSorted((a, b) => a.seq - b.seq),
      ended: parts.flatMap(({ ended }) => ended),
      expansions: parts.flatMap(({ expansions }) => expansions),
      replays: parts.flatMap(({ replays }) => replays),
    };
  }

  #join(nowMs: number): void {
    this.#isLost = false;
    this.#isLeaving = false;
    for (const shards of [this.#owned, this.#asked, this.#freeing]) shards.clear();
    const id = `model-${this.#disk.cluster.changes}`;
    const leapt = (ms: number): void => void (this.#deadlineMs += ms);
    this.#node = this.#disk.cluster.join({ token: {}, id, leapt, version: VERSION, startedMs: nowMs }, nowMs);
    this.#source = this.#node.source;
  }

  #entered(): ModelNode {
    if (this.#node === null) throw new StoreError('unavailable', 'the store is not open');
    return this.#node;
  }

  /** Asks the disk; whoever's lease was ended hears so. */
  async #asking<T>(call: ModelCall, effect: () => T): Promise<T> {
    this.#entered();
    try {
      return await this.#wire(call, effect);
    } catch (error) {
      if (!(error instanceof LeaseEnded)) throw error;
      this.#lose();
      throw new StoreError('unavailable', 'another node has ended this one’s lease');
    }
  }

  /** Looks at the disk now, one look at a time, and again in a while. */
  #look(): void {
    if (this.#looking !== null) {
      this.#lookAgain = true;
      return;
    }
    this.#cancel?.();
    this.#looking = this.#lookOnce().finally(() => {
      this.#looking = null;
      if (this.#node === null || this.#isLost) return;
      if (this.#lookAgain) {
        this.#lookAgain = false;
        this.#look();
      } else this.#cancel = this.#clock.after(LOOK_MS, () => this.#look());
    });
  }

  /** Never rejects. */
  async #lookOnce(): Promise<void> {
    const node = this.#node;
    if (node === null || this.#isLost) return;
    const { cluster } = this.#disk;
    const askedMs = this.#clock.monotonicMs();
    const freeing = [...this.#freeing];
    const isLeaving = this.#isLeaving;
    try {
      const seen = await this.#asking({ kind: 'look' }, () => {
        if (!cluster.has(node)) throw new LeaseEnded();
        const nowMs = this.#diskMs();
        Object.assign(node, { renewedMs: nowMs, isLeaving });
        cluster.endRunOut(nowMs, node);
        cluster.free(node, freeing);
        cluster.take(node);
        return { nowMs, owned: cluster.ownedBy(node), share: cluster.shareOf(node) };
      });
      for (const shard of freeing) this.#freeing.delete(shard);
      if (this.#node === null) return; // closed meanwhile
      this.#renewed(askedMs, seen.nowMs);
      this.#balance(seen.owned, isLeaving ? 0 : seen.share);
    } catch {
      // The disk is not reached, or the lease was ended: said where that was found.
    }
  }

  #renewed(askedMs: number, diskMs: number): void {
    const wasHeld = this.isHeld;
    this.#deadlineMs = askedMs + LEASE_MS - MARGIN_MS;
    this.#aheadMs = diskMs - this.#clock.monotonicMs();
    if (!wasHeld) for (const watcher of this.#watchers) watcher.resumed();
  }

  #balance(onDisk: readonly number[], share: number): void {
    const gained = onDisk.filter((shard) => !this.#owned.has(shard) && !this.#freeing.has(shard));
    for (const shard of gained) this.#owned.add(shard);
    if (gained.length > 0) for (const watcher of this.#watchers) watcher.gained(gained);
    const kept = [...this.#owned].filter((shard) => !this.#asked.has(shard)).toSorted((a, b) => a - b);
    const surplus = kept.slice(share);
    for (const shard of surplus) this.#asked.add(shard);
    if (surplus.length > 0) for (const watcher of this.#watchers) watcher.asked(surplus);
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#cancel?.();
    for (const shards of [this.#owned, this.#asked, this.#freeing]) shards.clear();
    for (const watcher of this.#watchers) watcher.lost();
  }

  #diskMs(): number {
    return (this.#disk.clock ?? this.#clock).nowMs();
  }
}
