// Several nodes on one model store, their clock and receivers under the test's hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngine } from '../../src/create-engine.ts';
import type { EngineOptions } from '../../src/engine-options.ts';
import type { Engine } from '../../src/engine.ts';
import type { SendOrder } from '../../src/send/order.ts';
import { ModelDisk } from '../../src/store/model-disk.ts';
import { modelStore } from '../../src/store/model.ts';
import { shardOf } from '../../src/store/sharing.ts';
import { ManualClock, ScriptedSender, seededRandomness, type Answer } from '../manual-ports.ts';
import { DOWN, OK, rejects } from '../house.ts';

interface Node {
  readonly engine: Engine;
  readonly sender: ScriptedSender;
  /** What it may send to, by the URL. */
  readonly urls: () => readonly string[];
}

interface Cluster {
  readonly clock: ManualClock;
  readonly disk: ModelDisk;
  node(answer?: (order: SendOrder) => Answer, over?: Partial<EngineOptions>): Promise<Node>;
}

function cluster(t: { after(end: () => Promise<void>): void }): Cluster {
  const clock = new ManualClock();
  const disk = new ModelDisk();
  const open: Engine[] = [];
  t.after(async () => {
    for (const engine of open) {
      const closing = engine.close({ graceMs: 0 });
      await clock.advance(10);
      await closing;
    }
  });
  let seed = 0;
  return {
    clock,
    disk,
    async node(answer = () => OK, over = {}) {
      const sender = new ScriptedSender(clock, answer);
      const engine = await createEngine({
        store: modelStore(disk, { shared: { clock } }),
        masterKey: 'm'.repeat(40),
        clock,
        randomness: seededRandomness((seed += 1)),
        sender,
        ...over,
      });
      open.push(engine);
      await clock.advance(2_000);
      return { engine, sender, urls: () => sender.orders.map(({ target }) => target.url) };
    },
  };
}

async function withTime<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const ended = work.then(
    () => true,
    () => true,
  );
  for (let i = 0; i < 400; i++) {
    const isOver = await Promise.race([ended, clock.advance(5).then(() => false)]);
    if (isOver) break;
  }
  return work;
}

test('an endpoint made on one node gets the next event published on any other, from its owner alone, once', async (t) => {
  const { clock, node } = cluster(t);
  const [one, two, three] = [await node(), await node(), await node()];
  await withTime(clock, one.engine.tenants.put('acme', {}));
  for (let i = 0; i < 12; i++) {
    const maker = [one, two, three][i % 3] ?? one;
    const url = `https://receiver.example/${i}`;
    await withTime(clock, maker.engine.endpoints.create('acme', { url, eventTypes: [`type.n${i}`] }));
    const publisher = [two, three, one][i % 3] ?? two;
    await withTime(clock, publisher.engine.publish('acme', { type: `type.n${i}`, data: { i } }));
  }
  await clock.advance(500);
  const sent = [...one.urls(), ...two.urls(), ...three.urls()].toSorted();
  assert.deepEqual(sent, Array.from({ length: 12 }, (_, i) => `https://receiver.example/${i}`).toSorted());
  assert.ok([one, two, three].filter(({ sender }) => sender.orders.length > 0).length > 1, 'more than one of them sends');
  const { nodes } = await withTime(clock, two.engine.cluster());
  assert.deepEqual(
    nodes.map(({ shards }) => shards),
    [22, 21, 21],
  );
});

test('an endpoint deleted on one node gets nothing that is published on another afterwards', async (t) => {
  const { clock, node } = cluster(t);
  const [one, two] = [await node(), await node()];
  await withTime(clock, one.engine.tenants.put('acme', {}));
  const made = await withTime(clock, one.engine.endpoints.create('acme', { url: 'https://receiver.example/a', eventTypes: ['*'] }));
  await withTime(clock, two.engine.endpoints.delete('acme', made.id));
  const published = await withTime(clock, one.engine.publish('acme', { type: 'x.y', data: {} }));
  assert.equal(published.deliveries, 0);
});

test('what a node had in its hands when it died is delivered by the others, and its shards are theirs', async (t) => {
  const { clock, node, disk } = cluster(t);
  const one = await node(() => 'hang');
  await withTime(clock, one.engine.tenants.put('acme', {}));
  for (let i = 0; i < 6; i++)
    await withTime(clock, one.engine.endpoints.create('acme', { url: `https://receiver.example/${i}`, eventTypes: ['*'] }));
  await withTime(clock, one.engine.publish('acme', { type: 'x.y', data: {} }));
  await clock.advance(100);
  assert.equal(one.sender.orders.length, 6);
  const two = await node();
  disk.cluster.endRunOut(clock.nowMs() + 3_600_000, [...disk.cluster.nodes.values()].at(-1) ?? null);
  await clock.advance(5_000);
  assert.equal(two.sender.orders.length, 6);
  assert.equal((await two.engine.deliveries.list('acme', { state: 'delivered' })).data.length, 6);
});

test('hands on any node: a test, a retry, a cancel, of endpoints that another works for', async (t) => {
  const { clock, node } = cluster(t);
  const [one, two] = [await node(() => DOWN), await node(() => DOWN)];
  await withTime(clock, one.engine.tenants.put('acme', {}));
  const ids: string[] = [];
  for (let i = 0; i < 8; i++) {
    const { id } = await withTime(clock, one.engine.endpoints.create('acme', { url: `https://receiver.example/${i}`, eventTypes: ['*'] }));
    ids.push(id);
  }
  for (const id of ids)
    for (const { engine } of [one, two]) {
      const detail = await withTime(clock, engine.endpoints.test('acme', id, { eventType: 'x.y' }));
      assert.equal(detail.attempts, 1, 'the attempt is in the answer');
    }
  await withTime(clock, two.engine.publish('acme', { type: 'x.y', data: {} }));
  await clock.advance(200);
  const pending = (await one.engine.deliveries.list('acme', { state: 'pending' })).data;
  assert.equal(pending.length, 8);
  const sent = (): number => one.sender.orders.length + two.sender.orders.length;
  const before = sent();
  for (const { id } of pending.slice(0, 4)) await withTime(clock, one.engine.deliveries.retry('acme', id));
  await clock.advance(200);
  assert.equal(sent(), before + 4, 'each at once, and once');
  for (const { id } of pending) await withTime(clock, two.engine.deliveries.cancel('acme', id));
  await clock.advance(60_000);
  assert.equal(sent(), before + 4, 'nothing more');
});

test('FIFO: the order of publishing holds when events come by several nodes', async (t) => {
  const { clock, node } = cluster(t);
  const nodes = [await node(), await node(), await node()];
  const [one] = nodes;
  assert.ok(one !== undefined);
  await withTime(clock, one.engine.tenants.put('acme', {}));
  await withTime(clock, one.engine.endpoints.create('acme', { url: 'https://receiver.example/f', eventTypes: ['*'], ordering: 'fifo' }));
  const ids: string[] = [];
  for (let i = 0; i < 30; i++) {
    const at = nodes[(i * 7) % 3] ?? one;
    ids.push((await withTime(clock, at.engine.publish('acme', { type: 'x.y', data: { i } }))).id);
  }
  await clock.advance(2_000);
  assert.deepEqual(
    nodes.flatMap(({ sender }) => sender.orders.map(({ event }) => event.id)),
    ids,
  );
});

test('a wide fan-out and a replay, whoever takes them, reach every endpoint once', async (t) => {
  const { clock, node } = cluster(t);
  const nodes = [await node(() => OK, { limits: { fanOutAtOnceMax: 10 } }), await node(() => OK, { limits: { fanOutAtOnceMax: 10 } })];
  const [one, two] = nodes;
  assert.ok(one !== undefined && two !== undefined);
  await withTime(clock, one.engine.tenants.put('acme', {}));
  for (let i = 0; i < 35; i++)
    await withTime(clock, one.engine.endpoints.create('acme', { url: `https://receiver.example/${i}`, eventTypes: ['*'] }));
  for (const { engine } of nodes) await withTime(clock, engine.publish('acme', { type: 'x.y', data: {} }));
  await clock.advance(2_000);
  const sent = (): number => one.sender.orders.length + two.sender.orders.length;
  assert.equal(sent(), 70);
  const replay = await withTime(clock, two.engine.replays.create('acme', { states: ['delivered'] }));
  await clock.advance(120_000);
  assert.equal(sent(), 140);
  assert.equal((await two.engine.replays.get('acme', replay.id)).state, 'completed');
});

test('a key, a tenant and a type made on one node are known to the next request on another', async (t) => {
  const { clock, node } = cluster(t);
  const [one, two] = [await node(), await node()];
  await withTime(clock, one.engine.tenants.put('acme', {}));
  const { key } = await withTime(clock, one.engine.keys.create({ scope: 'publish' }));
  if (two.engine.keys.authenticate(key) === null) assert.equal(await withTime(clock, two.engine.refresh()), true);
  assert.notEqual(two.engine.keys.authenticate(key), null);
  await withTime(clock, two.engine.publish('acme', { type: 'x.y', data: {} }));
  await withTime(clock, two.engine.tenants.delete('acme'));
  await rejects(withTime(clock, one.engine.publish('acme', { type: 'x.y', data: {} })), 'tenant_not_found');
});

test('shards are spread over endpoints as they are numbered', () => {
  const counts = new Map<number, number>();
  for (let seq = 1; seq <= 6_400; seq++) counts.set(shardOf(seq), (counts.get(shardOf(seq)) ?? 0) + 1);
  assert.equal(counts.size, 64);
  for (const count of counts.values()) assert.ok(count > 50 && count < 200, String(count));
});
