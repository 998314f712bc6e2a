// The database: its settings, its migrations, and the claim of one writer.
//
//  1. Everything lies in a schema of its own (`waxwing`), so that the platform's own tables may share the database.
//  2. Migrations run once when several programs start together: under an advisory lock, each in its own transaction.
//  3. `synchronous_commit` is what makes a commit durable. It is set for the session, read back, and refused when off.
//  4. One writer at a time: a session-level advisory lock that PostgreSQL drops with the session, however that ends.

import { WaxwingError } from '@waxwing/protocol';
import { integer, text } from '../sqlite/columns.ts';
import { messageOf, sqlState } from './failure.ts';
import { LATEST_VERSION, MIGRATIONS } from './schema.ts';
import type { Session } from './session.ts';

/** 'Wxwg': the two halves of Waxwing's advisory locks. */
const LOCK_SPACE = 0x57787767;
const MIGRATION_LOCK = 1;
const WRITER_LOCK = 2;
const OLDEST_SERVER = 150_000;

/** Sets a fresh session up. Rejects with PostgreSQL's error. */
export async function prepareSession(session: Session): Promise<void> {
  await Promise.all([
    session.run({ text: "SET timezone = 'UTC'" }),
    session.run({ text: 'SET idle_in_transaction_session_timeout = 60000' }),
    session.run({ text: 'SET plan_cache_mode = force_generic_plan' }),
  ]);
}

/** Brings the schema up to date. Throws `store_too_new`, `store_unavailable`. */
export async function migrate(session: Session): Promise<void> {
  await checkServer(session);
  await session.run({ text: 'SELECT pg_advisory_lock($1, $2)' }, [LOCK_SPACE, MIGRATION_LOCK]);
  try {
    await session.run({ text: 'CREATE SCHEMA IF NOT EXISTS waxwing' });
    await session.run({
      text: 'CREATE TABLE IF NOT EXISTS waxwing.migrations (version integer PRIMARY KEY, min_compatible integer NOT NULL)',
    });
    const [row = {}] = await session.rows({
      text: 'SELECT coalesce(max(version), 0) AS version, coalesce(max(min_compatible), 0) AS needed FROM waxwing.migrations',
    });
    const version = integer(row, 'version');
    if (version > LATEST_VERSION && integer(row, 'needed') > LATEST_VERSION) {
      throw new WaxwingError(
        'store_too_new',
        `The database was written by a newer Waxwing (schema ${version}, this one knows ${LATEST_VERSION}). Start that version or a later one.`,
      );
    }
    for (const migration of MIGRATIONS) {
      if (migration.version <= version) continue;
      await session.run({ text: 'BEGIN' });
      try {
        await session.run({ text: 'SET LOCAL search_path = waxwing, pg_catalog' });
        for (const statement of migration.sql.split(';\n')) if (statement.trim() !== '') await session.run({ text: statement });
        await session.run({ text: 'INSERT INTO waxwing.migrations VALUES ($1, $2)' }, [migration.version, migration.minCompatible]);
        await session.run({ text: 'COMMIT' });
      } catch (error) {
        await session.run({ text: 'ROLLBACK' });
        throw error;
      }
    }
  } finally {
    if (!session.lost) await session.run({ text: 'SELECT pg_advisory_unlock($1, $2)' }, [LOCK_SPACE, MIGRATION_LOCK]);
  }
}

async function checkServer(session: Session): Promise<void> {
  const [version = {}] = await session.rows({ text: "SELECT current_setting('server_version_num')::integer AS version" });
  if (integer(version, 'version') < OLDEST_SERVER) {
    throw new WaxwingError('store_unavailable', 'PostgreSQL 15 or later is needed; this server is older.');
  }
  const [durable = {}] = await session.rows({
    text: "SELECT current_setting('synchronous_commit') AS commits, current_setting('fsync') AS fsync, pg_is_in_recovery()::integer AS replica",
  });
  if (text(durable, 'commits') === 'off') {
    throw new WaxwingError(
      'store_unavailable',
      'synchronous_commit is off for this role or database: a commit would not be durable. Set it to on (or remote_apply).',
    );
  }
  if (integer(durable, 'replica') === 1) {
    throw new WaxwingError('store_unavailable', 'This server is a read-only replica. Give Waxwing the address of the primary.');
  }
}

/** Whether this session is the one writer now. */
export async function claimWriter(session: Session): Promise<boolean> {
  const [row = {}] = await session.rows({ text: 'SELECT pg_try_advisory_lock($1, $2)::integer AS taken' }, [LOCK_SPACE, WRITER_LOCK]);
  return integer(row, 'taken') === 1;
}

export async function readFact(session: Session, name: string): Promise<string | null> {
  const [row] = await session.rows({ text: 'SELECT value FROM waxwing.store_facts WHERE name = $1' }, [name]);
  return row === undefined ? null : text(row, 'value');
}

export async function writeFact(session: Session, name: string, value: string): Promise<void> {
  await session.run(
    { text: 'INSERT INTO waxwing.store_facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value' },
    [name, value],
  );
}

/** Why the database cannot be opened, in words; the URL's password is never among them. */
export function openingError(error: unknown, place: string): WaxwingError {
  if (error instanceof WaxwingError) return error;
  const state = sqlState(error);
  const hint =
    state === '28P01' || state === '28000' ? ' Check the user and password.' : state === '3D000' ? ' Create the database first.' : '';
  return new WaxwingError('store_unavailable', `The database at ${place} cannot be opened: ${messageOf(error)}.${hint}`, { cause: error });
}
