// Failure: what an error of PostgreSQL, or of the connection to it, means for the caller of the store.
//
// An error that carries an SQLSTATE was answered by the server, and the transaction was rolled back, unless the server was
// going down as it said so. An error without one is the connection's: what was under way may or may not have happened.
// Classes of SQLSTATE: postgresql.org/docs/current/errcodes-appendix.html.

import { StoreError } from '../store.ts';

const DATA_EXCEPTION = '22';
const INTEGRITY_VIOLATION = '23';
const PROGRAM_LIMIT = '54';
const ROW_CLASSES: ReadonlySet<string> = new Set([DATA_EXCEPTION, INTEGRITY_VIOLATION, PROGRAM_LIMIT]);
const UNIQUE_VIOLATION = '23505';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';

/** The SQLSTATE that the server answered with; null for an error of the connection. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null;
  return typeof error.code === 'string' && error.code.length === 5 ? error.code : null;
}

/** Whether the server ended the session with its answer: what it was doing may have been committed. */
function endedSession(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC');
}

/** Whether a name or an event id that another transaction wrote meanwhile is in the way: judged again, it is a duplicate or a conflict. */
export function isRace(error: unknown): boolean {
  const state = sqlState(error);
  if (state === SERIALIZATION_FAILURE || state === DEADLOCK) return true;
  if (state !== UNIQUE_VIOLATION || !(error instanceof Error) || !('constraint' in error)) return false;
  return error.constraint === 'idempotency_pkey' || error.constraint === 'events_by_id';
}

/** An error of a statement that is not yet committed: the row's fault, or the store's. */
export function rolledBack(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const state = sqlState(error);
  const kind = state !== null && ROW_CLASSES.has(state.slice(0, 2)) ? 'row' : 'unavailable';
  return new StoreError(kind, `nothing was written: ${messageOf(error)}`, error);
}

/** An error of what commits: COMMIT, or a statement that is a transaction of its own. */
export function commitFailed(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (sqlState(error) !== null && !endedSession(error)) return rolledBack(error);
  return new StoreError('unknown', `the commit failed: ${messageOf(error)}`, error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
