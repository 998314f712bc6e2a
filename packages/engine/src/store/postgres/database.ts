// The database: its settings, its migrations, and what is wrong with one that cannot be opened.
//
//  1. Everything lies in a schema of its own (`waxwing`), so that the platform's own tables may share the database.
//  2. Migrations run once when several programs start together: under an advisory lock, all in one transaction.
//  3. `synchronous_commit` is what makes a commit durable. It is refused when off; every commit looks once more (`waxwing.enter`).

import { WaxwingError } from '@waxwing/protocol';
import { integer, text } from '../columns.ts';
import { messageOf, sqlState } from './failure.ts';
import { makeAhead } from './partitions.ts';
import { LATEST_VERSION, MIGRATIONS } from './schema.ts';
import { LOCK_SPACE, MIGRATION_LOCK, PLANNED_FOR_GROWTH } from './sharing-schema.ts';
import type { Session } from './session.ts';

const OLDEST_SERVER = 150_000;

/** Sets up a session that is the store's own all the time: what makes it quicker, and nothing that anything relies on. Rejects with PostgreSQL's error. */
export async function hastenSession(session: Session): Promise<void> {
  const settings = ['plan_cache_mode = force_generic_plan', 'jit = off', ...PLANNED_FOR_GROWTH.map((setting) => `${setting} = off`)];
  await Promise.all(settings.map((setting) => session.run({ text: `SET ${setting}` })));
}

/** Brings the schema up to date. Throws `store_too_new`, `store_unavailable`. */
export async function migrate(session: Session): Promise<void> {
  await checkServer(session);
  await session.run({ text: 'BEGIN' });
  try {
    await session.run({ text: 'SELECT pg_advisory_xact_lock($1, $2)' }, [LOCK_SPACE, MIGRATION_LOCK]);
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
    await refuseUnreleased(session);
    await session.run({ text: 'SET LOCAL search_path = waxwing, pg_catalog' });
    for (const migration of MIGRATIONS) {
      if (migration.version <= version) continue;
      await session.run({ text: migration.sql });
      await session.run({ text: 'INSERT INTO waxwing.migrations VALUES ($1, $2)' }, [migration.version, migration.minCompatible]);
    }
    await session.run({ text: 'COMMIT' });
  } catch (error) {
    await session.run({ text: 'ROLLBACK' }).catch(() => undefined);
    throw error;
  }
  await makeAhead(session);
}

/** Builds before the first release had one acting node, and other tables under the same versions. */
async function refuseUnreleased(session: Session): Promise<void> {
  const [row = {}] = await session.rows({ text: "SELECT (to_regclass('waxwing.tenure') IS NOT NULL)::integer AS is_old" });
  if (integer(row, 'is_old') === 1)
    throw new WaxwingError(
      'store_unavailable',
      'The schema waxwing is of a build from before the first release, which this version cannot take over. Start on an empty database.',
    );
}

async function checkServer(session: Session): Promise<void> {
  const [version = {}] = await session.rows({ text: "SELECT current_setting('server_version_num')::integer AS version" });
  if (integer(version, 'version') < OLDEST_SERVER) {
    throw new WaxwingError('store_unavailable', 'PostgreSQL 15 or later is needed; this server is older.');
  }
  const [durable = {}] = await session.rows({
    text: "SELECT current_setting('synchronous_commit') AS commits, current_setting('fsync') AS fsync, pg_is_in_recovery()::integer AS replica, current_setting('default_transaction_isolation') AS isolation",
  });
  if (text(durable, 'commits') === 'off') {
    throw new WaxwingError(
      'store_unavailable',
      'synchronous_commit is off for this role or database: a commit would not be durable. Set it to on (or remote_apply).',
    );
  }
  if (text(durable, 'isolation') !== 'read committed') {
    throw new WaxwingError(
      'store_unavailable',
      'default_transaction_isolation is not `read committed` for this role or database. Set it to that for the role that Waxwing connects as.',
    );
  }
  if (integer(durable, 'replica') === 1) {
    throw new WaxwingError('store_unavailable', 'This server is a read-only replica. Give Waxwing the address of the primary.');
  }
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

/** What the store keeps of a move into it (moving/move-store.ts): MOVING until that is complete. */
export const MOVE_FACT = 'move';
export const MOVING = 'under way';

/** A database that a move was begun on holds a part of a store. */
export async function refuseHalfMoved(session: Session): Promise<void> {
  if ((await readFact(session, MOVE_FACT)) !== MOVING) return;
  throw new WaxwingError(
    'store_unavailable',
    'A move into this database was begun and is not complete: run `waxwing migrate` again to its end.',
  );
}

/** Small facts that the engine keeps (`putMeta`). */
export async function readMeta(session: Session): Promise<{ readonly [name: string]: string }> {
  const rows = await session.rows({ text: 'SELECT name, value FROM waxwing.meta ORDER BY name' });
  return Object.fromEntries(rows.map((row) => [text(row, 'name'), text(row, 'value')]));
}

/** Why the database cannot be opened, in words; the URL's password is never among them. */
export function openingError(error: unknown, place: string): WaxwingError {
  if (error instanceof WaxwingError) return error;
  const hint = HINTS.get(sqlState(error) ?? connectionCode(error));
  const more = hint === undefined ? '' : ` ${hint}`;
  return new WaxwingError('store_unavailable', `The database at ${place} cannot be opened: ${messageOf(error)}.${more}`, {
    cause: error,
    retryAfterSeconds: 1,
  });
}

function connectionCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ['28P01', 'Check the user and password in the URL.'],
  ['28000', 'Check the user in the URL, and what pg_hba.conf lets in.'],
  ['3D000', 'Create the database first: Waxwing makes its own schema in it, not the database.'],
  ['42501', 'The user may not do this: it needs CREATE on the database, or to own the schema waxwing.'],
  ['53300', 'The server has no connection left: raise max_connections, or put a pooler in session mode between.'],
  ['57P03', 'The server is starting up or shutting down: try again in a moment.'],
  ['ECONNREFUSED', 'Nothing listens there: is the server up, and are host and port right?'],
  ['ENOTFOUND', 'There is no such host: check the URL.'],
]);

/** Where it is, for people: without user and password. */
export function placeOf(url: string): string {
  const { host, pathname } = URL.canParse(url) ? new URL(url) : { host: 'an address that is no URL', pathname: '' };
  return `${host}${pathname}`;
}
