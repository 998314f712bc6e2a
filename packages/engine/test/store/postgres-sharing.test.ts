// Nodes that share a real PostgreSQL: the conformance suite, with real connections that freeze and end; and what only a
// database can show: its clock, its backends, its locks.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import type { Clock } from '../../src/ports.ts';
import { holdDatabase } from '../../src/store/postgres/held-database.ts';
import { postgres, type PostgresOptions } from '../../src/store/postgres/postgres.ts';
import { clientConfig, Session } from '../../src/store/postgres/session.ts';
import { SHARDS } from '../../src/store/sharing.ts';
import type { Sharing, Store } from '../../src/store/store.ts';
import { systemClock } from '../../src/system-ports.ts';
import { rejects } from '../house.ts';
import { until } from './postgres-house.ts';
import { startProxy, type Proxy } from './postgres-proxy.ts';
import { batchOf, delivered, deliveryId, deliveryRow, endpointRow, eventRow, failed, publish, T0 } from './sample-rows.ts';
import { sharingConformance } from './suite-sharing.ts';
import { rejectsWith } from './suite.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

sharingConformance('postgres', async () => {
  const url = await server.newDatabase();
  const proxies: Proxy[] = [];
  return {
    async node() {
      const proxy = await startProxy(url);
      proxies.push(proxy);
      return { store: postgres(proxy.url), cut: () => proxy.freeze(), heal: () => proxy.thaw() };
    },
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async dispose() {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await server.dropDatabase(url);
    },
  };
});

describe('nodes on a real PostgreSQL', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  interface Opened {
    readonly store: Store;
    readonly sharing: Sharing;
  }

  async function opened(url: string, options: PostgresOptions = {}): Promise<Opened> {
    const store = postgres(url, options);
    ends.push(() => store.close());
    await store.open();
    assert.ok(store.sharing !== undefined);
    return { store, sharing: store.sharing };
  }

  async function proxied(url: string): Promise<Proxy> {
    const proxy = await startProxy(url);
    ends.push(() => proxy.close());
    return proxy;
  }

  const shares = (nodes: readonly Opened[]): readonly number[] => nodes.map(({ sharing }) => sharing.shards.length);

  test('ten that open an empty database at once migrate it once, each has its own number and a fair share of the shards', async () => {
    const url = await server.newDatabase();
    const nodes = await Promise.all(Array.from({ length: 10 }, () => opened(url)));
    const [row] = await server.ask(url, 'SELECT count(*)::integer AS n, max(version) AS latest FROM waxwing.migrations');
    assert.equal(row?.['n'], row?.['latest']);
    assert.deepEqual(nodes.map(({ sharing }) => sharing.source).toSorted((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]); // prettier-ignore
    await until(() => shares(nodes).every((share) => share === 6 || share === 7) && shares(nodes).reduce((a, b) => a + b) === SHARDS);
  });

  test('shares are fair with one, two and three nodes, and after one of them closed', async () => {
    const url = await server.newDatabase();
    const first = await opened(url);
    assert.deepEqual(shares([first]), [64]);
    const second = await opened(url);
    await until(() => shares([first, second]).join() === '32,32');
    const third = await opened(url);
    await until(() => shares([first, second, third]).join() === '22,21,21');
    await second.store.close();
    const began = performance.now();
    await until(() => shares([first, third]).join() === '32,32');
    assert.ok(performance.now() - began < 2_000, 'what is given up politely is taken at once');
    assert.equal((await opened(url)).sharing.source, second.sharing.source, 'the lowest number that is free');
  });

  test('a node that freezes in the middle of a transaction is ended within 5 s, and nothing of it comes later', async () => {
    const url = await server.newDatabase();
    const proxy = await proxied(url);
    const [frozen, other] = [await opened(proxy.url), await opened(url)];
    await until(() => shares([frozen, other]).join() === '32,32');
    const [row] = await server.ask(url, 'SELECT epoch FROM waxwing.nodes WHERE no = 0');
    const inside = new Client({ connectionString: url });
    let ended = false;
    inside.on('error', () => (ended = true)).on('end', () => (ended = true));
    await inside.connect();
    await inside.query(`BEGIN; SELECT waxwing.enter(0, ${String(row?.['epoch'])}, 0, 'none')`);
    proxy.freeze();
    const began = performance.now();
    await until(() => other.sharing.shards.length === SHARDS);
    assert.ok(performance.now() - began < 5_000, `${performance.now() - began} ms`);
    assert.equal(frozen.sharing.isHeld, false);
    await until(() => ended);
    proxy.thaw();
    await rejectsWith('unavailable', frozen.store.commit(batchOf([publish(eventRow(1))])));
    await until(() => frozen.sharing.isLost);
    assert.deepEqual(await server.ask(url, 'SELECT seq FROM waxwing.events'), []);
  });

  test('a node whose connections are ended goes on with its number and shards, and uses no number that it was given before', async () => {
    const url = await server.newDatabase();
    const { store, sharing } = await opened(url);
    let lost = false;
    sharing.watch({ resumed() {}, gained() {}, asked() {}, lost: () => (lost = true) });
    await store.commit(batchOf([publish(eventRow(1))]));
    const given = await sharing.numbers(10);
    await server.ask(
      url,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await until(() => store.load([1]).then(() => true, () => false)); // prettier-ignore
    await rejectsWith('unavailable', store.commit(batchOf([publish(eventRow(given + 1))])));
    const next = await sharing.numbers(1);
    assert.ok(next >= given + 10);
    await store.commit(batchOf([publish(eventRow(next))]));
    assert.deepEqual([sharing.source, sharing.shards.length, lost], [0, SHARDS, false]);
  });

  test('of two that settle one delivery at once exactly one ends it, and the other’s attempt is kept', async () => {
    const url = await server.newDatabase();
    const nodes = [await opened(url), await opened(url)] as const;
    const seqs = Array.from({ length: 30 }, (_, index) => index + 1);
    const endpoints = [endpointRow(1), endpointRow(2)].map((endpoint) => ({ kind: 'putEndpoint', endpoint }) as const);
    await nodes[0].store.commit(batchOf([], { changes: endpoints }));
    await nodes[0].store.commit(batchOf([publish(eventRow(1), seqs.map((seq) => deliveryRow(seq, { eventSeq: 1 })))])); // prettier-ignore
    const head = await nodes[0].store.read.feedHead();
    await Promise.all(
      seqs.flatMap((seq) => [
        nodes[0].store.commit(batchOf([], { settles: [delivered(seq, { attempts: 1 })] })),
        nodes[1].store.commit(batchOf([], { settles: [failed(seq, { attempts: 2 })] })),
      ]),
    );
    const wins = { delivered: 0, failed: 0 };
    for (const seq of seqs) {
      const { state, outcome, attempts } = (await nodes[0].store.read.delivery(deliveryId(seq))) ?? assert.fail();
      assert.ok(state === 'delivered' || state === 'failed');
      wins[state] += 1;
      assert.equal(outcome, state === 'delivered' ? 'delivered' : 'refused', 'its state and outcome are of one settle');
      assert.equal(attempts, 2);
      assert.equal((await nodes[0].store.read.attempts(seq)).length, 2);
    }
    assert.equal(wins.delivered + wins.failed, 30);
    const { deliveries } = await nodes[0].store.read.counts();
    assert.deepEqual([deliveries.pending, deliveries.delivered, deliveries.failed], [0, wins.delivered, wins.failed]);
    const page = await nodes[1].store.read.feed({ after: head, tenants: null, kinds: ['attempt'], entriesMax: 200, bytesMax: 1_000_000 });
    assert.equal(page.entries.length, 60);
    const small = await nodes[1].store.read.feed({ after: head, tenants: null, kinds: ['attempt'], entriesMax: 20, bytesMax: 1_000_000 });
    assert.equal(new Set(small.entries.map(({ at }) => at.source)).size, 2, 'a page is not one source’s alone');
  });

  test('an endpoint put on one node takes part in the next publish on the other, which is refused until it knows', async () => {
    const url = await server.newDatabase();
    const [first, second] = [await opened(url), await opened(url)];
    let hints = 0;
    second.sharing.watch({ resumed() {}, gained() {}, asked() {}, hinted: () => (hints += 1), lost() {} });
    await first.store.commit(batchOf([], { changes: [{ kind: 'putEndpoint', endpoint: endpointRow(1) }] }));
    await rejectsWith('behind', second.store.commit(batchOf([publish(eventRow(1))])));
    await until(() => hints > 0);
    assert.deepEqual((await second.sharing.catchUp()).map(({ kind }) => kind), ['putEndpoint']); // prettier-ignore
    await second.store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
    await first.store.commit(batchOf([], { changes: [{ kind: 'deleteEndpoint', seq: 1, deletedMs: T0 }] }));
    const locker = new Client({ connectionString: url });
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE waxwing.pending IN ACCESS EXCLUSIVE MODE');
    const loading = second.store.load([1]); // holds the next commit up
    const formedBefore = rejectsWith('behind', second.store.commit(batchOf([publish(eventRow(2))])));
    assert.equal((await second.sharing.catchUp()).length, 1);
    await locker.end();
    await Promise.all([loading, formedBefore]); // what counts is what was known as it was formed
    await second.store.commit(batchOf([publish(eventRow(2))]));
    await first.store.commit(batchOf([], { changes: [{ kind: 'putMeta', name: 'a', value: 'b' }] }));
    await rejectsWith('behind', second.store.commit(batchOf([publish(eventRow(3))])));
  });

  for (const minutes of [-10, 10]) {
    test(`a machine whose clock is ${minutes} minutes off reads the database’s time, and keeps its lease`, async () => {
      const url = await server.newDatabase();
      const wrong: Clock = { ...systemClock, nowMs: () => Date.now() + minutes * 60_000 };
      const [off, right] = [await opened(url, { clock: wrong }), await opened(url)];
      assert.ok(Math.abs(off.sharing.nowMs() - right.sharing.nowMs()) < 500);
      assert.ok(Math.abs(off.sharing.nowMs() - Date.now()) < 1_000);
      const nodes = await right.sharing.nodes();
      assert.ok(nodes.every(({ startedMs }) => Math.abs(startedMs - Date.now()) < 60_000));
      assert.deepEqual([off.sharing.isHeld, right.sharing.isHeld], [true, true]);
    });
  }

  test('what is not in a transaction that has entered writes nothing', async () => {
    const url = await server.newDatabase();
    await opened(url);
    await assert.rejects(server.ask(url, 'SELECT waxwing.has_entered()'), /has not entered/);
    await assert.rejects(server.ask(url, `BEGIN; SELECT waxwing.enter(0, 1, 7, 'relies')`), /changed the configuration/);
    await assert.rejects(server.ask(url, `BEGIN; SELECT waxwing.enter(0, 2, 0, 'none')`), /ended this one's lease/);
    await assert.rejects(server.ask(url, `BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT waxwing.enter(0, 1, 0, 'none')`), /read committed/);
  });

  test('a session whose prepared statements are gone goes on without names', async () => {
    const url = await server.newDatabase();
    const session = await Session.connect(clientConfig(url, 'test'));
    ends.push(() => session.end());
    const named = { name: 'one', text: 'SELECT 1 AS one' };
    await session.rows(named);
    await session.run({ text: 'DEALLOCATE ALL' });
    assert.deepEqual(await session.rows(named), [{ one: 1 }]);
  });

  test('nobody joins while a move holds the database, and none begins while a node is there', async () => {
    const url = await server.newDatabase();
    const held = await holdDatabase(url);
    await rejects(postgres(url).open(), 'data_folder_in_use');
    await rejects(holdDatabase(url), 'data_folder_in_use');
    await held.release();
    const { store } = await opened(url);
    await rejects(holdDatabase(url), 'data_folder_in_use');
    await store.close();
    await (await holdDatabase(url)).release();
  });

  test('a schema of a newer version is refused, and so are commits that are not durable, and snapshots that outlive a statement', async () => {
    const url = await server.newDatabase();
    await (await opened(url)).store.close();
    await server.ask(url, 'INSERT INTO waxwing.migrations VALUES (999, 999)');
    await rejects(postgres(url).open(), 'store_too_new');
    await server.ask(url, 'DELETE FROM waxwing.migrations WHERE version = 999');
    const database = `ALTER DATABASE ${new URL(url).pathname.slice(1)}`;
    await server.ask(url, `${database} SET synchronous_commit = off`);
    assert.match((await rejects(postgres(url).open(), 'store_unavailable')).message, /synchronous_commit is off/);
    await server.ask(url, `${database} RESET synchronous_commit`);
    await server.ask(url, `${database} SET default_transaction_isolation = serializable`);
    assert.match((await rejects(postgres(url).open(), 'store_unavailable')).message, /default_transaction_isolation/);
  });
});
