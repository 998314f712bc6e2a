// Retention: what is old goes, nothing pending goes unseen, publishing does not wait, the file's space is used again.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { createEngine } from '../src/create-engine.ts';
import { modelStore } from '../src/store/model.ts';
import { sqlite } from '../src/store/sqlite/sqlite.ts';
import type { Batch, Store } from '../src/store/store.ts';
import { DOWN, houses, OK, rejects, URL_OK } from './house.ts';
import { ManualClock, ScriptedSender, seededRandomness } from './manual-ports.ts';

const house = houses();
const DAY_MS = 24 * 3_600_000;
/** Upkeep is not what these tests are about, and a simulated month has many minutes. */
const limits = { upkeepMs: 365 * DAY_MS };

describe('retention', () => {
  it('removes events with their deliveries and attempts once they are older than it, and counts them', async () => {
    const { engine, clock, store } = await house({ limits, retentionDays: 10 });
    await engine.endpoints.create('acme', { url: URL_OK });
    const old = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    const [delivery] = (await engine.events.get('acme', old.id)).deliveries;
    await clock.advance(5 * DAY_MS);
    const young = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(4.9 * DAY_MS);
    assert.equal((await engine.events.get('acme', old.id)).deliveries.length, 1, 'not a moment too early');
    await clock.advance(0.2 * DAY_MS);
    await rejects(engine.events.get('acme', old.id), 'event_not_found');
    await rejects(engine.deliveries.get('acme', delivery?.id ?? ''), 'delivery_not_found');
    assert.equal((await engine.events.get('acme', young.id)).deliveries.length, 1);
    assert.deepEqual(engine.status().removed, { events: 1, deliveries: 1, expired: 0 });
    assert.deepEqual((await store.read.counts()).deliveries.delivered, 1);
    await clock.advance(6 * DAY_MS);
    assert.equal((await engine.events.list('acme')).data.length, 0);
    assert.equal((await engine.publish('acme', { type: 'a.b', data: {}, id: old.id })).duplicate, false);
  });

  it('never removes what is pending: it fails as expired, is seen for a day, and its lane knows', async () => {
    const { engine, clock, sender } = await house({ limits, retentionDays: 3 });
    const { id } = await engine.endpoints.create('acme', { url: URL_OK, status: 'paused' });
    const held = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(3.1 * DAY_MS);
    const [delivery] = (await engine.events.get('acme', held.id)).deliveries;
    assert.deepEqual([delivery?.state, delivery?.stateReason], ['failed', 'expired']);
    assert.deepEqual([engine.status().pending, engine.status().removed], [0, { events: 0, deliveries: 0, expired: 1 }]);
    await engine.endpoints.resume('acme', id);
    await clock.advance(1_000);
    assert.equal(sender.orders.length, 0, 'nothing is sent of what has expired');
    await clock.advance(0.8 * DAY_MS);
    assert.equal((await engine.events.get('acme', held.id)).deliveries.length, 1, 'still there to be seen');
    await clock.advance(0.3 * DAY_MS);
    await rejects(engine.events.get('acme', held.id), 'event_not_found');
    assert.deepEqual(engine.status().removed, { events: 1, deliveries: 1, expired: 1 });
  });

  it('tells of what expires as of any other delivery that failed', async () => {
    const { engine, clock } = await house({ limits, retentionDays: 3 });
    const { id } = await engine.endpoints.create('acme', { url: URL_OK, status: 'paused' });
    for (let n = 0; n < 3; n++) await engine.publish('acme', { type: 'a.b', data: { n } });
    await clock.advance(3.1 * DAY_MS);
    const { data } = await engine.notices.list({ kind: 'delivery.failed' });
    assert.deepEqual(
      data.map(({ endpoint, data: said }) => [endpoint, said['reason'], said['count']]),
      [[id, 'expired', 3]],
    );
  });

  it('removes what is left of a deleted endpoint once nothing of it is kept', async () => {
    const { engine, clock, store } = await house({ limits, retentionDays: 3 });
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    const { id: event } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    await engine.endpoints.delete('acme', id);
    await clock.advance(2 * DAY_MS);
    assert.equal((await engine.events.explain('acme', event, id)).reason, 'delivered', 'its history is there as long as its events');
    assert.notEqual(await store.read.endpointEver(id), null);
    await clock.advance(2 * DAY_MS);
    assert.equal(await store.read.endpointEver(id), null);
  });

  it('waits for an attempt under way', async () => {
    const { engine, clock, sender } = await house({ limits, retentionDays: 1 }, () => 'hang');
    await engine.endpoints.create('acme', { url: URL_OK });
    const { id } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1.5 * DAY_MS);
    assert.equal((await engine.events.get('acme', id)).deliveries[0]?.state, 'pending');
    const [order] = sender.orders;
    assert.ok(order !== undefined);
    sender.finish(order, { kind: 'delivered', status: 200 }, clock.nowMs());
    await clock.advance(1_000);
    assert.equal((await engine.events.get('acme', id)).deliveries[0]?.state, 'delivered');
  });

  it('keeps an event as long as a retry or replay of it is young', async () => {
    const { engine, clock } = await house({ limits, retentionDays: 4 });
    await engine.endpoints.create('acme', { url: URL_OK });
    const { id } = await engine.publish('acme', { type: 'a.b', data: { kept: true } });
    await clock.advance(3 * DAY_MS);
    const [first] = (await engine.events.get('acme', id)).deliveries;
    await engine.deliveries.retry('acme', first?.id ?? '');
    await clock.advance(2 * DAY_MS);
    const { deliveries, data } = await engine.events.get('acme', id);
    assert.deepEqual([deliveries.length, deliveries[0]?.cause, data], [1, 'retry', { kept: true }]);
    await clock.advance(3 * DAY_MS);
    await rejects(engine.events.get('acme', id), 'event_not_found');
  });

  it('removes replays that have ended, and none that runs', async () => {
    const { engine, clock } = await house({ limits, retentionDays: 2 }, () => DOWN);
    const { id: endpoint } = await engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0 });
    await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    const ended = await engine.replays.create('acme', { states: ['delivered'] });
    await clock.advance(10_000);
    await engine.endpoints.pause('acme', endpoint);
    const running = await engine.replays.create('acme', {});
    await clock.advance(1.5 * DAY_MS);
    assert.equal((await engine.replays.get('acme', ended.id)).state, 'completed');
    await clock.advance(0.6 * DAY_MS);
    await rejects(engine.replays.get('acme', ended.id), 'replay_not_found');
    assert.equal((await engine.replays.get('acme', running.id)).state, 'running');
  });

  it('keeps everything where it is set to Infinity, and refuses less than a day', async () => {
    const { engine, clock } = await house({ limits, retentionDays: Infinity });
    await engine.tenants.put({ id: 'acme' });
    const { id } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(32 * DAY_MS);
    assert.equal((await engine.events.get('acme', id)).id, id);
    await rejects(createEngine({ store: modelStore(), retentionDays: 0.5 }), 'invalid_setting');
  });

  it('goes in small steps with pauses, so that a publish never waits for more than one', async () => {
    const store = modelStore();
    const removals: { readonly atMs: number; readonly rows: number }[] = [];
    const clock = new ManualClock();
    const { commit } = store;
    Object.assign(store, {
      commit(batch: Batch) {
        for (const change of batch.changes)
          if (change.kind === 'removeDeliveries' || change.kind === 'removeEvents')
            removals.push({ atMs: clock.nowMs(), rows: change.seqs.length });
        return commit.call(store, batch);
      },
    });
    const { engine } = await house({ limits, store, clock, retentionDays: 2 });
    await engine.endpoints.create('acme', { url: URL_OK, concurrency: 256 });
    for (let i = 0; i < 2; i++)
      await engine.publishBatch(
        'acme',
        Array.from({ length: 1_000 }, (_, n) => ({ type: 'a.b', data: { n } })),
      );
    await clock.advance(DAY_MS);
    assert.equal(engine.status().pending, 0);
    await clock.advance(1.1 * DAY_MS);
    assert.deepEqual(engine.status().removed, { events: 2_000, deliveries: 2_000, expired: 0 });
    assert.ok(removals.length >= 12 && removals.every(({ rows }) => rows <= 500), JSON.stringify(removals));
    for (const [i, { atMs }] of removals.slice(1).entries()) assert.ok(atMs - (removals[i]?.atMs ?? 0) >= 10, 'a pause between two steps');
  });
});

/** An engine on SQLite whose days pass as fast as it can work. */
async function onDisk(
  folder: string,
  work: (engine: Awaited<ReturnType<typeof createEngine>>, clock: ManualClock, store: Store) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock();
  const store = sqlite(folder);
  const engine = await createEngine({
    store,
    clock,
    sender: new ScriptedSender(clock, () => OK),
    randomness: seededRandomness(1),
    masterKey: 'm'.repeat(40),
    retentionDays: 2,
    limits,
  });
  try {
    await work(engine, clock, store);
  } finally {
    const closing = engine.close({ graceMs: 0 });
    await clock.advance(1);
    await closing;
  }
}

it('on SQLite the space of what is removed is used again: the file does not grow with what has passed through it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-retention-'));
  try {
    await onDisk(join(folder, 'data'), async (engine, clock, store) => {
      await engine.endpoints.create('acme', { url: URL_OK, concurrency: 256 });
      const sizes: number[] = [];
      let last = 0;
      for (let round = 0; round < 3; round++) {
        await engine.publishBatch(
          'acme',
          Array.from({ length: 1_000 }, (_, n) => ({ type: 'a.b', data: { n, text: 'x'.repeat(1_500) } })),
        );
        while (engine.status().pending > 0) await clock.advance(100);
        last = pagesOf(join(folder, 'data', 'waxwing.db'));
        sizes.push(last);
        await clock.advance(3 * DAY_MS);
        const untilMs = performance.now() + 20_000;
        while (engine.status().removed.events < (round + 1) * 1_000 && performance.now() < untilMs) {
          await clock.advance(1_000);
          await new Promise((resolve) => setTimeout(resolve, 1)); // the store's threads work in their own time
        }
        assert.deepEqual(engine.status().removed, { events: (round + 1) * 1_000, deliveries: (round + 1) * 1_000, expired: 0 });
        const counts = await store.read.counts();
        assert.deepEqual([counts.events, counts.deliveries.delivered], [0, 0]);
      }
      const [, second = 0] = sizes;
      assert.ok(last <= second * 1.1, `the file went on growing: ${sizes.join(', ')} pages`);
      const next = await engine.publish('acme', { type: 'a.b', data: {} });
      assert.equal((await engine.events.get('acme', next.id)).id, next.id);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Pages of the database, those still in its log included: how long the log is just now tells nothing of it. */
function pagesOf(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
  db.close();
  return pages;
}
