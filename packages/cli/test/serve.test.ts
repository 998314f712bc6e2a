import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { Waxwing } from '@waxwing/client';
import { WebhookServer } from '@waxwing/receiver';

import { startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;
const ADMIN_KEY = /^Admin key: (wxw_\S+)$/m;
const STARTED = /^Admin key: .*\n[\s\S]*$/m;

async function listeningServer(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { port: address.port, close: () => server.close() };
}

test('it starts, shows its key once, delivers what is published, drains on SIGTERM, and starts again', async (t) => {
  const folder = await temporaryFolder(t);
  const args = ['serve', '--port', '0', '--data', join(folder, 'store'), '--allow-http', '--allow-private-networks'];
  const first = startWaxwing(t, args);
  const [, key = ''] = await first.saw(ADMIN_KEY);
  const [url] = await first.saw(ADDRESS);

  const secret = 'a-secret-of-mine-16';
  const receiver = new WebhookServer({ profile: 'humanconnection', secret, host: '127.0.0.1', port: 0 });
  const arrived = Promise.withResolvers<string>();
  receiver.on('meeting.completed', (event) => arrived.resolve(event.data.meeting_id));
  await receiver.start();
  t.after(() => receiver.stop());

  const waxwingClient = new Waxwing({ url, key });
  await waxwingClient.tenants.put('acme', { profile: 'humanconnection' });
  const acme = waxwingClient.tenant('acme');
  await acme.endpoints.create({ url: receiver.url ?? '', eventTypes: ['meeting.*'], secret });
  const published = await acme.publish({ type: 'meeting.completed', data: { meeting_id: 'mtg_1', request_id: 'r', human_id: 'h' } });
  assert.equal(published.deliveries, 1);
  assert.equal(await arrived.promise, 'mtg_1');

  first.child.kill('SIGTERM');
  const { status, stdout, stderr } = await first.ended;
  assert.equal(status, 0, stderr);
  assert.match(stdout, /Stopped\. Everything accepted is stored\.\n$/);
  assert.match(stdout, /Plain HTTP is allowed/);
  assert.match(stdout, /Private networks are allowed/);

  const second = startWaxwing(t, args);
  await second.saw(STARTED);
  const [again] = await second.saw(ADDRESS);
  await second.saw(/waxwing keys create --data/);
  await second.saw(/No mail server is set \(WAXWING_SMTP_URL\)/);
  assert.doesNotMatch(second.stdout(), /wxw_/);
  const event = await new Waxwing({ url: again, key }).tenant('acme').events.get(published.id);
  assert.equal(event.deliveries[0]?.state, 'delivered');
  second.child.kill('SIGINT');
  assert.equal((await second.ended).status, 0);
});

test('by default neither plain HTTP nor private networks are delivered to', async (t) => {
  const folder = await temporaryFolder(t);
  const server = startWaxwing(t, ['serve', '--port', '0', '--data', folder]);
  const [, key = ''] = await server.saw(ADMIN_KEY);
  const [url] = await server.saw(ADDRESS);
  assert.doesNotMatch(server.stdout(), /allowed/);
  const acme = new Waxwing({ url, key }).tenant('acme');
  await assert.rejects(acme.endpoints.create({ url: 'http://example.com/' }), { code: 'https_required' });
  await assert.rejects(acme.endpoints.create({ url: 'https://127.0.0.1/' }), { code: 'url_refused' });
});

test('an admin key of one’s own is taken, and replaced when the setting changes', async (t) => {
  const folder = await temporaryFolder(t);
  const keys = ['first-admin-key-of-24-bytes', 'second-admin-key-of-24-byte'] as const;
  await writeFile(join(folder, 'key'), `${keys[1]}\n`);
  const args = ['serve', '--port', '0', '--data', join(folder, 'store')];

  const first = startWaxwing(t, args, { WAXWING_ADMIN_KEY: keys[0] });
  await first.saw(/Admin key: as WAXWING_ADMIN_KEY sets it/);
  assert.doesNotMatch(first.stdout(), /first-admin-key|wxw_/);
  await new Waxwing({ url: (await first.saw(ADDRESS))[0], key: keys[0] }).keys.list().page();
  first.child.kill('SIGTERM');
  await first.ended;

  const second = startWaxwing(t, args, { WAXWING_ADMIN_KEY_FILE: join(folder, 'key') });
  await second.saw(/Admin key: as WAXWING_ADMIN_KEY sets it/);
  const [url] = await second.saw(ADDRESS);
  await new Waxwing({ url, key: keys[1] }).keys.list().page();
  await assert.rejects(new Waxwing({ url, key: keys[0] }).keys.list().page(), { code: 'unauthorized' });
});

test('settings that cannot be used are all refused by name, before anything is opened', async (t) => {
  const folder = await temporaryFolder(t);
  const { status, stderr } = await waxwing(['serve', '--port', 'x', '--data', join(folder, 'store')], {
    env: { WAXWING_DATABASE_URL: 'mysql://x', WAXWING_LOG_LEVEL: 'loud' },
  });
  assert.equal(status, 2);
  assert.match(stderr, /--port[\s\S]*WAXWING_LOG_LEVEL|WAXWING_LOG_LEVEL[\s\S]*--port/);
  assert.match(stderr, /WAXWING_DATABASE_URL[: ].*must be a database as postgres:/);
  assert.equal((await waxwing(['keys', 'list', '--data', join(folder, 'store')])).status, 1, 'no store was made');
});

test('a port in use is named with what to do, and the store is free again', async (t) => {
  const folder = await temporaryFolder(t);
  const taken = await listeningServer();
  t.after(() => taken.close());
  const { status, stderr } = await waxwing(['serve', '--port', String(taken.port), '--data', folder]);
  assert.equal(status, 2);
  assert.match(stderr, new RegExp(`Another program listens on 127\\.0\\.0\\.1:${taken.port} already.*--port`));
});

test('a second server on the same folder is refused, and the first goes on', async (t) => {
  const folder = await temporaryFolder(t);
  const first = startWaxwing(t, ['serve', '--port', '0', '--data', folder]);
  const [url] = await first.saw(ADDRESS);
  const second = await waxwing(['serve', '--port', '0', '--data', folder]);
  assert.equal(second.status, 1);
  assert.match(second.stderr, /data_folder_in_use/);
  assert.deepEqual(await new Waxwing({ url }).health(), { ok: true, detail: null });
});

test('a variable that no setting has is said at start', async (t) => {
  const folder = await temporaryFolder(t);
  const server = startWaxwing(t, ['serve', '--port', '0', '--data', folder], { WAXWING_ALOW_HTTP: '1' });
  await server.saw(STARTED);
  server.child.kill('SIGTERM');
  assert.match((await server.ended).stderr, /WAXWING_ALOW_HTTP is set, but there is no such setting; did you mean WAXWING_ALLOW_HTTP\?/);
});

test('a second signal leaves at once, without draining', async (t) => {
  const folder = await temporaryFolder(t);
  const server = startWaxwing(t, ['serve', '--port', '0', '--data', folder, '--allow-http', '--allow-private-networks']);
  const [, key = ''] = await server.saw(ADMIN_KEY);
  const [url] = await server.saw(ADDRESS);
  const asked = Promise.withResolvers<void>();
  const silent = createServer(() => asked.resolve()); // holds the attempt open, so that draining takes long
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const address = silent.address();
  assert.ok(typeof address === 'object' && address !== null);
  const acme = new Waxwing({ url, key }).tenant('acme');
  await acme.endpoints.create({ url: `http://127.0.0.1:${address.port}/` });
  await acme.publish({ type: 'a.b', data: {} });
  await asked.promise;
  server.child.kill('SIGTERM');
  await server.saw(/finishing what is in flight/);
  const insist = setInterval(() => server.child.kill('SIGTERM'), 100); // until the second is no echo of the first
  t.after(() => clearInterval(insist));
  const { status, stderr } = await server.ended;
  assert.equal(status, 1);
  assert.match(stderr, /leaving at once/);
});
