import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { Waxwing, WaxwingApiError } from '@waxwing/client';

import { startServer } from '../src/running-server.ts';
import { parseSettings } from '../src/settings.ts';
import { temporaryFolder } from './waxwing-process.ts';

test('the client’s retries publish once, also when the server’s answer is lost on the way', async (t) => {
  const folder = await temporaryFolder(t);
  const server = await startServer(parseSettings({ port: '0', data: join(folder, 'store') }, { WAXWING_LOG_LEVEL: 'silent' }, () => ''));
  t.after(() => server.close());
  const { key } = await server.engine.keys.create({ scope: 'admin' });
  let sent = 0;
  const losing: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    if (typeof input === 'string' && input.includes('/events') && sent++ % 2 === 0) throw new TypeError('the connection broke');
    return answer;
  };
  const waxwing = new Waxwing({ url: server.url, key, fetch: losing });
  await waxwing.tenants.put('acme');
  const acme = waxwing.tenant('acme');

  const one = await acme.publish({ type: 'a.b', data: { n: 1 } });
  assert.deepEqual({ sent, duplicate: one.duplicate }, { sent: 2, duplicate: true });
  const batch = await acme.publishBatch([
    { type: 'a.b', data: { n: 2 } },
    { type: 'a.b', data: { n: 3 } },
  ]);
  assert.deepEqual(
    batch.map((result) => result.duplicate),
    [true, true],
  );
  const stored = await server.engine.events.list('acme');
  assert.deepEqual(
    stored.data.map((event) => event.id),
    [batch[1]?.id, batch[0]?.id, one.id],
  );
});

test('what the server refuses reaches the client with its code, its fields and its request id', async (t) => {
  const folder = await temporaryFolder(t);
  const server = await startServer(parseSettings({ port: '0', data: join(folder, 'store') }, { WAXWING_LOG_LEVEL: 'silent' }, () => ''));
  t.after(() => server.close());
  const { key } = await server.engine.keys.create({ scope: 'admin' });
  const waxwing = new Waxwing({ url: server.url, key });
  await waxwing.tenants.put('acme', { profile: 'humanconnection' });
  await assert.rejects(waxwing.tenant('acme').publish({ type: 'meeting.complete', data: {} }), (error) => {
    assert.ok(error instanceof WaxwingApiError);
    assert.deepEqual([error.status, error.code], [400, 'unknown_event_type']);
    assert.match(error.detail, /meeting\.completed/);
    assert.notEqual(error.requestId, null);
    return true;
  });
  await assert.rejects(waxwing.tenant('nobody').get(), { code: 'tenant_not_found', status: 404 });
  assert.deepEqual(await waxwing.status(), { ok: true, detail: null });
});
