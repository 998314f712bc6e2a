// The engine joined together, on the model store, with a clock and receivers under the test's hand.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { createEngine } from '../src/create-engine.ts';
import type { EngineOptions } from '../src/engine-options.ts';
import type { Engine } from '../src/engine.ts';
import type { SendOrder } from '../src/send/order.ts';
import { modelStore } from '../src/store/model.ts';
import type { Store } from '../src/store/store.ts';
import { ManualClock, ScriptedSender, seededRandomness, turns, type Answer } from './manual-ports.ts';

const OK: Answer = { outcome: { kind: 'delivered', status: 200 } };
const DOWN: Answer = { outcome: { kind: 'refused', status: 500 } };
const URL_OK = 'https://receiver.example/webhook';

interface House {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly sender: ScriptedSender;
  readonly store: Store;
}

const open: House[] = [];

async function house(over: Partial<EngineOptions> = {}, answer: (order: SendOrder) => Answer = () => OK): Promise<House> {
  const clock = over.clock instanceof ManualClock ? over.clock : new ManualClock();
  const store = over.store ?? modelStore();
  const sender = new ScriptedSender(clock, answer);
  const engine = await createEngine({ masterKey: 'm'.repeat(40), randomness: seededRandomness(1), ...over, store, clock, sender });
  const made = { engine, clock, sender, store };
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const { engine, clock } of open.splice(0)) {
    const closing = engine.close({ graceMs: 0 });
    await clock.advance(1);
    await closing;
  }
});

async function rejects(promise: Promise<unknown>, code: string): Promise<WaxwingError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof WaxwingError, String(error));
    assert.equal(error.code, code);
    return error;
  }
  return assert.fail(`nothing was thrown; expected ${code}`);
}

describe('publishing', () => {
  it('delivers one event to every endpoint that subscribes, and to no other', async () => {
    const { engine, clock, sender } = await house();
    const all = await engine.endpoints.create('acme', { url: URL_OK });
    const some = await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['meeting.*'] });
    await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['payment.paid'] });
    await engine.endpoints.create('other', { url: URL_OK });
    const result = await engine.publish('acme', { type: 'meeting.completed', data: { a: 1 } });
    assert.equal(result.deliveries, 2);
    assert.equal(result.duplicate, false);
    await clock.advance(10);
    assert.deepEqual(sender.orders.map((order) => order.target.endpointId).sort(), [all.id, some.id].sort());
    const event = await engine.events.get('acme', result.id);
    assert.deepEqual(
      event.deliveries.map((delivery) => delivery.state),
      ['delivered', 'delivered'],
    );
    assert.deepEqual(event.data, { a: 1 });
  });

  it('says when nobody is subscribed', async () => {
    const { engine } = await house();
    await engine.tenants.put({ id: 'acme' });
    const result = await engine.publish('acme', { type: 'a.b', data: {} });
    assert.equal(result.deliveries, 0);
    assert.match(result.warning ?? '', /no endpoint/);
  });

  it('refuses an unknown tenant, a type outside a closed catalogue (naming the nearest), and data that breaks its schema', async () => {
    const { engine } = await house();
    await rejects(engine.publish('nobody', { type: 'a.b', data: {} }), 'tenant_not_found');
    await engine.tenants.put({ id: 'hc', profile: 'humanconnection' });
    assert.match(
      (await rejects(engine.publish('hc', { type: 'meeting.complete', data: {} }), 'unknown_event_type')).message,
      /meeting\.completed/,
    );
    const broken = await rejects(engine.publish('hc', { type: 'meeting.completed', data: { meeting_id: 1 } }), 'schema_mismatch');
    assert.ok(broken.fields.some((field) => field.path === '/data/meeting_id'));
    assert.ok(broken.fields.some((field) => field.path === '/data/human_id'));
  });

  it('refuses what would not arrive unchanged, with its path', async () => {
    const { engine } = await house();
    await engine.tenants.put({ id: 'jo', profile: 'joai' });
    const data = { agent: { id: 'a', name: 'b' }, room: 'r', content: 'c', n: 2 ** 53 + 2 };
    assert.deepEqual(
      (await rejects(engine.publish('jo', { type: 'agent.message', data }), 'invalid_event_data')).fields[0]?.path,
      '/data/n',
    );
    await engine.tenants.put({ id: 'st' });
    assert.equal(
      (await rejects(engine.publish('st', { type: 'a.b', data: { x: '\ud800' } }), 'invalid_event_data')).fields[0]?.path,
      '/data/x',
    );
    await rejects(engine.publish('st', { type: 'a.b', data: [1] }), 'invalid_request');
    await rejects(engine.publish('st', { type: 'a.b', data: { text: 'x'.repeat(256 * 1024) } }), 'event_data_too_large');
    assert.equal((await engine.events.list('st')).data.length, 0);
  });

  it('is idempotent: the same id or key with the same content is the first answer, with other content a conflict', async () => {
    const { engine, clock, sender } = await house();
    await engine.endpoints.create('acme', { url: URL_OK });
    const first = await engine.publish('acme', { type: 'a.b', data: { n: 1 }, id: 'order-1' });
    await clock.advance(1_000);
    const again = await engine.publish('acme', { type: 'a.b', data: { n: 1 }, id: 'order-1' });
    assert.deepEqual(again, { ...first, duplicate: true });
    await rejects(engine.publish('acme', { type: 'a.b', data: { n: 2 }, id: 'order-1' }), 'idempotency_conflict');
    const keyed = await engine.publish('acme', { type: 'a.b', data: { n: 3 }, idempotencyKey: 'k 1' });
    assert.equal((await engine.publish('acme', { type: 'a.b', data: { n: 3 }, idempotencyKey: 'k 1' })).id, keyed.id);
    await clock.advance(1_000);
    assert.equal(sender.orders.length, 2);
  });

  it('takes a batch all or nothing, naming the event that is wrong', async () => {
    const { engine } = await house();
    await engine.tenants.put({ id: 'acme' });
    const wrong = await rejects(
      engine.publishBatch('acme', [
        { type: 'a.b', data: {} },
        { type: 'a b', data: {} },
      ]),
      'unknown_event_type',
    );
    assert.equal(wrong.fields[0]?.path, '/events/1/type');
    assert.equal((await engine.events.list('acme')).data.length, 0);
    const results = await engine.publishBatch('acme', [
      { type: 'a.b', data: { n: 1 } },
      { type: 'a.c', data: { n: 2 } },
    ]);
    assert.deepEqual(
      results.map((result) => result.type),
      ['a.b', 'a.c'],
    );
    await rejects(
      engine.publishBatch('acme', [
        { type: 'a.d', data: {} },
        { type: 'a.d', data: {}, id: 'x' },
        { type: 'a.e', data: {}, id: 'x' },
      ]),
      'idempotency_conflict',
    );
    assert.equal((await engine.events.list('acme')).data.length, 2);
  });

  it('expands a very wide fan-out in chunks, every match exactly once', async () => {
    const { engine, clock, sender } = await house({ limits: { fanOutAtOnceMax: 5, endpointsPerTenantMax: 5_000 } });
    for (let i = 0; i < 12; i++) await engine.endpoints.create('acme', { url: URL_OK });
    const result = await engine.publish('acme', { type: 'a.b', data: {} });
    assert.equal(result.deliveries, 12);
    await clock.advance(1_000);
    assert.equal(new Set(sender.orders.map((order) => order.target.endpointId)).size, 12);
    assert.equal(sender.orders.length, 12);
  });
});

describe('retrying', () => {
  it('keeps each profile’s schedule to the second, then fails and marks the endpoint', async () => {
    const { engine, clock, sender } = await house({}, () => DOWN);
    await engine.tenants.put({ id: 'ml', profile: 'meetloyd' });
    const endpoint = await engine.endpoints.create('ml', { url: URL_OK });
    const times: number[] = [];
    sender.answer = () => (times.push(clock.nowMs()), { ...DOWN, afterMs: 5 });
    const { id } = await engine.publish('ml', { type: 'task.created', data: {} });
    await clock.advance(24 * 3_600_000);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0) - 5);
    assert.deepEqual(gaps, [60_000, 300_000, 1_800_000, 7_200_000, 28_800_000]);
    const [delivery] = (await engine.events.get('ml', id)).deliveries;
    assert.equal(delivery?.state, 'failed');
    assert.equal(delivery?.attempts, 6);
    const after = await engine.endpoints.get('ml', endpoint.id);
    assert.equal(after.status, 'failing');
    assert.match(after.statusReason ?? '', /6 attempts/);
    sender.answer = () => OK;
    await engine.publish('ml', { type: 'task.created', data: {} });
    await clock.advance(1_000);
    assert.equal((await engine.endpoints.get('ml', endpoint.id)).status, 'active');
  });

  it('resumes after a restart everything that was pending, each at its own due time', async () => {
    const store = modelStore();
    const clock = new ManualClock();
    const before = await house({ store, clock }, () => DOWN);
    await before.engine.tenants.put({ id: 'acme', profile: 'meetloyd' }); // an exact schedule: no jitter
    const endpoint = await before.engine.endpoints.create('acme', {
      url: URL_OK,
      retryScheduleSeconds: [600],
      headers: { 'x-team': 'core' },
    });
    await before.engine.publish('acme', { type: 'task.created', data: { n: 1 } });
    await clock.advance(60_000);
    await before.engine.publish('acme', { type: 'task.created', data: { n: 2 } });
    await clock.advance(1_000);
    await before.engine.close();
    open.splice(0);
    const after = await house({ store, clock });
    const due: [number, string][] = [];
    after.sender.answer = (order) => (due.push([clock.nowMs(), order.event.data]), OK);
    const start = clock.nowMs();
    await clock.advance(3_600_000);
    assert.deepEqual(
      due.map(([, data]) => data),
      ['{"n":1}', '{"n":2}'],
    );
    assert.ok((due[0]?.[0] ?? 0) - start >= 538_000 && (due[0]?.[0] ?? 0) - start < 600_000, String((due[0]?.[0] ?? 0) - start));
    assert.equal((due[1]?.[0] ?? 0) - (due[0]?.[0] ?? 0), 60_000);
    assert.deepEqual(after.sender.orders[0]?.target.headers, [['x-team', 'core']]);
    assert.deepEqual(after.sender.orders[0]?.target.secrets, [endpoint.secret]);
  });

  it('makes a new, linked delivery of a final one, and a pending one due now', async () => {
    const { engine, clock, sender } = await house({}, () => DOWN);
    await engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [3_600] });
    const { id } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    const first = (await engine.events.get('acme', id)).deliveries[0];
    assert.ok(first);
    assert.equal((await engine.deliveries.retry('acme', first.id)).created, false);
    await clock.advance(1_000);
    assert.equal(sender.orders.length, 2);
    assert.equal((await engine.deliveries.get('acme', first.id)).state, 'failed');
    sender.answer = () => OK;
    const retried = await engine.deliveries.retry('acme', first.id);
    assert.equal(retried.created, true);
    assert.equal(retried.delivery.origin, first.id);
    await clock.advance(1_000);
    assert.equal((await engine.deliveries.get('acme', retried.delivery.id)).state, 'delivered');
    assert.equal((await engine.deliveries.get('acme', first.id)).state, 'failed');
    await rejects(engine.deliveries.cancel('acme', first.id), 'delivery_final');
  });

  it('cancels what is pending for good', async () => {
    const { engine, clock, sender } = await house({}, () => DOWN);
    await engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [10] });
    const { id } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    const delivery = (await engine.events.get('acme', id)).deliveries[0];
    assert.ok(delivery);
    assert.equal((await engine.deliveries.cancel('acme', delivery.id)).state, 'cancelled');
    await clock.advance(60_000);
    assert.equal(sender.orders.length, 1);
    assert.equal(engine.status().pending, 0);
  });
});

describe('endpoints', () => {
  it('skip what is published while disabled, hold what is published while paused, and lose nothing pending', async () => {
    const { engine, clock, sender } = await house();
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    await engine.endpoints.pause('acme', id);
    const held = await engine.publish('acme', { type: 'a.b', data: { n: 1 } });
    await engine.endpoints.disable('acme', id);
    const skipped = await engine.publish('acme', { type: 'a.b', data: { n: 2 } });
    await clock.advance(1_000);
    assert.equal(sender.orders.length, 0);
    assert.equal((await engine.events.get('acme', held.id)).deliveries[0]?.state, 'pending');
    assert.equal((await engine.events.get('acme', skipped.id)).deliveries[0]?.state, 'skipped');
    await engine.endpoints.enable('acme', id);
    await clock.advance(1_000);
    assert.equal((await engine.events.get('acme', held.id)).deliveries[0]?.state, 'delivered');
    assert.equal((await engine.events.get('acme', skipped.id)).deliveries[0]?.state, 'skipped');
  });

  it('cancel what is pending when deleted, and get nothing published afterwards', async () => {
    const { engine, clock, sender } = await house({}, () => DOWN);
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    const { id: event } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    await engine.endpoints.delete('acme', id);
    assert.equal((await engine.publish('acme', { type: 'a.b', data: {} })).deliveries, 0);
    await clock.advance(600_000);
    assert.equal(sender.orders.length, 1);
    const delivery = (await engine.events.get('acme', event)).deliveries[0];
    assert.equal(delivery?.state, 'cancelled');
    assert.equal((await engine.deliveries.get('acme', delivery.id)).attemptLog.length, 1);
    assert.equal(engine.status().pending, 0);
    await rejects(engine.endpoints.get('acme', id), 'endpoint_not_found');
    await engine.tenants.delete('acme');
  });

  it('are disabled by 410 with the reason, where the profile reacts', async () => {
    const { engine, clock } = await house({}, () => ({ outcome: { kind: 'refused', status: 410 } }));
    const standard = await engine.endpoints.create('acme', { url: URL_OK });
    await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    const after = await engine.endpoints.get('acme', standard.id);
    assert.equal(after.status, 'disabled');
    assert.match(after.statusReason ?? '', /410/);
  });

  it('sign with both secrets during a grace where the header carries several, with the old one where it carries one', async () => {
    const { engine, clock, sender } = await house();
    const many = await engine.endpoints.create('acme', { url: URL_OK });
    await engine.tenants.put({ id: 'jo', profile: 'joai' });
    const one = await engine.endpoints.create('jo', { url: URL_OK });
    const data = { agent: { id: 'a', name: 'b' }, room: 'r', content: 'c' };
    const secrets = async (): Promise<(readonly string[] | undefined)[]> => {
      sender.orders.length = 0;
      await engine.publish('acme', { type: 'a.b', data: {} });
      await engine.publish('jo', { type: 'agent.message', data });
      await clock.advance(10);
      return sender.orders.map((order) => order.target.secrets);
    };
    const newMany = await engine.endpoints.rotateSecret('acme', many.id, { graceSeconds: 60 });
    const newOne = await engine.endpoints.rotateSecret('jo', one.id, { graceSeconds: 60 });
    assert.deepEqual(await secrets(), [[newMany.secret, many.secret], [one.secret]]);
    await clock.advance(60_000);
    assert.deepEqual(await secrets(), [[newMany.secret], [newOne.secret]]);
    await rejects(engine.endpoints.activateSecret('jo', one.id), 'no_rotation');
  });

  it('answer bad settings by name, all at once', async () => {
    const { engine } = await house();
    const error = await rejects(
      engine.endpoints.create('acme', { url: URL_OK, timeoutSeconds: 0, maxRetries: 1_000, concurrency: 0.5 }),
      'invalid_request',
    );
    assert.deepEqual(
      error.fields.map((field) => field.path),
      ['/timeoutSeconds', '/maxRetries', '/concurrency'],
    );
    await rejects(engine.endpoints.create('acme', { url: 'http://receiver.example/' }), 'https_required');
    await rejects(engine.endpoints.create('acme', { url: 'https://127.0.0.1/' }), 'url_refused');
    await rejects(engine.endpoints.create('acme', { url: URL_OK, secret: 'whsec_AAAA' }), 'invalid_secret');
    await rejects(engine.endpoints.create('acme', { url: URL_OK, headers: { 'webhook-id': 'x' } }), 'invalid_header');
    await rejects(engine.endpoints.create('acme', { url: URL_OK, profile: 'nope' }), 'unknown_profile');
    await rejects(engine.tenants.get('acme'), 'tenant_not_found');
  });

  it('send a test at once, also while disabled, with one attempt and the answer', async () => {
    const { engine, clock } = await house({}, () => DOWN);
    const { id } = await engine.endpoints.create('acme', { url: URL_OK, status: 'disabled' });
    const testing = engine.endpoints.test('acme', id, { eventType: 'a.b' });
    await clock.advance(1_000);
    const delivery = await testing;
    assert.equal(delivery.cause, 'test');
    assert.equal(delivery.state, 'failed');
    assert.equal(delivery.attemptLog.length, 1);
    assert.equal(engine.status().pending, 0);
  });
});

describe('isolation', () => {
  it('gives a quiet tenant its turn while a loud one has ten thousand waiting', async () => {
    const { engine, clock, sender } = await house({ limits: { inFlightMax: 8 } });
    await engine.endpoints.create('loud', { url: URL_OK, concurrency: 256 });
    await engine.endpoints.create('quiet', { url: URL_OK });
    for (let i = 0; i < 10; i++)
      await engine.publishBatch(
        'loud',
        Array.from({ length: 1_000 }, (_, n) => ({ type: 'a.b', data: { n } })),
      );
    await engine.publish('quiet', { type: 'q.q', data: {} });
    await clock.advance(5);
    assert.ok(sender.orders.findIndex((order) => order.event.type === 'q.q') !== -1, `not among the first ${sender.orders.length}`);
    await clock.advance(60_000);
    assert.equal(sender.orders.length, 10_001);
    assert.equal(new Set(sender.orders.map((order) => order.delivery)).size, 10_001);
  });

  it('keeps healthy endpoints going while others hang', async () => {
    const { engine, clock, sender } = await house({ limits: { inFlightMax: 64 } });
    const sick = await Promise.all(
      Array.from({ length: 10 }, () => engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['sick.*'] })),
    );
    await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['well.*'] });
    const isSick = new Set<string>(sick.map((endpoint) => endpoint.id));
    sender.answer = (order) => (isSick.has(order.target.endpointId) ? { outcome: { kind: 'timed_out' }, afterMs: 15_000 } : OK);
    for (let i = 0; i < 5; i++) await engine.publish('acme', { type: 'sick.a', data: {} });
    await clock.advance(180_000);
    sender.orders.length = 0;
    for (let i = 0; i < 50; i++) await engine.publish('acme', { type: 'well.a', data: {} });
    await clock.advance(1_000);
    assert.equal(sender.orders.filter((order) => !isSick.has(order.target.endpointId)).length, 50);
  });
});

describe('the engine’s end', () => {
  it('drains: what is in flight is finished and recorded, new events are refused', async () => {
    const { engine, clock, store } = await house({}, () => ({ ...OK, afterMs: 2_000 }));
    await engine.endpoints.create('acme', { url: URL_OK });
    await engine.publish('acme', { type: 'a.b', data: {} });
    await turns();
    const closing = engine.close();
    await rejects(engine.publish('acme', { type: 'a.b', data: {} }), 'shutting_down');
    await clock.advance(3_000);
    await closing;
    open.splice(0);
    const again = await house({ store });
    assert.equal((await again.engine.deliveries.list('acme')).data[0]?.state, 'delivered');
  });

  it('refuses to start with another master key', async () => {
    const store = modelStore();
    const first = await house({ store });
    await first.engine.close();
    open.splice(0);
    await rejects(createEngine({ store, masterKey: 'n'.repeat(40), clock: first.clock, sender: first.sender }), 'wrong_master_key');
  });
});
