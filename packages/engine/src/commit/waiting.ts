// The waiting room of the committer: what was submitted and is not in a batch yet.
//
// Publishers take turns by tenant, so that one who publishes a hundred times the others' load does not delay theirs.
// Bounded: past the bound, or past half of it for one tenant, admission is refused and nothing is half-accepted.

import { WaxwingError } from '@waxwing/protocol';
import type { ChangeItem, CommitItem, GroupItem, SettleItem } from './items.ts';

export interface WaitingLimits {
  /** Most rows and bytes in one batch. */
  readonly batchRowsMax: number;
  readonly batchBytesMax: number;
  /** Most publishes, and most bytes of them, that may wait. */
  readonly waitingItemsMax: number;
  readonly waitingBytesMax: number;
  /**
   * Milliseconds between the starts of two batches, at least: under load each then carries more, and costs less. What comes
   * after a longer quiet does not wait. 0: the next batch starts as soon as the last one is done.
   */
  readonly gatherMs: number;
}

export const WAITING_LIMITS: WaitingLimits = {
  batchRowsMax: 2_000,
  batchBytesMax: 4 * 1024 * 1024,
  waitingItemsMax: 20_000,
  waitingBytesMax: 64 * 1024 * 1024,
  gatherMs: 0,
};

interface TenantQueue {
  readonly items: GroupItem[];
  next: number;
  bytes: number;
}

export class Waiting {
  readonly #limits: WaitingLimits;
  /** Insertion order is turn order. */
  readonly #tenants = new Map<string, TenantQueue>();
  #settles: SettleItem[] = [];
  #changes: ChangeItem[] = [];
  #groups = 0;
  #bytes = 0;

  constructor(limits: WaitingLimits) {
    this.#limits = limits;
  }

  get groups(): number {
    return this.#groups;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#groups === 0 && this.#settles.length === 0 && this.#changes.length === 0;
  }

  /** Throws `overloaded` when a publish of this size has no place. */
  admit(tenant: string, bytes: number): void {
    const mine = this.#tenants.get(tenant);
    const mineItems = mine === undefined ? 0 : mine.items.length - mine.next;
    const { waitingItemsMax, waitingBytesMax } = this.#limits;
    const full = this.#groups >= waitingItemsMax || (this.#bytes + bytes > waitingBytesMax && this.#groups > 0);
    const mineFull = mineItems >= waitingItemsMax / 2 || ((mine?.bytes ?? 0) + bytes > waitingBytesMax / 2 && mineItems > 0);
    if (!full && !mineFull) return;
    throw new WaxwingError(
      'overloaded',
      `${full ? 'Too many events wait' : `Too many events of tenant ${tenant} wait`} to be stored; nothing of this request was accepted. Publish again after the time in Retry-After, with the same id.`,
      { retryAfterSeconds: 1 },
    );
  }

  add(item: CommitItem): void {
    switch (item.kind) {
      case 'settle':
        this.#settles.push(item);
        return;
      case 'change':
        this.#changes.push(item);
        return;
      case 'group': {
        let queue = this.#tenants.get(item.tenant);
        if (queue === undefined) this.#tenants.set(item.tenant, (queue = { items: [], next: 0, bytes: 0 }));
        queue.items.push(item);
        queue.bytes += item.bytes;
        this.#groups += 1;
        this.#bytes += item.bytes;
        return;
      }
      default:
        item satisfies never;
    }
  }

  get settles(): readonly SettleItem[] {
    return this.#settles;
  }

  /** Takes everything: nothing is going to be written any more. */
  takeAll(): CommitItem[] {
    const all: CommitItem[] = [...this.#settles.splice(0), ...this.#changes.splice(0)];
    for (let item = this.#takeGroup(); item !== undefined; item = this.#takeGroup()) all.push(item);
    return all;
  }

  /** Puts settles back to the front: they were not written. */
  putBack(items: readonly SettleItem[]): void {
    this.#settles = [...items, ...this.#settles];
  }

  /**
   * Takes the next batch: settles first (they free memory), then changes with different keys (few, and a person waits for
   * them), then publishes in turns. However many of one kind there are, the others move on.
   */
  takeBatch(): CommitItem[] {
    const batch: CommitItem[] = [];
    let rows = 0;
    let bytes = 0;
    const { batchRowsMax, batchBytesMax } = this.#limits;
    const keys = new Set<string>();
    for (const item of this.#takeSettles(batchRowsMax / 2, keys)) {
      batch.push(item);
      rows += 1;
      bytes += item.bytes;
    }
    const changes = this.#takeChanges(batchRowsMax / 4, keys);
    rows += changes.length;
    while (this.#groups > 0 && rows < batchRowsMax && bytes < batchBytesMax) {
      const item = this.#takeGroup();
      if (item === undefined) break;
      batch.push(item);
      rows += item.rows;
      bytes += item.bytes;
    }
    batch.push(...changes); // answered last, as the store applies them last
    return batch;
  }

  #takeSettles(max: number, keys: Set<string>): readonly SettleItem[] {
    const taken: SettleItem[] = [];
    const later: SettleItem[] = [];
    for (const item of this.#settles) {
      const key = item.change?.key;
      if (taken.length >= max || (key !== undefined && keys.has(key))) {
        later.push(item);
        continue;
      }
      taken.push(item);
      if (key !== undefined) keys.add(key);
    }
    this.#settles = later;
    return taken;
  }

  #takeChanges(max: number, keys: Set<string>): readonly ChangeItem[] {
    const taken: ChangeItem[] = [];
    const later: ChangeItem[] = [];
    for (const item of this.#changes) {
      if (keys.has(item.key) || taken.length >= max) later.push(item);
      else taken.push(item);
      keys.add(item.key); // also when left for later: order within a key is kept
    }
    this.#changes = later;
    return taken;
  }

  #takeGroup(): GroupItem | undefined {
    for (const [tenant, queue] of this.#tenants) {
      const item = queue.items[queue.next];
      this.#tenants.delete(tenant);
      if (item === undefined) continue;
      queue.next += 1;
      queue.bytes -= item.bytes;
      if (queue.next < queue.items.length) {
        if (queue.next > 1_024) {
          queue.items.splice(0, queue.next);
          queue.next = 0;
        }
        this.#tenants.set(tenant, queue);
      }
      this.#groups -= 1;
      this.#bytes -= item.bytes;
      return item;
    }
    return undefined;
  }
}
