// The batch writer when the disk fails it: what is said of each failure, and what is refused afterwards.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { BatchWriter } from '../../src/store/sqlite/batch-writer.ts';
import { openDatabase, type OpenDatabase } from '../../src/store/sqlite/database.ts';
import { encodeBatch, type WireBatch } from '../../src/store/sqlite/wire.ts';
import { StoreError } from '../../src/store/store.ts';
import { batchOf, deliveryRow, eventRow, publish } from './sample-rows.ts';

const FULL = 13;
const IO_ERROR_WRITE = 10 | (3 << 8);
const IO_ERROR_FSYNC = 10 | (4 << 8);

function sqliteError(errcode: number): Error {
  return Object.assign(new Error(`errcode ${errcode}`), { code: 'ERR_SQLITE_ERROR', errcode });
}

function one(seq: number): WireBatch {
  return encodeBatch(batchOf([publish(eventRow(seq), [deliveryRow(seq)])]));
}

describe('a batch writer', () => {
  let folder: string;
  let database: OpenDatabase;
  /** Errors to throw instead of running a statement, by how it begins. */
  let faults: Map<string, Error>;
  let db: DatabaseSync;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waxwing-writer-'));
    database = openDatabase(folder, 1_048_576);
    faults = new Map();
    db = database.db;
    const exec = db.exec.bind(db);
    db.exec = (sql) => {
      const fault = faults.get(sql);
      faults.delete(sql);
      if (fault !== undefined) throw fault;
      exec(sql);
    };
  });

  afterEach(() => {
    if (db.isTransaction) db.exec('ROLLBACK');
    database.close(false);
    rmSync(folder, { recursive: true, force: true });
  });

  const events = (): unknown => Object.values(db.prepare('SELECT count(*) FROM events').get() ?? {})[0];

  function failsWith(kind: StoreError['kind'], writer: BatchWriter, batch: WireBatch): void {
    assert.throws(
      () => writer.write(batch),
      (error) => error instanceof StoreError && error.kind === kind,
    );
  }

  for (const [what, errcode] of [
    ['an fsync that failed at COMMIT', IO_ERROR_FSYNC],
    ['a write that failed at COMMIT', IO_ERROR_WRITE],
  ] as const) {
    test(`says of ${what} that the result is unknown, and writes nothing more`, () => {
      const writer = new BatchWriter(db);
      faults.set('COMMIT', sqliteError(errcode));
      failsWith('unknown', writer, one(1));
      assert.equal(writer.broken, true);
      failsWith('unavailable', writer, one(2));
      failsWith('unavailable', writer, one(2));
      assert.equal(events(), 0);
    });
  }

  test('says of a full disk at COMMIT that nothing was written, and goes on when there is room', () => {
    const writer = new BatchWriter(db);
    faults.set('COMMIT', sqliteError(FULL));
    failsWith('unavailable', writer, one(1));
    assert.equal(writer.broken, false);
    writer.write(one(1));
    assert.equal(events(), 1);
    assert.deepEqual({ ...db.prepare("SELECT value FROM tallies WHERE name = 'events'").get() }, { value: 1 }, 'counted once');
  });

  test('says of a full disk before COMMIT that nothing was written, and goes on when there is room', () => {
    const writer = new BatchWriter(db);
    const pages = Number(Object.values(db.prepare('PRAGMA page_count').get() ?? {})[0]);
    db.exec(`PRAGMA max_page_count = ${pages}`);
    const large = encodeBatch(batchOf([publish(eventRow(1, { data: 'x'.repeat(1_000_000) }))]));
    failsWith('unavailable', writer, large);
    assert.equal(events(), 0);
    db.exec('PRAGMA max_page_count = 100000');
    writer.write(large);
    assert.equal(events(), 1);
  });

  test('that fails an fsync before COMMIT, or a rollback, is broken', () => {
    const writer = new BatchWriter(db);
    faults.set('BEGIN IMMEDIATE', sqliteError(IO_ERROR_FSYNC));
    failsWith('unknown', writer, one(1));
    failsWith('unavailable', writer, one(1));

    const another = new BatchWriter(db);
    another.write(one(1));
    faults.set('ROLLBACK', sqliteError(IO_ERROR_WRITE));
    failsWith('row', another, one(1)); // its number is used
    assert.equal(another.broken, true);
    failsWith('unknown', another, one(2));
    failsWith('unavailable', another, one(2));
  });

  test('that was broken from beside, by a checkpoint, says so once and then refuses', () => {
    const writer = new BatchWriter(db);
    writer.break(sqliteError(IO_ERROR_FSYNC));
    failsWith('unknown', writer, one(1));
    failsWith('unavailable', writer, one(1));
  });

  test('writes its commits durably: WAL, synchronous FULL, no checkpoint of its own within COMMIT', () => {
    const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    assert.deepEqual([pragma('journal_mode'), pragma('synchronous'), pragma('wal_autocheckpoint')], ['wal', 2, 0]);
  });
});
