// Moving an embedded store to PostgreSQL: whole, checked, and taken up again where it was stopped.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import { createEngine } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine.ts';
import { moveStore } from '../../src/store/moving/move-store.ts';
import { sqlite } from '../../src/store/sqlite/sqlite.ts';
import { systemClock } from '../../src/system-ports.ts';
import { rejects } from '../house.ts';
import { ScriptedSender } from '../manual-ports.ts';
import { MASTER_KEY, postgresHouses, until } from './postgres-house.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());
const { open, later } = postgresHouses();

/** What people see of a store. */
async function picture(engine: Engine): Promise<unknown> {
  const deliveries = (await engine.deliveries.list('acme', { limit: 250 })).data;
  return {
    tenants: (await engine.tenants.list()).data,
    endpoints: (await engine.endpoints.list('acme')).data.map((endpoint) => ({ ...endpoint, health: null, stats: null })),
    keys: (await engine.keys.list()).data,
    eventTypes: (await engine.eventTypes.list()).data,
    events: (await engine.events.list('acme', { limit: 250 })).data,
    deliveries,
    attempts: await Promise.all(deliveries.slice(0, 20).map(({ id }) => engine.deliveries.get('acme', id))),
    replays: (await engine.replays.list('acme')).data,
    notices: (await engine.notices.list()).data,
    counts: (await engine.cluster()).store.deliveries,
  };
}

/** Whether the replay has counted what it takes, and waits for the disabled endpoint. */
async function hasCounted(engine: Engine): Promise<boolean> {
  const [replay] = (await engine.replays.list('acme')).data;
  return replay !== undefined && replay.note !== null;
}

/** A store with something of everything: delivered, failed, pending, skipped, replayed. */
async function embedded(): Promise<{ readonly folder: string; readonly picture: unknown }> {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-move-'));
  later(async () => rmSync(folder, { recursive: true, force: true }));
  const sender = new ScriptedSender(systemClock, ({ event }) =>
    event.data.includes('fails') ? { outcome: { kind: 'refused', status: 500 } } : { outcome: { kind: 'delivered', status: 200 } },
  );
  const engine = await createEngine({ store: sqlite(folder), masterKey: MASTER_KEY, sender });
  await engine.tenants.put({ id: 'acme', notifyEmails: ['ops@acme.example'], metadata: { plan: 'pro' } });
  await engine.keys.create({ name: 'k', scope: 'admin' });
  await engine.eventTypes.put('made.here', { description: 'd', schema: { type: 'object' }, sample: {} });
  await engine.endpoints.create('acme', { url: 'https://acme.example/a', headers: { 'x-a': 'b' } });
  await engine.endpoints.create('acme', { url: 'https://acme.example/b', maxRetries: 0, eventTypes: ['a.*'] });
  const paused = await engine.endpoints.create('acme', { url: 'https://acme.example/c' });
  await engine.endpoints.pause('acme', paused.id);
  const disabled = await engine.endpoints.create('acme', { url: 'https://acme.example/d' });
  await engine.endpoints.disable('acme', disabled.id);
  for (let n = 0; n < 40; n++)
    await engine.publish('acme', {
      type: n % 2 === 0 ? 'a.b' : 'c.d',
      data: { n, text: n % 5 === 0 ? 'fails é\0' : '🛰' },
      id: `e-${n}`,
      idempotencyKey: `k-${n}`,
    });
  await until(() => engine.status().inFlight === 0 && engine.status().commitQueue === 0);
  await engine.replays.create('acme', { states: ['skipped'] });
  await until(() => hasCounted(engine));
  const gone = await engine.endpoints.create('acme', { url: 'https://acme.example/e' });
  await engine.endpoints.delete('acme', gone.id);
  await until(() => engine.status().commitQueue === 0);
  const seen = await picture(engine);
  await engine.close({ graceMs: 500 });
  return { folder, picture: seen };
}

describe('moving a store to PostgreSQL', () => {
  test('everything is there, looks the same, and what was pending is delivered', async () => {
    const { folder, picture: seen } = await embedded();
    const url = await server.newDatabase();
    const { tables } = await moveStore(folder, url);
    assert.ok((tables.find(({ name }) => name === 'events')?.rows ?? 0) >= 40);
    assert.ok((tables.find(({ name }) => name === 'attempts')?.rows ?? 0) > 40);
    const numbers = ['events', 'deliveries', 'endpoints', 'replays'].map((table) => `SELECT max(seq) AS seq FROM waxwing.${table}`);
    const [above] = await server.ask(
      url,
      `SELECT next > (SELECT max(seq) FROM (${numbers.join(' UNION ALL ')}) AS moved) AS yes FROM waxwing.numbers`,
    );
    assert.deepEqual(above, { yes: true }, 'new numbers come after the moved ones');
    const { engine, sent } = await open(url, { sender: new ScriptedSender(systemClock, () => 'hang') });
    assert.deepEqual(sent, []);
    await until(() => hasCounted(engine));
    assert.deepEqual(await picture(engine), seen);
    const again = await engine.publish('acme', { type: 'c.d', data: { n: 1, text: '🛰' }, id: 'e-1', idempotencyKey: 'k-1' });
    assert.equal(again.duplicate, true);
    await engine.close({ graceMs: 0 });
    const next = await open(url);
    const [paused] = (await next.engine.endpoints.list('acme')).data.filter(({ status }) => status === 'paused');
    await next.engine.endpoints.resume('acme', paused?.id ?? '');
    await next.sending(40);
  });

  test('a move that is stopped goes on where it was; until then nobody else opens the database', async () => {
    const { folder } = await embedded();
    const url = await server.newDatabase();
    const stopAt =
      (table: string) =>
      (progress: { readonly table: string; readonly rows: number }): void => {
        if (progress.table === table && progress.rows > 0) throw new Error('pulled the plug');
      };
    await assert.rejects(moveStore(folder, url, { onProgress: stopAt('deliveries') }), /pulled the plug/);
    await rejects(open(url), 'store_unavailable');
    const began: number[] = [];
    await moveStore(folder, url, {
      onProgress: ({ step, table, rows }) => void (step === 'copying' && table === 'events' && began.push(rows)),
    });
    assert.equal(began.length, 1, 'events were there already');
    assert.ok((began[0] ?? 0) >= 40);
    await open(url);
  });

  test('a database that holds a store already is refused, and so is one whose server runs', async () => {
    const { folder } = await embedded();
    const url = await server.newDatabase();
    const { engine } = await open(url);
    await rejects(moveStore(folder, url), 'data_folder_in_use');
    await engine.close();
    await rejects(moveStore(folder, url), 'invalid_setting');
    await rejects(moveStore(join(folder, 'nothing'), url), 'invalid_setting');
  });
});
