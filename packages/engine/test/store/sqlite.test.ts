// The SQLite store keeps the suite; and what only it can show: the folder, its lock, settings, crashes, versions.

import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import { WaxwingError, type ErrorCode } from '@waxwing/protocol';
import { LATEST_VERSION } from '../../src/store/sqlite/schema.ts';
import { sqlite } from '../../src/store/sqlite/sqlite.ts';
import { StoreError, type Store } from '../../src/store/store.ts';
import { conformance } from './conformance.ts';
import { batchOf, delivered, deliveryQuery, deliveryRow, endpointRow, eventQuery, eventRow, publish } from './sample-rows.ts';

const folders: string[] = [];
const stores: Store[] = [];
const children: ChildProcess[] = [];

function newFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), 'waxwing-store-'));
  folders.push(parent);
  return join(parent, 'data');
}

/** A store that is closed at the end, also where a refusal that a test waits for does not come. */
function storeOn(folder: string): Store {
  const store = sqlite(folder);
  stores.push(store);
  return store;
}

after(async () => {
  await Promise.all(stores.map((store) => store.close()));
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

conformance('sqlite', async () => {
  const folder = newFolder();
  return { store: () => sqlite(folder), dispose: async () => rmSync(folder, { recursive: true }) };
});

/** Runs a test's work on a store that is open, and closes it whatever happens. */
async function using(folder: string, work: (store: Store) => Promise<void>): Promise<void> {
  const store = storeOn(folder);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function isCoded(code: ErrorCode, pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof WaxwingError && error.code === code && pattern.test(error.message);
}

/** Another process that holds the folder, having committed one pending delivery. */
async function holderOf(folder: string): Promise<ChildProcess> {
  const child = fork(new URL('./holding-process.ts', import.meta.url), [folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  const [message] = await once(child, 'message');
  assert.equal(message, 'committed');
  return child;
}

describe('the folder', () => {
  test('is made for its owner alone, and so is every file in it', async () => {
    const folder = newFolder();
    await using(folder, async (store) => {
      await store.open();
      await store.commit(batchOf([publish(eventRow(1))]));
      assert.equal(statSync(folder).mode & 0o777, 0o700);
      const files = readdirSync(folder).toSorted();
      assert.deepEqual(files, ['lock.db', 'waxwing.db', 'waxwing.db-shm', 'waxwing.db-wal']);
      for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
    });
    assert.equal(existsSync(join(folder, 'waxwing.db-wal')), false, 'closing empties the log');
  });

  test('that another process holds is refused, by name and at once', async () => {
    const folder = newFolder();
    const child = await holderOf(folder);
    const startedMs = performance.now();
    await assert.rejects(
      storeOn(folder).open(),
      (error) => isCoded('data_folder_in_use', /in use by another/)(error) && String(error).includes(folder),
    );
    assert.ok(performance.now() - startedMs < 2_000);
    child.send('close');
    await once(child, 'exit');
    await using(folder, async (store) => {
      assert.equal((await store.open()).cleanStop, true);
    });
  });

  test('of a process that was killed is free again, has what was committed, and knows that the stop was not clean', async () => {
    const folder = newFolder();
    const child = await holderOf(folder);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await using(folder, async (store) => {
      const snapshot = await store.open();
      assert.equal(snapshot.cleanStop, false);
      assert.equal(snapshot.backlog[0]?.pending, 1);
      await store.close();
      assert.equal((await store.open()).cleanStop, true);
    });
  });

  test('stays locked while a second store in the same process was refused and went away', async () => {
    const folder = newFolder();
    await using(folder, async (store) => {
      await store.open();
      const second = storeOn(folder);
      await assert.rejects(second.open(), isCoded('data_folder_in_use', /data folder/));
      await second.close();
      const child = fork(new URL('./holding-process.ts', import.meta.url), [folder], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      children.push(child);
      const [message] = await once(child, 'message');
      assert.equal(message, 'data_folder_in_use');
    });
  });

  test('that cannot be made is refused with its name', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'waxwing-store-'));
    folders.push(parent);
    writeFileSync(join(parent, 'file'), '');
    await assert.rejects(storeOn(join(parent, 'file', 'data')).open(), isCoded('store_unavailable', /file\/data/));
  });

  test('with another program’s database, or with what is none, is refused', async () => {
    const folder = newFolder();
    await using(folder, async (store) => void (await store.open()));
    rmSync(join(folder, 'waxwing.db'));
    const other = new DatabaseSync(join(folder, 'waxwing.db'));
    other.exec('CREATE TABLE theirs (a)');
    other.close();
    await assert.rejects(storeOn(folder).open(), isCoded('store_unavailable', /another program/));
    writeFileSync(join(folder, 'waxwing.db'), 'not a database, but long enough to be read as one'.repeat(100));
    await assert.rejects(storeOn(folder).open(), isCoded('store_unavailable', /not a database/));
  });
});

describe('the file', () => {
  async function edited(folder: string, sql: string): Promise<void> {
    await using(folder, async (store) => void (await store.open()));
    const db = new DatabaseSync(join(folder, 'waxwing.db'));
    db.exec(sql);
    db.close();
  }

  test('of a newer version that this one does not understand is refused', async () => {
    const folder = newFolder();
    const next = LATEST_VERSION + 1;
    await edited(folder, `PRAGMA user_version = ${next}; UPDATE store_facts SET value = '${next}' WHERE name = 'min_compatible'`);
    await assert.rejects(storeOn(folder).open(), isCoded('store_too_new', /newer Waxwing/));
  });

  test('of a newer version that says it is compatible is used as it is', async () => {
    const folder = newFolder();
    await edited(folder, `PRAGMA user_version = ${LATEST_VERSION + 1}`);
    await using(folder, async (store) => {
      await store.open();
      await store.commit(batchOf([publish(eventRow(1))]));
    });
  });

  test('that another program has locked makes a commit unavailable, with nothing written, until it lets go', async () => {
    const folder = newFolder();
    await using(folder, async (store) => {
      await store.open();
      const other = new DatabaseSync(join(folder, 'waxwing.db'));
      other.exec('BEGIN IMMEDIATE');
      await assert.rejects(
        store.commit(batchOf([publish(eventRow(1))])),
        (error) => error instanceof StoreError && error.kind === 'unavailable',
      );
      other.exec('ROLLBACK');
      assert.equal(await store.read.event('acme', eventRow(1).id), null);
      await store.commit(batchOf([publish(eventRow(1))]));
      assert.deepEqual(await store.read.event('acme', eventRow(1).id), eventRow(1));
      other.close();
    });
  });
});

describe('reading', () => {
  test('a filter that nothing matches looks at a bounded number of rows a page, and comes to its end', async () => {
    const folder = newFolder();
    await using(folder, async (store) => {
      await store.open();
      await store.commit(batchOf([], { changes: [{ kind: 'putEndpoint', endpoint: endpointRow(1) }] }));
      const rows = 45_000;
      for (let from = 1; from <= rows; from += 5_000) {
        const inserts = Array.from({ length: 5_000 }, (_, i) => publish(eventRow(from + i), [deliveryRow(from + i)]));
        await store.commit(batchOf(inserts));
      }
      for (const tenant of ['acme', null]) {
        const ends: (number | null)[] = [];
        for (let before: number | null | undefined; before !== null; ends.push(before)) {
          const page = await store.read.deliveries(deliveryQuery({ tenant, state: 'cancelled', before: before ?? null }));
          assert.deepEqual(page.rows, []);
          before = page.next;
        }
        assert.deepEqual(ends, [25_001, 5_001, null]);
      }
      const events = await store.read.events(eventQuery({ text: 'nowhere' }));
      assert.deepEqual(events, { rows: [], next: 25_001 });
      // What an index serves is not bounded so: the one failed delivery among them all is found at once.
      await store.commit(batchOf([], { settles: [delivered(3, { state: 'failed' })] }));
      const failed = await store.read.deliveries(deliveryQuery({ state: 'failed' }));
      assert.deepEqual(
        failed.rows.map(({ seq }) => seq),
        [3],
      );
    });
  });

  test('a text search stops by the size of what it searched', async () => {
    const folder = newFolder();
    await using(folder, async (store) => {
      await store.open();
      const data = JSON.stringify({ text: 'x'.repeat(250_000) });
      for (let from = 1; from <= 200; from += 20) {
        await store.commit(
          batchOf(Array.from({ length: 20 }, (_, i) => publish(eventRow(from + i, { data: from + i === 1 ? '"needle"' : data })))),
        );
      }
      const first = await store.read.events(eventQuery({ text: 'needle' }));
      assert.deepEqual(first.rows, []);
      assert.ok(first.next !== null && first.next > 50 && first.next < 100, String(first.next));
      const last = await store.read.events(eventQuery({ text: 'needle', before: first.next }));
      assert.deepEqual(
        last.rows.map(({ seq }) => seq),
        [1],
      );
    });
  });

  test('goes on while the writer works through a long queue', async () => {
    const folder = newFolder();
    await using(folder, async (store) => {
      await store.open();
      await store.read.counts(); // the reader has started
      let committed = 0;
      const commits = Array.from({ length: 30 }, async (_, i) => {
        const from = i * 1_000 + 1;
        await store.commit(batchOf(Array.from({ length: 1_000 }, (__, j) => publish(eventRow(from + j), [deliveryRow(from + j)]))));
        committed += 1;
      });
      const { events } = await store.read.counts();
      assert.ok(committed < 30, 'the read was answered before the queue was done');
      assert.equal(events % 1_000, 0, 'whole batches only');
      await Promise.all(commits);
      assert.equal((await store.read.counts()).events, 30_000);
    });
  });
});
