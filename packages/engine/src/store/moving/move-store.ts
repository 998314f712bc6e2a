// Moving a whole embedded store to PostgreSQL.
//
//  1. Neither side is served meanwhile: the folder is locked, and no node can join the database. A database that a move has
//     begun on and not ended is refused by every other opening.
//  2. Rows go part by part, each with its place in one transaction: a move that is stopped goes on from there.
//  3. At its end every table is read back, counted and hashed on both sides. Only then is the database opened for use.
//  4. Rows keep their numbers, which all lie in the first range; the counter begins above them.
//  5. Secrets go as they are, sealed: the nodes start with the master key that the embedded store has.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WaxwingError } from '@waxwing/protocol';
import { VAULT_CHECK } from '../../vault.ts';
import { STATES } from '../codes.ts';
import { integer } from '../columns.ts';
import { MOVE_FACT, MOVING, openingError, readFact, writeFact } from '../postgres/database.ts';
import { holdDatabase } from '../postgres/held-database.ts';
import type { Session } from '../postgres/session.ts';
import { DATABASE_FILE } from '../sqlite/database.ts';
import { sqlite } from '../sqlite/sqlite.ts';
import { TableSource, type Row } from './table-source.ts';
import { TableTarget } from './table-target.ts';
import { MOVED_TABLES, type MovedTable } from './tables.ts';

export interface MoveOptions {
  /** Told as it goes: `copying` and `verifying`, rows of `total`. */
  readonly onProgress?: (progress: MoveProgress) => void;
}

export interface MoveProgress {
  readonly step: 'copying' | 'verifying';
  readonly table: string;
  readonly rows: number;
  readonly total: number;
}

export interface MoveReport {
  /** Each table: its rows, and the SHA-256 that both sides have of them. */
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly sha256: string }[];
  /** The generated master key that the nodes need; null where it was given by a setting. */
  readonly keyFile: string | null;
}

/**
 * Carries an embedded store over to a PostgreSQL database that is empty, or that this move was begun on before. The folder
 * is left as it is.
 * Throws `data_folder_in_use`, `store_unavailable`, `invalid_setting` (no store there, or the database holds another's data).
 */
export async function moveStore(
  folder: string,
  databaseUrl: string,
  { onProgress = () => undefined }: MoveOptions = {},
): Promise<MoveReport> {
  const path = join(folder, DATABASE_FILE);
  if (!existsSync(path)) throw new WaxwingError('invalid_setting', `There is no store at ${resolve(folder)}.`);
  const from = sqlite(folder);
  const { meta } = await from.open();
  try {
    const held = await holdDatabase(databaseUrl);
    const source = new TableSource(path);
    try {
      await begin(
        held.session,
        createHash('sha256')
          .update(meta[VAULT_CHECK] ?? '')
          .digest('hex'),
      );
      const target = new TableTarget(held.session);
      for (const table of MOVED_TABLES) await copy(source, target, table, onProgress);
      await derive(held.session);
      const tables: MoveReport['tables'][number][] = [];
      for (const table of MOVED_TABLES) tables.push(await verify(source, target, table, onProgress));
      await writeFact(held.session, MOVE_FACT, 'done');
      const keyFile = join(folder, 'master.key');
      return { tables, keyFile: existsSync(keyFile) ? keyFile : null };
    } catch (error) {
      throw openingError(error, 'the target');
    } finally {
      source.close();
      await held.release();
    }
  } finally {
    await from.close();
  }
}

async function begin(session: Session, identity: string): Promise<void> {
  const move = await readFact(session, MOVE_FACT);
  if (move === MOVING && (await readFact(session, 'move.from')) === identity) return;
  const [row = {}] = await session.rows({
    text: 'SELECT (SELECT count(*) FROM waxwing.meta) + (SELECT count(*) FROM waxwing.events) + (SELECT count(*) FROM waxwing.endpoints) AS n',
  });
  if (move !== null || integer(row, 'n') > 0)
    throw new WaxwingError(
      'invalid_setting',
      'The database holds a Waxwing store already. Move to an empty one, or drop its schema waxwing first.',
    );
  await writeFact(session, 'move.from', identity);
  await writeFact(session, MOVE_FACT, MOVING);
}

async function copy(
  source: TableSource,
  target: TableTarget,
  table: MovedTable,
  tell: NonNullable<MoveOptions['onProgress']>,
): Promise<void> {
  const total = source.count(table);
  let rows = await target.count(table);
  tell({ step: 'copying', table: table.name, rows, total });
  for (const part of source.parts(table, await target.place(table))) {
    await target.write(table, part);
    rows += part.length;
    tell({ step: 'copying', table: table.name, rows, total });
  }
}

/** What PostgreSQL keeps beside the deliveries, and its counter. */
async function derive(session: Session): Promise<void> {
  const states = [0, 1, 2, 3, 4].map((code) => `('${STATES.name(code)}', ${code})`).join(', ');
  await session.run({ text: 'BEGIN' });
  await session.run({ text: 'TRUNCATE waxwing.pending, waxwing.failures, waxwing.tallies' });
  for (const [table, state, columns] of [
    ['pending', 'pending', 'seq, endpoint_seq, tenant, due_ms'],
    ['failures', 'failed', 'seq, endpoint_seq, tenant'],
  ] as const)
    await session.run({
      text: `INSERT INTO waxwing.${table} SELECT ${columns} FROM waxwing.deliveries WHERE state = ${STATES.code(state)}`,
    });
  await session.run({
    text: `INSERT INTO waxwing.tallies SELECT 'one', 'events', count(*) FROM waxwing.events
      UNION ALL SELECT 'one', s.name, count(d.seq) FROM (VALUES ${states}) AS s(name, code) LEFT JOIN waxwing.deliveries d ON d.state = s.code GROUP BY s.name`,
  });
  await session.run({ text: COUNT_ON });
  await session.run({ text: 'COMMIT' });
  await session.run({ text: 'ANALYZE waxwing.deliveries, waxwing.events, waxwing.pending, waxwing.attempts' });
}

/** `removed_seqs` has the highest numbers of rows that are gone. */
const COUNT_ON = `UPDATE waxwing.numbers SET next = greatest(next, 1 + (SELECT max(seq) FROM (
  ${['events', 'deliveries', 'endpoints', 'replays', 'removed_seqs'].map((table) => `SELECT max(seq) AS seq FROM waxwing.${table}`).join(' UNION ALL ')}) AS moved))`;

async function verify(
  source: TableSource,
  target: TableTarget,
  table: MovedTable,
  tell: NonNullable<MoveOptions['onProgress']>,
): Promise<MoveReport['tables'][number]> {
  const theirs = new Digest();
  for (const part of source.parts(table, null)) for (const row of part) theirs.add(row);
  const ours = new Digest();
  for await (const row of target.rows(table)) {
    ours.add(row);
    if (ours.rows % 10_000 === 0) tell({ step: 'verifying', table: table.name, rows: ours.rows, total: theirs.rows });
  }
  const sha256 = theirs.hex();
  if (ours.rows !== theirs.rows || ours.hex() !== sha256)
    throw new WaxwingError(
      'internal',
      `The move is not complete: ${table.name} has ${ours.rows} rows of ${theirs.rows}, or other ones. Nothing was opened; drop the schema waxwing and move again.`,
    );
  tell({ step: 'verifying', table: table.name, rows: ours.rows, total: theirs.rows });
  return { name: table.name, rows: theirs.rows, sha256 };
}

/** A hash over rows in their order. */
class Digest {
  readonly #hash = createHash('sha256');
  #hex: string | null = null;
  rows = 0;

  add(row: Row): void {
    this.rows += 1;
    this.#hash.update(`${JSON.stringify(row)}\n`);
  }

  hex(): string {
    return (this.#hex ??= this.#hash.digest('hex'));
  }
}
