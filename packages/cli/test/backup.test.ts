import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';

import { Waxwing } from '@waxwing/client';
import { verify } from '@waxwing/receiver';

import { startWaxwing, temporaryFolder, waxwing } from './waxwing-process.ts';

test('a backup taken while events are published and delivered is whole, and a server on the copy goes on where it stood', async (t) => {
  const folder = await temporaryFolder(t);
  const seen = new Map<string, { readonly headers: [string, string][]; readonly body: string }>();
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
      seen.set(String(request.headers['webhook-id']), { headers, body: Buffer.concat(chunks).toString() });
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  t.after(() => (receiver.closeAllConnections(), receiver.close()));
  const address = receiver.address();
  assert.ok(typeof address === 'object' && address !== null);

  const data = join(folder, 'data');
  const serve = ['serve', '--port', '0', '--allow-http', '--allow-private-networks', '--data'];
  const server = startWaxwing(t, [...serve, data]);
  const [, key = ''] = await server.saw(/^Admin key: (wxw_\S+)$/m);
  const [url] = await server.saw(/http:\/\/127\.0\.0\.1:\d+/);
  const acme = new Waxwing({ url, key }).tenant('acme');
  const live = await acme.endpoints.create({ url: `http://127.0.0.1:${address.port}/live`, eventTypes: ['live.*'] });
  const held = await acme.endpoints.create({ url: `http://127.0.0.1:${address.port}/held`, eventTypes: ['held.*'], status: 'paused' });

  const acknowledged: string[] = [];
  let publishing = true;
  const publishers = ['live.one', 'held.one'].map(async (type) => {
    for (let n = 0; publishing; n++) {
      const result = await acme
        .publish({ type, data: { n, text: 'x'.repeat(2_000) } })
        .catch((error: unknown) => (publishing ? Promise.reject(error) : null));
      if (result !== null) acknowledged.push(result.id);
    }
  });
  while (acknowledged.length < 300) await new Promise((resolve) => setTimeout(resolve, 5));
  const before = [...acknowledged];
  const copy = join(folder, 'copy');
  const made = await waxwing(['backup', '--data', data, '--to', copy]);
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /waxwing\.db {2}\d+\.\d MiB[\s\S]*MASTER KEY/);
  assert.ok(acknowledged.length > before.length, 'publishing went on meanwhile');
  publishing = false;
  await Promise.all(publishers);
  server.child.kill('SIGKILL');
  await server.ended;

  assert.deepEqual(readdirSync(copy).toSorted(), ['master.key', 'waxwing.db']);
  for (const file of readdirSync(copy)) assert.equal(statSync(join(copy, file)).mode & 0o777, 0o600, file);
  assert.equal(statSync(copy).mode & 0o777, 0o700);
  const again = await waxwing(['backup', '--data', data, '--to', copy]);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /exists already/);

  const restored = join(folder, 'restored');
  await cp(copy, restored, { recursive: true });
  const second = startWaxwing(t, [...serve, restored]);
  const [secondUrl] = await second.saw(/http:\/\/127\.0\.0\.1:\d+/);
  const there = new Waxwing({ url: secondUrl, key }).tenant('acme');
  const kept = new Set<string>();
  for await (const event of there.events.list({ limit: 250 })) kept.add(event.id);
  assert.deepEqual(
    before.filter((id) => !kept.has(id)),
    [],
    'every event that was acknowledged before the backup began is in it',
  );
  seen.clear();
  await there.endpoints.resume(held.id);
  const [event] = (await there.events.list({ type: 'held.one', limit: 1 }).page()).data;
  assert.ok(event !== undefined);
  while (!seen.has(event.id)) await new Promise((resolve) => setTimeout(resolve, 20));
  const message = seen.get(event.id);
  assert.ok(message !== undefined);
  const verified = await verify('standard', { headers: Object.fromEntries(message.headers), body: Buffer.from(message.body) }, [
    held.secret,
  ]);
  assert.equal(verified.ok, true, 'the secret is the same');
  assert.equal((await there.endpoints.get(live.id)).id, live.id);
});

test('a backup works on a stopped store and into a lone file, and says where the key is; it refuses what is no store', async (t) => {
  const folder = await temporaryFolder(t);
  const data = join(folder, 'data');
  const nothing = await waxwing(['backup', '--data', data, '--to', join(folder, 'copy')]);
  assert.equal(nothing.status, 1);
  assert.match(nothing.stderr, /There is no store at/);
  assert.equal(existsSync(data), false);
  const server = startWaxwing(t, ['serve', '--port', '0', '--data', data]);
  await server.saw(/Admin key/);
  server.child.kill('SIGTERM');
  await server.ended;
  const file = join(folder, 'lone.db');
  const made = await waxwing(['backup', '--data', data, '--to', file, '--json']);
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stderr, /MASTER KEY is not in it: keep .*master\.key/);
  const report: { file: string; keyFile: null } = JSON.parse(made.stdout);
  assert.deepEqual([report.file, report.keyFile], [file, null]);
  assert.deepEqual(readdirSync(folder).toSorted(), ['data', 'lone.db']);
  // Reading a log-mode database leaves an empty log behind, which the next start removes.
  const left = readdirSync(data).filter((name) => !name.endsWith('-shm') && statSync(join(data, name)).size > 0);
  assert.deepEqual(left.toSorted(), ['master.key', 'waxwing.db'], 'nothing is left in the store');
  assert.equal((await waxwing(['backup', '--data', data])).status, 2);
});
