// Three real nodes on one PostgreSQL: what a freeze, a cut, a polite end, a newcomer, the database's absence and a kill do to
// deliveries under way. The nodes' wall clocks are right, ten minutes ahead and ten minutes behind.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ClusterNode } from '../soak/cluster.ts';
import { ADMIN_KEY, pause } from '../soak/waxwing-node.ts';
import { SLOW_MS, startScene, TENANT, type Arrival, type Scene } from './cluster-scene.ts';

const TEN_MINUTES = 600_000;
/** Enough that each of three nodes has some, as long as none has more than its share of shards. */
const SLOW_ENDPOINTS = 24;
const LEASE_MS = 3_000;
/** A takeover takes 5 seconds at most; on a machine that others use as well, twice that. */
const TAKEN_OVER_MS = 10_000;

let scene: Scene;
let first: ClusterNode;
let second: ClusterNode;
let third: ClusterNode;
let published = 0;

before(async () => {
  scene = await startScene([{}, { clockWrongMs: TEN_MINUTES }, { clockWrongMs: -TEN_MINUTES }]);
  const { members } = scene.cluster;
  first = members[0];
  second = members[1] ?? first;
  third = members[2] ?? first;
  await scene.atPeace(3);
  const tenant = scene.tenant(first);
  for (let n = 0; n < SLOW_ENDPOINTS; n++) await tenant.endpoints.create({ url: scene.url('slow', `slow${n}`), eventTypes: ['wide.slow'] });
});
after(() => scene.end());

/** Publishes under an id of its own. */
async function publish(type: string, by: ClusterNode = first): Promise<string> {
  const id = `event-${(published += 1)}`;
  await scene.tenant(by).publish({ id, type, data: { n: published } });
  return id;
}

const of = (event: string): Arrival[] => scene.arrivals.filter((arrival) => arrival.event === event);
const answeredBy = (event: string): Set<string> => new Set(of(event).flatMap(({ label, answered }) => (answered ? [label] : [])));

/** Resolves when every slow endpoint has answered the event. How long it took. */
function allAnswered(event: string): Promise<number> {
  return scene.until(`${event} was delivered to all of ${SLOW_ENDPOINTS}`, () => answeredBy(event).size === SLOW_ENDPOINTS);
}

/** What the store has on record of an event: how often each of its deliveries was attempted, and that all are delivered. */
async function onRecord(event: string): Promise<{ readonly state: number; readonly attempts: number; readonly rows: number }[]> {
  const rows = await scene.cluster
    .ask(`SELECT d.state, d.attempts, (SELECT count(*) FROM waxwing.attempts a WHERE a.delivery_seq = d.seq) AS rows
    FROM waxwing.deliveries d JOIN waxwing.events e ON e.seq = d.event_seq WHERE e.id = '${event}'`);
  return rows.map(({ state, attempts, rows: count }) => ({ state: Number(state), attempts: Number(attempts), rows: Number(count) }));
}

async function recordedOnce(event: string): Promise<void> {
  await scene.until(`${event} is on record`, async () => (await onRecord(event)).every(({ state }) => state === 1));
  for (const one of await onRecord(event)) assert.deepEqual(one, { state: 1, attempts: 1, rows: 1 });
}

/** Publishes to the slow endpoints, and resolves when a node has begun with what is its own. */
async function slowEventUnderWay(by: ClusterNode, whose: ClusterNode): Promise<string> {
  const event = await publish('wide.slow', by);
  await scene.until(`${whose.name} sends`, () => of(event).some(({ from }) => from === whose.node.address));
  return event;
}

describe('three nodes', () => {
  test('an endpoint made on one node gets the next event published on another, and one deleted gets none', async () => {
    const members = [first, second, third];
    for (const [index, maker] of members.entries()) {
      const other = members[(index + 1) % 3] ?? first;
      const label = `made${index}`;
      const { id } = await scene.tenant(maker).endpoints.create({ url: scene.url('steady', label), eventTypes: [`made.${label}`] });
      const event = await publish(`made.${label}`, other);
      await scene.until('it arrived', () => of(event).some((arrival) => arrival.label === label));
      await scene.tenant(other).endpoints.delete(id);
      const { deliveries } = await scene.tenant(maker).publish({ type: `made.${label}`, data: {} });
      assert.equal(deliveries, 0, 'deleted on another node');
    }
  });

  test('wrong wall clocks change nothing: schedules, signatures’ times and events’ times are right, and all nodes send', async () => {
    const tenant = scene.tenant(second);
    const endpoints = Array.from({ length: 12 }, (_, n) => `failing${n}`);
    for (const label of endpoints)
      await tenant.endpoints.create({ url: scene.url('failing', label), eventTypes: ['clock.*'], retryScheduleSeconds: [1, 1] });
    const nowMs = Date.now();
    const event = await publish('clock.read', third);
    await scene.until('all arrived', () => answeredBy(event).size === endpoints.length);
    const shown = await scene.tenant(second).events.get(event);
    assert.ok(Math.abs(Date.parse(shown.timestamp) - nowMs) < 5_000, `an event’s time is ${shown.timestamp}`);
    assert.deepEqual(new Set(of(event).map(({ from }) => from)).size, 3, 'all three send');
    for (const label of endpoints) {
      const [refused, delivered, ...more] = of(event).filter((arrival) => arrival.label === label);
      assert.ok(refused !== undefined && delivered !== undefined && more.length === 0, label);
      for (const { timestampMs, atMs } of [refused, delivered]) assert.ok(Math.abs(timestampMs - atMs) < 5_000, 'the signature’s time');
      const restMs = delivered.atMs - refused.atMs;
      assert.ok(restMs > 850 && restMs < 6_000, `tried again after ${restMs} ms`);
    }
  });

  test('a FIFO endpoint receives in the order of publishing, whichever nodes the events were published on', async () => {
    await scene.tenant(first).endpoints.create({ url: scene.url('steady', 'fifo'), eventTypes: ['in.order'], ordering: 'fifo' });
    const members = [first, second, third];
    const events: string[] = [];
    for (let n = 0; n < 30; n++) events.push(await publish('in.order', members[n % 3]));
    await scene.until('all arrived', () => answeredBy(events.at(-1) ?? '').has('fifo'));
    const got = scene.arrivals.filter(({ label }) => label === 'fifo').map(({ event }) => event);
    assert.deepEqual(got, events);
  });

  test('a replay goes on as fast to endpoints that other nodes send to as to the replaying node’s own', async (t) => {
    const labels = Array.from({ length: 6 }, (_, n) => `again${n}`);
    const tenant = scene.tenant(second);
    for (const label of labels)
      await tenant.endpoints.create({ url: scene.url('steady', label), eventTypes: ['again.*'], ordering: 'fifo' });
    const events: string[] = [];
    for (let n = 0; n < 4; n++) events.push(await publish('again.sent', first));
    const came = (times: number) => () => events.every((event) => of(event).length === times * labels.length);
    await scene.until('all arrived', came(1));
    await scene.until('all are on record', async () => (await Promise.all(events.map(onRecord))).flat().every(({ state }) => state === 1));
    await tenant.replays.create({ types: ['again.*'], states: ['delivered'] });
    const tookMs = await scene.until('all came again', came(2), TAKEN_OVER_MS);
    t.diagnostic(`one after the other, 4 to each of 6 endpoints: ${Math.round(tookMs)} ms`);
  });

  test('a delivery is cancelled, and another retried at once, on a node that does not own it', async () => {
    const label = 'by-hand';
    const input = { url: scene.url('failing', label), eventTypes: ['hand.*'], retryScheduleSeconds: [3_600] };
    await scene.tenant(first).endpoints.create(input);
    const waiting = [await publish('hand.cancelled', first), await publish('hand.retried', second)];
    await scene.until('both were refused once', () => waiting.every((event) => of(event).length === 1));
    for (const member of [first, second, third]) {
      const [cancelled = '', retried = ''] = waiting;
      const owner = of(retried)[0]?.from === member.node.address;
      if (owner) continue;
      const api = scene.tenant(member).deliveries;
      const find = async (event: string): Promise<string> => {
        let id = '';
        await scene.until('it is on record', async () => {
          const [delivery] = (await api.list({ event }).page()).data;
          id = delivery?.id ?? '';
          return delivery?.attempts === 1;
        });
        return id;
      };
      assert.equal((await api.cancel(await find(cancelled))).state, 'cancelled');
      await api.retry(await find(retried));
      await scene.until('it arrived', () => answeredBy(retried).has(label));
      assert.equal(of(cancelled).length, 1);
      return;
    }
  });

  test('a node that is frozen past its lease sends nothing more of what others have taken, and comes back', async (t) => {
    const frozen = await slowEventUnderWay(first, second);
    second.node.freeze();
    const frozenMs = Date.now();
    const during = await publish('wide.slow', first);
    await allAnswered(frozen);
    await allAnswered(during);
    const tookMs = Date.now() - frozenMs;
    t.diagnostic(`what was its own was delivered by others ${tookMs} ms after it froze`);
    assert.ok(tookMs < TAKEN_OVER_MS, `${tookMs} ms`);
    assert.ok(of(during).every(({ from }) => from !== second.node.address));
    await scene.until('what it had in flight is on record', async () => (await onRecord(frozen)).every(({ state }) => state === 1));
    const seen = scene.arrivals.length;
    second.node.thaw();
    await scene.until('it is a node again', async () => (await second.node.isReady()) && (await scene.shares()).length === 3);
    await pause(500);
    assert.deepEqual(scene.arrivals.slice(seen), [], 'it sent again what had been delivered');
    await recordedOnce(frozen);
    await scene.atPeace(3);
    const later = await publish('wide.slow', second);
    await allAnswered(later);
    assert.ok(
      of(later).some(({ from }) => from === second.node.address),
      'it sends again',
    );
  });

  test('a node that is cut off from the database answers 503, is taken over from, and comes back by itself', async (t) => {
    const event = await slowEventUnderWay(first, third);
    third.wire.freeze();
    const cutMs = Date.now();
    const tookMs = await allAnswered(event).then(() => Date.now() - cutMs);
    const during = await publish('wide.slow', second);
    await allAnswered(during);
    t.diagnostic(`all was delivered ${tookMs} ms after the cut, and what was published then ${Date.now() - cutMs} ms after it`);
    assert.ok(
      of(during).every(({ from, atMs }) => from !== third.node.address || atMs < cutMs + LEASE_MS),
      'past its lease it sends nothing',
    );
    const [saysReady, answer] = [await third.node.isReady(), await publishRaw(third).catch(() => null)];
    third.wire.cut();
    third.wire.thaw();
    assert.ok(answer !== null, 'publishing was not answered while it was cut off');
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    assert.equal(saysReady, false);
    await scene.atPeace(3);
    await recordedOnce(event);
    await recordedOnce(during);
  });

  test('a node that is asked to end leaves its shards at once, drained: nothing comes twice', async (t) => {
    const event = await slowEventUnderWay(first, second);
    const began = performance.now();
    const stopped = second.node.stop();
    const movedMs = await scene.until('the others have its shards', async () => (await scene.shares()).join() === '32,32');
    await stopped;
    t.diagnostic(
      `its shards were the others’ after ${Math.round(movedMs)} ms, and it had left after ${Math.round(performance.now() - began)} ms`,
    );
    assert.ok(movedMs < SLOW_MS + LEASE_MS, 'drained, and not by the end of its lease');
    await allAnswered(event);
    const next = await publish('wide.slow', first);
    await allAnswered(next);
    for (const one of [event, next]) assert.equal(of(one).length, SLOW_ENDPOINTS, 'each once');
    await recordedOnce(event);
  });

  test('a node that joins gets its share', async (t) => {
    const began = performance.now();
    await scene.cluster.bringUp(second);
    const readyMs = performance.now() - began;
    const spreadMs = await scene.until('the shards are spread', async () => (await scene.shares()).join() === '22,21,21');
    t.diagnostic(`ready after ${Math.round(readyMs)} ms, and ${Math.round(spreadMs)} ms later it had its share`);
    const { nodes, shards } = await scene.admin(first).cluster();
    assert.deepEqual(new Set(nodes.map(({ state, shards: own }) => `${state} ${own}`)), new Set(['running 22', 'running 21']));
    assert.equal(nodes.length, 3);
    assert.equal(shards, 64);
  });

  test('while the database is away publishing answers 503 with Retry-After, and all comes back by itself', async (t) => {
    await scene.atPeace(3);
    const event = await slowEventUnderWay(first, third);
    await scene.cluster.server.crash();
    await pause(LEASE_MS + 500);
    for (const member of scene.cluster.members) {
      const answer = await publishRaw(member);
      assert.equal(answer.status, 503, member.name);
      assert.ok(Number(answer.headers.get('retry-after')) >= 1, member.name);
    }
    await scene.cluster.server.start();
    const began = performance.now();
    await scene.until('all take events', async () =>
      (await Promise.all(scene.cluster.members.map((member) => publishRaw(member).catch(() => null)))).every(
        (answer) => answer?.status === 202,
      ),
    );
    t.diagnostic(`publishing again ${Math.round(performance.now() - began)} ms after the database was back`);
    await scene.atPeace(3);
    for (const { node, name } of scene.cluster.members) assert.equal(node.left, null, `${name} lives`);
    await allAnswered(event);
    await allAnswered(await publish('wide.slow', second));
  });

  test('what a node that is killed had in flight is delivered by the others within seconds', async (t) => {
    const event = await slowEventUnderWay(first, third);
    await third.node.kill();
    const tookMs = await allAnswered(event);
    t.diagnostic(`delivered ${Math.round(tookMs)} ms after the kill`);
    assert.ok(tookMs < TAKEN_OVER_MS, `${tookMs} ms`);
    const again = of(event).filter(({ label }, index, all) => all.findIndex((one) => one.label === label) !== index);
    assert.ok(again.length > 0 && again.every(({ from }) => from !== third.node.address), 'others sent again what it had in flight');
    await recordedOnce(event);
  });
});

async function publishRaw({ node }: ClusterNode): Promise<Response> {
  const answer = await fetch(`${node.url}/v1/tenants/${TENANT}/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'nobody.listens', data: {} }),
    signal: AbortSignal.timeout(10_000),
  });
  await answer.arrayBuffer();
  return answer;
}
