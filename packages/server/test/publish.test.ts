// Publishing: data reaches the engine as the text it came in, and what is wrong with a body is named, all of it.

import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { ScannedJson } from '@waxwing/protocol';
import { dataText, fakeEngine, KEYS } from './fake-engine.ts';
import type { FakeEngine } from './fake-engine.ts';
import { problemOf, start } from './harness.ts';
import type { Harness } from './harness.ts';

const EVENTS = '/v1/tenants/acme/events';
const BATCH = '/v1/tenants/acme/events/batch';

let engine: FakeEngine;
let harness: Harness;
before(async () => {
  engine = fakeEngine();
  harness = await start(engine, KEYS.admin, { batchEventsMax: 3 });
});
after(() => harness.close());
beforeEach(() => {
  engine.changes.length = 0;
  engine.published.length = 0;
});

suite('an event', () => {
  test('is published with 202, its data handed over as the very text, never parsed or printed again', async () => {
    const data =
      '{ "b":1.0,\n "a" : [1e2, "\\u00e9é", -0], "__proto__": {"constructor": {"prototype": null}}, "big": 12345678901234567890 }';
    const answer = await harness.call('POST', EVENTS, { body: ` {"data": ${data} , "type":"meeting.\\u0063ompleted"} ` });
    assert.equal(answer.status, 202, answer.text);
    assert.equal(dataText(engine.published[0]), data);
    assert.ok(engine.published[0]?.data instanceof ScannedJson);
    assert.equal(engine.published[0]?.type, 'meeting.completed');
    assert.deepEqual(Object.keys(engine.published[0] ?? {}), ['type', 'data'], 'nothing is made up');
  });

  test('keeps the id, the timestamp and the Idempotency-Key that its publisher chose', async () => {
    const json = { type: 'a', data: {}, id: 'order-1', timestamp: '2026-05-12T15:30:00Z' };
    await harness.call('POST', EVENTS, { json, headers: { 'idempotency-key': 'k 1' } });
    const { data: _, ...rest } = engine.published[0] ?? { data: null };
    assert.deepEqual(rest, { type: 'a', id: 'order-1', timestamp: '2026-05-12T15:30:00Z', idempotencyKey: 'k 1' });
  });

  test('may come with a byte order mark and a charset', async () => {
    assert.equal(
      (
        await harness.call('POST', EVENTS, {
          body: '\ufeff{"type":"a","data":{}}',
          headers: { 'content-type': 'application/json; charset=utf-8' },
        })
      ).status,
      202,
    );
  });

  test('with several faults is refused naming each', async () => {
    const answer = await harness.call('POST', EVENTS, { body: '{"type":7,"data":[1],"id":null,"timestamp":{},"evnt":1}' });
    const { errors } = problemOf(answer, 'invalid_request');
    assert.deepEqual(
      errors?.map(({ path }) => path),
      ['/type', '/data', '/id', '/timestamp', '/evnt'],
    );
    assert.equal(errors?.[1]?.message, 'must be an object, not an array');
    assert.deepEqual(engine.changes, []);
  });

  test('without type or data is refused naming both', async () => {
    assert.deepEqual(
      problemOf(await harness.call('POST', EVENTS, { body: '{}' }), 'invalid_request').errors?.map(({ path }) => path),
      ['/type', '/data'],
    );
    assert.match(problemOf(await harness.call('POST', EVENTS, { body: '{"typ":"a","data":{}}' })).detail, /did you mean "type"\?/);
  });

  test('that no receiver would read alike is refused with the path', async () => {
    for (const [data, path] of [
      ['{"a":{"b":1,"b":2}}', '/data/a'],
      ['{"a":["\\ud800"]}', '/data/a/0'],
      ['{"n":1e999}', '/data/n'],
    ] as const) {
      const { errors } = problemOf(await harness.call('POST', EVENTS, { body: `{"type":"a","data":${data}}` }), 'invalid_event_data');
      assert.ok(errors?.[0]?.path.startsWith(path), `${data}: ${errors?.[0]?.path}`);
    }
    const deep = `{"a":${'['.repeat(64)}${']'.repeat(64)}}`;
    problemOf(await harness.call('POST', EVENTS, { body: `{"type":"a","data":${deep}}` }), 'invalid_event_data');
  });

  test('of 64 levels is taken, alone and in a batch; of 65 in neither', async () => {
    const levels = (count: number): string => `{"a":${'['.repeat(count - 1)}${']'.repeat(count - 1)}}`;
    for (const [count, status] of [
      [64, 202],
      [65, 400],
    ] as const) {
      assert.equal((await harness.call('POST', EVENTS, { body: `{"type":"a","data":${levels(count)}}` })).status, status, `${count} alone`);
      assert.equal(
        (await harness.call('POST', BATCH, { body: `{"events":[{"type":"a","data":${levels(count)}}]}` })).status,
        status,
        `${count} in a batch`,
      );
    }
  });

  test("to an unknown tenant gets 404, of an unknown type the engine's own answer", async () => {
    problemOf(await harness.call('POST', '/v1/tenants/nobody/events', { json: { type: 'a', data: {} } }), 'tenant_not_found');
    problemOf(await harness.call('POST', EVENTS, { json: { type: 'unknown.type', data: {} } }), 'unknown_event_type');
  });

  test('with an Idempotency-Key that is empty, too long or not printable is refused', async () => {
    for (const key of ['', 'x'.repeat(256), 'caf\u00e9', 'a\tb']) {
      const answer = await harness.call('POST', EVENTS, { json: { type: 'a', data: {} }, headers: { 'idempotency-key': key } });
      assert.equal(problemOf(answer, 'invalid_request').errors?.[0]?.path, 'header/idempotency-key');
    }
    assert.deepEqual(engine.changes, []);
  });
});

suite('a batch', () => {
  test('is published whole and in order, each data as its very text, with one answer each', async () => {
    const answer = await harness.call('POST', BATCH, {
      body: '{"events": [ {"type":"a","data":{"n": 1.0}} , {"data":{ },"type":"b","id":"x"} ]}',
      headers: { 'idempotency-key': 'k' },
    });
    assert.equal(answer.status, 202, answer.text);
    assert.deepEqual(
      engine.published.map((event) => [event.type, dataText(event), event.id, event.idempotencyKey]),
      [
        ['a', '{"n": 1.0}', undefined, 'k/0'],
        ['b', '{ }', 'x', 'k/1'],
      ],
    );
    assert.equal(engine.changes.length, 1);
  });

  test('with faults in several events is refused naming each by its place', async () => {
    const { errors } = problemOf(
      await harness.call('POST', BATCH, { body: '{"events":[{"type":"a","data":{}},{"type":1,"dta":{}},3],"more":1}' }),
      'invalid_request',
    );
    assert.deepEqual(
      errors?.map(({ path }) => path),
      ['/more', '/events/1/type', '/events/1/dta', '/events/1/data', '/events/2'],
    );
    assert.deepEqual(engine.changes, []);
  });

  test('with data that cannot be delivered is refused with the path from the root', async () => {
    const { errors } = problemOf(
      await harness.call('POST', BATCH, { body: '{"events":[{"type":"a","data":{}},{"type":"a","data":{"x":{"y":1,"y":2}}}]}' }),
      'invalid_event_data',
    );
    assert.ok(errors?.[0]?.path.startsWith('/events/1/data/x'), JSON.stringify(errors));
  });

  test('of none, of something else than events, or of too many is refused', async () => {
    assert.equal(problemOf(await harness.call('POST', BATCH, { json: { events: [] } }), 'invalid_request').errors?.[0]?.path, '/events');
    assert.equal(
      problemOf(await harness.call('POST', BATCH, { json: { events: { type: 'a' } } }), 'invalid_request').errors?.[0]?.path,
      '/events',
    );
    assert.match(
      problemOf(
        await harness.call('POST', BATCH, { json: { events: Array.from({ length: 4 }, () => ({ type: 'a', data: {} })) } }),
        'batch_too_large',
      ).detail,
      /at most 3/,
    );
    assert.deepEqual(engine.changes, []);
  });
});
