// The settings of a database: a pooler with the direct address beside it, and the master key, which is changed while no node is
// alive.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Waxwing } from '@waxwing/client';
import { startPostgres, type PostgresServer } from '../../../test/postgres-server.ts';
import { startPooler } from '../../engine/test/store/transaction-pooler.ts';
import { startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';

const KEY = 'an-admin-key-of-24-bytes-or-more';
const STARTED = /(http:\/\/127\.0\.0\.1:\d+)[\s\S]*Admin key: as WAXWING_ADMIN_KEY/;

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

test('a server goes through a pooler in transaction mode, with the direct address beside it for its lease', async (t) => {
  const pooler = await startPooler(server.port, { prepared: 'none' });
  t.after(() => pooler.close());
  const url = await server.newDatabase();
  const args = ['serve', '--port', '0', '--database-url', pooler.through(url), '--database-direct-url', url];
  const node = startWaxwing(t, args, { WAXWING_MASTER_KEY: 'm'.repeat(40), WAXWING_ADMIN_KEY: KEY });
  const [, address = ''] = await node.saw(STARTED);
  const api = new Waxwing({ url: address, key: KEY });
  await api.tenants.put('acme', {});
  const { id } = await api.tenant('acme').publish({ type: 'a.b', data: {} });
  assert.equal((await api.tenant('acme').events.get(id)).id, id);
  const direct = "SELECT application_name AS name FROM pg_stat_activity WHERE application_name = 'waxwing-lease'";
  assert.equal((await server.ask(url, direct)).length, 1);
  node.child.kill('SIGTERM');
  assert.equal((await node.ended).status, 0);
});

test('the master key of a database is changed while no node is alive, with both keys given; nodes then start with the new one', async (t) => {
  const url = await server.newDatabase();
  const old = { WAXWING_MASTER_KEY: 'm'.repeat(40) };
  const file = join(await temporaryFolder(t), 'new.key');
  await writeFile(file, `${'n'.repeat(40)}\n`);
  const rotate = ['keys', 'rotate-master', '--new-key-file', file];

  const node = startWaxwing(t, ['serve', '--port', '0', '--database-url', url], { ...old, WAXWING_ADMIN_KEY: KEY });
  const [, address = ''] = await node.saw(STARTED);
  const api = new Waxwing({ url: address, key: KEY });
  await api.tenants.put('acme', {});
  await api.tenant('acme').endpoints.create({ url: 'https://acme.example/', headers: { 'x-team': 'core' } });
  const [named] = (await api.cluster()).nodes;
  const running = await waxwing([...rotate, '--database-url', url], { env: old });
  assert.equal(running.status, 1);
  assert.match(running.stderr, /data_folder_in_use/);
  assert.ok(named !== undefined && running.stderr.includes(named.id), 'says who is alive');
  node.child.kill('SIGTERM');
  await node.ended;

  for (const [args, env, says] of [
    [rotate, old, /no store: give --data <folder>, or --database-url/],
    [[...rotate, '--database-url', url], {}, /give the present key as WAXWING_MASTER_KEY/],
    [['keys', 'rotate-master', '--database-url', url], old, /give the new key with --new-key-file/],
    [[...rotate, '--database-url', url, '--data', 'x'], old, /a server has one store/],
    [[...rotate, '--database-url', url], { WAXWING_MASTER_KEY: 'x'.repeat(40) }, /wrong_master_key/],
  ] as const) {
    const refused = await waxwing([...args], { env });
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr, says);
  }

  const rotated = await waxwing(rotate, { env: { ...old, WAXWING_DATABASE_URL: url } });
  assert.equal(rotated.status, 0, rotated.stderr);
  assert.match(
    rotated.stdout,
    /^The secrets of 1 endpoint are encrypted under the new master key\.\nGive it as WAXWING_MASTER_KEY from now on\./m,
  );
  const refused = await waxwing(['serve', '--port', '0', '--database-url', url], { env: { ...old, WAXWING_ADMIN_KEY: KEY } });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /wrong_master_key/);
  const again = startWaxwing(t, ['serve', '--port', '0', '--database-url', url], {
    WAXWING_MASTER_KEY: 'n'.repeat(40),
    WAXWING_ADMIN_KEY: KEY,
  });
  await again.saw(STARTED);
  again.child.kill('SIGTERM');
  assert.equal((await again.ended).status, 0);
});
