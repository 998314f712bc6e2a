import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { record } from '../harness.ts';
import { ADMIN, at, list, operations, platformServer } from './platform-server.ts';
import type { PlatformServer } from './platform-server.ts';

const AGENT = '07f3169e-e7f0-4394-8e7b-5446e8e1fcb6';
const OTHER = '11111111-2222-4333-8444-555555555555';
const WEBHOOKS = `/agents/${AGENT}/webhooks`;
const PRODUCTION = { name: 'Production', url: 'https://receiver.example/webhooks', trigger: 'agent.message' };

let server: PlatformServer;
let key = '';
before(async () => {
  server = await platformServer('joai');
  key = await server.key(AGENT);
});
after(() => server.close());

/** Makes a webhook, gives its id, and deletes it after the test. */
async function made(t: { after(end: () => Promise<void>): void }, more: object = {}): Promise<string> {
  const id = String(at(await server.call(201, 'POST', WEBHOOKS, { key, json: { ...PRODUCTION, ...more } }), 'data', 'id'));
  t.after(() => server.engine.endpoints.delete(AGENT, id).catch(() => {}));
  return id;
}

async function refused(json: object, field: string, message: RegExp): Promise<void> {
  const answer = await server.call(422, 'POST', WEBHOOKS, { key, json: { ...PRODUCTION, ...json } });
  const errors = record(at(answer, 'errors'));
  assert.ok(Object.hasOwn(errors, field), `${field} in ${answer.text}`);
  assert.match(String(errors[field]), message);
  assert.equal(typeof at(answer, 'message'), 'string');
}

suite('JoAi’s clients', () => {
  test('have the operations of the platform, and no other', () => {
    assert.deepEqual(operations(server.contract), [
      'DELETE /agents/{agent}/webhooks/{id}',
      'GET /agents/{agent}/webhooks',
      'GET /agents/{agent}/webhooks/{id}',
      'GET /webhooks/events',
      'PATCH /agents/{agent}/webhooks/{id}',
      'POST /agents/{agent}/webhooks',
      'PUT /agents/{agent}/webhooks/{id}',
    ]);
  });

  test('get an agent’s first webhook made, with the page’s defaults and a secret that is shown this once', async (t) => {
    assert.deepEqual((await server.call(200, 'GET', WEBHOOKS, { key })).body, { data: [] });
    const id = await made(t);
    const [webhook] = list(at(await server.call(200, 'GET', WEBHOOKS, { key }), 'data'));
    assert.ok(webhook);
    const { created_at: createdAt, updated_at: _updated, ...rest } = webhook;
    assert.deepEqual(rest, {
      ...PRODUCTION,
      id,
      active: true,
      status: 'active',
      headers: {},
      description: '',
      verifySsl: true,
      timeout: 30,
      maxRetries: 3,
      last_triggered: null,
    });
    assert.match(String(createdAt), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.equal((await server.engine.tenants.get(AGENT)).profile, 'joai');
    const second = await server.call(201, 'POST', WEBHOOKS, { key, json: PRODUCTION });
    assert.ok(String(at(second, 'data', 'secret')).length >= 16);
    await server.call(204, 'DELETE', `${WEBHOOKS}/${String(at(second, 'data', 'id'))}`, { key });
  });

  test('read back every setting that the page names, their custom headers in full', async (t) => {
    const settings = {
      name: 'N8N Webhook',
      url: 'https://n8n.example/webhook/1',
      trigger: 'user.message',
      active: true,
      headers: { 'X-JoAi-Secret-Token': 'joai_workflow_node' },
      description: 'Webhook for n8n workflow automation',
      verifySsl: false,
      timeout: 300,
      maxRetries: 10,
    };
    const id = await made(t, settings);
    const read = record(at(await server.call(200, 'GET', `${WEBHOOKS}/${id}`, { key }), 'data'));
    for (const [name, value] of Object.entries(settings)) assert.deepEqual(read[name], value, name);
    assert.equal(read['secret'], undefined);
    const reader = await server.key(AGENT, 'wxw', ['read']);
    const shown = record(at(await server.call(200, 'GET', `${WEBHOOKS}/${id}`, { key: reader }), 'data'));
    assert.deepEqual(shown['headers'], { 'X-JoAi-Secret-Token': '(hidden)' }, 'a key that only reads sees no values');
    assert.doesNotMatch((await server.call(200, 'GET', WEBHOOKS, { key: reader })).text, /joai_workflow_node/);
  });

  test('may give several triggers as a list, and get the list back', async (t) => {
    const id = await made(t, { trigger: ['agent.action', 'user.message'] });
    assert.deepEqual(at(await server.call(200, 'GET', `${WEBHOOKS}/${id}`, { key }), 'data', 'trigger'), ['agent.action', 'user.message']);
  });

  test('are kept to the page’s limits, each by the field’s own name', async () => {
    await refused({ timeout: 301 }, 'timeout', /<= 300|at most 300|300/);
    await refused({ timeout: 0 }, 'timeout', /1/);
    await refused({ timeout: 1.5 }, 'timeout', /integer/);
    await refused({ maxRetries: 11 }, 'maxRetries', /10/);
    await refused({ maxRetries: -1 }, 'maxRetries', /0/);
    await refused({ url: 'http://receiver.example/' }, 'url', /https/i);
    await refused({ url: 'https://127.0.0.1/' }, 'url', /127\.0\.0\.1|public|loopback/i);
    await refused({ url: undefined }, 'url', /required/);
    await refused({ name: undefined }, 'name', /required/);
    await refused({ trigger: undefined }, 'trigger', /required/);
    await refused({ trigger: 'agent.mesage' }, 'trigger.0', /did you mean agent\.message/);
    await refused({ trigger: [] }, 'trigger', /./);
    await refused({ headers: { 'X-Webhook-Signature': 'mine' } }, 'headers.X-Webhook-Signature', /./);
    await refused({ headers: { 'x-team': 7 } }, 'headers.x-team', /string/);
    await refused({ verifySsl: 'yes' }, 'verifySsl', /boolean/);
    await refused({ active: 'yes' }, 'active', /boolean/);
  });

  test('may send more than the page names: it is ignored', async (t) => {
    const id = await made(t, { team: 'core', description: null, headers: null });
    const read = record(at(await server.call(200, 'GET', `${WEBHOOKS}/${id}?include=team`, { key }), 'data'));
    assert.equal(read['team'], undefined);
    assert.deepEqual([read['description'], read['headers']], ['', {}]);
  });

  test('disable and enable, by PUT and by PATCH, and what they do not give stays', async (t) => {
    const id = await made(t, { timeout: 60 });
    const path = `${WEBHOOKS}/${id}`;
    const off = record(at(await server.call(200, 'PATCH', path, { key, json: { active: false } }), 'data'));
    assert.deepEqual([off['active'], off['status'], off['timeout']], [false, 'disabled', 60]);
    assert.equal((await server.engine.endpoints.get(AGENT, id)).status, 'disabled');
    const on = record(at(await server.call(200, 'PUT', path, { key, json: { active: true, timeout: 90, name: 'Renamed' } }), 'data'));
    assert.deepEqual([on['active'], on['status'], on['timeout'], on['name'], on['url']], [true, 'active', 90, 'Renamed', PRODUCTION.url]);
    await server.call(422, 'PATCH', path, { key, json: { timeout: 301 } });
    assert.equal((await server.engine.endpoints.get(AGENT, id)).timeoutSeconds, 90);
  });

  test('create a webhook disabled', async (t) => {
    const id = await made(t, { active: false });
    assert.equal((await server.engine.endpoints.get(AGENT, id)).status, 'disabled');
  });

  test('find a deleted webhook no more', async (t) => {
    const id = await made(t);
    await server.call(204, 'DELETE', `${WEBHOOKS}/${id}`, { key, body: '{}' });
    for (const method of ['GET', 'DELETE']) await server.call(404, method, `${WEBHOOKS}/${id}`, { key });
    for (const method of ['PUT', 'PATCH']) await server.call(404, method, `${WEBHOOKS}/${id}`, { key, json: {} });
  });

  test('list the triggers with their labels', async () => {
    assert.deepEqual((await server.call(200, 'GET', '/webhooks/events', { key })).body, {
      data: {
        events: [
          { type: { value: 'agent.action', label: 'Agent Action' } },
          { type: { value: 'agent.message', label: 'Agent Message' } },
          { type: { value: 'user.message', label: 'User Message' } },
        ],
      },
    });
    await server.call(401, 'GET', '/webhooks/events', { key: null });
  });

  test('see nothing of another agent, nor whether it exists', async (t) => {
    const id = await made(t);
    const stranger = await server.key(OTHER);
    for (const path of [WEBHOOKS, `${WEBHOOKS}/${id}`]) await server.call(404, 'GET', path, { key: stranger });
    await server.call(404, 'POST', WEBHOOKS, { key: stranger, json: PRODUCTION });
    await server.call(404, 'DELETE', `${WEBHOOKS}/${id}`, { key: stranger });
    await server.call(404, 'GET', `/agents/${OTHER}/webhooks/${id}`, { key: stranger });
    await server.call(404, 'GET', `/agents/${OTHER}/webhooks/${id}`, { key: ADMIN });
    assert.deepEqual((await server.call(200, 'GET', `/agents/${OTHER}/webhooks`, { key: stranger })).body, { data: [] });
    await server.call(404, 'GET', '/agents/not.an.agent/webhooks');
  });

  test('see no endpoint of another profile', async (t) => {
    await made(t);
    const standard = await server.engine.endpoints.create(AGENT, { url: 'https://receiver.example/', profile: 'standard' });
    await server.call(404, 'GET', `${WEBHOOKS}/${standard.id}`, { key });
    await server.call(404, 'PATCH', `${WEBHOOKS}/${standard.id}`, { key, json: { active: false } });
    await server.call(404, 'DELETE', `${WEBHOOKS}/${standard.id}`, { key });
    assert.equal(list(at(await server.call(200, 'GET', WEBHOOKS, { key }), 'data')).length, 1);
    await server.engine.endpoints.delete(AGENT, standard.id);
  });

  test('need a key that may: 401 without one, 403 where its actions do not reach', async (t) => {
    const id = await made(t);
    assert.deepEqual((await server.call(401, 'GET', WEBHOOKS, { key: null })).body, { message: 'Unauthenticated.' });
    await server.call(401, 'GET', WEBHOOKS, { key: 'not-a-key' });
    const reader = await server.key(AGENT, 'wxw', ['read']);
    await server.call(200, 'GET', WEBHOOKS, { key: reader });
    await server.call(403, 'POST', WEBHOOKS, { key: reader, json: PRODUCTION });
    await server.call(403, 'DELETE', `${WEBHOOKS}/${id}`, { key: reader });
    await server.call(403, 'GET', WEBHOOKS, { key: await server.key(AGENT, 'wxw', ['publish']) });
  });

  test('are told in the platform’s shape what is no request at all', async () => {
    await server.call(400, 'POST', WEBHOOKS, { key, body: '{"name":' });
    await server.call(422, 'POST', WEBHOOKS, { key, body: '', headers: { 'content-type': 'application/json' } });
    await server.call(415, 'POST', WEBHOOKS, { key, body: 'name=x', headers: { 'content-type': 'text/plain' } });
    await server.call(413, 'POST', WEBHOOKS, { key, body: `{"name":"${'x'.repeat(1_100_000)}"}` });
    await server.call(404, 'GET', `${WEBHOOKS}/${'x'.repeat(600)}`, { key });
    await server.call(422, 'GET', `${WEBHOOKS}/%zz`, { key });
    await server.call(400, 'DELETE', `${WEBHOOKS}/ep_1`, { key, body: '{' });
    assert.match(String(at(await server.call(404, 'GET', `/agents/${AGENT}/hooks`, { key }), 'message')), /There is no GET/);
    const wrong = await server.call(405, 'POST', `${WEBHOOKS}/ep_1`, { key, json: {} });
    assert.equal(wrong.headers.get('allow'), 'GET, HEAD, PUT, PATCH, DELETE');
  });

  test('reach a limit that is said', async (t) => {
    for (let count = 0; count < 5; count++) await made(t);
    const full = await server.call(422, 'POST', WEBHOOKS, { key, json: PRODUCTION });
    assert.match(String(at(full, 'message')), /has 5 endpoints/);
  });
});

test('JoAi’s last_triggered is when the latest request was sent, and plain HTTP is taken where it is allowed', async (t) => {
  const open = await platformServer('joai', { allowHttp: true, allowPrivateNetworks: true });
  t.after(() => open.close());
  // A port that nothing listens on: the attempt fails, and was made.
  const created = await open.call(201, 'POST', WEBHOOKS, { json: { ...PRODUCTION, url: 'http://127.0.0.1:9999/', maxRetries: 0 } });
  const id = String(at(created, 'data', 'id'));
  await open.engine.endpoints.test(AGENT, id, { eventType: 'agent.message' });
  const triggered = at(await open.call(200, 'GET', `${WEBHOOKS}/${id}`), 'data', 'last_triggered');
  assert.match(String(triggered), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});
