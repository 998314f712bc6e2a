import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JsonText, Waxwing, WaxwingApiError } from '../src/index.ts';
import { problem, scriptedServer } from './scripted-server.ts';

test('a publish goes to the tenant with a generated idempotency key, another one each time', async (t) => {
  const server = await scriptedServer(t, [{ status: 202, body: { id: 'evt_1', deliveries: 1 } }]);
  const acme = new Waxwing({ url: `${server.url}/`, key: 'k' }).tenant('acme');
  const result = await acme.publish({ type: 'meeting.completed', data: { meeting_id: 'm1' } });
  await acme.publish({ type: 'meeting.completed', data: {} }, { idempotencyKey: 'mine' });
  await acme.publish({ type: 'meeting.completed', data: {}, id: 'evt_mine', timestamp: '2026-01-01T00:00:00.000Z' });
  assert.equal(result.id, 'evt_1');
  const [first, second, third] = server.seen;
  assert.equal(`${first?.method} ${first?.url}`, 'POST /v1/tenants/acme/events');
  assert.deepEqual(JSON.parse(first?.body ?? ''), { type: 'meeting.completed', data: { meeting_id: 'm1' } });
  assert.match(String(first?.headers['idempotency-key']), /^[0-9a-f-]{36}$/);
  assert.equal(second?.headers['idempotency-key'], 'mine');
  assert.notEqual(third?.headers['idempotency-key'], first?.headers['idempotency-key']);
  assert.deepEqual(JSON.parse(third?.body ?? ''), {
    type: 'meeting.completed',
    data: {},
    id: 'evt_mine',
    timestamp: '2026-01-01T00:00:00.000Z',
  });
});

test('JSON text is sent as it was written, alone and in a batch', async (t) => {
  const server = await scriptedServer(t, [{ status: 202, body: { data: [] } }]);
  const acme = new Waxwing({ url: server.url, key: 'k' }).tenant('acme');
  const text = '{"n":9007199254740993,"x":1.0,"2":0,"1":0}';
  await acme.publish({ type: 'a.b', data: new JsonText(text) });
  await acme.publishBatch([
    { type: 'a.b', data: new JsonText(text) },
    { type: 'c.d', data: { e: 1 } },
  ]);
  assert.equal(server.seen[0]?.body, `{"type":"a.b","data":${text}}`);
  assert.equal(server.seen[1]?.body, `{"events":[{"type":"a.b","data":${text}},{"type":"c.d","data":{"e":1}}]}`);
  assert.equal(server.seen[1]?.url, '/v1/tenants/acme/events/batch');
});

test('a list is iterated over all its pages, page by page, and by one page', async (t) => {
  const server = await scriptedServer(t, [
    { body: { data: [{ id: 'dlv_3' }, { id: 'dlv_2' }], nextCursor: 'c/1' } },
    { body: { data: [{ id: 'dlv_1' }], nextCursor: null } },
    { body: { data: [{ id: 'dlv_9' }], nextCursor: 'c/2' } },
    { body: { data: [], nextCursor: null } },
    { body: { data: [], nextCursor: null } },
  ]);
  const acme = new Waxwing({ url: server.url, key: 'k' }).tenant('acme');
  const ids: string[] = [];
  for await (const delivery of acme.deliveries.list({ state: 'failed', limit: 2 })) ids.push(delivery.id);
  assert.deepEqual(ids, ['dlv_3', 'dlv_2', 'dlv_1']);
  assert.deepEqual(
    server.seen.map((request) => request.url),
    ['/v1/tenants/acme/deliveries?state=failed&limit=2', '/v1/tenants/acme/deliveries?state=failed&limit=2&cursor=c%2F1'],
  );
  const sizes: number[] = [];
  for await (const page of acme.deliveries.list().pages()) sizes.push(page.data.length);
  assert.deepEqual(sizes, [1, 0]);
  const page = await acme.endpoints.list().page('from-here');
  assert.deepEqual(page, { data: [], nextCursor: null });
  assert.equal(server.seen.at(-1)?.url, '/v1/tenants/acme/endpoints?cursor=from-here');
});

test('every call goes to its route', async (t) => {
  const server = await scriptedServer(t, [{ body: { data: [], nextCursor: null } }]);
  const waxwing = new Waxwing({ url: `${server.url}/below/`, key: 'k' });
  const acme = waxwing.tenant('acme');
  await acme.get();
  await acme.endpoints.create({ url: 'https://x.test/' });
  await acme.endpoints.get('ep/1');
  await acme.endpoints.update('ep_1', { name: 'n' });
  await acme.endpoints.delete('ep_1');
  await acme.endpoints.enable('ep_1');
  await acme.endpoints.disable('ep_1');
  await acme.endpoints.pause('ep_1');
  await acme.endpoints.resume('ep_1');
  await acme.endpoints.rotateSecret('ep_1', { graceSeconds: 0 });
  await acme.endpoints.activateSecret('ep_1');
  await acme.endpoints.test('ep_1', { eventType: 'a.b' });
  await acme.events.get('evt_1');
  await acme.events.list({ q: 'a b' }).page();
  await acme.deliveries.get('dlv_1');
  await acme.deliveries.retry('dlv_1');
  await acme.deliveries.cancel('dlv_1');
  await waxwing.tenants.put('acme', { profile: 'joai' });
  await waxwing.tenants.get('acme');
  await waxwing.tenants.list().page();
  await waxwing.tenants.delete('acme');
  await waxwing.eventTypes.put('a.b', {});
  await waxwing.eventTypes.get('a.b');
  await waxwing.eventTypes.list({ profile: 'joai' }).page();
  await waxwing.eventTypes.delete('a.b');
  await waxwing.profiles.put('mine', {});
  await waxwing.profiles.preview('mine', {});
  await waxwing.profiles.get('mine');
  await waxwing.profiles.list().page();
  await waxwing.profiles.delete('mine');
  await waxwing.keys.create({ scope: 'admin' });
  await waxwing.keys.list().page();
  await waxwing.keys.revoke('key_1');
  await waxwing.everywhere.endpoints().page();
  await waxwing.everywhere.events().page();
  await waxwing.everywhere.deliveries().page();
  await waxwing.everywhere.replays().page();
  await waxwing.lookup('evt_1');
  await waxwing.health();
  await waxwing.status();
  const t1 = '/below/v1/tenants/acme';
  assert.deepEqual(
    server.seen.map((request) => `${request.method} ${request.url}`),
    [
      `GET ${t1}`,
      `POST ${t1}/endpoints`,
      `GET ${t1}/endpoints/ep%2F1`,
      `PATCH ${t1}/endpoints/ep_1`,
      `DELETE ${t1}/endpoints/ep_1`,
      `POST ${t1}/endpoints/ep_1/enable`,
      `POST ${t1}/endpoints/ep_1/disable`,
      `POST ${t1}/endpoints/ep_1/pause`,
      `POST ${t1}/endpoints/ep_1/resume`,
      `POST ${t1}/endpoints/ep_1/secret/rotate`,
      `POST ${t1}/endpoints/ep_1/secret/activate`,
      `POST ${t1}/endpoints/ep_1/test`,
      `GET ${t1}/events/evt_1`,
      `GET ${t1}/events?q=a+b`,
      `GET ${t1}/deliveries/dlv_1`,
      `POST ${t1}/deliveries/dlv_1/retry`,
      `POST ${t1}/deliveries/dlv_1/cancel`,
      `PUT ${t1}`,
      `GET ${t1}`,
      'GET /below/v1/tenants',
      `DELETE ${t1}`,
      'PUT /below/v1/event-types/a.b',
      'GET /below/v1/event-types/a.b',
      'GET /below/v1/event-types?profile=joai',
      'DELETE /below/v1/event-types/a.b',
      'PUT /below/v1/profiles/mine',
      'POST /below/v1/profiles/mine/preview',
      'GET /below/v1/profiles/mine',
      'GET /below/v1/profiles',
      'DELETE /below/v1/profiles/mine',
      'POST /below/v1/keys',
      'GET /below/v1/keys',
      'DELETE /below/v1/keys/key_1',
      'GET /below/v1/endpoints',
      'GET /below/v1/events',
      'GET /below/v1/deliveries',
      'GET /below/v1/replays',
      'GET /below/v1/lookup/evt_1',
      'GET /below/healthz',
      'GET /below/readyz',
    ],
  );
  const withoutBody = server.seen.filter((request) => request.body === '').map((request) => request.headers['content-type']);
  assert.deepEqual(new Set(withoutBody), new Set([undefined]));
});

test('a server that is not ready is an answer, not an error', async (t) => {
  const server = await scriptedServer(t, [problem(503, 'store_unavailable')]);
  const waxwing = new Waxwing({ url: server.url });
  assert.deepEqual(await waxwing.status(), { ok: false, detail: 'Detail of store_unavailable' });
  assert.equal(server.seen.length, 1);
});

test('settings that cannot work are refused when the client is made', () => {
  assert.throws(() => new Waxwing({ url: 'localhost:8400' }), /http:\/\/ or https:\/\//);
  assert.throws(() => new Waxwing({ url: 'http://user:pw@x.test' }), /user name/);
  assert.throws(() => new Waxwing({ url: 'http://x.test', key: 'a\nb' }), /copied whole/);
  assert.throws(() => new Waxwing({ url: 'http://x.test', timeoutMs: 0 }), /timeoutMs/);
  assert.throws(() => new Waxwing({ url: 'http://x.test', retry: { attemptsMax: 0 } }), /attemptsMax/);
});

test('an id that would lead to another route is refused before anything is sent', async () => {
  const acme = new Waxwing({ url: 'http://127.0.0.1:1', key: 'k' }).tenant('acme');
  for (const id of ['', '.', '..']) await assert.rejects(acme.endpoints.delete(id), /is not an id/);
});

test('a fetch of your own is used', async () => {
  const waxwing = new Waxwing({
    url: 'http://x.test',
    key: 'k',
    fetch: async () => Response.json({ status: 404, code: 'nothing_found' }, { status: 404 }),
  });
  await assert.rejects(waxwing.lookup('evt_1'), (error) => error instanceof WaxwingApiError && error.code === 'nothing_found');
});

test('a replay is counted, asked for, followed and cancelled; an event is explained', async (t) => {
  const replay = { id: 'rpl_1', state: 'running' };
  const server = await scriptedServer(t, [
    { body: { count: 3 } },
    { status: 201, body: replay },
    { body: replay },
    { body: { data: [replay], nextCursor: null } },
    { body: { ...replay, state: 'cancelled' } },
    { body: { reason: 'held' } },
  ]);
  const acme = new Waxwing({ url: server.url, key: 'k' }).tenant('acme');
  assert.equal(await acme.replays.count({ types: ['a.*'] }), 3);
  assert.equal((await acme.replays.create({ types: ['a.*'] })).id, 'rpl_1');
  assert.equal((await acme.replays.get('rpl_1')).state, 'running');
  assert.equal((await acme.replays.list({ limit: 5 }).page()).data.length, 1);
  assert.equal((await acme.replays.cancel('rpl_1')).state, 'cancelled');
  assert.equal((await acme.events.explain('evt_1', 'ep_1')).reason, 'held');
  assert.deepEqual(
    server.seen.map(({ method, url, body }) => `${method} ${url} ${body}`),
    [
      'POST /v1/tenants/acme/replays {"types":["a.*"],"dryRun":true}',
      'POST /v1/tenants/acme/replays {"types":["a.*"]}',
      'GET /v1/tenants/acme/replays/rpl_1 ',
      'GET /v1/tenants/acme/replays?limit=5 ',
      'POST /v1/tenants/acme/replays/rpl_1/cancel ',
      'GET /v1/tenants/acme/events/evt_1/explain?endpoint=ep_1 ',
    ],
  );
});
