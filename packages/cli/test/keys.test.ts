import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';

import { createEngine, sqlite } from '@waxwing/engine';

import { startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';

test('on a stopped store a lost admin key is replaced, without a key', async (t) => {
  const folder = await temporaryFolder(t);
  const first = startWaxwing(t, ['serve', '--port', '0', '--data', folder]);
  await first.saw(/Admin key: wxw_/);
  const running = await waxwing(['keys', 'create', '--data', folder]);
  assert.equal(running.status, 1);
  assert.match(running.stderr, /data_folder_in_use/, 'not while its server runs');
  first.child.kill('SIGTERM');
  await first.ended;

  const created = await waxwing(['keys', 'create', '--data', folder, '--name', 'found again', '--json']);
  assert.equal(created.status, 0, created.stderr);
  const { id, key, scope }: { id: string; key: string; scope: string } = JSON.parse(created.stdout);
  assert.equal(scope, 'admin');
  const listed = await waxwing(['keys', 'list', '--data', folder]);
  assert.match(listed.stdout, new RegExp(`^${id} +found again +admin +\\S+ +never$`, 'm'));
  assert.doesNotMatch(listed.stdout, new RegExp(key));

  const second = startWaxwing(t, ['serve', '--port', '0', '--data', folder]);
  const [url] = await second.saw(/http:\/\/127\.0\.0\.1:\d+/);
  const env = { WAXWING_URL: url, WAXWING_KEY: key };
  const narrow = await waxwing(['keys', 'create', '--tenant', 'acme', '--actions', 'publish,read', '--json'], { env });
  assert.deepEqual(JSON.parse(narrow.stdout).actions, ['publish', 'read']);
  assert.equal((await waxwing(['keys', 'revoke', id], { env })).status, 0);
  const refused = await waxwing(['keys', 'list'], { env });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /unauthorized[\s\S]*WAXWING_KEY/);
});

test('working on a stopped store delivers nothing of what is pending there', async (t) => {
  const folder = await temporaryFolder(t);
  let requests = 0;
  const receiver = createServer((_request, response) => {
    requests += 1;
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  t.after(() => receiver.close());
  const address = receiver.address();
  assert.ok(typeof address === 'object' && address !== null);
  const options = { store: sqlite(folder), egress: { allowHttp: true, allowPrivateNetworks: true } };

  const engine = await createEngine(options);
  const url = `http://127.0.0.1:${address.port}/`;
  const { id } = await engine.endpoints.create('acme', { url, status: 'paused' });
  const event = await engine.publish('acme', { type: 'a.b', data: {} });
  await engine.close();
  const held = await createEngine({
    ...options,
    store: sqlite(folder),
    sender: { start: async () => {}, learnProfile: () => {}, send: () => {}, close: async () => {} },
  });
  await held.endpoints.enable('acme', id); // due, and not sent: as after a kill
  await held.close({ graceMs: 0 });

  assert.equal((await waxwing(['keys', 'create', '--data', folder])).status, 0);
  assert.equal((await waxwing(['keys', 'list', '--data', folder])).status, 0);
  const looking = await createEngine({
    ...options,
    store: sqlite(folder),
    sender: { start: async () => {}, learnProfile: () => {}, send: () => {}, close: async () => {} },
  });
  const [delivery] = (await looking.events.get('acme', event.id)).deliveries;
  await looking.close({ graceMs: 0 });
  assert.deepEqual({ state: delivery?.state, attempts: delivery?.attempts, requests }, { state: 'pending', attempts: 0, requests: 0 });
});

test('a folder without a store is said, and no store is made there', async (t) => {
  const folder = join(await temporaryFolder(t), 'mistyped');
  for (let time = 0; time < 2; time++) {
    const { status, stderr } = await waxwing(['keys', 'create', '--data', folder]);
    assert.equal(status, 1);
    assert.match(stderr, /there is no store at .*mistyped/);
  }
});

test('the master key of a stopped store is changed: its server starts with the new one, and not with the old', async (t) => {
  const folder = await temporaryFolder(t);
  const engine = await createEngine({ store: sqlite(folder) });
  await engine.endpoints.create('acme', { url: 'https://acme.example/', headers: { 'x-team': 'core' } });
  const running = await waxwing(['keys', 'rotate-master', '--data', folder]);
  assert.equal(running.status, 1);
  assert.match(running.stderr, /data_folder_in_use/, 'not while its server runs');
  await engine.close();
  const before = await readFile(join(folder, 'master.key'), 'utf8');

  const rotated = await waxwing(['keys', 'rotate-master', '--data', folder]);
  assert.equal(rotated.status, 0, rotated.stderr);
  assert.match(rotated.stdout, /^The secrets of 1 endpoint are encrypted under the new master key\./m);
  assert.notEqual(await readFile(join(folder, 'master.key'), 'utf8'), before);
  assert.equal((await waxwing(['keys', 'list', '--data', folder])).status, 0);
  const refused = await waxwing(['keys', 'list', '--data', folder], { env: { WAXWING_MASTER_KEY: before.trim() } });
  assert.match(refused.stderr, /wrong_master_key/);

  const file = join(folder, 'new.key');
  await writeFile(file, `${'k'.repeat(40)}\n`);
  const given = await waxwing(['keys', 'rotate-master', '--data', folder, '--new-key-file', file, '--json']);
  assert.deepEqual(JSON.parse(given.stdout), { endpoints: 1, keyFile: join(folder, 'master.key') });
  assert.equal((await waxwing(['keys', 'list', '--data', folder], { env: { WAXWING_MASTER_KEY: 'k'.repeat(40) } })).status, 0);
});
