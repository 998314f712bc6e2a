import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import fastify from 'fastify';
import { meetloyd } from '../../src/management/meetloyd.ts';
import { RateLimit } from '../../src/management/rate-limit.ts';
import { sendPlatformError } from '../../src/management/register.ts';
import { createValidatorCompiler } from '../../src/validation.ts';
import { record } from '../harness.ts';
import { ADMIN, at, list, operations, platformServer } from './platform-server.ts';
import type { PlatformServer } from './platform-server.ts';

const WEBHOOKS = '/api/v1/webhooks';
const TASKS = { url: 'https://receiver.example/webhooks', events: ['task.completed', 'task.failed'] };

let server: PlatformServer;
let key = '';
before(async () => {
  server = await platformServer('meetloyd');
  key = await server.key('acme', 'sk_live');
});
after(() => server.close());

async function made(t: { after(end: () => Promise<void>): void }, more: object = {}): Promise<string> {
  const id = String(at(await server.call(201, 'POST', WEBHOOKS, { key, json: { ...TASKS, ...more } }), 'data', 'id'));
  t.after(() => server.engine.endpoints.delete('acme', id).catch(() => {}));
  return id;
}

async function refused(json: object, field: string, message: RegExp): Promise<void> {
  const answer = await server.call(422, 'POST', WEBHOOKS, { key, json: { ...TASKS, ...json } });
  assert.equal(at(answer, 'code'), 'validation_error');
  const wrong = list(at(answer, 'details')).find((detail) => detail['field'] === field);
  assert.ok(wrong !== undefined, `${field} in ${answer.text}`);
  assert.match(String(wrong['message']), message);
}

suite('MeetLoyd’s clients', () => {
  test('have the operations of the platform, and no other', () => {
    assert.deepEqual(operations(server.contract), [
      'DELETE /api/v1/webhooks/{id}',
      'GET /api/v1/webhooks',
      'GET /api/v1/webhooks/{id}',
      'PATCH /api/v1/webhooks/{id}',
      'POST /api/v1/webhooks',
      'PUT /api/v1/webhooks/{id}',
    ]);
  });

  test('hold keys that begin as the platform’s do, live and test', async () => {
    assert.match(key, /^sk_live_[\w-]{40,}$/);
    const testKey = await server.key('acme', 'sk_test');
    assert.match(testKey, /^sk_test_[\w-]{40,}$/);
    await server.call(200, 'GET', WEBHOOKS, { key: testKey });
  });

  test('create a webhook for the key’s tenant, and get its secret this once', async (t) => {
    const answer = await server.call(201, 'POST', WEBHOOKS, { key, json: { ...TASKS, name: 'Tasks', description: 'All of them', x: 1 } });
    const { secret, createdAt, updatedAt: _updated, ...rest } = record(at(answer, 'data'));
    const id = String(rest['id']);
    t.after(() => server.engine.endpoints.delete('acme', id));
    assert.ok(String(secret).length >= 16);
    assert.deepEqual(rest, { ...TASKS, id, name: 'Tasks', description: 'All of them', status: 'active', lastTriggeredAt: null });
    assert.match(String(createdAt), /Z$/);
    assert.equal(record(at(await server.call(200, 'GET', `${WEBHOOKS}/${id}`, { key }), 'data'))['secret'], undefined);
    assert.equal((await server.engine.tenants.get('acme')).profile, 'meetloyd');
  });

  test('page through a list', async (t) => {
    const ids = [await made(t), await made(t), await made(t)].toReversed();
    const page = async (query: string): Promise<readonly unknown[]> => {
      const answer = await server.call(200, 'GET', `${WEBHOOKS}${query}`, { key });
      return [list(at(answer, 'data')).map(({ id }) => id), at(answer, 'pagination')];
    };
    assert.deepEqual(await page(''), [ids, { page: 1, limit: 20, total: 3, totalPages: 1 }]);
    assert.deepEqual(await page('?limit=2'), [ids.slice(0, 2), { page: 1, limit: 2, total: 3, totalPages: 2 }]);
    assert.deepEqual(await page('?limit=2&page=2'), [ids.slice(2), { page: 2, limit: 2, total: 3, totalPages: 2 }]);
    assert.deepEqual(await page('?page=9&sort=name'), [[], { page: 9, limit: 20, total: 3, totalPages: 1 }]);
    for (const query of ['?limit=101', '?limit=0', '?page=0', '?page=x']) {
      const wrong = await server.call(422, 'GET', `${WEBHOOKS}${query}`, { key });
      assert.match(query, new RegExp(String(at(wrong, 'details', 0, 'field'))));
    }
  });

  test('are told what is not valid, by the field’s own name', async () => {
    await refused({ url: undefined }, 'url', /required/);
    await refused({ url: 'http://receiver.example/' }, 'url', /https/);
    await refused({ events: undefined }, 'events', /required/);
    await refused({ events: [] }, 'events', /1/);
    await refused({ events: ['task.complete'] }, 'events.0', /did you mean task\.completed/);
    await refused({ active: 'no' }, 'active', /boolean/);
    const unreadable = await server.call(400, 'POST', WEBHOOKS, { key, body: '{' });
    assert.equal(at(unreadable, 'code'), 'bad_request');
  });

  test('change a webhook, disable and enable it', async (t) => {
    const path = `${WEBHOOKS}/${await made(t)}`;
    const changed = await server.call(200, 'PATCH', path, {
      key,
      json: { events: ['workflow.*'], active: false, secret: 'another-secret' },
    });
    assert.deepEqual([at(changed, 'data', 'events'), at(changed, 'data', 'status')], [['workflow.*'], 'disabled']);
    const on = await server.call(200, 'PUT', path, { key, json: { active: true, url: 'https://receiver.example/2' } });
    assert.deepEqual(
      [at(on, 'data', 'status'), at(on, 'data', 'url'), at(on, 'data', 'events')],
      ['active', 'https://receiver.example/2', ['workflow.*']],
    );
  });

  test('see nothing of another tenant', async (t) => {
    const id = await made(t);
    const stranger = await server.key('globex', 'sk_live');
    assert.equal(at(await server.call(404, 'GET', `${WEBHOOKS}/${id}`, { key: stranger }), 'code'), 'not_found');
    await server.call(404, 'PATCH', `${WEBHOOKS}/${id}`, { key: stranger, json: { active: false } });
    await server.call(404, 'PUT', `${WEBHOOKS}/${id}`, { key: stranger, json: { active: false } });
    await server.call(404, 'DELETE', `${WEBHOOKS}/${id}`, { key: stranger });
    assert.deepEqual(at(await server.call(200, 'GET', WEBHOOKS, { key: stranger }), 'data'), []);
    await server.call(204, 'DELETE', `${WEBHOOKS}/${id}`, { key });
    await server.call(404, 'GET', `${WEBHOOKS}/${id}`, { key });
  });

  test('need a key of one tenant that may', async () => {
    assert.equal(at(await server.call(401, 'GET', WEBHOOKS, { key: null }), 'code'), 'unauthorized');
    assert.equal(at(await server.call(403, 'GET', WEBHOOKS, { key: ADMIN }), 'code'), 'forbidden');
    await server.call(403, 'POST', WEBHOOKS, { key: await server.key('acme', 'sk_live', ['read']), json: TASKS });
  });

  test('are told the version and the rate limit in every answer, also where no route takes the path', async () => {
    const own = await server.key('initech', 'sk_live');
    const first = await server.call(200, 'GET', WEBHOOKS, { key: own });
    const second = await server.call(404, 'GET', `${WEBHOOKS}/ep_1`, { key: own });
    const nobody = await server.call(401, 'GET', WEBHOOKS, { key: null });
    const nowhere = await server.call(404, 'GET', '/api/v1/agents', { key: own });
    for (const { headers } of [first, second, nobody, nowhere]) {
      assert.deepEqual([headers.get('x-api-version'), headers.get('x-ratelimit-limit')], ['v1', '5000']);
      assert.match(headers.get('x-ratelimit-reset') ?? '', /^\d{10}$/);
    }
    const remaining = [first, second, nobody].map(({ headers }) => Number(headers.get('x-ratelimit-remaining')));
    // The window may turn between two calls.
    assert.ok(remaining[0] === 4_999 && (remaining[1] === 4_998 || remaining[1] === 4_999) && remaining[2] === 5_000, String(remaining));
  });
});

test('a webhook is failed when a delivery has had all its attempts, until it is made active', { timeout: 30_000 }, async (t) => {
  const open = await platformServer('meetloyd', { allowHttp: true, allowPrivateNetworks: true });
  t.after(() => open.close());
  const own = await open.key('acme', 'sk_live');
  // A port that nothing listens on, and no retries: the first attempt is the last.
  const created = await open.call(201, 'POST', WEBHOOKS, { key: own, json: { ...TASKS, url: 'http://127.0.0.1:9999/' } });
  const id = String(at(created, 'data', 'id'));
  await open.engine.endpoints.update('acme', id, { maxRetries: 0 });
  await open.engine.publish('acme', { type: 'task.failed', data: {} });
  const status = async (): Promise<unknown> => at(await open.call(200, 'GET', `${WEBHOOKS}/${id}`, { key: own }), 'data', 'status');
  while ((await status()) === 'active') await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await status(), 'failed');
  assert.equal(at(await open.call(200, 'PATCH', `${WEBHOOKS}/${id}`, { key: own, json: { name: 'Tasks' } }), 'data', 'status'), 'failed');
  assert.equal(at(await open.call(200, 'PATCH', `${WEBHOOKS}/${id}`, { key: own, json: { active: true } }), 'data', 'status'), 'active');
});

test('the rate limit counts each key by the minute, and says when the next begins', () => {
  let nowMs = 600_000 + 15_000;
  const limit = new RateLimit(2, () => nowMs);
  limit.count('a');
  limit.count('a');
  assert.deepEqual(limit.headers('a'), { 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '660' });
  assert.throws(
    () => limit.count('a'),
    (error) => {
      const { code, retryAfterSeconds } = record(error);
      assert.deepEqual([code, retryAfterSeconds], ['rate_limited', 45]);
      return true;
    },
  );
  limit.count('b');
  assert.equal(limit.headers('a')['x-ratelimit-remaining'], '0');
  nowMs = 660_000;
  limit.count('a');
  assert.deepEqual(limit.headers('a'), { 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '720' });
  assert.equal(limit.headers('b')['x-ratelimit-remaining'], '2');
});

test('a key that asks too often gets 429 in the platform’s shape, before anything else is looked at', async (t) => {
  const api = meetloyd(() => 600_000, 2);
  const app = fastify();
  t.after(() => app.close());
  app.decorateRequest('key', null);
  app.setValidatorCompiler(createValidatorCompiler([]));
  app.setErrorHandler((error, request, reply) => {
    assert.ok(error instanceof WaxwingError);
    sendPlatformError(api, error, request, reply);
  });
  for (const route of api.routes) route.register(app, server.engine, api);
  const ask = (url: string) => app.inject({ url, headers: { authorization: `Bearer ${key}` } });
  assert.deepEqual([(await ask(WEBHOOKS)).statusCode, (await ask(`${WEBHOOKS}/ep_1`)).statusCode], [200, 404]);
  const limited = await ask(WEBHOOKS);
  assert.deepEqual([limited.statusCode, limited.headers['x-ratelimit-remaining'], limited.json().code], [429, '0', 'rate_limited']);
});
