// A disk that is full, and one whose fsync fails: publishing is refused by name, and goes on by itself. On a real file; a real
// full disk and a real failing fsync are done to the whole server by `npm run soak -- --disk`.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BatchWriter } from '../../src/store/sqlite/batch-writer.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { rewriteLog } from '../../src/store/sqlite/log-rewrite.ts';
import { encodeBatch } from '../../src/store/sqlite/wire.ts';
import { houses, OK, rejects, URL_OK } from '../house.ts';
import { batchOf, deliveryRow, eventRow, publish } from '../store/sample-rows.ts';
import { OneThreadStore } from './one-thread-store.ts';

const house = houses();
const LARGE = { text: 'x'.repeat(100_000) };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waxwing-disk-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('on a full disk', () => {
  it('publishing is refused with disk_full and Retry-After for as long as it lasts, and goes on by itself when there is room', async () => {
    const store = new OneThreadStore(folder);
    const { engine, clock, sender } = await house({ store });
    await engine.endpoints.create('acme', { url: URL_OK });
    await engine.publish('acme', { type: 'a.b', data: { n: 1 }, id: 'before' });
    await clock.advance(1_000);

    store.isFull = true;
    for (let n = 0; n < 3; n++) {
      const refused = await rejects(engine.publish('acme', { type: 'a.b', data: LARGE, id: 'during' }), 'disk_full');
      assert.match(refused.message, /disk that the store is on is full; nothing was accepted/);
      assert.equal(refused.status, 503);
      assert.equal(refused.retryAfterSeconds, 1);
      assert.deepEqual([engine.status().ready, engine.status().notReady], [false, 'the disk is full']);
      await rejects(engine.publish('acme', { type: 'a.b', data: {} }), 'disk_full'); // at the door, without asking the disk
      await clock.advance(1_000);
    }
    store.isFull = false;
    await clock.advance(1_000);
    assert.equal(engine.status().ready, true);
    assert.equal(
      (await engine.publish('acme', { type: 'a.b', data: LARGE, id: 'during' })).duplicate,
      false,
      'nothing of it was kept before',
    );
    await clock.advance(1_000);
    assert.equal(store.opened, 1, 'the store was never closed: nothing was in doubt');
    assert.deepEqual(
      sender.orders.map(({ event }) => event.id),
      ['before', 'during'],
    );
  });

  it('what an attempt came to is kept until there is room', async () => {
    const store = new OneThreadStore(folder);
    const record = { ...OK, afterMs: 100 };
    const { engine, clock, sender } = await house({ store }, () => record);
    await engine.endpoints.create('acme', { url: URL_OK });
    await engine.publish('acme', { type: 'a.b', data: {} });
    store.isFull = true;
    await rejects(engine.publish('acme', { type: 'a.b', data: LARGE }), 'disk_full');
    await clock.advance(60_000);
    store.isFull = false;
    await clock.advance(1_000);
    assert.equal(engine.status().pending, 0);
    assert.equal(sender.orders.length, 1, 'it was not sent again');
  });
});

describe('when fsync fails', () => {
  it('publishing is refused, the commit is never just retried, and the store is closed and opened anew until the disk answers', async () => {
    const store = new OneThreadStore(folder);
    const { engine, clock, sender } = await house({ store });
    await engine.endpoints.create('acme', { url: URL_OK });

    store.fsyncFails = true;
    const unknown = await rejects(engine.publish('acme', { type: 'a.b', data: {}, id: 'one' }), 'commit_unknown');
    assert.match(unknown.message, /disk that the store is on fails.*same id/);
    await clock.advance(2_000);
    const refused = await rejects(engine.publish('acme', { type: 'a.b', data: {}, id: 'two' }), 'disk_failing');
    assert.equal(refused.retryAfterSeconds, 1);
    assert.equal(engine.status().notReady, 'the disk fails');
    assert.equal(store.failedCommits, 1, 'nothing was written to a file of which nobody knows what is on disk');
    assert.ok(store.opened > 2, 'it was tried to open it anew, again and again');
    assert.equal(sender.orders.length, 0, 'nothing was sent that might not be stored');

    store.fsyncFails = false;
    await clock.advance(1_000);
    assert.equal(engine.status().ready, true);
    assert.equal((await engine.publish('acme', { type: 'a.b', data: {}, id: 'one' })).duplicate, true, 'it had reached the file');
    assert.equal((await engine.publish('acme', { type: 'a.b', data: {}, id: 'two' })).duplicate, false);
    await clock.advance(1_000);
    assert.deepEqual(sender.orders.map(({ event }) => event.id).toSorted(), ['one', 'two'], 'each once');
  });
});

describe('a store that is closed after a failed fsync', () => {
  const log = (): string => join(folder, 'waxwing.db-wal');
  const file = (): string => join(folder, 'waxwing.db');

  it('leaves its log as it is: the file is not overwritten from a log that may not be on disk', () => {
    const first = openDatabase(folder, 1_048_576);
    new BatchWriter(first.db).write(encodeBatch(batchOf([publish(eventRow(1), [deliveryRow(1)])])));
    const before = { log: readFileSync(log()), file: readFileSync(file()) };
    first.close(false);
    assert.ok(before.log.length > 0);
    assert.deepEqual(readFileSync(log()), before.log);
    assert.deepEqual(readFileSync(file()), before.file);

    const second = openDatabase(folder, 1_048_576);
    assert.equal(second.cleanStop, false);
    assert.equal(Object.values(second.db.prepare('SELECT count(*) FROM events').get() ?? {})[0], 1);
    second.close(true);
    assert.equal(existsSync(log()), false, 'a clean stop leaves no log');
  });

  it('has its log written again, byte for byte, when it is opened', () => {
    const first = openDatabase(folder, 1_048_576);
    new BatchWriter(first.db).write(encodeBatch(batchOf([publish(eventRow(1, { data: JSON.stringify(LARGE) }))])));
    first.close(false);
    const before = readFileSync(log());
    utimesSync(log(), 1, 1);
    rewriteLog(log());
    assert.deepEqual(readFileSync(log()), before);
    assert.ok(statSync(log()).mtimeMs > 1_000, 'every page was given to the kernel anew');
    rewriteLog(join(folder, 'no such file'));
  });
});

describe('a store that SQLite does not keep durable', () => {
  for (const [asked, got] of [
    ['synchronous = FULL', 'synchronous = NORMAL'],
    ['journal_mode = WAL', 'journal_mode = TRUNCATE'],
  ] as const)
    it(`(${got}) is refused at its opening, by the name of the setting`, (t) => {
      const { exec } = DatabaseSync.prototype;
      t.mock.method(DatabaseSync.prototype, 'exec', function (this: DatabaseSync, sql: string) {
        exec.call(this, sql.replace(asked, got));
      });
      assert.throws(() => openDatabase(folder, 1_048_576), /cannot be made durable.*WAL and FULL are needed/);
    });
});
