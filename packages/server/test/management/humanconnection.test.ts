import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { record } from '../harness.ts';
import { ADMIN, at, list, operations, platformServer } from './platform-server.ts';
import type { PlatformServer } from './platform-server.ts';

const WEBHOOKS = '/api/v0/webhooks';
const PAGE = {
  url: 'https://your-app.com/webhooks/humanconnection',
  events: ['service.matched', 'meeting.completed', 'report.submitted', 'payment.paid'],
  secret: 'whsec_your_signing_secret',
};

let server: PlatformServer;
let key = '';
before(async () => {
  server = await platformServer('humanconnection');
  key = await server.key('acme', 'hc');
});
after(() => server.close());

async function made(t: { after(end: () => Promise<void>): void }, more: object = {}): Promise<string> {
  const id = String(at(await server.call(201, 'POST', WEBHOOKS, { key, json: { ...PAGE, ...more } }), 'id'));
  t.after(() => server.engine.endpoints.delete('acme', id).catch(() => {}));
  return id;
}

async function refused(json: object, field: string, message: RegExp): Promise<void> {
  const answer = await server.call(400, 'POST', WEBHOOKS, { key, json: { ...PAGE, ...json } });
  const wrong = list(at(answer, 'error', 'details')).find((detail) => detail['field'] === field);
  assert.ok(wrong !== undefined, `${field} in ${answer.text}`);
  assert.match(String(wrong['message']), message);
}

suite('HumanConnection’s clients', () => {
  test('have the operations of the platform, and no other', () => {
    assert.deepEqual(operations(server.contract), [
      'DELETE /api/v0/webhooks/{id}',
      'GET /api/v0/webhooks',
      'GET /api/v0/webhooks/{id}',
      'PATCH /api/v0/webhooks/{id}',
      'POST /api/v0/webhooks',
      'PUT /api/v0/webhooks/{id}',
    ]);
  });

  test('hold keys that begin as the platform’s do', () => {
    assert.match(key, /^hc_[\w-]{40,}$/);
  });

  test('create what the page creates: the key’s tenant, the caller’s own secret, shown this once', async (t) => {
    assert.deepEqual((await server.call(200, 'GET', WEBHOOKS, { key })).body, { data: [] });
    const id = await made(t);
    const read = record((await server.call(200, 'GET', `${WEBHOOKS}/${id}`, { key })).body);
    const { created_at: createdAt, updated_at: _updated, ...rest } = read;
    assert.deepEqual(rest, { id, url: PAGE.url, events: PAGE.events, status: 'active', last_triggered_at: null });
    assert.match(String(createdAt), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal((await server.engine.tenants.get('acme')).profile, 'humanconnection');
    const answer = await server.call(201, 'POST', WEBHOOKS, { key, json: PAGE });
    assert.equal(at(answer, 'secret'), PAGE.secret);
    await server.call(204, 'DELETE', `${WEBHOOKS}/${String(at(answer, 'id'))}`, { key });
    assert.deepEqual(list(at(await server.call(200, 'GET', WEBHOOKS, { key }), 'data')), [read]);
  });

  test('get a secret made where they give none', async (t) => {
    const answer = await server.call(201, 'POST', WEBHOOKS, { key, json: { ...PAGE, secret: undefined } });
    t.after(() => server.engine.endpoints.delete('acme', String(at(answer, 'id'))));
    assert.match(String(at(answer, 'secret')), /^whsec_.{16,}/);
  });

  test('are told what is wrong, by the field’s own name', async () => {
    await refused({ url: undefined }, 'url', /required/);
    await refused({ url: 'http://your-app.com/' }, 'url', /https/);
    await refused({ url: 'not a url' }, 'url', /./);
    await refused({ events: undefined }, 'events', /required/);
    await refused({ events: [] }, 'events', /1/);
    await refused({ events: ['meeting.complete'] }, 'events.0', /did you mean meeting\.completed/);
    await refused({ events: 'meeting.completed' }, 'events', /array/);
    const short = await server.call(400, 'POST', WEBHOOKS, { key, json: { ...PAGE, secret: 'short' } });
    assert.equal(at(short, 'error', 'code'), 'invalid_secret');
  });

  test('change what they give, and what they do not give stays', async (t) => {
    const path = `${WEBHOOKS}/${await made(t)}`;
    const changed = record((await server.call(200, 'PATCH', path, { key, json: { events: ['payment.*'] } })).body);
    assert.deepEqual([changed['events'], changed['url'], changed['secret']], [['payment.*'], PAGE.url, undefined]);
    const moved = await server.call(200, 'PUT', path, { key, json: { url: 'https://your-app.com/2', color: 'red' } });
    assert.deepEqual([at(moved, 'url'), at(moved, 'events'), at(moved, 'color')], ['https://your-app.com/2', ['payment.*'], undefined]);
    assert.equal(at(await server.call(200, 'PATCH', path, { key, json: { status: 'disabled' } }), 'status'), 'disabled');
    assert.equal(at(await server.call(200, 'PATCH', path, { key, json: { status: 'active' } }), 'status'), 'active');
    await server.call(400, 'PATCH', path, { key, json: { status: 'failing' } });
  });

  test('change nothing at all with a secret that cannot sign', async (t) => {
    const path = `${WEBHOOKS}/${await made(t)}`;
    await server.call(400, 'PATCH', path, { key, json: { url: 'https://your-app.com/2', secret: 'short' } });
    assert.equal(at(await server.call(200, 'GET', path, { key }), 'url'), PAGE.url);
  });

  test('see nothing of another tenant', async (t) => {
    const id = await made(t);
    const stranger = await server.key('globex', 'hc');
    assert.deepEqual((await server.call(200, 'GET', WEBHOOKS, { key: stranger })).body, { data: [] });
    const missing = await server.call(404, 'GET', `${WEBHOOKS}/${id}`, { key: stranger });
    assert.equal(at(missing, 'error', 'code'), 'webhook_not_found');
    await server.call(404, 'PATCH', `${WEBHOOKS}/${id}`, { key: stranger, json: { status: 'disabled' } });
    await server.call(404, 'PUT', `${WEBHOOKS}/${id}`, { key: stranger, json: {} });
    await server.call(404, 'DELETE', `${WEBHOOKS}/${id}`, { key: stranger });
    await server.call(404, 'GET', `${WEBHOOKS}/../v1`, { key });
  });

  test('need a key of one tenant that may', async () => {
    assert.equal(at(await server.call(401, 'GET', WEBHOOKS, { key: null }), 'error', 'code'), 'unauthorized');
    assert.match(String(at(await server.call(403, 'GET', WEBHOOKS, { key: ADMIN }), 'error', 'message')), /names no tenant/);
    const reader = await server.key('acme', 'hc', ['read']);
    await server.call(403, 'POST', WEBHOOKS, { key: reader, json: PAGE });
    const refusal = server.engine.keys.create({ scope: 'admin', format: 'hc' });
    await assert.rejects(refusal, /format.* only for scope tenant/);
  });
});

test('a webhook whose deliveries are exhausted is failing, until it is made active', { timeout: 30_000 }, async (t) => {
  const open = await platformServer('humanconnection', { allowHttp: true, allowPrivateNetworks: true });
  t.after(() => open.close());
  const apiKey = await open.key('acme', 'hc');
  // A port that nothing listens on, and no retries: the first delivery is the last.
  const id = String(at(await open.call(201, 'POST', WEBHOOKS, { key: apiKey, json: { ...PAGE, url: 'http://127.0.0.1:9999/' } }), 'id'));
  await open.engine.endpoints.update('acme', id, { maxRetries: 0 });
  await open.engine.publish('acme', { type: 'service.matched', data: { request_id: 'req_1', human_id: 'hum_1' } });
  const status = async (): Promise<unknown> => at(await open.call(200, 'GET', `${WEBHOOKS}/${id}`, { key: apiKey }), 'status');
  while ((await status()) === 'active') await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await status(), 'failing');
  assert.equal(at(await open.call(200, 'PATCH', `${WEBHOOKS}/${id}`, { key: apiKey, json: { status: 'active' } }), 'status'), 'active');
});
