// The model store: the store's interface kept by plain data in memory, for simulation and as the measure of the real ones.
//
// No threads, no clock, no randomness: a call takes effect when it is made and resolves in the next microtask, so that one
// seed gives one run. What must outlive it lies on a `ModelDisk`. Faults are injected around it, not in it.

import { WaxwingError } from '@waxwing/protocol';
import type { PendingDelivery } from './rows.ts';
import {
  StoreError,
  type Batch,
  type BatchResult,
  type OpenOptions,
  type RefillQuery,
  type Sharing,
  type Store,
  type StoreReader,
  type StoreSnapshot,
} from './store.ts';
import { ModelDisk } from './model-disk.ts';
import { modelFeedReader } from './model-feed.ts';
import { modelReader, pendingDeliveryOf } from './model-reader.ts';
import { modelNoticeReader } from './model-notice-reader.ts';
import { modelRecoveryReader } from './model-recovery-reader.ts';
import { modelStatReader } from './model-stats.ts';
import { ModelSharing, type ModelShared } from './model-sharing.ts';
import { snapshotOf } from './model-snapshot.ts';
import { ModelWriter } from './model-writer.ts';
import { pendingBytes } from './pending-bytes.ts';

type Place = { readonly dueMs: number; readonly seq: number };

export interface ModelOptions {
  /** Makes it one node of several that share the disk. */
  readonly shared?: ModelShared;
}

/** A store in memory. Two stores on one disk exclude each other as two processes on one folder do, unless they share it. */
export function modelStore(disk: ModelDisk = new ModelDisk(), { shared }: ModelOptions = {}): Store {
  return shared === undefined ? new ModelStore(disk, null) : new SharedModelStore(disk, new ModelSharing(disk, shared));
}

class ModelStore implements Store {
  readonly kind = 'model';
  readonly folder = null;
  readonly read: StoreReader;
  readonly #disk: ModelDisk;
  readonly #writer: ModelWriter;
  readonly #sharing: ModelSharing | null;

  constructor(disk: ModelDisk, sharing: ModelSharing | null) {
    this.#disk = disk;
    this.#sharing = sharing;
    this.#writer = new ModelWriter(disk);
    this.read = {
      ...modelReader(() => this.#held()),
      ...modelRecoveryReader(() => this.#held()),
      ...modelNoticeReader(() => this.#held()),
      ...modelFeedReader(() => this.#held()),
      ...modelStatReader(() => this.#held()),
    };
  }

  async open({ inspect = () => undefined, continues = false }: OpenOptions = {}): Promise<StoreSnapshot> {
    inspect(Object.fromEntries(this.#disk.meta.entries()));
    if (this.#sharing !== null) {
      this.#sharing.open(continues);
      return snapshotOf(this.#disk, true);
    }
    const acquired = this.#disk.acquire(this);
    if (acquired === null) throw new WaxwingError('data_folder_in_use', 'The model disk is held by another store.');
    return snapshotOf(this.#disk, acquired.cleanStop);
  }

  async commit(batch: Batch): Promise<BatchResult> {
    this.#held();
    if (this.#sharing !== null) return this.#sharing.commit(batch, (source) => this.#writer.write(batch, source));
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
    await this.#sharing?.close();
    this.#disk.release(this);
  }

  #held(): ModelDisk {
    if (!(this.#sharing?.isOpen ?? this.#disk.isHeldBy(this))) throw new StoreError('unavailable', 'the store is not open');
    return this.#disk;
  }
}

class SharedModelStore extends ModelStore {
  readonly sharing: Sharing;

  constructor(disk: ModelDisk, sharing: ModelSharing) {
    super(disk, sharing);
    this.sharing = sharing;
  }
}
