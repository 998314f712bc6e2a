// Publishing within the caller's own transaction: committed is delivered, once; rolled back never was; what cannot be
// accepted is seen.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import { postgresHouses, until, type PostgresHouse } from './postgres-house.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

const { open, furnished, later } = postgresHouses();

interface Place extends PostgresHouse {
  readonly url: string;
  /** Another connection, as a platform's program has. */
  client(): Promise<Client>;
}

async function place(): Promise<Place> {
  const url = await server.newDatabase();
  return {
    ...(await furnished(url)),
    url,
    async client() {
      const client = new Client({ connectionString: url });
      await client.connect();
      later(() => client.end());
      return client;
    },
  };
}

const TASK = '{"task_id": "t1", "status": "completed"}';

describe('select waxwing.publish(…)', () => {
  test('what is committed is delivered soon after, once, and what is rolled back never was', async () => {
    const { client, sending, sent, engine } = await place();
    const app = await client();
    await app.query('CREATE TABLE orders (id int)');
    await app.query('BEGIN');
    await app.query('INSERT INTO orders VALUES (1)');
    await app.query(`SELECT waxwing.publish('acme', 'order.made', $1, id => 'order-1')`, [TASK]);
    assert.equal(sent.length, 0);
    const commit = performance.now();
    await app.query('COMMIT');
    await sending(1);
    const tookMs = performance.now() - commit;
    assert.deepEqual(sent, ['order-1']);
    const event = await engine.events.get('acme', 'order-1');
    assert.deepEqual(event.data, { task_id: 't1', status: 'completed' });
    await app.query('BEGIN');
    await app.query(`SELECT waxwing.publish('acme', 'order.made', '{}', id => 'order-2')`);
    await app.query('ROLLBACK');
    await app.query(`SELECT waxwing.publish('acme', 'order.made', '{}', id => 'order-3')`);
    await sending(2);
    assert.deepEqual(sent, ['order-1', 'order-3']);
    assert.equal((await app.query('SELECT * FROM waxwing.outbox')).rowCount, 0);
    assert.deepEqual(engine.status().outbox, { taken: 2, rejected: 0 });
    assert.ok(tookMs < 1_000, `${tookMs} ms from commit to the sender`); // 100 ms on an idle machine; this one may be busy
  });

  test('the data arrive as the text that was given: order, spacing of numbers, and large integers', async () => {
    const { client, sending } = await place();
    const app = await client();
    const data = '{"z": 1.0, "a": 12345678901234567890, "t": "\\u0000é"}';
    await app.query(`SELECT waxwing.publish('acme', 'a.b', $1, id => 'e1')`, [data]);
    await sending(1);
    const { rows } = await app.query<{ readonly data: string }>(`SELECT data FROM waxwing.events WHERE id = 'e1'`);
    assert.equal(rows[0]?.data, data);
  });

  test('a transaction that is left open holds nobody up, and its event comes when it ends', async () => {
    const { client, sending, sent } = await place();
    const [slow, quick] = [await client(), await client()];
    await slow.query('BEGIN');
    await slow.query(`SELECT waxwing.publish('acme', 'a.b', '{}', id => 'slow', idempotency_key => 'same')`);
    for (let n = 1; n <= 50; n++) await quick.query(`SELECT waxwing.publish('acme', 'a.b', '{}', id => $1)`, [`quick-${n}`]);
    await sending(50);
    assert.ok(!sent.includes('slow'));
    await slow.query('COMMIT');
    await sending(51);
    assert.equal(sent.at(-1), 'slow');
  });

  test('what cannot be accepted is a rejected event with the code of the API, and its neighbours are delivered', async () => {
    const { client, sending, sent, engine } = await place();
    await engine.endpoints.create('waxwing', { url: 'https://ops.example/hook', eventTypes: ['event.rejected'] });
    const app = await client();
    await app.query('BEGIN');
    await app.query(`SELECT waxwing.publish('nobody', 'a.b', '{}')`);
    await app.query(`SELECT waxwing.publish('acme', 'not a type', '{}')`);
    await app.query(`SELECT waxwing.publish('acme', 'a.b', '[1]')`);
    await app.query(`SELECT waxwing.publish('acme', 'a.b', '{"a":{"b":1,"b":2}}')`);
    await app.query(`SELECT waxwing.publish('acme', 'a.b', '{}', id => 'no dots. allowed')`);
    await app.query(`SELECT waxwing.publish('acme', 'a.b', '{"first":true}', id => 'taken')`);
    await app.query(`SELECT waxwing.publish('acme', 'a.b', '{"first":false}', id => 'taken')`);
    await app.query(`SELECT waxwing.publish('waxwing', 'event.rejected', '{}')`);
    await app.query('COMMIT');
    await until(() => engine.status().outbox.rejected === 7);
    await sending(4); // the one that is good, and what tells of rejections of three tenants
    const { data: rejected } = await engine.events.rejected(null, { limit: 5 });
    const { data: rest } = await engine.events.rejected(null, {
      cursor: (await engine.events.rejected(null, { limit: 5 })).nextCursor ?? '',
    });
    assert.deepEqual(
      [...rejected, ...rest].toReversed().map(({ tenant, code }) => [tenant, code]),
      [
        ['nobody', 'tenant_not_found'],
        ['acme', 'unknown_event_type'],
        ['acme', 'invalid_request'],
        ['acme', 'invalid_event_data'],
        ['acme', 'invalid_request'],
        ['acme', 'idempotency_conflict'],
        ['waxwing', 'reserved_tenant'],
      ],
    );
    const ofAcme = (await engine.events.rejected('acme')).data;
    assert.equal(ofAcme.length, 5);
    const duplicateKey = ofAcme.find(({ data }) => data.includes('"b":2'));
    assert.deepEqual(
      duplicateKey?.fields.map(({ path }) => path),
      ['/data/a/b'],
    );
    assert.ok(sent.includes('taken'));
    assert.equal((await app.query('SELECT * FROM waxwing.outbox')).rowCount, 0);
  });

  test('an id that was published over the API before is the same event, not another', async () => {
    const { client, sending, sent, engine } = await place();
    await engine.publish('acme', { type: 'a.b', data: { n: 1 }, id: 'once' });
    const app = await client();
    await app.query(`SELECT waxwing.publish('acme', 'a.b', '{"n": 1}', id => 'once')`);
    await app.query(`SELECT waxwing.publish('acme', 'a.b', '{"n": 2}', id => 'next')`);
    await sending(2);
    assert.deepEqual(sent, ['once', 'next']);
    assert.equal(engine.status().outbox.rejected, 0);
  });

  test('thousands that were published while no node ran are each delivered once', async () => {
    const { client, engine, url } = await place();
    const app = await client();
    await engine.close();
    await app.query(`SELECT waxwing.publish('acme', 'a.b', '{}', id => 'n-' || n) FROM generate_series(1, 3000) n`);
    const next = await open(url);
    await until(() => next.sent.length >= 3_000 && next.engine.status().pending === 0);
    assert.equal(new Set(next.sent).size, 3_000);
    assert.equal(next.sent.length, 3_000);
  });

  test('a role needs the right to the schema and the function, and to no table', async () => {
    const { client, sending, url } = await place();
    const owner = await client();
    await owner.query('CREATE ROLE app LOGIN');
    later(() => server.ask(url, 'DROP OWNED BY app').then(() => server.ask(url, 'DROP ROLE app')));
    const asApp = new URL(url);
    asApp.username = 'app';
    const app = new Client({ connectionString: asApp.href });
    await app.connect();
    later(() => app.end());
    await assert.rejects(app.query(`SELECT waxwing.publish('acme', 'a.b', '{}')`), /permission denied/);
    await owner.query('GRANT USAGE ON SCHEMA waxwing TO app');
    await owner.query('GRANT EXECUTE ON FUNCTION waxwing.publish TO app');
    await app.query(`SELECT waxwing.publish('acme', 'a.b', '{}')`);
    await sending(1);
    await assert.rejects(app.query('SELECT * FROM waxwing.outbox'), /permission denied/);
  });
});
