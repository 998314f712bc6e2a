import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { record } from '../harness.ts';
import { ADMIN, at, list, operations, platformServer } from './platform-server.ts';
import type { PlatformServer } from './platform-server.ts';

const WEBHOOKS = '/accounts/projects/my-project/webhooks';
/** What the npm client sends for `createWebhook({ name, url, events })`. */
const PLAIN = {
  name: 'Rooms',
  description: '',
  url: 'https://agents.example/webhook',
  events: ['room.started', 'room.ended'],
  action: '',
  payload: null,
};
const CALL = { ...PLAIN, events: ['room.started'], action: 'call', payload: { token: 't', arguments: { mode: 'fast' } } };

let server: PlatformServer;
let key = '';
before(async () => {
  server = await platformServer('meshagent');
  key = await server.key('my-project');
});
after(() => server.close());

async function made(t: { after(end: () => Promise<void>): void }, json: object = PLAIN): Promise<string> {
  const id = String(at(await server.call(201, 'POST', WEBHOOKS, { key, json }), 'id'));
  t.after(() => server.engine.endpoints.delete('my-project', id).catch(() => {}));
  return id;
}

async function read(id: string): Promise<{ readonly [member: string]: unknown }> {
  const webhooks = list(at(await server.call(200, 'GET', WEBHOOKS, { key }), 'webhooks'));
  return record(webhooks.find((webhook) => webhook['id'] === id));
}

async function refused(json: object, field: string, message: RegExp): Promise<void> {
  const answer = await server.call(400, 'POST', WEBHOOKS, { key, json: { ...CALL, ...json } });
  const wrong = list(at(answer, 'fields')).find((detail) => detail['field'] === field);
  assert.ok(wrong !== undefined, `${field} in ${answer.text}`);
  assert.match(String(wrong['message']), message);
  assert.equal(typeof at(answer, 'error'), 'string');
}

suite('MeshAgent’s clients', () => {
  test('have the operations of the platform, and no other', () => {
    assert.deepEqual(operations(server.contract), [
      'DELETE /accounts/projects/{project}/webhooks/{id}',
      'GET /accounts/projects/{project}/webhooks',
      'POST /accounts/projects/{project}/webhooks',
      'PUT /accounts/projects/{project}/webhooks/{id}',
    ]);
  });

  test('create, list and delete, and get the secret that was made once', async (t) => {
    assert.deepEqual((await server.call(200, 'GET', WEBHOOKS, { key })).body, { webhooks: [] });
    const answer = await server.call(201, 'POST', WEBHOOKS, { key, json: PLAIN });
    const { secret, ...webhook } = record(answer.body);
    const id = String(webhook['id']);
    t.after(() => server.engine.endpoints.delete('my-project', id).catch(() => {}));
    assert.ok(String(secret).length >= 16);
    assert.deepEqual(await read(id), webhook);
    const { created_at: _created, updated_at: _updated, ...rest } = webhook;
    assert.deepEqual(rest, { ...PLAIN, id, payload: {}, status: 'active' });
    assert.equal((await server.engine.tenants.get('my-project')).profile, 'meshagent');
    assert.equal((await server.call(204, 'DELETE', `${WEBHOOKS}/${id}`, { key })).text, '');
    await server.call(404, 'DELETE', `${WEBHOOKS}/${id}`, { key });
  });

  test('create a call, whose payload comes back', async (t) => {
    const id = await made(t, CALL);
    const webhook = await read(id);
    assert.deepEqual([webhook['action'], webhook['payload']], ['call', CALL.payload]);
    assert.deepEqual((await server.engine.endpoints.get('my-project', id)).call, { payload: CALL.payload });
  });

  test('change a call: null leaves it, another payload replaces it, an empty action ends it', async (t) => {
    const id = await made(t, CALL);
    const put = async (json: object): Promise<readonly unknown[]> => {
      const answer = await server.call(200, 'PUT', `${WEBHOOKS}/${id}`, { key, json: { ...CALL, ...json } });
      return [at(answer, 'action'), at(answer, 'payload')];
    };
    assert.deepEqual(await put({ action: null, payload: null, name: 'Renamed' }), ['call', CALL.payload]);
    assert.equal((await read(id))['name'], 'Renamed');
    assert.deepEqual(await put({ payload: { token: 'u' } }), ['call', { token: 'u' }]);
    assert.deepEqual(await put({ payload: null }), ['call', { token: 'u' }]);
    assert.deepEqual(await put({ action: '' }), ['', {}]);
    assert.deepEqual(await put({ action: null, payload: { token: 'v' } }), ['', {}]);
    assert.deepEqual(await put({ action: 'call', payload: '{"token":"as text"}' }), ['call', { token: 'as text' }]);
  });

  test('take what older clients send: an empty payload as text, an object as text', async (t) => {
    assert.deepEqual((await read(await made(t, { ...PLAIN, payload: '' })))['payload'], {});
    assert.deepEqual((await read(await made(t, { ...CALL, payload: '' })))['payload'], {});
    assert.deepEqual((await read(await made(t, { ...CALL, payload: '{"token":"t"}', more: 1 })))['payload'], { token: 't' });
    await refused({ payload: 'no JSON' }, 'payload', /object/);
    await refused({ payload: '[1]' }, 'payload', /object/);
  });

  test('set a secret of their own, at creation and by PUT', async (t) => {
    const secret = 'a-secret-of-their-own';
    assert.equal(at(await server.call(201, 'POST', WEBHOOKS, { key, json: { ...PLAIN, secret } }), 'secret'), secret);
    const id = await made(t);
    const answer = await server.call(200, 'PUT', `${WEBHOOKS}/${id}`, { key, json: { ...PLAIN, secret } });
    assert.equal(at(answer, 'secret'), undefined);
    const weak = await server.call(400, 'PUT', `${WEBHOOKS}/${id}`, { key, json: { ...PLAIN, name: 'No', secret: 'short' } });
    assert.match(String(at(weak, 'error')), /secret/i);
    assert.equal((await read(id))['name'], PLAIN.name);
  });

  test('are told what is wrong with a webhook or its call, by the field’s own name', async () => {
    await refused({ url: undefined }, 'url', /required/);
    await refused({ url: 'http://agents.example/' }, 'url', /https/);
    await refused({ name: undefined }, 'name', /required/);
    await refused({ events: [] }, 'events', /1/);
    await refused({ events: ['room.start'] }, 'events.0', /did you mean room\.started/);
    await refused({ action: 'dial' }, 'action', /call/);
    await refused({ payload: 7 }, 'payload', /./);
    await refused({ payload: { arguments: null } }, 'payload.arguments', /object/);
    await refused({ payload: { token: 7 } }, 'payload.token', /string/);
    await refused({ payload: { arguments: { n: 2 ** 60 } } }, 'payload.arguments.n', /2\^53/);
    await refused({ payload: { x: 'y'.repeat(8_192) } }, 'payload', /8192/);
  });

  test('see nothing of another project', async (t) => {
    const id = await made(t);
    const stranger = await server.key('other-project');
    await server.call(404, 'GET', WEBHOOKS, { key: stranger });
    await server.call(404, 'POST', WEBHOOKS, { key: stranger, json: PLAIN });
    const theirs = '/accounts/projects/other-project/webhooks';
    await server.call(404, 'PUT', `${theirs}/${id}`, { key: stranger, json: PLAIN });
    await server.call(404, 'DELETE', `${theirs}/${id}`, { key: stranger });
    await server.call(404, 'DELETE', `${theirs}/${id}`, { key: ADMIN });
    assert.deepEqual((await server.call(200, 'GET', theirs, { key: stranger })).body, { webhooks: [] });
  });

  test('need a key that may', async () => {
    assert.equal(typeof at(await server.call(401, 'GET', WEBHOOKS, { key: null }), 'error'), 'string');
    const reader = await server.key('my-project', 'wxw', ['read']);
    await server.call(200, 'GET', WEBHOOKS, { key: reader });
    await server.call(403, 'POST', WEBHOOKS, { key: reader, json: PLAIN });
    await server.call(405, 'PATCH', `${WEBHOOKS}/ep_1`, { key, json: {} });
    await server.call(404, 'GET', '/accounts/projects/my-project/api-keys', { key });
  });

  test('have the same call in /v1, which takes and gives it, and refuses what is no call', async (t) => {
    const v1 = async (method: string, path: string, json?: object): Promise<{ readonly [member: string]: unknown }> => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const answer = await fetch(`${server.url}/v1/tenants/my-project/endpoints${path}`, {
        method,
        headers,
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      return { status: answer.status, ...record(await answer.json()) };
    };
    const call = { payload: { token: 't', arguments: { deep: [1, null, 'x'] } } };
    const { id, call: taken } = await v1('POST', '', { url: PLAIN.url, call });
    t.after(() => server.engine.endpoints.delete('my-project', String(id)));
    assert.deepEqual(taken, call);
    assert.deepEqual((await read(String(id)))['payload'], call.payload);
    assert.deepEqual((await v1('GET', `/${String(id)}`))['call'], call);
    assert.equal((await v1('PATCH', `/${String(id)}`, { call: null }))['call'], null);
    const refusal = await v1('PATCH', `/${String(id)}`, { call: { payload: {}, name: 'x' } });
    assert.deepEqual([refusal['code'], list(refusal['errors'])[0]?.['path']], ['invalid_request', '/call/name']);
  });
});
