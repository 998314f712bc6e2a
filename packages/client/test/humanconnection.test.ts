import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HumanConnection, WaxwingApiError, WaxwingConnectionError } from '../src/humanconnection.ts';
import { scriptedServer } from './scripted-server.ts';

const WEBHOOK = {
  id: 'ep_1',
  url: 'https://your-app.com/webhooks/humanconnection',
  events: ['service.matched'],
  status: 'active',
  last_triggered_at: null,
  created_at: '2026-05-12T15:30:00Z',
  updated_at: '2026-05-12T15:30:00Z',
};

test('each call is the request that the platform’s page shows, with the key, below /api/v0', async (t) => {
  const { id, url, events } = WEBHOOK;
  const secret = 'whsec_your_signing_secret';
  const server = await scriptedServer(t, [
    { status: 201, body: { ...WEBHOOK, secret } },
    { body: { data: [WEBHOOK] } },
    { body: WEBHOOK },
    { body: { ...WEBHOOK, status: 'disabled' } },
    { status: 204 },
  ]);
  const { webhooks } = new HumanConnection({ apiKey: 'hc_key', baseUrl: server.url });
  assert.deepEqual(await webhooks.create({ url, events, secret }), { ...WEBHOOK, secret });
  assert.deepEqual(await webhooks.list(), [WEBHOOK]);
  assert.deepEqual(await webhooks.get('ep_1'), WEBHOOK);
  assert.equal((await webhooks.update('ep_1', { status: 'disabled' })).status, 'disabled');
  assert.equal(await webhooks.delete(id), undefined);
  assert.deepEqual(
    server.seen.map(({ method, url: path, body }) => `${method} ${path} ${body}`.trim()),
    [
      `POST /api/v0/webhooks ${JSON.stringify({ url, events, secret })}`,
      'GET /api/v0/webhooks',
      'GET /api/v0/webhooks/ep_1',
      'PATCH /api/v0/webhooks/ep_1 {"status":"disabled"}',
      'DELETE /api/v0/webhooks/ep_1',
    ],
  );
  for (const { headers } of server.seen) assert.equal(headers.authorization, 'Bearer hc_key');
});

test('a base URL with a path keeps it, whether or not it ends in a slash', async (t) => {
  const server = await scriptedServer(t, [{ body: { data: [] } }]);
  for (const base of ['', '/', '/api/v0', '/api/v0/', '/below/api/v0'])
    await new HumanConnection({ apiKey: 'hc_key', baseUrl: server.url + base }).webhooks.list();
  const paths = server.seen.map(({ url }) => url);
  assert.deepEqual(paths, [...Array<string>(4).fill('/api/v0/webhooks'), '/below/api/v0/webhooks']);
  assert.throws(() => new HumanConnection({ apiKey: 'hc_key', baseUrl: 'humanconnection' }), /url must be an http/);
  assert.throws(() => new HumanConnection({ apiKey: 'two words', baseUrl: server.url }), /printable ASCII/);
});

test('a refusal says what the server said, field by field', async (t) => {
  const details = [{ field: 'events.0', message: 'is not in the catalogue' }];
  const server = await scriptedServer(t, [{ status: 400, body: { error: { code: 'invalid_event_types', message: 'No.', details } } }]);
  const { webhooks } = new HumanConnection({ apiKey: 'hc_key', baseUrl: server.url });
  await assert.rejects(webhooks.create({ url: WEBHOOK.url, events: ['x'] }), (error) => {
    assert.ok(error instanceof WaxwingApiError);
    assert.deepEqual([error.status, error.code, error.detail], [400, 'invalid_event_types', 'No.']);
    assert.deepEqual(error.errors, [{ path: '/events/0', message: 'is not in the catalogue' }]);
    return true;
  });
  assert.equal(server.seen.length, 1);
});

test('what is no answer of this API is said to be none', async (t) => {
  const server = await scriptedServer(t, [{ status: 404, body: 'not found' }]);
  const { webhooks } = new HumanConnection({ apiKey: 'hc_key', baseUrl: server.url });
  await assert.rejects(webhooks.get('ep_1'), (error) => error instanceof WaxwingApiError && error.code === 'unexpected_answer');
});

test('reads are tried again, and nothing else is', async (t) => {
  const busy = { status: 503, headers: { 'retry-after': '0' }, body: { error: { code: 'overloaded', message: 'Later.' } } };
  const server = await scriptedServer(t, [busy, { body: { data: [] } }, busy, { reset: 'before' }]);
  const { webhooks } = new HumanConnection({ apiKey: 'hc_key', baseUrl: server.url, retry: { attemptsMax: 2 } });
  assert.deepEqual(await webhooks.list(), []);
  await assert.rejects(webhooks.delete('ep_1'), (error) => error instanceof WaxwingApiError && error.retryAfterMs === 0);
  await assert.rejects(webhooks.delete('ep_1'), WaxwingConnectionError);
  assert.equal(server.seen.length, 4);
});
