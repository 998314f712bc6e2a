// One node acts on a database at a time; others wait for their turn, and what the former one still sends is fenced off.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import { postgres } from '../../src/store/postgres/postgres.ts';
import { StoreError } from '../../src/store/store.ts';
import { rejects } from '../house.ts';
import { postgresHouses, until } from './postgres-house.ts';
import { startProxy } from './postgres-proxy.ts';
import { batchOf, publish, eventRow } from './sample-rows.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());
const { open, furnished, later } = postgresHouses();

function standby(): { readonly postgres: { readonly onStandby: (reason: string) => void }; readonly waits: Promise<string> } {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { postgres: { onStandby: resolve }, waits: promise };
}

describe('tenure of a database', () => {
  test('a standby opens at once when the one that acts closes, and sees everything', async () => {
    const url = await server.newDatabase();
    const first = await furnished(url);
    const { postgres: options, waits } = standby();
    const opening = open(url, { postgres: options });
    assert.match(await waits, /standing by: another node is active on the database at 127\.0\.0\.1:\d+\/t\d+$/);
    await first.engine.publish('acme', { type: 'a.b', data: {}, id: 'one' });
    await first.engine.close();
    const closed = performance.now();
    const second = await opening;
    assert.ok(performance.now() - closed < 2_000, 'it need not wait for the lease to run out');
    assert.equal((await second.engine.events.get('acme', 'one')).id, 'one');
    await rejects(open(url), 'data_folder_in_use');
  });

  test('one that is cut off stops sending before another begins, and what it settles late is refused', async () => {
    const url = await server.newDatabase();
    const proxy = await startProxy(url);
    later(() => proxy.close());
    let superseded = false;
    const first = await furnished(proxy.url, {
      answer: ({ event }) =>
        event.id === 'one'
          ? { outcome: { kind: 'refused', status: 500 }, afterMs: 4_500 }
          : { outcome: { kind: 'delivered', status: 200 } },
      onSuperseded: () => (superseded = true),
    });
    await first.engine.endpoints.create('acme', { url: 'https://acme.example/slow', eventTypes: ['slow'], rateLimitPerSecond: 5 });
    await first.engine.publish('acme', { type: 'a.b', data: {}, id: 'one' });
    await first.engine.publishBatch(
      'acme',
      Array.from({ length: 60 }, () => ({ type: 'slow', data: {} })),
    );
    await first.sending(65); // what takes everything has had them all; the slow one goes on
    const { postgres: options, waits } = standby();
    const opening = open(url, { postgres: options });
    await waits;
    proxy.freeze();
    const frozen = performance.now();
    const second = await opening;
    const sentByFirst = first.sent.length;
    assert.ok(performance.now() - frozen < 5_000, `took over after ${Math.round(performance.now() - frozen)} ms`);
    assert.ok(sentByFirst > 65, 'it sent until its lease was about to end');
    await until(() => second.sent.includes('one'));
    await until(async () => (await second.engine.events.get('acme', 'one')).deliveries[0]?.state === 'delivered');
    await until(() => performance.now() - frozen > 5_000); // the first one's attempt has ended meanwhile
    assert.equal(first.sent.length, sentByFirst, 'it sent nothing after another had begun');
    proxy.thaw();
    await until(() => superseded);
    assert.equal(first.engine.status().notReady, 'another node has taken over');
    await rejects(first.engine.publish('acme', { type: 'a.b', data: {} }), 'store_unavailable');
    const [delivery] = (await second.engine.events.get('acme', 'one')).deliveries;
    assert.equal(delivery?.state, 'delivered');
    assert.equal(delivery.attempts, 1, 'the late one was not recorded');
    assert.equal(first.sent.length, sentByFirst, 'nor when it could again');
  });

  test('a session that is lost is opened again, unless another has had the database in between', async () => {
    const url = await server.newDatabase();
    const ending = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    const [first, second] = [postgres(url), postgres(url)];
    later(() => Promise.all([first.close(), second.close()]));
    await first.open();
    await server.ask(url, ending);
    await until(() =>
      first.commit(batchOf([publish(eventRow(1))])).then(
        () => true,
        () => false,
      ),
    );
    await server.ask(url, ending);
    await until(() =>
      second.open().then(
        () => true,
        () => false,
      ),
    );
    await assert.rejects(
      first.commit(batchOf([publish(eventRow(2))])),
      (error) => error instanceof StoreError && error.kind === 'unavailable',
    );
    await until(() => first.tenure?.isLost === true);
    await second.commit(batchOf([publish(eventRow(2))]));
    await rejects(first.open({ continues: true }), 'data_folder_in_use');
  });

  test('who goes on where it was before is refused when another has had the database meanwhile, be it gone again', async () => {
    const url = await server.newDatabase();
    const [first, second] = [postgres(url), postgres(url)];
    later(() => Promise.all([first.close(), second.close()]));
    await first.open();
    await first.close();
    await first.open({ continues: true });
    await first.close();
    await second.open();
    await second.close();
    await rejects(first.open({ continues: true }), 'data_folder_in_use');
    await first.open(); // from the beginning
  });

  test('a wrong master key is refused before anything waits; a missing one before anything is opened', async () => {
    const url = await server.newDatabase();
    await furnished(url);
    let waited = false;
    await rejects(open(url, { masterKey: 'n'.repeat(40), postgres: { onStandby: () => (waited = true) } }), 'wrong_master_key');
    assert.equal(waited, false);
    await rejects(open('postgres://nowhere.invalid/x', { masterKey: undefined as never }), 'invalid_setting');
  });

  test('a schema of a newer version is refused, and so are a replica and commits that are not durable', async () => {
    const url = await server.newDatabase();
    await (await open(url)).engine.close();
    await server.ask(url, 'INSERT INTO waxwing.migrations VALUES (999, 999)');
    await rejects(open(url), 'store_too_new');
    await server.ask(url, 'DELETE FROM waxwing.migrations WHERE version = 999');
    await server.ask(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`);
    const error = await rejects(open(url), 'store_unavailable');
    assert.match(error.message, /synchronous_commit is off/);
  });

  test('many that start together on an empty database migrate it once, and one of them acts', async () => {
    const url = await server.newDatabase();
    const stores = Array.from({ length: 5 }, () => postgres(url));
    later(() => Promise.all(stores.map((store) => store.close())));
    const opened = await Promise.allSettled(stores.map((store) => store.open()));
    assert.equal(opened.filter(({ status }) => status === 'fulfilled').length, 1);
    const [row] = await server.ask(url, 'SELECT count(*)::integer AS n, max(version) AS latest FROM waxwing.migrations');
    assert.equal(row?.['n'], row?.['latest']);
  });
});
