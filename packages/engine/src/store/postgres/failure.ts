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
/** A named statement that the server has not, or has under this name from another: a pooler gave the session another one. */
const NAME_UNKNOWN = '26000';
const NAME_TAKEN = '42P05';
/** What `waxwing.enter` and its neighbours raise (sharing-schema.ts). */
const LEASE_ENDED = 'WX001';
const BEHIND = 'WX002';
const HELD_FOR_MOVE = 'WX003';
export const LOCK_NOT_AVAILABLE = '55P03';
const DISK_FULL = '53100';
/** Of one range, or of all (schema.ts). */
const EVENT_IDS = /^events(_\d+)?_by_id$/;

/** The SQLSTATE that the server answered with; null for an error of the connection. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null;
  return typeof error.code === 'string' && error.code.length === 5 ? error.code : null;
}

/** Whether the server ended the session with its answer: what it was doing may have been committed. */
function endedSession(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC');
}

/** Whether the statement's name was what failed: nothing of it ran. */
export function isNameUnknown(error: unknown): boolean {
  const state = sqlState(error);
  return state === NAME_UNKNOWN || state === NAME_TAKEN;
}

/** Whether another node has ended this one's lease. */
export function isLeaseEnded(error: unknown): boolean {
  return sqlState(error) === LEASE_ENDED;
}

/** Whether a move into the database is under way. */
export function isHeldForMove(error: unknown): boolean {
  return sqlState(error) === HELD_FOR_MOVE;
}

/** Whether a name or an event id that is written already is in the way: judged again, it is a duplicate or a conflict. */
export function isRace(error: unknown): boolean {
  const state = sqlState(error);
  if (state === SERIALIZATION_FAILURE || state === DEADLOCK || isNameUnknown(error)) return true;
  if (state !== UNIQUE_VIOLATION || !(error instanceof Error) || !('constraint' in error)) return false;
  return error.constraint === 'idempotency_pkey' || EVENT_IDS.test(String(error.constraint));
}

/** An error of a statement that is not yet committed: the row's fault, or the store's. */
export function rolledBack(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const state = sqlState(error);
  const isOfRow = state !== null && ROW_CLASSES.has(state.slice(0, 2));
  const kind = state === BEHIND ? 'behind' : isOfRow ? 'row' : 'unavailable';
  return new StoreError(kind, `nothing was written: ${messageOf(error)}`, error, state === DISK_FULL ? 'full' : null);
}

/** An error of what commits: COMMIT, or a statement that is a transaction of its own. */
export function commitFailed(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (sqlState(error) !== null && !endedSession(error)) return rolledBack(error);
  return new StoreError('unknown', `the commit failed: ${messageOf(error)}`, error);
}

/** An error of a read, or of what is tried again as a whole. Throws StoreError `unavailable`. */
export function refused(error: unknown): never {
  const known = rolledBack(error);
  throw known.kind === 'unavailable' ? known : new StoreError('unavailable', known.message, known.cause);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
