// The API over the real engine, a real store on disk and a real receiver on loopback.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createReceiver } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { createEngine, sqlite } from '@waxwing/engine';
import type { Engine } from '@waxwing/engine';
import { problemOf, record, start } from './harness.ts';
import type { Answer, Call, Harness, Json } from './harness.ts';

const ADMIN = 'an-admin-key-for-these-tests';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let folder = '';
let engine: Engine;
let harness: Harness;
let receiverUrl = '';
const received: Received[] = [];
let waiting: (() => void) | null = null;
let answerWith = 200;
const receiver = createReceiver((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  request.on('end', () => {
    response.writeHead(answerWith).end('thanks');
    received.push({ headers: request.headers, body });
    waiting?.();
  });
});

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waxwing-api-'));
  engine = await createEngine({ store: sqlite(folder), egress: { allowHttp: true, allowPrivateNetworks: true } });
  await engine.keys.create({ name: 'test', scope: 'admin' }, { key: ADMIN });
  harness = await start(engine, ADMIN);
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  assert.ok(address !== null && typeof address === 'object');
  receiverUrl = `http://127.0.0.1:${address.port}/webhooks`;
});
after(async () => {
  await harness.close();
  await engine.close();
  receiver.closeAllConnections();
  receiver.close();
  await rm(folder, { recursive: true });
});

/** Calls, and fails unless the status is this one. */
async function ok(status: number, method: string, path: string, call?: Call): Promise<Json> {
  const answer = await harness.call(method, path, call);
  assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
  return answer.body === undefined ? {} : record(answer.body);
}

const list = (body: Json): readonly Json[] => (Array.isArray(body['data']) ? body['data'].map(record) : []);
const paths = (answer: Answer, code: string): unknown => problemOf(answer, code).errors?.map(({ path }) => path);

/** Waits for messages to come in, then forgets them. */
async function messages(count: number): Promise<readonly Received[]> {
  while (received.length < count) {
    await new Promise<void>((resolve) => {
      waiting = resolve;
    });
  }
  waiting = null;
  return received.splice(0);
}

/** Asks until the delivery is no longer pending. */
async function final(tenant: string, id: unknown): Promise<Json> {
  for (;;) {
    const delivery = await ok(200, 'GET', `/v1/tenants/${tenant}/deliveries/${String(id)}`);
    if (delivery['state'] !== 'pending') return delivery;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

suite('the walk of an event', () => {
  let endpoint: Json = {};
  let base = '';

  test('an endpoint under an unknown tenant makes the tenant, and shows its secret once', async () => {
    endpoint = await ok(201, 'POST', '/v1/tenants/acme/endpoints', {
      json: { url: receiverUrl, eventTypes: ['meeting.*'], headers: { 'x-team': 'core' } },
    });
    base = `/v1/tenants/acme/endpoints/${String(endpoint['id'])}`;
    assert.match(String(endpoint['secret']), /^whsec_/);
    const read = await ok(200, 'GET', base);
    assert.deepEqual(read, JSON.parse(JSON.stringify(await engine.endpoints.get('acme', String(endpoint['id'])))), 'nothing is dropped');
    assert.equal(read['secret'], undefined);
    assert.deepEqual(read['headers'], { 'x-team': 'core' });
    assert.equal((await ok(200, 'GET', '/v1/tenants/acme'))['profile'], 'standard');
  });

  test('a published event arrives, its data in the very form it was written in', async () => {
    const data = '{"meeting_id":"m1","n":1.0,"big":12345678901234567890,"__proto__":{"a":1}}';
    const published = await ok(202, 'POST', '/v1/tenants/acme/events', {
      body: `{"type":"meeting.completed","data":${data},"timestamp":"2026-05-12T17:30:00+02:00"}`,
    });
    assert.equal(published['deliveries'], 1);
    assert.equal(published['timestamp'], '2026-05-12T15:30:00.000Z');
    const [message] = await messages(1);
    assert.ok(message !== undefined);
    assert.ok(message.body.includes(data), message.body);
    assert.equal(message.headers['webhook-id'], published['id']);
    assert.equal(message.headers['x-team'], 'core');

    const event = await ok(200, 'GET', `/v1/tenants/acme/events/${String(published['id'])}`);
    const [summary] = Array.isArray(event['deliveries']) ? event['deliveries'].map(record) : [];
    const delivery = await final('acme', summary?.['id']);
    assert.deepEqual([delivery['state'], delivery['outcome'], delivery['attempts']], ['delivered', 'delivered', 1]);
    assert.deepEqual(
      delivery,
      JSON.parse(JSON.stringify(await engine.deliveries.get('acme', String(delivery['id'])))),
      'nothing is dropped',
    );
    assert.ok(Object.hasOwn(record(event['data']), '__proto__'));

    for (const id of [
      delivery['id'],
      endpoint['id'],
      published['id'],
      record((Array.isArray(delivery['attemptLog']) ? delivery['attemptLog'] : [])[0])['id'],
    ]) {
      assert.equal((await ok(200, 'GET', `/v1/lookup/${String(id)}`))['tenant'], 'acme', String(id));
    }
  });

  test('publishing again with the same id is a duplicate, with other content a conflict', async () => {
    const json = { type: 'meeting.completed', data: { a: 1 }, id: 'order-1' };
    const first = await ok(202, 'POST', '/v1/tenants/acme/events', { json });
    const again = await ok(202, 'POST', '/v1/tenants/acme/events', { json });
    assert.deepEqual(again, { ...first, duplicate: true });
    problemOf(await harness.call('POST', '/v1/tenants/acme/events', { json: { ...json, data: { a: 2 } } }), 'idempotency_conflict');
    const headers = { 'idempotency-key': 'batch-1' };
    const events = [
      { type: 'meeting.started', data: {} },
      { type: 'nobody.listens', data: {} },
    ];
    const batch = list(await ok(202, 'POST', '/v1/tenants/acme/events/batch', { json: { events }, headers }));
    assert.deepEqual(
      batch.map((each) => [each['deliveries'], typeof each['warning']]),
      [
        [1, 'undefined'],
        [0, 'string'],
      ],
    );
    const repeated = list(await ok(202, 'POST', '/v1/tenants/acme/events/batch', { json: { events }, headers }));
    assert.deepEqual(
      repeated.map((each) => [each['id'], each['duplicate']]),
      batch.map((each) => [each['id'], true]),
    );
    await messages(2);
  });

  test('a retry of a final delivery is 201 and linked; a cancel of one is refused', async () => {
    const [delivery] = list(await ok(200, 'GET', '/v1/tenants/acme/deliveries?state=delivered&limit=1'));
    const retried = await ok(201, 'POST', `/v1/tenants/acme/deliveries/${String(delivery?.['id'])}/retry`);
    assert.deepEqual([retried['origin'], retried['cause']], [delivery?.['id'], 'retry']);
    await messages(1);
    await final('acme', retried['id']);
    problemOf(await harness.call('POST', `/v1/tenants/acme/deliveries/${String(retried['id'])}/cancel`), 'delivery_final');
  });

  test('a pending delivery is retried with 200, and cancelled', async () => {
    await ok(200, 'POST', `${base}/pause`);
    await ok(202, 'POST', '/v1/tenants/acme/events', { json: { type: 'meeting.held', data: {} } });
    const [held] = list(await ok(200, 'GET', '/v1/tenants/acme/deliveries?state=pending&type=meeting.held'));
    const path = `/v1/tenants/acme/deliveries/${String(held?.['id'])}`;
    assert.equal((await ok(200, 'POST', `${path}/retry`))['id'], held?.['id']);
    assert.equal((await ok(200, 'POST', `${path}/cancel`))['state'], 'cancelled');
    await ok(200, 'POST', `${base}/resume`);
    assert.equal((await ok(200, 'POST', `${base}/disable`))['status'], 'disabled');
    assert.equal((await ok(200, 'POST', `${base}/enable`))['status'], 'active');
  });

  test('a test sends the sample and answers with the attempt, whatever comes of it', async () => {
    answerWith = 500;
    const tested = await ok(200, 'POST', `${base}/test`, { json: { eventType: 'meeting.completed' } });
    answerWith = 200;
    const [attempt] = Array.isArray(tested['attemptLog']) ? tested['attemptLog'].map(record) : [];
    assert.deepEqual(
      [tested['cause'], tested['state'], attempt?.['outcome'], record(attempt?.['response'])['status']],
      ['test', 'failed', 'refused', 500],
    );
    await messages(1);
  });

  test('a rotation shows the new secret and its grace; activating ends it, once', async () => {
    const rotated = await ok(200, 'POST', `${base}/secret/rotate`, { json: { graceSeconds: 3600 } });
    assert.notEqual(rotated['secret'], endpoint['secret']);
    assert.equal(typeof rotated['secretGraceEndsAt'], 'string');
    assert.equal((await ok(200, 'POST', `${base}/secret/activate`))['secretGraceEndsAt'], null);
    problemOf(await harness.call('POST', `${base}/secret/activate`), 'no_rotation');
    await ok(200, 'POST', `${base}/secret/rotate`);
  });

  test('an edit changes what it names, and the profile never', async () => {
    const edited = await ok(200, 'PATCH', base, { json: { name: 'Other', retryScheduleSeconds: [5, 10], rateLimitPerSecond: 5 } });
    assert.deepEqual([edited['name'], edited['maxRetries'], edited['rateLimitPerSecond'], edited['url']], ['Other', 2, 5, receiverUrl]);
    assert.deepEqual(paths(await harness.call('PATCH', base, { json: { profile: 'joai' } }), 'immutable_field'), ['/profile']);
    assert.equal((await ok(200, 'PATCH', base, { json: { rateLimitPerSecond: null } }))['rateLimitPerSecond'], null);
  });

  test('lists page from the newest, over one tenant and over all', async () => {
    for (const path of ['/v1/tenants/acme/deliveries', '/v1/deliveries', '/v1/events', '/v1/tenants/acme/events']) {
      const whole = list(await ok(200, 'GET', `${path}?limit=250`)).map((each) => each['id']);
      const paged: unknown[] = [];
      for (let cursor = ''; ;) {
        const page = await ok(200, 'GET', `${path}?limit=2${cursor}`);
        paged.push(...list(page).map((each) => each['id']));
        const next = page['nextCursor'];
        if (typeof next !== 'string') break;
        cursor = `&cursor=${encodeURIComponent(next)}`;
      }
      assert.deepEqual(paged, whole, path);
      assert.ok(whole.length > 3, path);
    }
    const filtered = list(
      await ok(200, 'GET', '/v1/tenants/acme/events?type=meeting.*&q=m1&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00%2B01:00'),
    );
    assert.equal(filtered.length, 1);
  });

  test('deleting goes from the endpoint up to the tenant', async () => {
    problemOf(await harness.call('DELETE', '/v1/tenants/acme'), 'tenant_not_empty');
    await ok(204, 'DELETE', base);
    problemOf(await harness.call('GET', base), 'endpoint_not_found');
    await ok(204, 'DELETE', '/v1/tenants/acme');
    problemOf(await harness.call('POST', '/v1/tenants/acme/events', { json: { type: 'a', data: {} } }), 'tenant_not_found');
  });
});

suite('the catalogue', () => {
  test('shows every built-in profile and event type whole', async () => {
    const profiles = list(await ok(200, 'GET', '/v1/profiles?limit=250'));
    assert.deepEqual(new Set(profiles.map(({ name }) => name)), new Set(['humanconnection', 'joai', 'meetloyd', 'meshagent', 'standard']));
    for (const profile of profiles) {
      const name = String(profile['name']);
      const given = JSON.parse(JSON.stringify(await engine.profiles.get(name)));
      assert.deepEqual(profile, given, 'nothing is dropped');
      assert.deepEqual(await ok(200, 'GET', `/v1/profiles/${name}`), given);
      const types = list(await ok(200, 'GET', `/v1/event-types?profile=${name}&limit=250`));
      assert.equal(types.length, given.eventTypes.length);
      for (const type of types) assert.deepEqual(await ok(200, 'GET', `/v1/event-types/${String(type['name'])}?profile=${name}`), type);
    }
  });

  test("takes a platform's own profile and event types, and gives them back", async () => {
    const definition = { signature: { header: 'X-Own-Signature', prefix: 'sha256=' }, catalogueClosed: true };
    const preview = await ok(200, 'POST', '/v1/profiles/own/preview', { json: definition });
    problemOf(await harness.call('GET', '/v1/profiles/own'), 'profile_not_found');
    const made = await ok(201, 'PUT', '/v1/profiles/own', { json: definition });
    assert.deepEqual(made, preview);
    assert.match(JSON.stringify(record(preview['sampleMessage'])['headers']), /\["X-Own-Signature","sha256=[0-9a-f]{64}"\]/);
    assert.deepEqual(paths(await harness.call('POST', '/v1/profiles/own/preview', { json: {} }), 'invalid_profile'), ['/signature']);
    assert.deepEqual([made['version'], made['builtIn']], [1, false]);
    assert.deepEqual(await ok(200, 'GET', '/v1/profiles/own'), JSON.parse(JSON.stringify(await engine.profiles.get('own'))));
    assert.equal((await ok(200, 'PUT', '/v1/profiles/own', { json: { ...definition, title: 'Own' } }))['version'], 2);
    const type = {
      profile: 'own',
      schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      sample: { id: 'x' },
    };
    await ok(201, 'PUT', '/v1/event-types/thing.done', { json: type });
    await ok(200, 'PUT', '/v1/event-types/thing.done', { json: type });
    await ok(201, 'PUT', '/v1/tenants/own', { json: { profile: 'own', metadata: { a: 'b' } } });
    assert.deepEqual(
      paths(await harness.call('POST', '/v1/tenants/own/events', { json: { type: 'thing.done', data: { id: 1 } } }), 'schema_mismatch'),
      ['/data/id'],
    );
    assert.match(
      problemOf(await harness.call('POST', '/v1/tenants/own/events', { json: { type: 'thing.don', data: {} } }), 'unknown_event_type')
        .detail,
      /thing\.done/,
    );
    await ok(202, 'POST', '/v1/tenants/own/events', { json: { type: 'thing.done', data: { id: 'x' } } });
    problemOf(await harness.call('DELETE', '/v1/profiles/own'), 'profile_in_use');
    await ok(204, 'DELETE', '/v1/tenants/own');
    await ok(204, 'DELETE', '/v1/event-types/thing.done');
    await ok(204, 'DELETE', '/v1/profiles/own');
  });
});

suite('keys', () => {
  test('do what they were made for until they are revoked', async () => {
    await ok(201, 'PUT', '/v1/tenants/keyed');
    const made = await ok(201, 'POST', '/v1/keys', {
      json: { name: 'Backend', scope: 'tenant', tenant: 'keyed', actions: ['publish'], expiresAt: '2100-01-01T00:00:00Z' },
    });
    const key = String(made['key']);
    await ok(202, 'POST', '/v1/tenants/keyed/events', { key, json: { type: 'a.b', data: {} } });
    problemOf(await harness.call('GET', '/v1/tenants/keyed/events', { key }), 'forbidden');
    assert.doesNotMatch((await harness.call('GET', '/v1/keys')).text, new RegExp(key));
    await ok(204, 'DELETE', `/v1/keys/${String(made['id'])}`);
    problemOf(await harness.call('POST', '/v1/tenants/keyed/events', { key, json: { type: 'a.b', data: {} } }), 'unauthorized');
    const [listed] = list(await ok(200, 'GET', '/v1/keys')).filter(({ id }) => id === made['id']);
    assert.equal(typeof listed?.['revokedAt'], 'string');
  });
});

suite('what the engine refuses', () => {
  const ENDPOINTS = '/v1/tenants/strict/endpoints';
  before(async () => {
    await ok(201, 'PUT', '/v1/tenants/strict', { json: { profile: 'joai' } });
  });

  const cases: readonly (readonly [method: string, path: string, json: unknown, code: string, paths?: readonly string[]])[] = [
    ['POST', ENDPOINTS, { url: 'ftp://x.example' }, 'url_refused'],
    ['POST', ENDPOINTS, { url: 'not a url' }, 'url_refused'],
    ['POST', ENDPOINTS, { url: 'https://user:pass@x.example' }, 'url_refused'],
    ['POST', ENDPOINTS, { url: '' }, 'url_refused'],
    ['POST', ENDPOINTS, { url: 'https://x.example', profile: 'nope' }, 'unknown_profile', ['/profile']],
    ['POST', ENDPOINTS, { url: 'https://x.example', secret: 'abc' }, 'invalid_secret'],
    ['POST', ENDPOINTS, { url: 'https://x.example', secret: '' }, 'invalid_secret'],
    ['POST', ENDPOINTS, { url: 'https://x.example', headers: { 'x-webhook-signature': 'x' } }, 'invalid_header'],
    ['POST', ENDPOINTS, { url: 'https://x.example', headers: { 'content-length': '1', 'a b': 'x' } }, 'invalid_header'],
    ['POST', ENDPOINTS, { url: 'https://x.example', headers: { 'x-a': 'a\r\nb: c' } }, 'invalid_header'],
    ['POST', ENDPOINTS, { url: 'https://x.example', eventTypes: ['user.messag'] }, 'invalid_event_types', ['/eventTypes/0']],
    ['POST', ENDPOINTS, { url: 'https://x.example', eventTypes: [] }, 'invalid_event_types'],
    [
      'POST',
      ENDPOINTS,
      { url: 'https://x.example', maxRetries: 11, timeoutSeconds: 301 },
      'invalid_request',
      ['/timeoutSeconds', '/maxRetries'],
    ],
    ['POST', ENDPOINTS, { url: 'https://x.example', concurrency: 1e15 }, 'invalid_request', ['/concurrency']],
    ['POST', ENDPOINTS, { url: 'https://x.example', name: '' }, 'invalid_request', ['/name']],
    ['PUT', '/v1/tenants/other', { profile: 'nope' }, 'unknown_profile', ['/profile']],
    ['PUT', '/v1/tenants/other', { notifyEmails: ['not an address'] }, 'invalid_request', ['/notifyEmails/0']],
    ['PUT', '/v1/tenants/waxwing', {}, 'reserved_tenant'],
    ['PUT', '/v1/profiles/standard', { signature: { header: 'X' } }, 'profile_read_only'],
    ['PUT', '/v1/profiles/mine', {}, 'invalid_profile'],
    ['PUT', '/v1/profiles/mine', { signature: { header: 'X-A' }, nonsense: 1 }, 'invalid_profile'],
    ['DELETE', '/v1/profiles/standard', undefined, 'profile_read_only'],
    ['PUT', '/v1/event-types/user.message', { profile: 'joai' }, 'event_type_read_only'],
    ['PUT', '/v1/event-types/a.b', { schema: { type: 'nonsense' } }, 'invalid_schema'],
    ['PUT', '/v1/event-types/a.b', { schema: { $ref: 'https://evil.example/schema' } }, 'invalid_schema'],
    ['PUT', '/v1/event-types/a.b', { schema: { type: 'object', required: ['x'] }, sample: {} }, 'invalid_schema'],
    ['PUT', '/v1/event-types/a.b', { profile: 'nope' }, 'unknown_profile'],
    ['DELETE', '/v1/event-types/user.message', undefined, 'event_type_read_only'],
    ['POST', '/v1/keys', { scope: 'tenant' }, 'invalid_request', ['/tenant']],
    ['POST', '/v1/keys', { scope: 'read', tenant: 'strict' }, 'invalid_request', ['/tenant']],
    ['POST', '/v1/keys', { scope: 'read', expiresAt: '2001-01-01T00:00:00Z' }, 'invalid_request', ['/expiresAt']],
    ['POST', '/v1/tenants/strict/events', { type: 'user.messag', data: {} }, 'unknown_event_type', ['/type']],
    ['POST', '/v1/tenants/strict/events', { type: 'a\u0000b', data: {} }, 'unknown_event_type', ['/type']],
    ['POST', '/v1/tenants/strict/events', { type: '', data: {} }, 'unknown_event_type', ['/type']],
    ['POST', '/v1/tenants/strict/events', { type: 'agent.message', data: {}, id: 'a.b' }, 'invalid_request', ['/id']],
    ['POST', '/v1/tenants/strict/events', { type: 'agent.message', data: {}, timestamp: 'yesterday' }, 'invalid_request', ['/timestamp']],
    ['POST', '/v1/tenants/nobody/endpoints/ep_01jv2q8w5e7r9t1y3v5b7n9m2k/enable', undefined, 'tenant_not_found'],
    ['POST', '/v1/tenants/strict/endpoints/ep_01jv2q8w5e7r9t1y3v5b7n9m2k/enable', undefined, 'endpoint_not_found'],
    ['POST', '/v1/tenants/strict/deliveries/dlv_01jv2q8w5e7r9t1y3v5b7n9m3k/retry', undefined, 'delivery_not_found'],
    ['DELETE', '/v1/keys/key_01jv2q8w5e7r9t1y3v5b7n9m4k', undefined, 'key_not_found'],
    ['GET', '/v1/tenants/strict/events/nothing', undefined, 'event_not_found'],
    ['GET', '/v1/lookup/nothing', undefined, 'nothing_found'],
    ['GET', '/v1/profiles/nothing', undefined, 'profile_not_found'],
    ['GET', '/v1/event-types/no.thing', undefined, 'event_type_not_found'],
    ['GET', '/v1/deliveries?cursor=ZXZlbnRzOjE', undefined, 'invalid_cursor'],
  ];

  test('is a clear 4xx with its code and its fields, and changes nothing', async () => {
    const state = async (): Promise<unknown> =>
      Promise.all(
        ['/v1/tenants', '/v1/endpoints', '/v1/events', '/v1/deliveries', '/v1/keys', '/v1/event-types?limit=250', '/v1/profiles'].map(
          (path) => harness.call('GET', path).then(({ text }) => text),
        ),
      );
    const stood = await state();
    for (const [method, path, json, code, expected] of cases) {
      const answer = await harness.call(method, path, json === undefined ? {} : { json });
      const problem = problemOf(answer, code);
      if (expected !== undefined)
        assert.deepEqual(
          problem.errors?.map((error) => error.path),
          expected,
          `${method} ${path} ${JSON.stringify(json)}`,
        );
    }
    assert.deepEqual(await state(), stood);
  });

  test('in a batch is named from the root of the body', async () => {
    const good = { type: 'agent.message', data: { agent: { id: '1', name: 'a' }, room: 'r', content: 'c' } };
    const send = (event: string): Promise<Answer> =>
      harness.call('POST', '/v1/tenants/strict/events/batch', { body: `{"events":[${JSON.stringify(good)},${event}]}` });
    assert.deepEqual(paths(await send('{"type":"agent.message","data":{"room":1}}'), 'schema_mismatch'), [
      '/events/1/data/agent',
      '/events/1/data/content',
      '/events/1/data/room',
    ]);
    assert.deepEqual(paths(await send('{"type":"nope.nope","data":{}}'), 'unknown_event_type'), ['/events/1/type']);
    assert.deepEqual(paths(await send('{"type":"agent.message","data":{},"id":"a.b"}'), 'invalid_request'), ['/events/1/id']);
    assert.deepEqual(paths(await send('{"type":"agent.message","data":{"n":[12345678901234567890]}}'), 'invalid_event_data'), [
      '/events/1/data/n/0',
    ]);
    const alone = await harness.call('POST', '/v1/tenants/strict/events', {
      body: '{"type":"agent.message","data":{"n":[12345678901234567890]}}',
    });
    assert.deepEqual(paths(alone, 'invalid_event_data'), ['/data/n/0']);
  });

  test('data over 256 KiB gets 413 with the limit named', async () => {
    const answer = await harness.call('POST', '/v1/tenants/strict/events', {
      json: { type: 'agent.message', data: { content: 'x'.repeat(262_144) } },
    });
    assert.match(problemOf(answer, 'event_data_too_large').detail, /262144/);
  });
});

suite('readiness', () => {
  test('follows the engine', async () => {
    await ok(200, 'GET', '/readyz', { key: null });
    const { text } = await harness.call('GET', '/metrics');
    assert.match(text, /\nwaxwing_ready 1\n/);
    assert.match(text, /\nwaxwing_events_published_total [1-9]/);
  });
});
