// The master key of a database: changed whole while no node is alive, and not at all otherwise.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import { changeDatabaseMasterKey } from '../../src/database-master-key.ts';
import { rejects } from '../house.ts';
import { MASTER_KEY, postgresHouses, until } from './postgres-house.ts';
import { startProxy } from './postgres-proxy.ts';

const NEW_KEY = 'n'.repeat(40);
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NEXT_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());
const { open, later } = postgresHouses();

const change = (databaseUrl: string): ReturnType<typeof changeDatabaseMasterKey> =>
  changeDatabaseMasterKey({ databaseUrl, masterKey: MASTER_KEY, newMasterKey: NEW_KEY });

/** A store whose endpoint has two secrets and a header; and one that is deleted. */
async function furnish(url: string): Promise<void> {
  const { engine } = await open(url);
  const input = { url: 'https://acme.example/', secret: SECRET, headers: { 'x-api-key': 'value' } };
  const { id } = await engine.endpoints.create('acme', input);
  await engine.endpoints.rotateSecret('acme', id, { secret: NEXT_SECRET });
  const gone = await engine.endpoints.create('acme', input);
  await engine.endpoints.delete('acme', gone.id);
  await engine.close();
}

/** What an attempt is signed with and carries, as a node with this key finds it. */
async function seenBy(url: string, masterKey: string): Promise<unknown> {
  const seen: unknown[] = [];
  const { engine } = await open(url, {
    masterKey,
    answer: ({ target }) => {
      seen.push([target.secrets, target.headers]);
      return { outcome: { kind: 'delivered', status: 200 } };
    },
  });
  await engine.publish('acme', { type: 'a.b', data: {} });
  await until(() => seen.length > 0);
  await engine.close();
  return seen[0];
}

const EXPECTED = [[NEXT_SECRET, SECRET], [['x-api-key', 'value']]];

describe('changing the master key of a database', () => {
  test('everything opens with the new key, and nothing with the old one', async () => {
    const url = await server.newDatabase();
    await furnish(url);
    assert.deepEqual(await change(url), { endpoints: 1, keyFile: null });
    await rejects(open(url), 'wrong_master_key');
    assert.deepEqual(await seenBy(url, NEW_KEY), EXPECTED);
    await rejects(change(url), 'invalid_setting'); // it has it already
  });

  test('while a node is alive it is refused with the node’s name, however the node is called back later', async () => {
    const url = await server.newDatabase();
    await furnish(url);
    const { engine } = await open(url);
    const [node] = (await engine.cluster()).nodes;
    const error = await rejects(change(url), 'data_folder_in_use');
    assert.ok(node !== undefined && error.message.includes(node.id), error.message);
    await engine.publish('acme', { type: 'a.b', data: {} });
    await engine.close();
    await change(url);
    assert.deepEqual(await seenBy(url, NEW_KEY), EXPECTED);
  });

  test('a node that is frozen counts until its lease has run out, and never writes under the old key afterwards', async () => {
    const url = await server.newDatabase();
    await furnish(url);
    const proxy = await startProxy(url);
    later(() => proxy.close());
    const { engine } = await open(proxy.url);
    proxy.freeze();
    await rejects(change(url), 'data_folder_in_use');
    await until(() =>
      change(url).then(
        () => true,
        () => false,
      ),
    );
    proxy.thaw();
    await rejects(engine.endpoints.create('acme', { url: 'https://acme.example/late' }), 'store_unavailable');
    assert.deepEqual(await seenBy(url, NEW_KEY), EXPECTED);
  });

  test('no node can join meanwhile; cut off before its end, nothing is changed', async () => {
    const url = await server.newDatabase();
    await furnish(url);
    const other = new Client({ connectionString: url });
    await other.connect();
    later(() => other.end());
    const waiting = async (): Promise<boolean> => (await server.ask(url, 'SELECT 1 FROM pg_locks WHERE NOT granted')).length > 0;
    await other.query('BEGIN; SELECT 1 FROM waxwing.endpoints FOR UPDATE');
    const cutOff = rejects(change(url), 'store_unavailable');
    await until(waiting);
    await rejects(open(url), 'data_folder_in_use');
    await server.ask(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'waxwing-master-key'");
    await cutOff;
    assert.equal((await other.query('COMMIT')).command, 'COMMIT');
    assert.deepEqual(await seenBy(url, MASTER_KEY), EXPECTED);
  });

  test('when the answer to its commit is lost, it finds out that it was committed', async () => {
    const url = await server.newDatabase();
    await furnish(url);
    const proxy = await startProxy(url);
    later(() => proxy.close());
    const midway = proxy.loseAnswerTo('UPDATE waxwing.endpoints');
    await rejects(change(proxy.url), 'store_unavailable');
    await midway;
    assert.deepEqual(await seenBy(url, MASTER_KEY), EXPECTED, 'lost before the commit: nothing');
    const atCommit = proxy.sends('INSERT INTO waxwing.meta').then(() => proxy.loseAnswerTo('COMMIT'));
    assert.deepEqual(await change(proxy.url), { endpoints: 1, keyFile: null });
    await atCommit;
    assert.deepEqual(await seenBy(url, NEW_KEY), EXPECTED);
  });

  test('a wrong key, a useless one and a database without a store are refused, and left as they are', async () => {
    const url = await server.newDatabase();
    await rejects(change(url), 'invalid_setting');
    assert.deepEqual(await server.ask(url, "SELECT to_regnamespace('waxwing')::text AS there"), [{ there: null }]);
    await furnish(url);
    await rejects(changeDatabaseMasterKey({ databaseUrl: url, masterKey: NEW_KEY, newMasterKey: 'x'.repeat(40) }), 'wrong_master_key');
    await rejects(changeDatabaseMasterKey({ databaseUrl: url, masterKey: MASTER_KEY, newMasterKey: MASTER_KEY }), 'invalid_setting');
    await rejects(changeDatabaseMasterKey({ databaseUrl: url, masterKey: MASTER_KEY, newMasterKey: 'short' }), 'invalid_setting');
    assert.deepEqual(await seenBy(url, MASTER_KEY), EXPECTED);
  });
});
