// The model store: the store's interface kept by plain data in memory, for simulation and as the measure of the real ones.
//
// No threads, no clock, no randomness: a call takes effect when it is made and resolves in the next microtask, so that one
// seed gives one run. What must outlive it lies on a `ModelDisk`. Faults are injected around it, not in it.

import { WaxwingError } from '@waxwing/protocol';
import type { PendingDelivery } from './rows.ts';
import { StoreError, type Batch, type BatchResult, type RefillQuery, type Store, type StoreReader, type StoreSnapshot } from './store.ts';
import { ModelDisk } from './model-disk.ts';
import { modelFeedReader } from './model-feed.ts';
import { modelReader, pendingDeliveryOf } from './model-reader.ts';
import { mailWaits, modelNoticeReader } from './model-notice-reader.ts';
import { modelRecoveryReader } from './model-recovery-reader.ts';
import { modelStatReader } from './model-stats.ts';
import { ModelWriter } from './model-writer.ts';
import { pendingBytes } from './pending-bytes.ts';

/** A store in memory. Two stores on one disk exclude each other as two processes on one folder do. */
export function modelStore(disk: ModelDisk = new ModelDisk()): Store {
  return new ModelStore(disk);
}

class ModelStore implements Store {
  readonly kind = 'model';
  readonly folder = null;
  readonly read: StoreReader;
  readonly #disk: ModelDisk;
  readonly #writer: ModelWriter;

  constructor(disk: ModelDisk) {
    this.#disk = disk;
    this.#writer = new ModelWriter(disk);
    this.read = {
      ...modelReader(() => this.#held()),
      ...modelRecoveryReader(() => this.#held()),
      ...modelNoticeReader(() => this.#held()),
      ...modelFeedReader(() => this.#held()),
      ...modelStatReader(() => this.#held()),
    };
  }

  async open(): Promise<StoreSnapshot> {
    const acquired = this.#disk.acquire(this);
    if (acquired === null) throw new WaxwingError('data_folder_in_use', 'The model disk is held by another store.');
    return snapshotOf(this.#disk, acquired.cleanStop);
  }

  async commit(batch: Batch): Promise<BatchResult> {
    this.#held();
    return this.#writer.write(batch);
  }

  async refill(query: RefillQuery): Promise<readonly PendingDelivery[]> {
    const disk = this.#held();
    const { after } = query;
    const bySeq = query.order === 'seq';
    const compare = (a: Place, b: Place): number => (bySeq ? a.seq - b.seq : a.dueMs - b.dueMs || a.seq - b.seq);
    const pending = disk.pendingOf(query.endpointSeq).values();
    const beyond = pending.filter((row) => after === null || compare(row, after) > 0).toSorted(compare);
    const rows: PendingDelivery[] = [];
    let bytes = 0;
    for (const row of beyond.slice(0, Math.max(query.rowsMax, 1))) {
      const delivery = pendingDeliveryOf(disk, row);
      bytes += pendingBytes(delivery);
      if (bytes > query.bytesMax && rows.length > 0) break;
      rows.push(delivery);
    }
    return rows;
  }

  async load(seqs: readonly number[]): Promise<readonly PendingDelivery[]> {
    const disk = this.#held();
    return seqs.flatMap((seq) => {
      const row = disk.deliveries.get(seq);
      return row?.state === 'pending' ? [pendingDeliveryOf(disk, row)] : [];
    });
  }

  async close(): Promise<void> {
    this.#disk.release(this);
  }

  #held(): ModelDisk {
    if (!this.#disk.isHeldBy(this)) throw new StoreError('unavailable', 'the store is not open');
    return this.#disk;
  }
}

type Place = { readonly dueMs: number; readonly seq: number };

function snapshotOf(disk: ModelDisk, cleanStop: boolean): StoreSnapshot {
  const backlog: { endpointSeq: number; pending: number; nextDueMs: number }[] = [];
  for (const [endpointSeq, table] of disk.pending) {
    const dues = table.values().map((row) => row.dueMs);
    if (dues.length > 0) backlog.push({ endpointSeq, pending: dues.length, nextDueMs: dues.reduce((a, b) => Math.min(a, b)) });
  }
  const endpoints = disk.endpoints.values().toSorted((a, b) => a.row.seq - b.row.seq);
  return {
    tenants: disk.tenants.values().toSorted((a, b) => order(a.id, b.id)),
    endpoints: endpoints.filter(({ deletedMs }) => deletedMs === null).map(({ row }) => row),
    profiles: disk.profiles.values().toSorted((a, b) => order(a.name, b.name) || a.version - b.version),
    eventTypes: disk.eventTypes.values().toSorted((a, b) => order(a.name, b.name)),
    keys: disk.keys.values().toSorted((a, b) => order(a.id, b.id)),
    backlog: backlog.toSorted((a, b) => a.endpointSeq - b.endpointSeq),
    expansions: disk.expansions
      .values()
      .toSorted((a, b) => a.eventSeq - b.eventSeq)
      .flatMap(({ eventSeq, matches, done }) => {
        const event = disk.events.get(eventSeq);
        return event === undefined ? [] : [{ event, matches, done }];
      }),
    replays: disk.replays
      .values()
      .filter(({ finishedMs }) => finishedMs === null)
      .toSorted((a, b) => a.seq - b.seq),
    notices: {
      open: disk.notices
        .values()
        .filter(({ openUntilMs }) => openUntilMs !== null)
        .toSorted((a, b) => order(a.id, b.id)),
      mailsWaiting: disk.notices.values().filter(mailWaits).length,
    },
    meta: Object.fromEntries(disk.meta.entries()),
    nextSeq: {
      event: firstUnused([disk.removed.get('event') ?? 0, ...disk.events.values().map((row) => row.seq)]),
      delivery: firstUnused([disk.removed.get('delivery') ?? 0, ...disk.deliveries.values().map((row) => row.seq)]),
      replay: firstUnused([disk.removed.get('replay') ?? 0, ...disk.replays.values().map((row) => row.seq)]),
      endpoint: firstUnused([disk.removed.get('endpoint') ?? 0, ...endpoints.map(({ row }) => row.seq)]),
    },
    cleanStop,
  };
}

function firstUnused(seqs: readonly number[]): number {
  return seqs.reduce((a, b) => Math.max(a, b), 0) + 1;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
