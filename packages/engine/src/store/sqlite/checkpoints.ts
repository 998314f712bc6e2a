// Checkpoints: bring the log's pages into the database file, when enough have gathered and after the commit was answered.
//
// Asked explicitly rather than left to COMMIT (`wal_autocheckpoint`), because SQLite drops the errors of an automatic one:
// a failed fsync of the database file would go unseen, the log would be reset, and what it held be lost. PASSIVE never
// waits for a reader; a reader in the middle of a page makes it stop short, and the next one goes on from there.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integer } from '../columns.ts';

/** 8 MiB of log: about 4 ms of work at 200 deliveries a batch. Four times as much makes fewer, but stalls of 25 ms. */
const LOG_PAGES = 1_000;

export class Checkpoints {
  readonly #look: StatementSync;
  readonly #run: StatementSync;

  constructor(db: DatabaseSync) {
    // NOOP tells the log's length for 1.5 µs. An SQLite before 3.51 takes the word for PASSIVE: as safe, and slower.
    this.#look = db.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#run = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** Throws SQLite's error when a write or fsync fails: the store must then be opened anew, save where the disk is full. */
  afterCommit(): void {
    const row = this.#look.get() ?? {};
    if (integer(row, 'log') - integer(row, 'checkpointed') >= LOG_PAGES) this.#run.get();
  }
}
