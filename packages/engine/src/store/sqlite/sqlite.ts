// The embedded store: SQLite in a folder, behind the store's one interface. The default (DESIGN §6).
//
// Two threads. The writer's does everything that is asked in order, on one connection; the reader's answers people, and
// is started again if it fails. Nothing here blocks the engine's own thread but the cost of sending a message.

import { resolve } from 'node:path';
import { WaxwingError } from '@waxwing/protocol';
import type { PendingDelivery } from '../rows.ts';
import { StoreError } from '../store.ts';
import type { Batch, BatchResult, GroupResult, InsertResult, RefillQuery, Store, StoreReader, StoreSnapshot } from '../store.ts';
import type { WireResult } from './batch-writer.ts';
import { StoreThread } from './store-thread.ts';
import type { ReaderCall, ThreadSettings, WriterCall } from './thread-messages.ts';
import { encodeBatch } from './wire.ts';

export interface SqliteOptions {
  /** Memory that the writer may keep of the database, in bytes. Default 16 MiB; the reader takes a quarter of it. */
  readonly cacheBytes?: number;
}

const CACHE_BYTES = 16 * 1_048_576;
const WRITER = entry('./writer-thread');
const READER = entry('./reader-thread');
const STORED: InsertResult = { kind: 'stored' };
const STORED_ALONE: GroupResult = { kind: 'stored', inserts: [STORED] };

/**
 * The embedded store in a folder, which is created (for its owner only) where it does not exist. Opens nothing yet.
 * One process holds a folder at a time: `open` throws `data_folder_in_use` otherwise, at once.
 * @example const engine = await createEngine({ store: sqlite('./waxwing-data') });
 */
export function sqlite(folder: string, options: SqliteOptions = {}): Store {
  return new SqliteStore(resolve(folder), options.cacheBytes ?? CACHE_BYTES);
}

class SqliteStore implements Store {
  readonly kind = 'sqlite';
  readonly folder: string;
  readonly read: StoreReader;
  readonly #cacheBytes: number;
  #writer: StoreThread<WriterCall> | null = null;
  #reader: StoreThread<ReaderCall> | null = null;
  #isOpen = false;
  #closing: Promise<void> | null = null;

  constructor(folder: string, cacheBytes: number) {
    this.folder = folder;
    this.#cacheBytes = cacheBytes;
    this.read = {
      events: (query) => this.#askReader({ verb: 'events', query }),
      event: (tenant, id) => this.#askReader({ verb: 'event', tenant, id }),
      deliveries: (query) => this.#askReader({ verb: 'deliveries', query }),
      delivery: (id) => this.#askReader({ verb: 'delivery', id }),
      attempts: (deliverySeq) => this.#askReader({ verb: 'attempts', deliverySeq }),
      endpoint: (seq) => this.#askReader({ verb: 'endpoint', seq }),
      endpointEver: (id) => this.#askReader({ verb: 'endpointEver', id }),
      replay: (id) => this.#askReader({ verb: 'replay', id }),
      replays: (query) => this.#askReader({ verb: 'replays', query }),
      replayCounts: (replaySeq) => this.#askReader({ verb: 'replayCounts', replaySeq }),
      replayPending: (replaySeq, limit) => this.#askReader({ verb: 'replayPending', replaySeq, limit }),
      selection: (query) => this.#askReader({ verb: 'selection', query }),
      selectionCounts: (query) => this.#askReader({ verb: 'selectionCounts', query }),
      oldDeliveries: (query) => this.#askReader({ verb: 'oldDeliveries', query }),
      oldEvents: (query) => this.#askReader({ verb: 'oldEvents', query }),
      notices: (query) => this.#askReader({ verb: 'notices', query }),
      mailsDue: (limit) => this.#askReader({ verb: 'mailsDue', limit }),
      counts: () => this.#askReader({ verb: 'counts' }),
      stats: (query) => this.#askReader({ verb: 'stats', query }),
      endpointStats: (query) => this.#askReader({ verb: 'endpointStats', query }),
      oldestPending: (endpointSeqs) => this.#askReader({ verb: 'oldestPending', endpointSeqs }),
      feed: (query) => this.#askReader({ verb: 'feed', query }),
      feedHead: () => this.#askReader({ verb: 'feedHead' }),
    };
  }

  async open(): Promise<StoreSnapshot> {
    await this.#closing;
    if (this.#writer !== null) throw new WaxwingError('data_folder_in_use', `The store in ${this.folder} is open already.`);
    const writer = new StoreThread<WriterCall>(WRITER, 'waxwing-store', this.#settings(this.#cacheBytes));
    this.#writer = writer;
    try {
      const snapshot = await writer.ask<StoreSnapshot>({ verb: 'open' });
      this.#isOpen = this.#writer === writer;
      return snapshot;
    } catch (error) {
      if (this.#writer === writer) this.#writer = null;
      await writer.terminate();
      throw error instanceof WaxwingError
        ? error
        : new WaxwingError('store_unavailable', `The store in ${this.folder} cannot be opened.`, { cause: error });
    }
  }

  async commit(batch: Batch): Promise<BatchResult> {
    const { groups, changes } = await this.#askWriter<WireResult>({ verb: 'commit', batch: encodeBatch(batch) });
    const results: GroupResult[] = batch.groups.map(({ inserts }) =>
      inserts.length === 1 ? STORED_ALONE : { kind: 'stored', inserts: inserts.map(() => STORED) },
    );
    for (const [index, result] of groups) results[index] = result;
    return { groups: results, changes };
  }

  async refill(query: RefillQuery): Promise<readonly PendingDelivery[]> {
    return this.#askWriter({ verb: 'refill', query });
  }

  async load(seqs: readonly number[]): Promise<readonly PendingDelivery[]> {
    return this.#askWriter({ verb: 'load', seqs });
  }

  /** Never rejects: what was committed is on disk already, and a stop that could not be marked counts as unclean. */
  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = null;
    });
    return this.#closing;
  }

  async #close(): Promise<void> {
    const reader = this.#reader;
    const writer = this.#writer;
    this.#reader = null;
    this.#writer = null;
    this.#isOpen = false;
    // The reader first: the writer empties the log, which needs everyone else out of it.
    if (reader !== null) await end(reader, { verb: 'close' });
    if (writer !== null) await end(writer, { verb: 'close' });
  }

  async #askWriter<R>(call: WriterCall): Promise<R> {
    if (this.#writer === null) throw notOpen();
    return this.#writer.ask<R>(call);
  }

  async #askReader<R>(call: ReaderCall): Promise<R> {
    if (!this.#isOpen) throw notOpen();
    if (this.#reader === null || this.#reader.dead) {
      this.#reader = new StoreThread<ReaderCall>(READER, 'waxwing-store-reader', this.#settings(this.#cacheBytes / 4));
    }
    return this.#reader.ask<R>(call);
  }

  #settings(cacheBytes: number): ThreadSettings {
    return { folder: this.folder, cacheBytes };
  }
}

async function end<Call>(thread: StoreThread<Call>, close: Call): Promise<void> {
  await thread.ask<null>(close).then(
    () => thread.ended(),
    () => thread.terminate(),
  );
}

function notOpen(): StoreError {
  return new StoreError('unavailable', 'the store is not open');
}

function entry(path: string): URL {
  return new URL(import.meta.url.endsWith('.ts') ? `${path}.ts` : `${path}.js`, import.meta.url);
}
