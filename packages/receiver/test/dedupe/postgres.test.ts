// The suite over a real PostgreSQL, and what only a transaction can promise.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Pool } from 'pg';
import { PostgresDedupe } from '@waxwing/receiver/dedupe';
import { startPostgres } from '../../../../test/postgres-server.ts';
import type { PostgresServer } from '../../../../test/postgres-server.ts';
import { dedupeSuite } from './suite.ts';

let server: PostgresServer;
let pool: Pool;
let store: PostgresDedupe;

before(async () => {
  server = await startPostgres();
  pool = new Pool({ host: server.host, port: server.port, user: server.user, database: server.database, max: 8 });
  await pool.query('create schema "my schema"');
  store = new PostgresDedupe(pool, { table: 'my schema.dedupe' });
  await store.createTable();
  await store.createTable();
});
after(async () => {
  await pool.end();
  await server.stop();
});

/** The database has a clock of its own: instead of it, the rows are moved. */
const pass = (ms: number): Promise<unknown> =>
  pool.query(`update "my schema".dedupe set until = until - $1 * interval '1 millisecond'`, [ms]);

dedupeSuite('in PostgreSQL', () => ({ store, other: new PostgresDedupe(pool, { table: 'my schema.dedupe' }), pass }));

describe('PostgresDedupe', () => {
  async function lease(key: string): Promise<{ readonly key: string; readonly token: string; readonly keepMs: number }> {
    const beginning = await store.begin(key, 60_000);
    assert.ok(beginning.kind === 'leased');
    return { key, token: beginning.token, keepMs: 60_000 };
  }

  test('commits done with the handler’s own transaction, or not at all', async () => {
    await pool.query('create table payments (id text)');
    const held = await lease('paid');
    const client = await pool.connect();
    for (const [end, payments, kind] of [
      ['rollback', 0, 'running'],
      ['commit', 1, 'done'],
    ] as const) {
      await client.query('begin');
      await client.query("insert into payments values ('1')");
      await store.finishWithin(client, held);
      await client.query(end);
      assert.equal((await pool.query('select from payments')).rowCount, payments);
      assert.equal((await store.begin('paid', 60_000)).kind, kind);
    }
    client.release();
  });

  test('refuses to finish within a transaction when the lease was lost, so that only one of two handlers commits', async () => {
    const slow = await lease('taken over');
    await pass(60_001);
    const fast = await lease('taken over');
    await assert.rejects(store.finishWithin(pool, slow), { code: 'lease_lost' });
    await store.finishWithin(pool, fast);
    await assert.rejects(store.finishWithin(pool, slow), { code: 'lease_lost' });
  });

  test('sweeps what ran out', async () => {
    const held = await lease('old');
    await store.finish(held.key, held.token, 1000);
    await pass(1001);
    await store.sweep();
    assert.equal((await pool.query(`select from "my schema".dedupe where key = 'old'`)).rowCount, 0);
  });

  test('gives the statements of its table to migrations', () => {
    assert.match(PostgresDedupe.sql().join(';'), /create table if not exists "waxwing_dedupe"/);
  });
});
