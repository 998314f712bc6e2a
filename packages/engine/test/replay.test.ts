// Replays: what they take, how they go on, and that live traffic does not feel them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Replay } from '@waxwing/protocol';
import type { Engine } from '../src/engine.ts';
import type { SendOrder } from '../src/send/order.ts';
import { ModelDisk } from '../src/store/model-disk.ts';
import { modelStore } from '../src/store/model.ts';
import { sqlite } from '../src/store/sqlite/sqlite.ts';
import { DOWN, houses, OK, rejects, URL_OK, type House } from './house.ts';
import { ManualClock, turns } from './manual-ports.ts';

const house = houses();

/** Publishes events that end as failed at once (no retries): `n` says which. */
async function failures(at: House, count: number, type = 'a.b'): Promise<void> {
  const { answer } = at.sender;
  at.sender.answer = () => DOWN;
  for (let n = 0; n < count; n += 1_000)
    await at.engine.publishBatch(
      'acme',
      Array.from({ length: Math.min(1_000, count - n) }, (_, i) => ({ type, data: { n: n + i } })),
    );
  await at.clock.advance(60_000);
  while (at.engine.status().pending > 0) await at.clock.advance(60_000);
  at.sender.answer = answer;
  at.sender.orders.length = 0;
}

const NO_RETRIES = { maxRetries: 0 };

async function ended(engine: Engine, clock: ManualClock, id: string): Promise<Replay> {
  for (let i = 0; i < 500; i++) {
    const replay = await engine.replays.get('acme', id);
    if (replay.finishedAt !== null) return replay;
    await clock.advance(1_000);
  }
  return assert.fail(`the replay did not end: ${JSON.stringify(await engine.replays.get('acme', id))}`);
}

const numbers = (orders: readonly SendOrder[]): readonly number[] => orders.map(({ event }): number => JSON.parse(event.data).n);

describe('a replay', () => {
  it('is counted first by a dry run, which changes nothing', async () => {
    const at = await house();
    const { id } = await at.engine.endpoints.create('acme', { url: URL_OK, ...NO_RETRIES });
    await failures(at, 3);
    await at.engine.publish('acme', { type: 'c.d', data: { n: 9 } });
    await at.clock.advance(1_000);
    at.sender.orders.length = 0;
    assert.deepEqual(await at.engine.replays.create('acme', { dryRun: true }), { count: 3 });
    assert.deepEqual(await at.engine.replays.create('acme', { dryRun: true, states: ['delivered', 'failed'] }), { count: 4 });
    assert.deepEqual(await at.engine.replays.create('acme', { dryRun: true, states: ['delivered'], types: ['c.*'], endpoint: id }), {
      count: 1,
    });
    assert.deepEqual(await at.engine.replays.create('acme', { dryRun: true, to: '2026-01-01T00:00:00Z' }), { count: 0 });
    await at.clock.advance(60_000);
    assert.deepEqual([at.sender.orders.length, (await at.engine.replays.list('acme')).data.length], [0, 0]);
  });

  it('delivers what failed and what was skipped again, in its order, each as a new delivery linked to the old one', async () => {
    const at = await house();
    const { id: endpoint } = await at.engine.endpoints.create('acme', { url: URL_OK, ordering: 'fifo', ...NO_RETRIES });
    await failures(at, 3);
    await at.engine.endpoints.disable('acme', endpoint);
    await at.engine.publish('acme', { type: 'a.b', data: { n: 3 } });
    await at.engine.endpoints.enable('acme', endpoint);
    const replay = await at.engine.replays.create('acme', { endpoint });
    assert.deepEqual([replay.state, replay.total, replay.endpoint, replay.states], ['counting', null, endpoint, ['failed', 'skipped']]);
    const after = await ended(at.engine, at.clock, replay.id);
    assert.deepEqual([after.state, after.total, after.made, after.done, after.failed], ['completed', 4, 4, 4, 0]);
    assert.deepEqual(numbers(at.sender.orders), [0, 1, 2, 3]);
    const made = (await at.engine.deliveries.list('acme', { cause: 'replay' })).data;
    assert.equal(made.length, 4);
    for (const { origin, state } of made) {
      assert.equal(state, 'delivered');
      assert.match((await at.engine.deliveries.get('acme', origin ?? '')).state, /failed|skipped/);
    }
    assert.deepEqual(await at.engine.replays.create('acme', { dryRun: true }), { count: 0 }, 'nothing is left to be replayed');
    assert.equal(at.engine.status().pending, 0);
    assert.deepEqual((await at.engine.replays.list('acme')).data, [after]);
  });

  it('replays what was cancelled or delivered where that is asked for, and says how many ended undelivered', async () => {
    const at = await house();
    await at.engine.endpoints.create('acme', { url: URL_OK, ...NO_RETRIES });
    for (let n = 0; n < 4; n++) await at.engine.publish('acme', { type: 'a.b', data: { n } });
    await at.clock.advance(1_000);
    at.sender.answer = (order) => (order.event.data === '{"n":2}' ? DOWN : OK);
    const { id } = await at.engine.replays.create('acme', { states: ['delivered', 'cancelled'] });
    const after = await ended(at.engine, at.clock, id);
    assert.deepEqual([after.total, after.made, after.done, after.failed], [4, 4, 4, 1]);
  });

  it('goes on after a restart from where it stood, and makes nothing twice', async () => {
    const disk = new ModelDisk();
    const clock = new ManualClock();
    const first = await house({ store: modelStore(disk), clock });
    await first.engine.endpoints.create('acme', { url: URL_OK, concurrency: 4, ...NO_RETRIES });
    await failures(first, 300);
    first.sender.answer = () => ({ ...OK, afterMs: 50 });
    const { id } = await first.engine.replays.create('acme', {});
    await clock.advance(1_000);
    const midway = await first.engine.replays.get('acme', id);
    assert.ok(midway.state === 'running' && midway.done > 10 && midway.made < 200, JSON.stringify(midway));
    disk.crash();
    await first.close();
    const second = await house({ store: modelStore(disk), clock });
    const after = await ended(second.engine, clock, id);
    assert.deepEqual([after.state, after.total, after.made, after.done], ['completed', 300, 300, 300]);
    const all = [];
    for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
      const page: Awaited<ReturnType<Engine['deliveries']['list']>> = await second.engine.deliveries.list('acme', {
        cause: 'replay',
        limit: 250,
        ...(cursor === null ? {} : { cursor }),
      });
      all.push(...page.data);
      cursor = page.nextCursor;
    }
    assert.equal(all.length, 300);
    assert.equal(new Set(all.map(({ origin }) => origin)).size, 300);
  });

  it('can be cancelled: nothing more is made, what it made and is pending is cancelled, what is under way is its last attempt', async () => {
    const at = await house();
    await at.engine.endpoints.create('acme', { url: URL_OK, concurrency: 8, maxRetries: 3, retryScheduleSeconds: [5, 5, 5] });
    await failures(at, 100);
    at.sender.answer = () => ({ ...DOWN, afterMs: 200 });
    const { id } = await at.engine.replays.create('acme', {});
    await at.clock.advance(700);
    const [cancelled] = await Promise.all([at.engine.replays.cancel('acme', id), at.clock.advance(500)]);
    assert.equal(cancelled.state, 'cancelled');
    assert.ok(cancelled.made > 0 && cancelled.made < 100 && cancelled.done === cancelled.made, JSON.stringify(cancelled));
    await at.clock.advance(1_000);
    const sent = at.sender.orders.length;
    await at.clock.advance(3_600_000);
    assert.equal(at.sender.orders.length, sent, 'nothing is sent any more');
    assert.equal(at.engine.status().pending, 0);
    assert.deepEqual(await at.engine.replays.get('acme', id), cancelled);
    assert.equal((await at.engine.deliveries.list('acme', { cause: 'replay', state: 'pending' })).data.length, 0);
    await rejects(at.engine.replays.cancel('acme', id), 'replay_final');
  });

  it('waits for endpoints that are paused, says so, and holds up no other', async () => {
    const at = await house();
    const paused = await at.engine.endpoints.create('acme', { url: URL_OK, ...NO_RETRIES });
    const running = await at.engine.endpoints.create('acme', { url: URL_OK, ...NO_RETRIES });
    await failures(at, 50);
    await at.engine.endpoints.pause('acme', paused.id);
    const { id } = await at.engine.replays.create('acme', {});
    await at.clock.advance(60_000);
    const waiting = await at.engine.replays.get('acme', id);
    assert.deepEqual([waiting.state, waiting.total, waiting.done, waiting.failed], ['running', 100, 50, 0]);
    assert.match(waiting.note ?? '', /1 endpoint .*paused/);
    assert.deepEqual(new Set(at.sender.orders.map(({ target }) => target.endpointId)), new Set([running.id]));
    await at.engine.endpoints.resume('acme', paused.id);
    const after = await ended(at.engine, at.clock, id);
    assert.deepEqual([after.made, after.done, after.failed, after.note], [100, 100, 0, null]);
  });

  it('to an endpoint that is deleted meanwhile ends without it', async () => {
    const at = await house();
    const one = await at.engine.endpoints.create('acme', { url: URL_OK, concurrency: 2, ...NO_RETRIES });
    await failures(at, 50);
    at.sender.answer = () => ({ ...OK, afterMs: 100 });
    const { id } = await at.engine.replays.create('acme', {});
    await at.clock.advance(1_000);
    await at.engine.endpoints.delete('acme', one.id);
    const after = await ended(at.engine, at.clock, id);
    assert.ok(after.state === 'completed' && after.made < 50 && after.done === after.made, JSON.stringify(after));
    assert.equal(at.engine.status().pending, 0);
  });

  it('is refused where what it names cannot be, and beyond ten of a tenant at once', async () => {
    const at = await house();
    const { id } = await at.engine.endpoints.create('acme', { url: URL_OK });
    await at.engine.endpoints.create('other', { url: URL_OK });
    const { replays } = at.engine;
    await rejects(replays.create('nobody', {}), 'tenant_not_found');
    await rejects(replays.create('other', { endpoint: id }), 'endpoint_not_found');
    const types = await rejects(replays.create('acme', { types: ['a b'] }), 'invalid_event_types');
    assert.equal(types.fields[0]?.path, '/types/0');
    const bad: unknown = { states: ['pending', 'gone'], from: 'yesterday', more: 1 };
    const wrong = await rejects(replays.create('acme', Object.assign({}, bad)), 'invalid_request');
    assert.deepEqual(wrong.fields.map(({ path }) => path).toSorted(), ['/more', '/states/0', '/states/1']);
    assert.equal((await rejects(replays.create('acme', { from: 'yesterday' }), 'invalid_request')).fields[0]?.path, '/from');
    await rejects(replays.get('acme', 'rpl_01jv2q8w5e7r9t1y3v5b7n9m3k'), 'replay_not_found');
    await rejects(replays.get('acme', 'nonsense'), 'replay_not_found');
    await at.engine.publish('acme', { type: 'a.b', data: { n: 1 } });
    await at.clock.advance(10);
    await at.engine.endpoints.pause('acme', id);
    for (let i = 0; i < 10; i++) await replays.create('acme', { states: ['delivered'] });
    const [mine] = (await replays.list('acme')).data;
    await rejects(replays.get('other', mine?.id ?? ''), 'replay_not_found');
    await rejects(replays.create('acme', {}), 'limit_exceeded');
  });

  it('goes on over faults of the store', async () => {
    const store = modelStore();
    const at = await house({ store });
    await at.engine.endpoints.create('acme', { url: URL_OK, concurrency: 4, ...NO_RETRIES });
    await failures(at, 60);
    let turn = 0;
    for (const verb of ['selection', 'replayCounts', 'replayPending', 'selectionCounts'] as const) {
      const works = store.read[verb];
      Object.assign(store.read, {
        [verb]: (...args: never[]) => (turn++ % 3 === 0 ? Promise.reject(new Error('a fault')) : Reflect.apply(works, store.read, args)),
      });
    }
    const { id } = await at.engine.replays.create('acme', {});
    await at.clock.advance(600_000);
    turn = 1;
    const after = await at.engine.replays.get('acme', id);
    assert.deepEqual([after.state, after.made, after.done], ['completed', 60, 60]);
  });

  it('gives way: ten thousand replayed deliveries leave half of the slots to live ones, which go out at once', async () => {
    const at = await house();
    await at.engine.endpoints.create('acme', { url: URL_OK, concurrency: 16, ...NO_RETRIES });
    await failures(at, 10_000);
    let live = 0;
    let replaying = 0;
    let most = 0;
    const sentMs = new Map<string, number>();
    const isLive = (order: SendOrder): boolean => order.event.type === 'live.one';
    at.sender.answer = (order) => {
      if (isLive(order)) sentMs.set(order.event.data, at.clock.nowMs());
      else {
        replaying += 1;
        most = Math.max(most, replaying);
        at.clock.after(100, () => void (replaying -= 1));
      }
      return { ...OK, afterMs: 100 };
    };
    const { id } = await at.engine.replays.create('acme', {});
    await at.clock.advance(2_000);
    let worst = 0;
    for (; live < 100; live++) {
      const publishedMs = at.clock.nowMs();
      await at.engine.publish('acme', { type: 'live.one', data: { live } });
      await at.clock.advance(50);
      worst = Math.max(worst, (sentMs.get(`{"live":${live}}`) ?? Infinity) - publishedMs);
    }
    assert.ok(worst <= 10, `a live delivery waited ${worst} ms`);
    assert.ok(most <= 8, `${most} replayed deliveries were under way at once`);
    const during = await at.engine.replays.get('acme', id);
    assert.ok(during.state === 'running' && during.done > 200, JSON.stringify(during));
  });

  it('gets a turn also while live traffic never lets up', async () => {
    const at = await house();
    await at.engine.endpoints.create('acme', { url: URL_OK, concurrency: 2, ...NO_RETRIES });
    await failures(at, 10);
    at.sender.answer = () => ({ ...OK, afterMs: 100 });
    const { id } = await at.engine.replays.create('acme', {});
    for (let i = 0; i < 300; i++) {
      for (let n = 0; n < 3; n++) await at.engine.publish('acme', { type: 'live.one', data: {} });
      await at.clock.advance(100);
    }
    const during = await at.engine.replays.get('acme', id);
    assert.ok(during.done >= 5, JSON.stringify(during));
  });
});

it('a replay on SQLite does the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-replay-'));
  try {
    const at = await house({ store: sqlite(join(folder, 'data')) });
    await at.engine.endpoints.create('acme', { url: URL_OK, ...NO_RETRIES });
    at.sender.answer = () => DOWN;
    for (let n = 0; n < 40; n++) await at.engine.publish('acme', { type: 'a.b', data: { n } });
    while (at.engine.status().pending > 0) await at.clock.advance(1_000);
    at.sender.answer = () => OK;
    assert.deepEqual(await at.engine.replays.create('acme', { dryRun: true }), { count: 40 });
    const { id } = await at.engine.replays.create('acme', {});
    let replay = await at.engine.replays.get('acme', id);
    while (replay.finishedAt === null) {
      await at.clock.advance(1_000);
      await turns();
      replay = await at.engine.replays.get('acme', id);
    }
    assert.deepEqual([replay.state, replay.total, replay.made, replay.done, replay.failed], ['completed', 40, 40, 40, 0]);
    await at.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
