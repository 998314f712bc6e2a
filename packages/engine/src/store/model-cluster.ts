// The model's cluster: what the nodes that share a disk know of each other, on the disk's side.
//
// Leases, shards, the configuration's versions, numbers, and the news of what each node has committed, in one order for all.
// Judged by the disk's own time, which is handed in with every call that needs it. What a node makes of it is model-sharing.ts's.

import type { Batch, Change } from './batch.ts';
import type { FeedMark } from './feed.ts';
import type { ModelDisk } from './model-disk.ts';
import { ModelRelayPost } from './model-relay-post.ts';
import { SHARDS } from './sharing.ts';

/** How long a lease holds after it was renewed. */
export const LEASE_MS = 3_000;
/** Batches whose news one node is told at once. */
const NEWS_BATCHES_MAX = 20;

/** What a batch has written that others are to hear of. */
export type ClusterNews =
  | FeedMark
  | { readonly kind: 'expansion'; readonly eventSeq: number }
  | { readonly kind: 'replay'; readonly seq: number };

export interface ClusterPage {
  readonly news: readonly ClusterNews[];
  readonly any: boolean;
  readonly place: number;
}

export interface ModelNode {
  /** Another with each opening: what was sent before it is refused. */
  token: object;
  readonly source: number;
  readonly id: string;
  readonly version: string;
  readonly startedMs: number;
  renewedMs: number;
  /** Told when its lease is longer than it knows: time was leapt over. */
  readonly leapt: (ms: number) => void;
  isLeaving: boolean;
}

/** One row of the configuration: what it is, and its key. */
export type ConfigKey =
  | { readonly kind: 'tenant' | 'eventType' | 'key' | 'meta' | 'profile'; readonly key: string }
  | { readonly kind: 'endpoint' | 'replay'; readonly seq: number };

export class ModelCluster {
  readonly nodes: Map<number, ModelNode> = new Map();
  /** Whose each shard is; null for nobody's. */
  readonly owners: (number | null)[] = Array.from({ length: SHARDS }, () => null);
  readonly relayPost: ModelRelayPost = new ModelRelayPost();
  readonly #disk: ModelDisk;
  readonly #config: (readonly ConfigKey[])[] = [];
  readonly #news: { readonly source: number; readonly news: readonly ClusterNews[] }[] = [];
  /** The next number; null before the first was asked for. */
  #numbers: number | null = null;
  /** Told of a node that is one no longer, before its shards are free: by force where others have ended its lease. */
  onGone: (node: ModelNode, byForce: boolean) => void = () => undefined;
  /** Counts everything that ever changed in here, renewals aside. */
  changes = 0;

  constructor(disk: ModelDisk) {
    this.#disk = disk;
  }

  /** How often the configuration was changed. */
  get version(): number {
    return this.#config.length;
  }

  /** How many batches have news. */
  get newest(): number {
    return this.#news.length;
  }

  /** Gives a new node the lowest number that nobody has. */
  join(node: Omit<ModelNode, 'source' | 'renewedMs' | 'isLeaving'>, nowMs: number): ModelNode {
    this.endRunOut(nowMs, null);
    let source = 0;
    while (this.nodes.has(source)) source += 1;
    const joined: ModelNode = { ...node, source, renewedMs: nowMs, isLeaving: false };
    this.nodes.set(source, joined);
    this.changes += 1;
    return joined;
  }

  /** Whether it is a node still. */
  has(node: ModelNode): boolean {
    return this.nodes.get(node.source) === node;
  }

  /** Ends everybody whose lease has run out, but one. */
  endRunOut(nowMs: number, butFor: ModelNode | null): void {
    for (const node of this.nodes.values()) {
      if (node === butFor || nowMs - node.renewedMs <= LEASE_MS) continue;
      this.remove(node, true);
    }
  }

  remove(node: ModelNode, byForce = false): void {
    if (!this.has(node)) return;
    this.onGone(node, byForce);
    this.nodes.delete(node.source);
    this.relayPost.nodeGone(node.source);
    this.changes += 1;
    this.free(node, this.ownedBy(node));
  }

  /** Whether shards are nobody's, or somebody has more than his share of them. */
  get isUnsettled(): boolean {
    return this.owners.includes(null) || [...this.nodes.values()].some((node) => this.ownedBy(node).length > this.shareOf(node));
  }

  /** Time goes on, and everybody would have renewed his lease. */
  leap(ms: number): void {
    for (const node of this.nodes.values()) {
      node.renewedMs += ms;
      node.leapt(ms);
    }
  }

  free(node: ModelNode, shards: readonly number[]): void {
    for (const shard of shards) {
      if (this.owners[shard] !== node.source) continue;
      this.owners[shard] = null;
      this.changes += 1;
    }
  }

  ownedBy({ source }: ModelNode): readonly number[] {
    return this.owners.flatMap((owner, shard) => (owner === source ? [shard] : []));
  }

  /** How many shards a node is to have. */
  shareOf(node: ModelNode): number {
    const taking = [...this.nodes.values()].filter(({ isLeaving }) => !isLeaving).toSorted((a, b) => a.source - b.source);
    const place = taking.indexOf(node);
    if (place === -1) return 0;
    return Math.floor(SHARDS / taking.length) + (place < SHARDS % taking.length ? 1 : 0);
  }

  /** Gives a node free shards, up to its share. */
  take(node: ModelNode): void {
    let missing = this.shareOf(node) - this.ownedBy(node).length;
    for (const [shard, owner] of this.owners.entries()) {
      if (missing <= 0) return;
      if (owner !== null) continue;
      this.owners[shard] = node.source;
      this.changes += 1;
      missing -= 1;
    }
  }

  /** The first of so many numbers that nobody else has. */
  numbers(count: number): number {
    this.#numbers ??= this.#firstUnused();
    this.#numbers += count;
    return this.#numbers - count;
  }

  /** A batch was written: called by the writer, once it cannot be taken back. */
  written(source: number, batch: Batch, marks: readonly FeedMark[], untold: readonly ClusterNews[]): void {
    this.changes += 1;
    if (this.nodes.size === 0) return;
    const config = batch.changes.flatMap((change) => configKeyOf(change) ?? []);
    if (config.length > 0) this.#config.push(config);
    if (marks.length + untold.length > 0) this.#news.push({ source, news: [...marks, ...untold] });
  }

  /** The rows of the configuration that were changed after a version, in their order, each once. */
  configSince(version: number): readonly ConfigKey[] {
    const found = new Map<string, ConfigKey>();
    for (const key of this.#config.slice(version).flat()) found.set(JSON.stringify(key), found.get(JSON.stringify(key)) ?? key);
    return [...found.values()];
  }

  /** What others have committed after a place, and how far that goes. */
  newsSince(place: number, source: number, end: number = place + NEWS_BATCHES_MAX): ClusterPage {
    const batches = this.#news.slice(place, end);
    const others = batches.filter((batch) => batch.source !== source);
    return { news: others.flatMap(({ news }) => news), any: others.length > 0, place: place + batches.length };
  }

  /** Beyond everything that was ever given a number while the disk had one holder. */
  #firstUnused(): number {
    const disk = this.#disk;
    const seqs = [disk.events, disk.deliveries, disk.endpoints, disk.replays].flatMap((table) => table.entries().map(([seq]) => seq));
    return [...seqs, ...disk.removed.values()].reduce((a, b) => Math.max(a, b), 0) + 1;
  }
}

/** Whether a batch may only be written by a node that knows the configuration as it is. */
export function needsConfig({ groups, changes }: Batch): boolean {
  return groups.length > 0 || changes.some(({ kind }) => kind !== 'touchEndpoint');
}

function configKeyOf(change: Change): ConfigKey | null {
  switch (change.kind) {
    case 'putTenant':
      return { kind: 'tenant', key: change.tenant.id };
    case 'deleteTenant':
      return { kind: 'tenant', key: change.id };
    case 'putEndpoint':
      return { kind: 'endpoint', seq: change.endpoint.seq };
    case 'deleteEndpoint':
      return { kind: 'endpoint', seq: change.seq };
    case 'putProfile':
      return { kind: 'profile', key: `${change.profile.name} ${change.profile.version}` };
    case 'putEventType':
      return { kind: 'eventType', key: change.eventType.name };
    case 'deleteEventType':
      return { kind: 'eventType', key: change.name };
    case 'putKey':
      return { kind: 'key', key: change.key.id };
    case 'deleteKey':
      return { kind: 'key', key: change.id };
    case 'putMeta':
      return { kind: 'meta', key: change.name };
    case 'putReplay':
      return { kind: 'replay', seq: change.replay.seq };
    default:
      return null;
  }
}
