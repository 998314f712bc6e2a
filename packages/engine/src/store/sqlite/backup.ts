// Backup: copies an embedded store while another process (or this one) goes on writing to it.
//
//  1. The copy is the store as it stood at one moment: all of it is read within one read transaction. Everything that
//     was acknowledged before the backup began is in it.
//  2. It appears whole or not at all: written under another name, checked, fsynced, then renamed. Nothing is overwritten.
//  3. The folder's lock is not taken. The log cannot be reset meanwhile and grows; it is cut back afterwards.
//
// Without its master key a copy cannot sign: the generated one goes along, readable for its owner only.

import {
  closeSync,
  copyFileSync,
  chmodSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { WaxwingError } from '@waxwing/protocol';
import { DATABASE_FILE } from './database.ts';
import { messageOf } from './failure.ts';
import { APPLICATION_ID } from './schema.ts';

export interface BackupOptions {
  readonly onProgress?: (progress: { readonly copiedPages: number; readonly totalPages: number }) => void;
}

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  /** Where the master key was copied to; null when there is none beside the store, or a lone file was asked for. */
  readonly keyFile: string | null;
  /** Whether a generated master key lies beside the store. */
  readonly hasKey: boolean;
}

const KEY_FILE = 'master.key';
/** 32 MiB between two steps' progress. */
const STEP_PAGES = 4_096;

/**
 * Copies the store in `folder` to `to`: a folder to start from (`waxwing.db` and, where it was generated, `master.key`), or
 * a lone file where the name ends in `.db`. Restoring is putting the folder where `--data` points, while nothing runs on it.
 * Throws `store_unavailable` where there is no store, where the copy exists already, or when it cannot be written.
 */
export async function backupStore(folder: string, to: string, options: BackupOptions = {}): Promise<BackupReport> {
  const source = join(resolve(folder), DATABASE_FILE);
  const alone = to.endsWith('.db');
  const file = alone ? resolve(to) : join(resolve(to), DATABASE_FILE);
  const key = join(resolve(folder), KEY_FILE);
  const keyFile = !alone && existsSync(key) ? join(resolve(to), KEY_FILE) : null;
  if (!existsSync(source)) throw refused(`There is no store at ${resolve(folder)}: give the folder that the server uses.`);
  for (const path of [file, keyFile]) {
    if (path !== null && existsSync(path)) throw refused(`${path} exists already: give the backup a name of its own.`);
  }
  const partial = `${file}.partial`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    rmSync(partial, { force: true }); // of a backup that was cut off
    closeSync(openSync(partial, 'wx', 0o600));
    await copy(source, partial, options);
    check(partial);
    sync(partial, 'r+');
    if (keyFile !== null) {
      copyFileSync(key, keyFile, constants.COPYFILE_EXCL);
      chmodSync(keyFile, 0o600);
      sync(keyFile, 'r+');
    }
    renameSync(partial, file);
    if (process.platform !== 'win32') sync(dirname(file), 'r');
  } catch (error) {
    for (const left of [partial, `${partial}-wal`, `${partial}-shm`]) rmSync(left, { force: true });
    throw error instanceof WaxwingError ? error : refused(`The backup to ${file} failed: ${messageOf(error)}.`, error);
  }
  return { file, bytes: statSync(file).size, keyFile, hasKey: existsSync(key) };
}

async function copy(from: string, to: string, { onProgress }: BackupOptions): Promise<void> {
  const db = new DatabaseSync(from, { readOnly: true, timeout: 5_000 });
  try {
    if (Object.values(db.prepare('PRAGMA application_id').get() ?? {})[0] !== APPLICATION_ID)
      throw refused(`${from} is not a Waxwing store.`);
    // One snapshot from the first page to the last: a copy in steps would otherwise begin anew with every commit.
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    await backup(db, to, {
      rate: STEP_PAGES,
      progress: ({ totalPages, remainingPages }) => onProgress?.({ copiedPages: totalPages - remainingPages, totalPages }),
    });
    db.exec('ROLLBACK');
  } finally {
    db.close();
  }
}

/** Opens the copy as a store would, and looks through all of it. */
function check(file: string): void {
  const db = new DatabaseSync(file);
  try {
    const verdict = Object.values(db.prepare('PRAGMA quick_check').get() ?? {})[0];
    if (verdict !== 'ok') throw refused(`The copy is damaged, and so is the store: ${String(verdict)}.`);
  } finally {
    db.close();
  }
}

function sync(path: string, mode: 'r' | 'r+'): void {
  const handle = openSync(path, mode);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function refused(message: string, cause?: unknown): WaxwingError {
  return new WaxwingError('store_unavailable', message, { cause });
}
