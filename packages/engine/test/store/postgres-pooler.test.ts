// Through a pooler in transaction mode, with a direct address beside it: the store keeps the suite, and nodes share a database.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import { postgres } from '../../src/store/postgres/postgres.ts';
import { clientConfig, Session } from '../../src/store/postgres/session.ts';
import { conformance } from './conformance.ts';
import { postgresPlaces } from './postgres-place.ts';
import { postgresHouses, publishUntilTaken, until, type PostgresHouse } from './postgres-house.ts';
import { startPooler, type Pooler } from './transaction-pooler.ts';

const MODES = ['tracked', 'none'] as const;
const SIZE = 3;

let server: PostgresServer;
const poolers = new Map<string, Pooler>();
before(async () => {
  server = await startPostgres();
  for (const prepared of MODES) poolers.set(prepared, await startPooler(server.port, { prepared, size: SIZE }));
});
after(async () => {
  for (const pooler of poolers.values()) await pooler.close();
  await server.stop();
});

function poolerOf(prepared: string): Pooler {
  const pooler = poolers.get(prepared);
  assert.ok(pooler !== undefined);
  return pooler;
}

/** All of the suite with `npm run test:postgres`; every time as much of it as is on a delivery's way. */
const PART = process.env['TEST_POSTGRES'] === undefined ? 'core' : 'whole';

for (const prepared of MODES)
  conformance(
    `postgres (through a pooler, prepared statements: ${prepared})`,
    postgresPlaces(
      () => server,
      (url) => postgres(poolerOf(prepared).through(url), { directUrl: url }),
    ),
    PART,
  );

/** What other programs may leave behind on connections that a pooler then gives to a node. */
const LEFT_BEHIND = [
  'SET synchronous_commit = off',
  'SET search_path = nowhere',
  "SET bytea_output = 'escape'",
  "SET datestyle = 'SQL, DMY'",
  "SET timezone = 'Asia/Tokyo'",
];

/** Does these statements on every connection that the pooler has to the database. */
async function leaveBehind(url: string, statements: readonly string[]): Promise<void> {
  const clients = Array.from({ length: SIZE }, () => new Client({ connectionString: url }));
  for (const client of clients) await client.connect();
  await Promise.all(clients.map((client) => client.query('BEGIN'))); // now they have all there are
  for (const client of clients) for (const statement of statements) await client.query(statement);
  for (const client of clients) await client.query('COMMIT');
  for (const client of clients) await client.end();
}

describe('a session behind a pooler that knows no names', () => {
  const sessions: Session[] = [];
  afterEach(() => {
    for (const session of sessions.splice(0)) session.abandon();
  });
  const connect = async (url: string): Promise<Session> => {
    const session = await Session.connect(clientConfig(poolerOf('none').through(url), 'waxwing'));
    sessions.push(session);
    return session;
  };

  test('sends nothing of a transaction again outside of it', async () => {
    const url = await server.newDatabase();
    await server.ask(url, 'CREATE TABLE kept (n integer)');
    for (let n = 0; n < 6; n++) {
      const session = await connect(url);
      const insert = { name: 'insert', text: 'INSERT INTO kept VALUES ($1::integer)' };
      const done = await Promise.allSettled([session.run({ text: 'BEGIN' }), session.run(insert, [n]), session.commit()]);
      const kept = await server.ask(url, `SELECT n FROM kept WHERE n = ${n}`);
      assert.equal(kept.length, done.every(({ status }) => status === 'fulfilled') ? 1 : 0, 'all of it or nothing');
    }
  });

  test('means its own statement by a name, whatever a node of another version means by it', async () => {
    const url = await server.newDatabase();
    const [older, newer] = [await connect(url), await connect(url)];
    for (let round = 0; round < 4; round++) {
      for (const [session, version] of [
        [older, 1],
        [newer, 2],
        [newer, 2],
      ] as const)
        assert.deepEqual(await session.rows({ name: 'version', text: `SELECT ${version}::integer AS version` }), [{ version }]);
    }
  });
});

describe('nodes behind a pooler', () => {
  const { furnished, open, later } = postgresHouses();

  for (const prepared of MODES) {
    test(`${prepared}: two nodes share a database; each event is taken by one and delivered once`, async () => {
      const url = await server.newDatabase();
      const there = { postgres: { directUrl: url } };
      const first = await furnished(poolerOf(prepared).through(url), there);
      const second = await open(poolerOf(prepared).through(url), there);
      await second.engine.endpoints.create('acme', { url: 'https://acme.example/second' });
      const houses: readonly PostgresHouse[] = [first, second];
      await Promise.all(Array.from({ length: 60 }, async (_, n) => publishUntilTaken(houses[n % 2]?.engine ?? first.engine, `e-${n}`)));
      await until(() => first.sent.length + second.sent.length >= 120);
      const sent = [...first.sent, ...second.sent].toSorted();
      const expected = Array.from({ length: 60 }, (_, n) => [`e-${n}`, `e-${n}`]).flat();
      assert.deepEqual(sent, expected.toSorted());
    });

    test(`${prepared}: the pooler restarts, again and again: refused meanwhile, taken once, all delivered`, async () => {
      const url = await server.newDatabase();
      const pooler = await startPooler(server.port, { prepared, size: SIZE });
      later(() => pooler.close());
      const { engine, sent } = await furnished(pooler.through(url), { postgres: { directUrl: url } });
      const taken: string[] = [];
      let done = false;
      const publishing = Array.from({ length: 4 }, async (_, who) => {
        for (let n = 0; !done; n++) {
          await publishUntilTaken(engine, `e-${who}-${n}`);
          taken.push(`e-${who}-${n}`);
        }
      });
      for (let round = 0; round < 4; round++) {
        const soFar = taken.length;
        await until(() => taken.length > soFar + 10);
        if (round < 3) await pooler.restart();
      }
      done = true;
      await Promise.all(publishing);
      await until(() => new Set(sent).size === taken.length && engine.status().pending === 0);
      const [row] = await server.ask(url, 'SELECT count(*)::integer AS n FROM waxwing.events');
      assert.equal(row?.['n'], taken.length);
    });
  }

  test('what others left behind on the connections changes nothing: commits are durable, writes are taken, times are right', async () => {
    const url = await server.newDatabase();
    const pooled = poolerOf('tracked').through(url);
    const { engine, sent } = await furnished(pooled, { postgres: { directUrl: url } });
    await server.ask(
      url,
      `CREATE TABLE public.seen (commits text);
       CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
       CREATE TRIGGER see AFTER INSERT ON waxwing.events FOR EACH ROW EXECUTE FUNCTION public.see()`,
    );
    await leaveBehind(pooled, LEFT_BEHIND);
    for (let n = 0; n < 12; n++) {
      await publishUntilTaken(engine, `e-${n}`);
      assert.equal((await engine.events.get('acme', `e-${n}`)).id, `e-${n}`);
    }
    await until(() => sent.length >= 12 && engine.status().pending === 0);
    const seen = await server.ask(url, 'SELECT DISTINCT commits FROM public.seen');
    assert.deepEqual(seen, [{ commits: 'on' }]);
    await server.ask(url, `SELECT waxwing.publish('acme', 'a.b', '{}', id => 'by-hand', "timestamp" => '2026-11-01T10:00:00Z')`);
    await until(() => sent.includes('by-hand'));
    assert.equal((await engine.events.get('acme', 'by-hand')).timestamp, '2026-11-01T10:00:00.000Z');
  });

  for (const [setting, value] of [
    ['default_transaction_isolation', 'repeatable read'],
    ['default_transaction_read_only', 'on'],
  ] as const)
    test(`a ${setting} that others left behind holds publishers up at worst, until it is gone`, async () => {
      const url = await server.newDatabase();
      const pooled = poolerOf('tracked').through(url);
      const { engine, sent } = await furnished(pooled, { postgres: { directUrl: url } });
      await leaveBehind(pooled, [`SET ${setting} = '${value}'`]);
      await engine.publish('acme', { type: 'a.b', data: {}, id: 'one' }).catch((error: unknown) => {
        assert.ok(error instanceof WaxwingError && error.code === 'store_unavailable', String(error));
      });
      await leaveBehind(pooled, [`RESET ${setting}`]);
      await publishUntilTaken(engine, 'two');
      await until(() => sent.includes('two') && engine.status().pending === 0);
    });
});
