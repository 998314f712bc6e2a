// Retention over ranges: an engine on a real PostgreSQL whose days a test moves on by hand.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import { createEngine } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine.ts';
import type { Clock } from '../../src/ports.ts';
import { firstNumber } from '../../src/store/postgres/partitions.ts';
import { postgres } from '../../src/store/postgres/postgres.ts';
import type { Sharing, Store } from '../../src/store/store.ts';
import { systemClock } from '../../src/system-ports.ts';
import { ScriptedSender } from '../manual-ports.ts';
import { MASTER_KEY, until } from './postgres-house.ts';

const DAY_MS = 24 * 3_600_000;
const LONG_MS = 30_000;
/** Between two rounds of retention. */
const ROUND_MS = 15 * 60_000;

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Short timers go by themselves; long ones when the test says so. */
class LeapingClock implements Clock {
  #long = new Map<() => void, number>();
  aheadMs = 0;

  nowMs(): number {
    return systemClock.nowMs() + this.aheadMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  after(delayMs: number, run: () => void): () => void {
    if (delayMs < LONG_MS) return systemClock.after(delayMs, run);
    this.#long.set(run, delayMs);
    return () => this.#long.delete(run);
  }

  /** Fires every long timer; resolves when the round of retention that began so is over. */
  async leap(): Promise<void> {
    const due = [...this.#long.keys()];
    this.#long.clear();
    for (const run of due) run();
    await until(() => [...this.#long.values()].includes(ROUND_MS));
  }
}

/** The store, its clock moved ahead as the engine's own. */
function ahead(store: Store, clock: LeapingClock): Store {
  const { sharing } = store;
  assert.ok(sharing !== undefined);
  return seenAs(store, { sharing: seenAs<Sharing>(sharing, { nowMs: () => sharing.nowMs() + clock.aheadMs }) });
}

/** The same object, but for some of its members. */
function seenAs<T extends object>(object: T, over: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(name in over ? over : target, name);
      return typeof value === 'function' ? (...args: readonly unknown[]): unknown => Reflect.apply(value, target, args) : value;
    },
  });
}

async function isGone(engine: Engine, event: string): Promise<boolean> {
  return engine.events.get('acme', event).then(
    () => false,
    (error: unknown) => error instanceof WaxwingError && error.code === 'event_not_found',
  );
}

test('old history goes by the range: pending expires and is seen for a day, and an event that was retried lately stays and delivers', async () => {
  const url = await server.newDatabase();
  const clock = new LeapingClock();
  const sent: string[] = [];
  const sender = new ScriptedSender(systemClock, (order) => (sent.push(order.event.id), { outcome: { kind: 'delivered', status: 200 } }));
  const store = ahead(postgres(url), clock);
  const engine = await createEngine({ store, clock, sender, masterKey: MASTER_KEY, retentionDays: 2 });
  ends.push(() => engine.close({ graceMs: 500 }));
  await engine.tenants.put({ id: 'acme' });
  await engine.endpoints.create('acme', { url: 'https://one.example/' });
  const held = await engine.endpoints.create('acme', { url: 'https://two.example/', status: 'paused' });
  const [first, second] = [
    await engine.publish('acme', { type: 'a.b', data: { n: 1 } }),
    await engine.publish('acme', { type: 'a.b', data: { n: 2 } }),
  ];
  await until(() => sent.length === 2);
  await until(() => engine.status().pending === 2);
  await clock.leap();
  clock.aheadMs = 1.1 * DAY_MS;
  await clock.leap();
  const [row] = await server.ask(url, 'SELECT next FROM waxwing.numbers');
  assert.ok(Number(row?.['next']) >= firstNumber(1), 'the next range has begun');
  const delivered = (await engine.events.get('acme', first.id)).deliveries.find(({ state }) => state === 'delivered');
  await engine.deliveries.retry('acme', delivered?.id ?? '');
  await until(() => sent.length === 3);

  clock.aheadMs = 2.1 * DAY_MS;
  await clock.leap();
  assert.equal(engine.status().removed.expired, 2);
  await clock.leap(); // what has ended is noted
  clock.aheadMs = 3.05 * DAY_MS;
  await clock.leap();
  assert.deepEqual(engine.status().removed, { events: 0, deliveries: 0, expired: 2 }, 'a day to be seen');
  assert.equal((await engine.deliveries.list('acme', { endpoint: held.id })).data[0]?.stateReason, 'expired');

  clock.aheadMs = 3.2 * DAY_MS;
  await clock.leap();
  assert.deepEqual(engine.status().removed, { events: 1, deliveries: 4, expired: 2 });
  assert.equal(await isGone(engine, second.id), true);
  const { data, deliveries } = await engine.events.get('acme', first.id);
  assert.deepEqual([data, deliveries.map(({ cause, state }) => [cause, state])], [{ n: 1 }, [['retry', 'delivered']]]);
  await engine.deliveries.retry('acme', deliveries[0]?.id ?? '');
  await until(() => sent.length === 4 && engine.status().pending === 0);
  assert.equal(sent[3], first.id);
  assert.equal((await engine.events.list('acme')).data.length, 1);
  const { deliveries: counts } = await store.read.counts();
  assert.deepEqual([counts.pending, counts.delivered, counts.failed], [0, 2, 0]);
});
