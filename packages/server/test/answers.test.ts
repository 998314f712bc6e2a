// Answers: what the engine gives reaches the client whole; what goes wrong tells what to do and nothing it should not.

import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { after, before, beforeEach, suite, test } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { createLog, engineLog } from '../src/index.ts';
import { endpointExample } from '../src/schemas/endpoint.ts';
import { EVENT_WITH_ODD_DATA, fakeEngine, KEYS, ODD_DATA, SECRET } from './fake-engine.ts';
import type { FakeEngine } from './fake-engine.ts';
import { problemOf, record, start } from './harness.ts';
import type { Harness } from './harness.ts';

const ENDPOINT = `/v1/tenants/acme/endpoints/${endpointExample.id}`;

let engine: FakeEngine;
let harness: Harness;
let lines = '';
const stream = new Writable({
  write(chunk, _encoding, done) {
    lines += String(chunk);
    done();
  },
});

before(async () => {
  engine = fakeEngine();
  harness = await start(engine, KEYS.admin, { log: createLog({ level: 'info', stream }) });
});
after(() => harness.close());
beforeEach(() => {
  lines = '';
});

suite('a success', () => {
  test('carries everything that the engine gave, on every kind of resource', async () => {
    const { endpoints, deliveries, tenants, eventTypes, profiles, keys, events } = engine;
    const same = async (path: string, given: unknown): Promise<void> =>
      assert.deepEqual((await harness.call('GET', path)).body, given, path);
    await same(ENDPOINT, await endpoints.get('acme', endpointExample.id));
    await same('/v1/tenants/acme/endpoints', await endpoints.list('acme'));
    await same('/v1/endpoints?limit=2', await endpoints.list(null));
    await same('/v1/tenants/acme', await tenants.get('acme'));
    await same('/v1/tenants?cursor=good', await tenants.list({ cursor: 'good' }));
    await same(
      '/v1/tenants/acme/deliveries/dlv_01jv2q8w5e7r9t1y3v5b7n9m3k',
      await deliveries.get('acme', 'dlv_01jv2q8w5e7r9t1y3v5b7n9m3k'),
    );
    await same('/v1/deliveries', await deliveries.list(null));
    await same(
      '/v1/tenants/acme/replays/rpl_01jv2q8w5e7r9t1y3v5b7n9m5k',
      await engine.replays.get('acme', 'rpl_01jv2q8w5e7r9t1y3v5b7n9m5k'),
    );
    await same('/v1/tenants/acme/replays', await engine.replays.list('acme'));
    await same(
      `/v1/tenants/acme/events/evt_01jv2q8w5e7r9t1y3v5b7n9m1k/explain?endpoint=${endpointExample.id}`,
      await events.explain('acme', 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k', endpointExample.id),
    );
    await same('/v1/event-types/invoice.paid', await eventTypes.get('invoice.paid'));
    await same('/v1/event-types', await eventTypes.list());
    await same('/v1/profiles/acme', await profiles.get('acme'));
    await same('/v1/profiles', await profiles.list());
    await same('/v1/keys', await keys.list());
    await same('/v1/notices?tenant=acme&kind=delivery.failed', await engine.notices.list({ tenant: 'acme' }));
    await same('/v1/tenants/acme/events', await events.list('acme'));
    for (const id of [
      'evt_01jv2q8w5e7r9t1y3v5b7n9m1k',
      'dlv_01jv2q8w5e7r9t1y3v5b7n9m3k',
      'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
      'key_01jv2q8w5e7r9t1y3v5b7n9m4k',
    ])
      await same(`/v1/lookup/${id}`, await engine.lookup(id));
  });

  test('carries event data of any form unchanged', async () => {
    const answer = await harness.call('GET', `/v1/tenants/acme/events/${EVENT_WITH_ODD_DATA}`);
    assert.equal(JSON.stringify(record(answer.body)['data']), JSON.stringify(ODD_DATA));
  });

  test('carries the secret at creation and rotation, and nowhere else', async () => {
    const created = await harness.call('POST', '/v1/tenants/acme/endpoints', { json: { url: 'https://x.example' } });
    assert.equal(created.status, 201);
    assert.deepEqual(
      [record(created.body)['secret'], record(created.body)['publicKey'], record(created.body)['warning']],
      [SECRET, 'whpk_x', 'The secret is short.'],
    );
    assert.equal(record((await harness.call('POST', `${ENDPOINT}/secret/rotate`)).body)['secret'], SECRET);
    engine.next = null;
    for (const path of [ENDPOINT, '/v1/endpoints', '/v1/tenants/acme/endpoints'])
      assert.doesNotMatch((await harness.call('GET', path)).text, /"secret"/);
  });

  test('is 201 for what is new and 200 for what stood, 204 without a body for what is gone', async () => {
    assert.equal((await harness.call('PUT', '/v1/tenants/acme', { json: {} })).status, 200);
    assert.equal((await harness.call('PUT', '/v1/tenants/new', { json: { name: 'New' } })).status, 201);
    assert.equal((await harness.call('PUT', '/v1/tenants/new')).status, 201, 'a tenant needs no field');
    assert.equal((await harness.call('PUT', '/v1/event-types/a.b', { json: {} })).status, 201);
    assert.equal((await harness.call('PUT', '/v1/profiles/acme', { json: { signature: { header: 'X' } } })).status, 200);
    assert.equal((await harness.call('POST', '/v1/tenants/acme/deliveries/dlv_01jv2q8w5e7r9t1y3v5b7n9m3k/retry')).status, 201);
    for (const path of [
      ENDPOINT,
      '/v1/tenants/acme',
      '/v1/keys/key_01jv2q8w5e7r9t1y3v5b7n9m4k',
      '/v1/event-types/invoice.paid',
      '/v1/profiles/acme',
    ]) {
      const answer = await harness.call('DELETE', path);
      assert.deepEqual([answer.status, answer.text, answer.headers.get('content-type')], [204, '', null], path);
    }
  });

  test('of a replay is 201 with the replay, of a dry run 200 with the count', async () => {
    const made = await harness.call('POST', '/v1/tenants/acme/replays', { json: { states: ['failed'], types: ['a.*'] } });
    assert.deepEqual([made.status, made.body], [201, await engine.replays.create('acme', {})]);
    assert.deepEqual(engine.changes.at(-2)?.args, ['acme', { states: ['failed'], types: ['a.*'] }]);
    const counted = await harness.call('POST', '/v1/tenants/acme/replays', { json: { dryRun: true } });
    assert.deepEqual([counted.status, counted.body], [200, { count: 12 }]);
    assert.equal((await harness.call('POST', '/v1/tenants/acme/replays')).status, 201, 'a replay needs no field');
    assert.equal((await harness.call('GET', '/v1/tenants/acme/events/evt_01jv2q8w5e7r9t1y3v5b7n9m1k/explain')).status, 400);
  });

  test('hands filters, patches and options to the engine as they were given', async () => {
    await harness.call('PATCH', ENDPOINT, { json: { maxRetries: 0, rateLimitPerSecond: null, reactions: { goneDisables: false } } });
    assert.deepEqual(engine.changes.at(-1)?.args[2], { maxRetries: 0, rateLimitPerSecond: null, reactions: { goneDisables: false } });
    await harness.call('POST', `${ENDPOINT}/secret/rotate`, { json: { graceSeconds: 0 } });
    assert.deepEqual(engine.changes.at(-1)?.args[2], { graceSeconds: 0 });
    await harness.call('PUT', '/v1/profiles/x', { json: { any: { thing: [1] } } });
    assert.deepEqual(engine.changes.at(-1)?.args, ['x', { any: { thing: [1] } }]);
  });

  test('of GET is the same for HEAD, without the body', async () => {
    const answer = await harness.call('HEAD', '/v1/tenants');
    assert.deepEqual([answer.status, answer.text], [200, '']);
  });
});

suite('every answer', () => {
  test('carries the security headers and a request id, and may not be cached or read across origins', async () => {
    const ids = new Set<string | null>();
    for (const path of ['/healthz', '/v1/tenants', '/v1/nope', '/v1/tenants/%zz', '/docs', '/']) {
      const { headers } = await harness.call('GET', path, { headers: { origin: 'https://evil.example' } });
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/, path);
      assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
      assert.equal(headers.get('access-control-allow-origin'), null, path);
      if (path.startsWith('/v1')) assert.equal(headers.get('cache-control'), 'no-store', path);
      ids.add(headers.get('x-request-id'));
    }
    assert.ok(ids.size === 6 && !ids.has(null), String([...ids]));
  });
});

suite('a failure', () => {
  test('inside is 500 with nothing told but a request id, and the log has all of it under that id', async () => {
    engine.next = () => {
      throw new TypeError('connect to postgres://user:hunter2@db failed');
    };
    const response = await fetch(`${harness.url}/v1/tenants/acme`, { headers: { authorization: `Bearer ${KEYS.admin}` } });
    const text = await response.text();
    assert.equal(response.status, 500);
    assert.doesNotMatch(text, /hunter2|postgres|TypeError/);
    const id = response.headers.get('x-request-id') ?? 'none';
    assert.ok(text.includes(id));
    const line = lines.split('\n').find((each) => each.includes('hunter2'));
    assert.ok(line?.includes(id) && line.includes('"level":"error"') && line.includes('answers.test'), lines);
  });

  test('of what is no Error, or of a code that belongs to starting, is the same 500', async () => {
    for (const thrown of [
      'a string',
      undefined,
      new WaxwingError('wrong_master_key', 'The key file /srv/secret/key is wrong.'),
      Object.assign(new Error('no'), { statusCode: 200 }),
    ]) {
      engine.next = () => {
        throw thrown;
      };
      const text = await (await fetch(`${harness.url}/v1/tenants/acme`, { headers: { authorization: `Bearer ${KEYS.admin}` } })).text();
      assert.match(text, /"status":500,"code":"internal"/);
      assert.doesNotMatch(text, /srv|string/);
    }
  });

  test('that passes says when to try again', async () => {
    engine.next = () => {
      throw new WaxwingError('overloaded', 'Too much waits.', { retryAfterSeconds: 7 });
    };
    const answer = await harness.call('POST', '/v1/tenants/acme/events', { json: { type: 'a', data: {} } });
    problemOf(answer, 'overloaded');
    assert.equal(answer.headers.get('retry-after'), '7');
    engine.next = () => {
      throw new WaxwingError('commit_unknown', 'It may exist.');
    };
    const unknown = await harness.call('POST', '/v1/tenants/acme/events', { json: { type: 'a', data: {} } });
    problemOf(unknown, 'commit_unknown');
    assert.equal(unknown.headers.get('retry-after'), '1');
  });
});

suite('the log', () => {
  test('says nothing at info of what went well, and one line of what did not', async () => {
    await harness.call('POST', '/v1/tenants/acme/events', { json: { type: 'a', data: {} } });
    await harness.call('GET', '/v1/tenants');
    assert.equal(lines, '');
    await harness.call('GET', '/v1/tenants/nobody');
    const [line, ...more] = lines.trim().split('\n');
    assert.deepEqual(more, []);
    const { level, method, route, status, requestId } = JSON.parse(line ?? '');
    assert.deepEqual([level, method, route, status, typeof requestId], ['info', 'GET', '/v1/tenants/:tenant', 404, 'string']);
  });

  test('never holds a key, a secret or a body, whatever goes wrong', async () => {
    for (const [path, json] of [
      ['/v1/keys', { scope: 'nope' }],
      ['/v1/tenants/acme/endpoints', { url: 'https://x.example', secret: SECRET, nope: 1 }],
      ['/v1/tenants/nobody/events', { type: 'a', data: { card: 'data-of-a-customer' } }],
    ] as const) {
      await harness.call('POST', path, { json });
    }
    await harness.call('GET', '/v1/tenants', { key: 'a-key-that-is-wrong' });
    assert.ok(lines.split('\n').length > 3);
    for (const hidden of [KEYS.admin, 'a-key-that-is-wrong', SECRET, 'data-of-a-customer']) assert.ok(!lines.includes(hidden), hidden);
  });

  test('redacts what is named like a credential, and serves as the engine’s log', () => {
    const log = createLog({ level: 'debug', stream });
    engineLog(log).warn('hello', { endpoint: 'ep_1' });
    log.info(
      {
        authorization: 'Bearer abc',
        endpoint: { secret: SECRET, headers: { 'x-token': 'abc' } },
        req: { headers: { authorization: 'abc' } },
      },
      'x',
    );
    assert.match(lines, /"level":"warn".*"endpoint":"ep_1","msg":"hello"/);
    assert.doesNotMatch(lines, /abc|C2FVs/);
  });
});
