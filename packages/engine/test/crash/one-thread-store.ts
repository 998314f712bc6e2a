// The SQLite store without its threads: the same opening, writer and pending reader on a real file, in the test's own thread,
// so that a test can take the disk's room away and make its fsync fail. What the writer's thread does with errors on their way
// to the engine is done here as there.

import { WaxwingError } from '@waxwing/protocol';
import { modelStore } from '../../src/store/model.ts';
import { BatchWriter } from '../../src/store/sqlite/batch-writer.ts';
import { OpeningError, openDatabase, type OpenDatabase } from '../../src/store/sqlite/database.ts';
import { PendingReader } from '../../src/store/sqlite/pending-reader.ts';
import { readSnapshot } from '../../src/store/sqlite/snapshot.ts';
import { encodeBatch } from '../../src/store/sqlite/wire.ts';
import { StoreError, type Batch, type BatchResult, type GroupResult, type Store } from '../../src/store/store.ts';

const CACHE_BYTES = 1_048_576;
/** SQLITE_IOERR_FSYNC. */
const IO_ERROR_FSYNC = 10 | (4 << 8);

interface Opened {
  readonly database: OpenDatabase;
  readonly batches: BatchWriter;
  readonly pending: PendingReader;
}

export class OneThreadStore implements Store {
  readonly kind = 'sqlite';
  readonly folder: string;
  readonly read: Store['read'] = modelStore().read;
  /** While true every COMMIT reaches the file and says that its fsync failed; nothing can be opened. */
  fsyncFails = false;
  opened = 0;
  /** COMMITs that were asked of SQLite while fsync failed. */
  failedCommits = 0;
  #open: Opened | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Takes the room that is left away, or gives it back. SQLite then says SQLITE_FULL of its own. */
  set isFull(full: boolean) {
    const { db } = this.#whole().database;
    const pages = Number(Object.values(db.prepare('PRAGMA page_count').get() ?? {})[0]);
    db.exec(`PRAGMA max_page_count = ${full ? pages : 1_000_000}`);
  }

  open(): ReturnType<Store['open']> {
    return answered(() => {
      this.opened += 1;
      if (this.fsyncFails) throw new OpeningError('disk_failing', 'the folder cannot be opened: disk I/O error');
      const database = openDatabase(this.folder, CACHE_BYTES);
      const { db } = database;
      const exec = db.exec.bind(db);
      db.exec = (sql) => {
        exec(sql);
        if (sql !== 'COMMIT' || !this.fsyncFails) return;
        this.failedCommits += 1;
        throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: IO_ERROR_FSYNC });
      };
      this.#open = { database, batches: new BatchWriter(db), pending: new PendingReader(db) };
      return readSnapshot(db, database.cleanStop);
    });
  }

  commit(batch: Batch): Promise<BatchResult> {
    return answered(() => {
      const { groups, changes } = this.#whole().batches.write(encodeBatch(batch));
      const results: GroupResult[] = batch.groups.map(({ inserts }) => ({
        kind: 'stored',
        inserts: inserts.map(() => ({ kind: 'stored' as const })),
      }));
      for (const [index, result] of groups) results[index] = result;
      return { groups: results, changes };
    });
  }

  refill(query: Parameters<Store['refill']>[0]): ReturnType<Store['refill']> {
    return answered(() => this.#whole().pending.refill(query));
  }

  load(seqs: readonly number[]): ReturnType<Store['load']> {
    return answered(() => this.#whole().pending.load(seqs));
  }

  async close(): Promise<void> {
    this.#open?.database.close(!this.#open.batches.broken);
    this.#open = null;
  }

  #whole(): Opened {
    if (this.#open === null) throw new StoreError('unavailable', 'the store is not open');
    return this.#open;
  }
}

async function answered<T>(work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    throw error instanceof OpeningError ? new WaxwingError(error.code, error.message) : error;
  }
}
