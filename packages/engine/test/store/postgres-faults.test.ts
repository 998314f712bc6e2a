// What PostgreSQL and the network to it can do: publishing says 503 meanwhile, what was acknowledged is delivered, and it
// comes back by itself.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { Client } from 'pg';
import type { Engine } from '../../src/engine.ts';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import { rejects } from '../house.ts';
import { postgresHouses, publishUntilTaken, until } from './postgres-house.ts';
import { startProxy } from './postgres-proxy.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());
const { open, furnished, later } = postgresHouses();

const OTHERS = 'pid <> pg_backend_pid() AND datname = current_database()';

async function publishMany(engine: Engine, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, n) => `e-${n}`);
  const next = ids.values();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const id of next) await publishUntilTaken(engine, id);
    }),
  );
  return ids;
}

async function events(url: string): Promise<number> {
  const [row] = await server.ask(url, 'SELECT count(*)::integer AS n FROM waxwing.events');
  return Number(row?.['n']);
}

describe('faults of PostgreSQL', () => {
  for (const verb of ['pg_terminate_backend', 'pg_cancel_backend']) {
    test(`${verb} on every session, again and again: all is taken once and delivered`, async () => {
      const url = await server.newDatabase();
      const { engine, sent } = await furnished(url);
      let done = false;
      const faults = (async () => {
        for (let round = 0; round < 5 && !done; round++) {
          await server.ask(url, `SELECT ${verb}(pid) FROM pg_stat_activity WHERE ${OTHERS}`);
          await new Promise((resolve) => setTimeout(resolve, 60));
        }
      })();
      const ids = await publishMany(engine, 400);
      done = true;
      await faults;
      await until(() => new Set(sent).size === ids.length && engine.status().pending === 0);
      assert.equal(await events(url), ids.length);
    });
  }

  test('a server that crashes and comes back: refused meanwhile, nothing acknowledged is lost', async () => {
    const url = await server.newDatabase();
    const { engine, sent } = await furnished(url);
    const acknowledged = await publishMany(engine, 20);
    await server.crash();
    await assert.rejects(
      engine.publish('acme', { type: 'a.b', data: {} }),
      (error) => error instanceof WaxwingError && error.status === 503,
    );
    await rejects(engine.publish('acme', { type: 'a.b', data: {} }), 'store_unavailable');
    assert.equal(engine.status().ready, false);
    await server.start();
    await publishUntilTaken(engine, 'after');
    await until(() => sent.includes('after') && engine.status().pending === 0);
    for (const id of acknowledged) assert.ok(sent.includes(id), id);
    assert.equal(engine.status().ready, true);
  });

  test('a commit whose answer is lost is said to be unknown, and publishing again finds it', async () => {
    const url = await server.newDatabase();
    const proxy = await startProxy(url);
    later(() => proxy.close());
    const { engine, sent } = await furnished(proxy.url);
    await engine.publish('acme', { type: 'a.b', data: {}, id: 'first' });
    const lost = proxy.loseAnswerTo('the-one-that-is-lost');
    const error = await rejects(engine.publish('acme', { type: 'a.b', data: { n: 1 }, id: 'the-one-that-is-lost' }), 'commit_unknown');
    assert.equal(error.retryAfterSeconds, 1);
    await lost;
    await until(() => engine.status().ready);
    const again = await engine.publish('acme', { type: 'a.b', data: { n: 1 }, id: 'the-one-that-is-lost' });
    assert.equal(again.duplicate, true, 'it had been stored');
    await until(() => sent.includes('the-one-that-is-lost') && engine.status().pending === 0);
    assert.deepEqual(sent, ['first', 'the-one-that-is-lost']);
  });

  test('a table that somebody locks holds publishers up for seconds at most, and then they are told to come again', async () => {
    const url = await server.newDatabase();
    const { engine, sent } = await furnished(url);
    const other = new Client({ connectionString: url });
    await other.connect();
    await other.query('BEGIN; LOCK TABLE waxwing.events IN ACCESS EXCLUSIVE MODE');
    await rejects(engine.publish('acme', { type: 'a.b', data: {} }), 'store_unavailable');
    await other.end();
    await publishUntilTaken(engine, 'after');
    await until(() => sent.includes('after'));
  });

  test('a deadlock with another program is a refusal at worst, and no loss', async () => {
    const url = await server.newDatabase();
    const { engine, sent } = await furnished(url);
    await engine.publish('acme', { type: 'a.b', data: {}, id: 'seen', idempotencyKey: 'k' });
    const other = new Client({ connectionString: url });
    other.on('error', () => undefined);
    await other.connect();
    later(() => other.end());
    await other.query(`BEGIN; UPDATE waxwing.tallies SET value = value`);
    const publishing = publishUntilTaken(engine, 'held');
    await until(async () => (await server.ask(url, `SELECT 1 FROM pg_locks WHERE NOT granted`)).length > 0);
    const theirs = other.query('LOCK TABLE waxwing.events IN ACCESS EXCLUSIVE MODE; COMMIT').catch(() => undefined);
    await publishing;
    await theirs;
    await until(() => sent.includes('held') && engine.status().pending === 0);
  });

  test('a role without connections left is named at the start; one that loses them comes back', async () => {
    const url = await server.newDatabase();
    const name = new URL(url).pathname.slice(1);
    await server.ask(url, `CREATE ROLE ${name}_role LOGIN CONNECTION LIMIT 0`);
    await server.ask(url, `GRANT CREATE ON DATABASE ${name} TO ${name}_role`);
    const asRole = new URL(url);
    asRole.username = `${name}_role`;
    await assert.rejects(open(asRole.href), /too many connections for role.*no connection left/);
    await server.ask(url, `ALTER ROLE ${name}_role CONNECTION LIMIT -1`);
    const { engine, sent } = await furnished(asRole.href);
    await publishUntilTaken(engine, 'before');
    await server.ask(url, `ALTER ROLE ${name}_role CONNECTION LIMIT 0`);
    await server.ask(url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OTHERS}`);
    await rejects(engine.events.list('acme'), 'store_unavailable');
    await assert.rejects(
      engine.publish('acme', { type: 'a.b', data: {} }),
      (error) => error instanceof WaxwingError && error.status === 503,
    );
    await server.ask(url, `ALTER ROLE ${name}_role CONNECTION LIMIT -1`);
    await publishUntilTaken(engine, 'after');
    await until(() => sent.includes('after') && sent.includes('before'));
  });
});
