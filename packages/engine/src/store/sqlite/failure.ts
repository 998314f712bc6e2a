// Failure: what an error of SQLite means for the caller of the store. Primary result codes: sqlite.org/rescode.html.

import { StoreError, type DiskFault } from '../store.ts';

const BUSY = 5;
const LOCKED = 6;
const NO_MEMORY = 7;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
const IO_ERROR_FSYNC = 10 | (4 << 8);
const IO_ERROR_DIR_FSYNC = 10 | (5 << 8);

const STORE_CODES: ReadonlySet<number> = new Set([
  BUSY,
  LOCKED,
  NO_MEMORY,
  READ_ONLY,
  IO_ERROR,
  CORRUPT,
  FULL,
  CANNOT_OPEN,
  NOT_A_DATABASE,
]);

/** SQLite's extended result code, when the error has one. */
export function resultCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode : null;
}

export function isBusy(error: unknown): boolean {
  return ((resultCode(error) ?? 0) & 0xff) === BUSY;
}

/** After a failed fsync nobody knows what is on disk, whatever a second try says: never just retried. */
export function isFailedFsync(error: unknown): boolean {
  const code = resultCode(error);
  return code === IO_ERROR_FSYNC || code === IO_ERROR_DIR_FSYNC;
}

/** Whether it is the disk's fault: SQLite's own words, or the system's for what is done beside it. */
export function diskFault(error: unknown): DiskFault | null {
  const primary = (resultCode(error) ?? 0) & 0xff;
  if (primary === FULL) return 'full';
  if (primary === IO_ERROR) return 'failing';
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'full';
  return code === 'EIO' || code === 'EFBIG' ? 'failing' : null;
}

/** An error before COMMIT, after which the transaction was rolled back: the row's fault, or the store's. */
export function rolledBack(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const primary = (resultCode(error) ?? 0) & 0xff;
  const kind = STORE_CODES.has(primary) ? 'unavailable' : 'row';
  return new StoreError(kind, `nothing was written: ${messageOf(error)}`, error, diskFault(error));
}

/** An error of COMMIT itself. A full disk and a lock are found before the commit record is written; anything else is open. */
export function commitFailed(error: unknown, stillInTransaction: boolean): StoreError {
  const primary = (resultCode(error) ?? 0) & 0xff;
  if (primary === FULL || (primary === BUSY && stillInTransaction)) {
    return new StoreError('unavailable', `nothing was written: ${messageOf(error)}`, error, diskFault(error));
  }
  return new StoreError('unknown', `the commit failed: ${messageOf(error)}`, error, diskFault(error));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
