// PostgreSQL restarted, demoted or full while events are published: publishers are told to come again, nothing acknowledged is
// lost, and it comes back by itself. And the servers that are refused from the start.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
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

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

describe('outages of PostgreSQL', () => {
  for (const how of ['shutDown', 'crash'] as const) {
    test(`${how} and start, again and again, while eight publish: refused meanwhile, taken once, all delivered`, async () => {
      const url = await server.newDatabase();
      const { engine, sent } = await furnished(url);
      const acknowledged: string[] = [];
      let done = false;
      const publishing = Array.from({ length: 8 }, async (_, who) => {
        for (let n = 0; !done; n++) {
          await publishUntilTaken(engine, `e-${who}-${n}`);
          acknowledged.push(`e-${who}-${n}`);
        }
      });
      for (let round = 1; round <= 2; round++) {
        const soFar = acknowledged.length;
        await until(() => acknowledged.length > soFar + 20);
        await server[how]();
        await server.start();
      }
      const soFar = acknowledged.length;
      await until(() => acknowledged.length > soFar + 20);
      done = true;
      await Promise.all(publishing);
      await until(() => engine.status().pending === 0 && new Set(sent).size >= acknowledged.length);
      const arrived = new Set(sent);
      assert.deepEqual(
        acknowledged.filter((id) => !arrived.has(id)),
        [],
      );
      const [row] = await server.ask(url, 'SELECT count(*)::integer AS n FROM waxwing.events');
      assert.equal(row?.['n'], acknowledged.length, 'each once');
      assert.equal(engine.status().ready, true);
    });
  }

  test('a primary that comes back as a replica takes nothing, and is the primary again when it is promoted', async () => {
    const url = await server.newDatabase();
    const { engine, sent } = await furnished(url);
    await publishUntilTaken(engine, 'before');
    await until(() => sent.includes('before') && engine.status().pending === 0);
    await server.shutDown();
    await server.start('replica');
    for (let n = 0; n < 3; n++) {
      const error = await rejects(engine.publish('acme', { type: 'a.b', data: {} }), 'store_unavailable');
      assert.ok(error.retryAfterSeconds !== null);
    }
    assert.equal(engine.status().ready, false);
    await server.shutDown();
    await server.start('primary');
    await publishUntilTaken(engine, 'after');
    await until(() => sent.includes('after') && engine.status().pending === 0);
    assert.equal(engine.status().ready, true);
  });

  test('a database whose disk is full says so, and takes events again when there is room', async () => {
    const url = await server.newDatabase();
    const { engine, sent } = await furnished(url);
    await server.ask(
      url,
      `CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full'; END $$;
       CREATE TRIGGER no_room BEFORE INSERT ON waxwing.events EXECUTE FUNCTION no_room()`,
    );
    const error = await rejects(engine.publish('acme', { type: 'a.b', data: {} }), 'disk_full');
    assert.equal(error.retryAfterSeconds, 1);
    await server.ask(url, 'DROP FUNCTION no_room CASCADE');
    await publishUntilTaken(engine, 'after');
    await until(() => sent.includes('after') && engine.status().pending === 0);
  });
});

describe('servers that are refused', () => {
  test('a replica, with what to do', async () => {
    const url = await server.newDatabase();
    await server.shutDown();
    await server.start('replica');
    const error = await rejects(open(url), 'store_unavailable');
    assert.match(error.message, /read-only replica.*address of the primary/);
    await server.shutDown();
    await server.start('primary');
    await open(url);
  });

  test('one that is too old', async () => {
    const proxy = await startProxy(await server.newDatabase());
    later(() => proxy.close());
    const [row] = await server.ask(proxy.url, "SELECT current_setting('server_version_num') AS number");
    proxy.rewrite(String(row?.['number']), '140019');
    const error = await rejects(open(proxy.url), 'store_unavailable');
    assert.match(error.message, /PostgreSQL 15 or later is needed/);
  });

  for (const where of ['database', 'role'] as const) {
    test(`one whose commits are not durable, be it for the ${where}`, async () => {
      const url = await server.newDatabase();
      const role = `${nameOf(url)}_lax`;
      await server.ask(url, `CREATE ROLE ${role} LOGIN; GRANT CREATE ON DATABASE ${nameOf(url)} TO ${role}`);
      const asRole = new URL(url);
      asRole.username = role;
      await server.ask(url, `ALTER ${where} ${where === 'role' ? role : nameOf(url)} SET synchronous_commit = off`);
      const error = await rejects(open(asRole.href), 'store_unavailable');
      assert.match(error.message, /synchronous_commit is off/);
      await server.ask(url, `ALTER ${where} ${where === 'role' ? role : nameOf(url)} RESET synchronous_commit`);
      await open(asRole.href);
    });
  }
});
