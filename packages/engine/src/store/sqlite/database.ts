// The database: the folder, its lock, the file with its settings, and its migrations.
//
//  1. One process, and one store within it, holds a folder. The lock is SQLite's own on `lock.db`, held exclusively for
//     life: the operating system drops it with the process, however that ends, and nothing is left behind. `waxwing.db`
//     itself keeps ordinary locking, since the reader's connection shares it. No file of the folder may be opened and
//     closed by any other means in this process: POSIX drops all of a process's locks on a file when it closes any handle.
//  2. `synchronous=FULL` in WAL mode is what makes a commit durable. It is set, read back, and refused if it did not take.
//  3. Checkpoints are made by the writer when it chooses (checkpoints.ts), never within a COMMIT: SQLite would swallow
//     their errors, a failed fsync among them.
//  4. A log that the last run left behind is written to disk anew before anything builds on it (log-rewrite.ts).

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { integer, text } from '../columns.ts';
import { diskFault, isBusy, messageOf } from './failure.ts';
import { rewriteLog } from './log-rewrite.ts';
import { APPLICATION_ID, LATEST_VERSION, MIGRATIONS, type Migration } from './schema.ts';

/** Why a store cannot be opened; becomes a WaxwingError on the other side of the thread. */
export class OpeningError extends Error {
  readonly code: 'data_folder_in_use' | 'store_too_new' | 'store_unavailable' | 'disk_full' | 'disk_failing';
  constructor(code: OpeningError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'OpeningError';
    this.code = code;
  }
}

export interface OpenDatabase {
  readonly db: DatabaseSync;
  /** Whether the last run closed the store; a new store counts as closed. */
  readonly cleanStop: boolean;
  /** Marks the stop as clean if asked to, and frees the file and the folder. Otherwise the log stays as it is, for the next opening. */
  close(clean: boolean): void;
}

export const DATABASE_FILE = 'waxwing.db';
const LOCK_FILE = 'lock.db';

/** Pages of 8 KiB dirty fewer than 4 KiB ones in a batch (9 % less time at 200 rows), at 5 % more for a lone row. */
const PAGE_BYTES = 8_192;
/** A log that a long read made grow is cut back to this when it is next reset. */
const LOG_BYTES_KEPT = 64 * 1_048_576;
/** How long another program's lock on the file (a backup tool's, a shell's) is waited for. */
const BUSY_TIMEOUT_MS = 1_000;

/** Throws OpeningError. */
export function openDatabase(folder: string, cacheBytes: number): OpenDatabase {
  createFolder(folder);
  const lock = takeLock(folder);
  let db: DatabaseSync | null = null;
  try {
    rewriteLog(join(folder, `${DATABASE_FILE}-wal`));
    db = openFile(folder, cacheBytes);
    migrate(db, folder);
    const cleanStop = readFact(db, 'stop') !== 'open';
    writeFact(db, 'stop', 'open');
    return closable(db, lock, folder, cleanStop);
  } catch (error) {
    db?.close();
    lock.close();
    throw error instanceof OpeningError ? error : unavailable(folder, error);
  }
}

function closable(db: DatabaseSync, lock: DatabaseSync, folder: string, cleanStop: boolean): OpenDatabase {
  return {
    db,
    cleanStop,
    close(clean) {
      try {
        if (clean) {
          writeFact(db, 'stop', 'clean');
          db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
          db.close();
        } else {
          closeAsItIs(db, folder);
        }
      } finally {
        if (db.isOpen) db.close();
        lock.close();
      }
    },
  };
}

/**
 * The last connection that closes would bring the log into the database file: after a failed fsync that is the retry that
 * must not be (a log that is not on disk is no ground to overwrite the file from). One that only reads is last, and cannot.
 */
function closeAsItIs(db: DatabaseSync, folder: string): void {
  const witness = new DatabaseSync(join(folder, DATABASE_FILE), { readOnly: true });
  try {
    witness.prepare('SELECT count(*) FROM sqlite_schema').get(); // takes its place in the file
    db.close();
  } finally {
    witness.close();
  }
}

function createFolder(folder: string): void {
  try {
    if (existsSync(folder)) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    syncFolder(dirname(folder));
  } catch (error) {
    throw unavailable(folder, error);
  }
}

/** So that the folder's own name outlives a power failure. Windows cannot do it, and does not need it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function takeLock(folder: string): DatabaseSync {
  let lock: DatabaseSync | null = null;
  try {
    lock = new DatabaseSync(createPrivate(join(folder, LOCK_FILE)), { timeout: 0 });
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE'); // nothing is ever written to it
    return lock;
  } catch (error) {
    lock?.close();
    if (!isBusy(error)) throw unavailable(folder, error);
    throw new OpeningError(
      'data_folder_in_use',
      `The data folder ${folder} is in use by another Waxwing process. Stop that one first, or give this one a folder of its own.`,
      error,
    );
  }
}

/** Makes an empty file that only its owner can read, where there is none; SQLite gives its log the same mode. */
function createPrivate(path: string): string {
  try {
    closeSync(openSync(path, 'wx', 0o600)); // fails on a file that is there, rather than open and close it (invariant 1)
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
  return path;
}

function openFile(folder: string, cacheBytes: number): DatabaseSync {
  const db = new DatabaseSync(createPrivate(join(folder, DATABASE_FILE)), { enableForeignKeyConstraints: false, timeout: BUSY_TIMEOUT_MS });
  try {
    const applicationId = pragma(db, 'application_id');
    if (applicationId !== APPLICATION_ID && integer(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get() ?? {}, 'n') > 0) {
      throw new OpeningError(
        'store_unavailable',
        `${join(folder, DATABASE_FILE)} is a database of another program. Give Waxwing a folder of its own.`,
      );
    }
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = NONE`);
    db.exec('PRAGMA journal_mode = WAL');
    db.exec(`PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA wal_autocheckpoint = 0;
      PRAGMA journal_size_limit = ${LOG_BYTES_KEPT}; PRAGMA temp_store = MEMORY; PRAGMA cache_size = ${-Math.ceil(cacheBytes / 1024)};
      PRAGMA trusted_schema = OFF`);
    checkDurability(db, folder);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function checkDurability(db: DatabaseSync, folder: string): void {
  const journal = pragma(db, 'journal_mode');
  const synchronous = pragma(db, 'synchronous');
  if (journal === 'wal' && synchronous === 2) return;
  throw new OpeningError(
    'store_unavailable',
    `The store in ${folder} cannot be made durable: SQLite keeps journal_mode=${String(journal)}, synchronous=${String(synchronous)} where WAL and FULL are needed. Use a folder on a local file system.`,
  );
}

function migrate(db: DatabaseSync, folder: string): void {
  const version = pragma(db, 'user_version');
  if (typeof version !== 'number') throw new OpeningError('store_unavailable', `The store in ${folder} has no version.`);
  if (version > LATEST_VERSION) {
    const needed = Number(readFact(db, 'min_compatible') ?? version);
    if (needed <= LATEST_VERSION) return;
    throw new OpeningError(
      'store_too_new',
      `The store in ${folder} was written by a newer Waxwing (schema ${version}, this one knows ${LATEST_VERSION}). Start that version or a later one.`,
    );
  }
  for (const migration of MIGRATIONS) if (migration.version > version) apply(db, migration);
}

function apply(db: DatabaseSync, migration: Migration): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(migration.sql);
    writeFact(db, 'min_compatible', String(migration.minCompatible));
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migration.version}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function readFact(db: DatabaseSync, name: string): string | null {
  const row = db.prepare('SELECT value FROM store_facts WHERE name = ?').get(name);
  return row === undefined ? null : text(row, 'value');
}

function writeFact(db: DatabaseSync, name: string, value: string): void {
  db.prepare('INSERT OR REPLACE INTO store_facts (name, value) VALUES (?, ?)').run(name, value);
}

function pragma(db: DatabaseSync, name: string): unknown {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

function unavailable(folder: string, error: unknown): OpeningError {
  const fault = diskFault(error);
  const code = fault === null ? 'store_unavailable' : fault === 'full' ? 'disk_full' : 'disk_failing';
  return new OpeningError(code, `The store in ${folder} cannot be opened: ${messageOf(error)}.`, error);
}
