// The life of a delivery, claim by claim: reactions, pace, order, status, and what people do in the middle of it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DOWN, houses, OK, URL_OK, type House } from './house.ts';
import { turns } from './manual-ports.ts';

const house = houses();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Upkeep is not what these tests are about, and five days have many minutes. */
const limits = { upkeepMs: 365 * DAY_MS };

/** Publishes one event, and gives its delivery's id. */
async function publish({ engine }: House, data: object = {}): Promise<string> {
  const { id } = await engine.publish('acme', { type: 'a.b', data });
  return (await engine.events.get('acme', id)).deliveries[0]?.id ?? '';
}

describe('reactions', () => {
  it('a Retry-After is honoured after any refusal, and not where the profile publishes an exact schedule', async () => {
    const made = await house();
    await made.engine.tenants.put({ id: 'acme' });
    await made.engine.tenants.put({ id: 'ml', profile: 'meetloyd' });
    await made.engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [10], concurrency: 256 });
    await made.engine.endpoints.create('ml', { url: URL_OK });
    for (const status of [400, 404, 500, 503]) {
      made.sender.answer = () => ({ outcome: { kind: 'refused', status }, retryAfterMs: 7_200_000 });
      const id = await publish(made);
      await made.engine.publish('ml', { type: 'task.created', data: {} });
      const sentMs = made.clock.nowMs();
      await made.clock.advance(1_000);
      const { nextAttemptAt } = await made.engine.deliveries.get('acme', id);
      assert.equal(Date.parse(nextAttemptAt ?? '') - sentMs, 7_200_001, String(status));
      const [exact] = (await made.engine.deliveries.list('ml')).data;
      assert.equal(Date.parse(exact?.nextAttemptAt ?? '') - sentMs, 60_001, 'an exact schedule is kept');
    }
  });

  it('an endpoint that opts in reacts where its profile does not', async () => {
    const made = await house({}, () => ({ outcome: { kind: 'refused', status: 410 } }));
    await made.engine.tenants.put({ id: 'ml', profile: 'meetloyd' });
    const exact = await made.engine.endpoints.create('ml', { url: URL_OK });
    const opted = await made.engine.endpoints.create('ml', { url: URL_OK, reactions: { goneDisables: true } });
    await made.engine.publish('ml', { type: 'task.created', data: {} });
    await made.clock.advance(1_000);
    assert.equal((await made.engine.endpoints.get('ml', exact.id)).status, 'active');
    assert.equal((await made.engine.endpoints.get('ml', opted.id)).status, 'disabled');
  });

  it('429, 502 and 504 rest the whole endpoint, for as long as Retry-After says up to a minute', async () => {
    for (const [status, retryAfterMs, restMs] of [
      [429, 20_000, 20_000],
      [502, null, 2_000],
      [504, 600_000, 60_000],
    ] as const) {
      const made = await house({}, () => ({ outcome: { kind: 'refused', status }, ...(retryAfterMs === null ? {} : { retryAfterMs }) }));
      await made.engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [3_600] });
      await publish(made);
      await made.clock.advance(10);
      const restedMs = made.clock.nowMs();
      made.sender.answer = () => OK;
      const other = await publish(made);
      const { stateReason } = await made.engine.deliveries.get('acme', other);
      assert.match(stateReason ?? '', /asked for a rest/);
      await made.clock.advance(restMs - 100);
      assert.equal(made.sender.orders.length, 1, `${status}: nothing else goes to it meanwhile`);
      await made.clock.advance(200);
      assert.equal(made.sender.orders.length, 2, `${status}, ${made.clock.nowMs() - restedMs} ms later`);
    }
  });

  it('five days of nothing but failure disable an endpoint, or as many seconds as it is given; one success begins them anew', async () => {
    const made = await house({ limits }, () => DOWN);
    const { engine, clock, sender } = made;
    const every = { retryScheduleSeconds: [HOUR_MS / 1_000], maxRetries: 20 };
    const five = await engine.endpoints.create('acme', { url: URL_OK, ...every });
    const soon = await engine.endpoints.create('acme', { url: URL_OK, ...every, reactions: { disableAfterSeconds: 7_200 } });
    const never = await engine.endpoints.create('acme', { url: URL_OK, ...every, reactions: { disableAfterSeconds: null } });
    const statuses = async (): Promise<string[]> =>
      Promise.all([five, soon, never].map(async ({ id }) => (await engine.endpoints.get('acme', id)).status));
    await publish(made);
    await clock.advance(3 * HOUR_MS);
    assert.deepEqual(await statuses(), ['active', 'disabled', 'active']);
    await clock.advance(3 * DAY_MS);
    sender.answer = () => OK;
    await publish(made);
    await clock.advance(1_000);
    sender.answer = () => DOWN;
    for (let day = 0; day < 5; day++) {
      assert.equal((await statuses())[0] === 'disabled', false, `day ${day} after a success`);
      await publish(made);
      await clock.advance(DAY_MS);
    }
    await publish(made);
    await clock.advance(2 * HOUR_MS);
    const after = await engine.endpoints.get('acme', five.id);
    assert.equal(after.status, 'disabled');
    assert.match(after.statusReason ?? '', /every attempt has failed since/);
    assert.equal((await statuses())[2], 'failing');
  });

  it('jitter spreads retries of standard, and of no platform’s own schedule', async () => {
    const made = await house({}, () => DOWN);
    await made.engine.tenants.put({ id: 'ml', profile: 'meetloyd' });
    await made.engine.endpoints.create('acme', { url: URL_OK, concurrency: 64 });
    await made.engine.endpoints.create('ml', { url: URL_OK, concurrency: 64 });
    const due = async (tenant: string): Promise<number> => {
      const { data } = await made.engine.deliveries.list(tenant);
      return new Set(data.map(({ createdAt, nextAttemptAt }) => Date.parse(nextAttemptAt ?? '') - Date.parse(createdAt))).size;
    };
    for (let n = 0; n < 10; n++) {
      await made.engine.publish('acme', { type: 'a.b', data: {} });
      await made.engine.publish('ml', { type: 'task.created', data: {} });
      await made.clock.advance(50);
    }
    assert.ok((await due('acme')) > 5);
    assert.equal(await due('ml'), 1);
  });
});

describe('pace', () => {
  it('a rate is exact and smooth: no more than it says in any stretch, no less over time, also where it does not divide a second', async () => {
    for (const rate of [3, 7, 300, 700]) {
      const made = await house();
      await made.engine.endpoints.create('acme', { url: URL_OK, rateLimitPerSecond: rate, concurrency: 256 });
      const times: number[] = [];
      made.sender.answer = () => (times.push(made.clock.nowMs()), OK);
      await made.engine.publishBatch(
        'acme',
        Array.from({ length: Math.min(1_000, rate * 5) }, (_, n) => ({ type: 'a.b', data: { n } })),
      );
      await made.clock.advance(6_000);
      assert.equal(times.length, Math.min(1_000, rate * 5));
      for (const [index, fromMs] of times.entries()) {
        const last = times[index + rate] ?? Infinity;
        assert.ok(last - fromMs >= 1_000 - 6, `${rate}: ${rate + 1} within ${last - fromMs} ms`);
      }
      const took = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
      const actual = (times.length - 1) / took;
      assert.ok(Math.abs(actual - rate) < rate * 0.01, `${rate} a second are ${actual}`);
      await made.close();
    }
  });

  it('a rate that is raised holds from the next attempt, not after the pause of the old one', async () => {
    const made = await house();
    const { id } = await made.engine.endpoints.create('acme', { url: URL_OK, rateLimitPerSecond: 0.01 });
    for (let n = 0; n < 3; n++) await publish(made, { n });
    await made.clock.advance(1_000);
    assert.equal(made.sender.orders.length, 1);
    const waiting = (await made.engine.deliveries.list('acme', { state: 'pending' })).data[0];
    assert.match((await made.engine.deliveries.get('acme', waiting?.id ?? '')).stateReason ?? '', /0\.01 a second/);
    await made.engine.endpoints.update('acme', id, { rateLimitPerSecond: 10 });
    await made.clock.advance(500);
    assert.equal(made.sender.orders.length, 3);
  });
});

describe('order', () => {
  it('of a FIFO endpoint: what waits says behind which one, in the delivery itself; a replayed one joins the tail', async () => {
    const made = await house({}, (order) => (order.event.data.includes('"n":1}') && made.sender.orders.length < 3 ? DOWN : OK));
    await made.engine.endpoints.create('acme', { url: URL_OK, ordering: 'fifo', retryScheduleSeconds: [60] });
    const done = await publish(made, { n: 0 });
    await made.clock.advance(100);
    const first = await publish(made, { n: 1 });
    const second = await publish(made, { n: 2 });
    await made.clock.advance(100);
    assert.match((await made.engine.deliveries.get('acme', second)).stateReason ?? '', new RegExp(`behind ${first}.*1 failed so far`));
    assert.equal((await made.engine.deliveries.get('acme', first)).stateReason, null, 'the first waits for its own schedule');
    await made.engine.deliveries.retry('acme', done);
    await made.clock.advance(120_000);
    assert.deepEqual(
      made.sender.orders.map((order): number => JSON.parse(order.event.data).n),
      [0, 1, 1, 2, 0],
    );
  });
});

describe('status failing', () => {
  it('is cleared by any success: the next delivery, a test, a retry by hand', async () => {
    const made = await house({}, () => DOWN);
    const { engine, clock, sender } = made;
    const { id } = await engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0 });
    const ways: readonly [string, (failed: string) => Promise<unknown>][] = [
      ['the next delivery', () => publish(made)],
      ['a test', () => engine.endpoints.test('acme', id, { eventType: 'a.b' })],
      ['a retry', (failed) => engine.deliveries.retry('acme', failed)],
    ];
    for (const [way, act] of ways) {
      sender.answer = () => DOWN;
      const failed = await publish(made);
      await clock.advance(1_000);
      assert.equal((await engine.endpoints.get('acme', id)).status, 'failing', way);
      sender.answer = () => OK;
      const acting = act(failed);
      await clock.advance(5_000);
      await acting;
      assert.equal((await engine.endpoints.get('acme', id)).status, 'active', way);
    }
  });

  it('is no hold: an endpoint that fails is delivered to', async () => {
    const made = await house({}, () => DOWN);
    await made.engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0 });
    await publish(made);
    await made.clock.advance(1_000);
    await publish(made);
    await made.clock.advance(5_000);
    assert.equal(made.sender.orders.length, 2);
  });
});

describe('in the middle of retries, and with an attempt under way', () => {
  it('an edit holds from the next attempt: URL, headers, time-out, schedule', async () => {
    const made = await house();
    const { engine, clock, sender } = made;
    const { id } = await engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [3_600, 3_600] });
    sender.answer = () => ({ ...DOWN, afterMs: 500 });
    const delivery = await publish(made);
    await turns();
    const patch = { url: 'https://other.example/', headers: { 'x-a': 'b' }, timeoutSeconds: 3, retryScheduleSeconds: [10], maxRetries: 1 };
    await engine.endpoints.update('acme', id, patch);
    await clock.advance(1_000);
    assert.equal(sender.orders[0]?.target.url, URL_OK, 'the attempt under way is not touched');
    await clock.advance(15_000);
    const { target } = sender.orders[1] ?? assert.fail('no second attempt on the new schedule');
    assert.deepEqual([target.url, target.headers, target.timeoutMs], ['https://other.example/', [['x-a', 'b']], 3_000]);
    assert.equal((await engine.deliveries.get('acme', delivery)).state, 'failed', 'after the one retry it has now');
  });

  it('a rotation signs the next attempt of a delivery under way anew, with the same id and bytes', async () => {
    const made = await house({}, () => DOWN);
    const { engine, clock, sender } = made;
    const before = await engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [10] });
    await publish(made, { n: 1 });
    await clock.advance(1_000);
    const after = await engine.endpoints.rotateSecret('acme', before.id, { graceSeconds: 3_600 });
    await clock.advance(15_000);
    const [first, second] = sender.orders;
    assert.deepEqual([first?.target.secrets, second?.target.secrets], [[before.secret], [after.secret, before.secret]]);
    assert.deepEqual(first?.event, second?.event);
    assert.equal(first?.facts, second?.facts);
  });

  it('pausing and disabling let the attempt under way end and hold its retry, which is due again on resuming', async () => {
    for (const [hold, go] of [
      ['pause', 'resume'],
      ['disable', 'enable'],
    ] as const) {
      const made = await house({}, () => ({ ...DOWN, afterMs: 500 }));
      const { engine, clock, sender } = made;
      const { id } = await engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [10, 10, 10] });
      const delivery = await publish(made);
      await turns();
      await engine.endpoints[hold]('acme', id);
      await clock.advance(HOUR_MS);
      const held = await engine.deliveries.get('acme', delivery);
      assert.deepEqual([held.state, held.attempts, sender.orders.length], ['pending', 1, 1]);
      assert.match(held.stateReason ?? '', hold === 'pause' ? /paused/ : /disabled/);
      sender.answer = () => OK;
      await engine.endpoints[go]('acme', id);
      await clock.advance(1_000);
      assert.equal((await engine.deliveries.get('acme', delivery)).state, 'delivered', go);
    }
  });

  it('what was held comes back spread out, not all at once', async () => {
    const made = await house({}, () => ({ ...OK, afterMs: 100 }));
    const { id } = await made.engine.endpoints.create('acme', { url: URL_OK, concurrency: 64, status: 'paused' });
    await made.engine.publishBatch(
      'acme',
      Array.from({ length: 200 }, (_, n) => ({ type: 'a.b', data: { n } })),
    );
    await made.engine.endpoints.resume('acme', id);
    await made.clock.advance(50);
    assert.ok(made.sender.orders.length <= 4, `${made.sender.orders.length} at once`);
    await made.clock.advance(10_000);
    assert.equal(made.sender.orders.length, 200);
  });

  it('deleting cancels; the attempt under way still appends its record, and is the last', async () => {
    const made = await house({}, () => ({ ...DOWN, afterMs: 500 }));
    const { engine, clock, sender } = made;
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    const delivery = await publish(made);
    await turns();
    await engine.endpoints.delete('acme', id);
    await clock.advance(DAY_MS);
    const after = await engine.deliveries.get('acme', delivery);
    assert.deepEqual([after.state, after.attemptLog.map(({ number }) => number), sender.orders.length], ['cancelled', [1], 1]);
  });
});
