// The pooler that other tests go through loses what a pooler in transaction mode loses, and nothing else.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { Client, DatabaseError, type ClientConfig } from 'pg';
import { CANCEL_REQUEST, numbers, packet } from './pooler-wire.ts';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import { startPooler, type Pooler, type PoolerOptions } from './transaction-pooler.ts';

let server: PostgresServer;
let url: string;
before(async () => {
  server = await startPostgres();
  url = await server.newDatabase();
});
after(() => server.stop());
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function pooled(
  options: PoolerOptions,
): Promise<{ readonly pooler: Pooler; readonly client: (more?: ClientConfig) => Promise<Client> }> {
  const pooler = await startPooler(server.port, options);
  ends.push(() => pooler.close());
  return {
    pooler,
    async client(more = {}) {
      const client = new Client({ connectionString: pooler.through(url), ...more });
      client.on('error', () => undefined);
      ends.push(() => client.end().catch(() => undefined));
      await client.connect();
      return client;
    },
  };
}

async function one(client: Client, text: string, name?: string): Promise<unknown> {
  const { rows } = await client.query<{ readonly [column: string]: unknown }>(name === undefined ? { text } : { name, text });
  return Object.values(rows[0] ?? {})[0];
}

const PID = 'SELECT pg_backend_pid()';

function failsWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof DatabaseError && error.code === code;
}

describe('a pooler in transaction mode', () => {
  for (const prepared of ['tracked', 'none'] as const) {
    test(`${prepared}: a transaction stays on its connection, the next one is on another`, async () => {
      const { client, pooler } = await pooled({ prepared, size: 2 });
      const [a, b] = [await client(), await client()];
      await a.query('BEGIN');
      const held = await one(a, PID);
      const others = new Set(await Promise.all(Array.from({ length: 5 }, () => one(b, PID))));
      assert.equal(others.has(held), false);
      assert.equal(others.size, 1, 'two connections and no more');
      assert.equal(await one(a, PID), held);
      await a.query('COMMIT');
      const pids = [];
      for (let n = 0; n < 4; n++) pids.push(await one(a, PID));
      assert.equal(new Set(pids).size, 2);
      assert.ok(pooler.loans >= 10);
    });

    test(`${prepared}: what is asked in one go is one loan, answered in order, errors in their place`, async () => {
      const { client } = await pooled({ prepared, size: 2 });
      const a = await client({ pipeline: true });
      const asked = ['BEGIN', PID, 'SELECT 1/0', 'SELECT 1', 'ROLLBACK', PID, PID].map((text) => a.query({ text, values: [] }));
      const done = await Promise.allSettled(asked);
      assert.deepEqual(
        done.map(({ status }) => status),
        ['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
      );
      const pids = done.flatMap((each) =>
        each.status === 'fulfilled' ? each.value.rows.map((row: { readonly pg_backend_pid: number }) => row.pg_backend_pid) : [],
      );
      assert.equal(new Set(pids).size, 1);
    });

    test(`${prepared}: five settings follow a client, every other stays where it was set`, async () => {
      const { client } = await pooled({ prepared, size: 2 });
      const [a, b] = [await client({ application_name: 'mine' }), await client()];
      await a.query('BEGIN');
      await one(b, PID); // now both connections are there
      await a.query('COMMIT');
      await a.query("SET timezone = 'Asia/Tokyo'");
      await a.query('SET lock_timeout = 1234');
      const seen = [];
      for (let n = 0; n < 4; n++) seen.push([await one(a, 'SHOW timezone'), await one(a, 'SHOW application_name')].join());
      assert.deepEqual(new Set(seen), new Set(['Asia/Tokyo,mine']));
      const limits = new Set();
      for (let n = 0; n < 4; n++) limits.add(await one(a, 'SHOW lock_timeout'));
      assert.deepEqual(limits, new Set(['1234ms', '0']));
      const theirs = new Set();
      for (let n = 0; n < 4; n++) theirs.add(await one(b, 'SHOW lock_timeout'));
      assert.deepEqual(theirs, limits, 'it leaks');
      assert.notEqual(await one(b, 'SHOW timezone'), 'Asia/Tokyo');
    });

    test(`${prepared}: nobody who listens through it can count on hearing`, async () => {
      const { client } = await pooled({ prepared, size: 2 });
      const a = await client();
      const heard: unknown[] = [];
      a.on('notification', (notice) => heard.push(notice));
      await a.query('LISTEN news');
      await server.ask(url, 'NOTIFY news');
      await server.ask(url, PID);
      assert.deepEqual(heard, []);
    });

    test(`${prepared}: a server that ends ends those who had a connection; the others go on when it is back`, async () => {
      const { client } = await pooled({ prepared, size: 2 });
      const [a, b] = [await client(), await client()];
      await a.query('BEGIN');
      await one(b, PID);
      await server.crash();
      await assert.rejects(a.query(PID));
      await server.start();
      assert.equal(typeof (await one(b, PID)), 'number');
      await assert.rejects(a.query(PID), 'it is gone');
    });

    test(`${prepared}: a client that leaves within a transaction takes the connection along; a restart drops everybody`, async () => {
      const { client, pooler } = await pooled({ prepared, size: 1 });
      const a = await client();
      await a.query('CREATE TABLE IF NOT EXISTS kept (n integer)');
      await a.query('BEGIN; INSERT INTO kept VALUES (1)');
      const held = await one(a, PID);
      await a.end();
      const b = await client();
      assert.notEqual(await one(b, PID), held);
      assert.equal(await one(b, 'SELECT count(*)::integer FROM kept'), 0);
      await pooler.restart();
      await assert.rejects(one(b, PID));
      assert.equal(typeof (await one(await client(), PID)), 'number');
    });
  }

  test('tracked: a statement that was prepared once is known on every connection, however many there are', async () => {
    const { client } = await pooled({ prepared: 'tracked', size: 2 });
    const [a, b] = [await client(), await client()];
    for (let round = 0; round < 3; round++)
      for (let n = 0; n < 20; n++) {
        assert.equal(await one(a, `SELECT ${n}`, `s${n}`), n);
        assert.equal(await one(b, `SELECT ${n} + 100`, `s${n}`), n + 100, 'the same name, another statement');
      }
    await assert.rejects(one(a, 'SELECT no_such_thing', 'bad'), failsWith('42703'));
    assert.equal(await one(a, 'SELECT 7', 'good'), 7);
    const c = await client({ pipeline: true });
    const asked = ['SELECT 1', 'SELECT 1/0', 'SELECT 3', 'SELECT 1'].map((text) => c.query({ name: text, text }));
    assert.deepEqual(
      (await Promise.allSettled(asked)).map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
    for (let n = 0; n < 3; n++) assert.equal(await one(c, 'SELECT 3', 'SELECT 3'), 3);
  });

  test('none: a named statement is the connection’s: not there on the next, in another’s way on the same', async () => {
    const { client } = await pooled({ prepared: 'none', size: 2 });
    const [a, b] = [await client(), await client()];
    assert.equal(await one(a, 'SELECT 1', 'mine'), 1);
    const next = async (who: Client): Promise<unknown> => one(who, 'SELECT 1', 'mine').catch((error: unknown) => error);
    const failures = [await next(a), await next(a), await next(b), await next(b)].filter((each) => each instanceof DatabaseError);
    assert.ok(failures.length > 0);
    for (const { code } of failures) assert.ok(code === '26000' || code === '42P05', String(code));
  });

  test('a setting in the first packet that it does not know is refused; cancelling reaches the right statement', async () => {
    const { client, pooler } = await pooled({ prepared: 'none' });
    await assert.rejects(client({ options: '-c lock_timeout=1' }), /unsupported startup parameter: options/);
    const a = await client();
    const sleeping = assert.rejects(a.query('SELECT pg_sleep(30)'), failsWith('57014'));
    while ((await server.ask(url, "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)'")).length === 0);
    const there = connect(Number(new URL(pooler.through(url)).port), '127.0.0.1');
    there.write(packet('', numbers(CANCEL_REQUEST, Number(Reflect.get(a, 'processID')), Number(Reflect.get(a, 'secretKey')))));
    await sleeping;
  });
});
