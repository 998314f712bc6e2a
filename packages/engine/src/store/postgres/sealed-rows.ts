// The rows that hold something sealed, rewritten all at once: for a change of the master key.
//
//  1. One transaction, while no node is alive, and none can join: it holds the lock that a node which joins must find free.
//  2. Nodes that left, or whose lease ran out, cannot come back to what they were: their epochs are raised. Whoever starts
//     afterwards reads everything anew.
//  3. Before the commit everything is read back and checked. When the commit's answer is lost, the database is asked which
//     of the two it holds, after the transaction has ended there.

import { WaxwingError } from '@waxwing/protocol';
import { integer, json, text, type SqlRow } from '../columns.ts';
import type { EndpointRow } from '../rows.ts';
import { migrate, openingError, placeOf, readMeta, refuseHalfMoved } from './database.ts';
import { messageOf } from './failure.ts';
import { LEASE_MS } from './membership.ts';
import { LOCK_SPACE, MOVE_LOCK } from './sharing-schema.ts';
import { clientConfig, Session } from './session.ts';

/** An endpoint as its row is kept. */
export type KeptEndpoint = Omit<EndpointRow, 'lastTriggeredMs'>;

export interface SealedRows {
  readonly meta: { readonly [name: string]: string };
  readonly endpoints: readonly KeptEndpoint[];
}

export interface SealedChange {
  /** What is to be there in their place: the same endpoints, and the entries of `meta` that are to be other ones. */
  rewrite(was: SealedRows): SealedRows;
  /** Throws when what was read back is not what it should be. */
  check(now: SealedRows): void;
}

const ROWS_AT_ONCE = 500;
const LOCK_WAIT_MS = 5_000;
/** How long what a dead node left under way has to end: longer than the server leaves a transaction idle (sharing-schema.ts). */
const PATIENCE_MS = 20_000;

/**
 * Throws `data_folder_in_use` (with who is alive), `invalid_setting` (no store there), `store_unavailable`, `store_too_new`,
 * `commit_unknown`, and what `rewrite` and `check` throw. Whatever it throws save `commit_unknown`, nothing was changed.
 */
export async function rewriteSealedRows(url: string, change: SealedChange): Promise<void> {
  const place = placeOf(url);
  let session: Session | null = null;
  try {
    session = await Session.connect(clientConfig(url, 'waxwing-master-key'));
    await requireStore(session, place);
    await migrate(session);
    await refuseHalfMoved(session);
    await session.rows({ text: END_DEAD }, [LEASE_MS, PATIENCE_MS]);
    const rewritten = await within(session, (held) => rewriteIn(held, place, change));
    if (await committed(session)) return;
    await session.end();
    session = await Session.connect(clientConfig(url, 'waxwing-master-key')).catch(unknown);
    const meta = await within(session, async (held) => {
      await held.run({ text: 'SELECT pg_advisory_xact_lock($1, $2)' }, [LOCK_SPACE, MOVE_LOCK]); // the former transaction has ended
      return readMeta(held);
    }).catch(unknown);
    if (Object.entries(rewritten.meta).every(([name, value]) => meta[name] === value)) return;
    throw new WaxwingError('store_unavailable', `The database at ${place} went away before the change was committed: nothing was changed.`);
  } catch (error) {
    throw openingError(error, place);
  } finally {
    await session?.end();
  }
}

/** A mistyped database is left as it is, rather than made a store. */
async function requireStore(session: Session, place: string): Promise<void> {
  const [row = {}] = await session.rows({ text: "SELECT (to_regclass('waxwing.migrations') IS NOT NULL)::integer AS there" });
  if (integer(row, 'there') !== 1) throw new WaxwingError('invalid_setting', `There is no Waxwing store in the database at ${place}.`);
}

/** Begins a transaction and does the work in it; what goes wrong is rolled back. */
async function within<R>(session: Session, work: (session: Session) => Promise<R>): Promise<R> {
  await session.run({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE' });
  try {
    await session.run({ text: `SET LOCAL lock_timeout = ${LOCK_WAIT_MS}` });
    await session.run({ text: 'SET LOCAL synchronous_commit = on' });
    return await work(session);
  } catch (error) {
    await session.run({ text: 'ROLLBACK' }).catch(() => undefined);
    throw error;
  }
}

/** False when the answer was lost. */
async function committed(session: Session): Promise<boolean> {
  try {
    await session.run({ text: 'COMMIT' });
    return true;
  } catch (error) {
    if (session.lost) return false;
    throw error;
  }
}

async function rewriteIn(session: Session, place: string, change: SealedChange): Promise<SealedRows> {
  await beAlone(session, place);
  const was = await readSealed(session);
  const wanted = change.rewrite(was);
  for (let at = 0; at < wanted.endpoints.length; at += ROWS_AT_ONCE) {
    const part = wanted.endpoints.slice(at, at + ROWS_AT_ONCE);
    await session.run({ text: PUT_ENDPOINTS }, [part.map(({ seq }) => seq), part.map((row) => JSON.stringify(row))]);
  }
  for (const [name, value] of Object.entries(wanted.meta)) await session.run({ text: PUT_META }, [name, value]);
  const now = await readSealed(session);
  if (now.endpoints.length !== was.endpoints.length)
    throw new WaxwingError('store_unavailable', `The database at ${place} does not give back what was written; nothing was changed.`);
  change.check(now);
  return wanted;
}

async function beAlone(session: Session, place: string): Promise<void> {
  const [lock = {}] = await session.rows({ text: 'SELECT pg_try_advisory_xact_lock($1, $2)::integer AS got' }, [LOCK_SPACE, MOVE_LOCK]);
  const alive = await session.rows({ text: 'SELECT id, version FROM waxwing.nodes WHERE NOT is_gone ORDER BY started_ms, id' });
  if (alive.length > 0)
    throw new WaxwingError(
      'data_folder_in_use',
      `Waxwing runs on the database at ${place}: ${alive.map(named).join(', ')}. Stop all nodes first.`,
    );
  if (integer(lock, 'got') !== 1)
    throw new WaxwingError(
      'data_folder_in_use',
      `A node is just joining the database at ${place}, or a move into it is under way. Try again.`,
    );
  await session.run({ text: 'UPDATE waxwing.nodes SET epoch = epoch + 1' });
}

function named(row: SqlRow): string {
  return `${text(row, 'id')} (version ${text(row, 'version')})`;
}

async function readSealed(session: Session): Promise<SealedRows> {
  const rows = await session.rows({ text: 'SELECT "row" FROM waxwing.endpoints WHERE deleted_ms IS NULL ORDER BY seq' });
  return { meta: await readMeta(session), endpoints: rows.map((row) => json<KeptEndpoint>(row, 'row')) };
}

function unknown(error: unknown): never {
  throw new WaxwingError(
    'commit_unknown',
    `Whether the change was committed is not known: ${messageOf(error)}. Give the command again when the database is back: it tells whether the store has the new key already.`,
    { cause: error },
  );
}

const END_DEAD = `SELECT waxwing.end_node(no, epoch, $1, $2) FROM waxwing.nodes
  WHERE NOT is_gone AND abs(extract(epoch FROM clock_timestamp() - renewed_at)) * 1000 > $1`;
const PUT_ENDPOINTS = `UPDATE waxwing.endpoints e SET "row" = n."row" FROM unnest($1::bigint[], $2::text[]) AS n(seq, "row")
  WHERE e.seq = n.seq AND e.deleted_ms IS NULL`;
const PUT_META = 'INSERT INTO waxwing.meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
