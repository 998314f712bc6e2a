// Isolation: what hangs, what lags behind and what is loud is not felt by its neighbours. Under virtual time, where nothing
// can flake; on real sockets in isolation-sockets.test.ts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EngineOptions } from '../src/engine-options.ts';
import type { SendOrder } from '../src/send/order.ts';
import { ModelDisk } from '../src/store/model-disk.ts';
import { modelStore } from '../src/store/model.ts';
import { houses, OK, URL_OK, type House } from './house.ts';
import { ManualClock, type Answer } from './manual-ports.ts';

const house = houses();
/** How long a healthy receiver takes. */
const ANSWER_MS = 20;
const SMALL: NonNullable<EngineOptions['limits']> = { inFlightMax: 64, deliveriesMax: 400, refillsMax: 2, endpointsPerTenantMax: 1_000 };

/** Notes when each watched message is answered, and gives the 99th percentile from its publishing. */
class Stopwatch {
  readonly waits: number[] = [];
  readonly #sent = new Map<string, number>();

  published(tag: string, nowMs: number): void {
    this.#sent.set(tag, nowMs);
  }

  received(order: SendOrder, nowMs: number): void {
    const { tag } = JSON.parse(order.event.data);
    const sentMs = this.#sent.get(tag);
    if (sentMs !== undefined) this.waits.push(nowMs + ANSWER_MS - sentMs);
  }

  get p99(): number {
    return this.waits.toSorted((a, b) => a - b)[Math.floor(this.waits.length * 0.99)] ?? Infinity;
  }
}

describe('100 endpoints of one tenant, 20 of which hang until time-out', () => {
  async function run(hanging: number): Promise<Stopwatch> {
    const watch = new Stopwatch();
    const made = await house({ limits: { ...SMALL, inFlightMax: 256 } });
    const sick = new Set<string>();
    for (let n = 0; n < 80 + hanging; n++) {
      const { id } = await made.engine.endpoints.create('acme', { url: URL_OK, eventTypes: [n < 80 ? 'a.*' : 'a.b'], concurrency: 4 });
      if (n >= 80) sick.add(id);
    }
    made.sender.answer = ({ target, ...order }): Answer => {
      if (sick.has(target.endpointId)) return { outcome: { kind: 'timed_out' }, afterMs: 5_000 };
      watch.received({ target, ...order }, made.clock.nowMs());
      return { ...OK, afterMs: ANSWER_MS };
    };
    for (let n = 0; n < 60; n++) {
      if (n >= 20) watch.published(String(n), made.clock.nowMs()); // once the sick ones are known
      await made.engine.publish('acme', { type: 'a.b', data: { tag: String(n) } });
      await made.clock.advance(1_000);
    }
    assert.equal(watch.waits.length, 40 * 80);
    await made.close();
    return watch;
  }

  it('the other 80’s p99 from publish to receipt stays within 1.5 times of the run without the 20', async () => {
    const without = (await run(0)).p99;
    const beside = (await run(20)).p99;
    assert.ok(beside <= 1.5 * without, `${beside} ms beside them, ${without} ms without`);
  });
});

/** Ten quiet tenants, each publishing five times a second for four seconds. */
async function quiet(made: House, watch: Stopwatch, meanwhile: (step: number) => Promise<void>): Promise<void> {
  for (let n = 0; n < 10; n++) await made.engine.endpoints.create(`quiet-${n}`, { url: URL_OK });
  for (let step = 0; step < 20; step++) {
    await meanwhile(step);
    for (let n = 0; n < 10; n++) {
      watch.published(`${step} ${n}`, made.clock.nowMs());
      await made.engine.publish(`quiet-${n}`, { type: 'q.q', data: { tag: `${step} ${n}` } });
    }
    await made.clock.advance(200);
  }
  await made.clock.advance(2_000);
  assert.equal(watch.waits.length, 200, 'all of theirs arrived');
}

function answering(made: House, watch: Stopwatch): void {
  made.sender.answer = (order) => {
    watch.received(order, made.clock.nowMs());
    return { ...OK, afterMs: order.event.type === 'l.l' ? 5 * ANSWER_MS : ANSWER_MS };
  };
}

describe('ten quiet tenants', () => {
  async function alone(): Promise<number> {
    const watch = new Stopwatch();
    const made = await house({ limits: SMALL });
    answering(made, watch);
    await quiet(made, watch, async () => {});
    await made.close();
    return watch.p99;
  }

  it('are not delayed by one that has far more overdue deliveries than fit in memory', async () => {
    const disk = new ModelDisk();
    const clock = new ManualClock();
    const before = await house({ store: modelStore(disk), clock });
    await before.engine.endpoints.create('loud', { url: URL_OK, concurrency: 256, status: 'paused' });
    for (let n = 0; n < 10; n++)
      await before.engine.publishBatch(
        'loud',
        Array.from({ length: 1_000 }, () => ({ type: 'l.l', data: {} })),
      );
    const { data } = await before.engine.endpoints.list('loud');
    await before.engine.endpoints.resume('loud', data[0]?.id ?? '');
    await before.close();
    await clock.advance(3_600_000);
    const watch = new Stopwatch();
    const made = await house({ store: modelStore(disk), clock, limits: SMALL });
    answering(made, watch);
    await made.clock.advance(200);
    await quiet(made, watch, async () => {
      assert.ok(made.engine.status().inMemory <= 500, `${made.engine.status().inMemory} in memory`);
    });
    assert.ok(made.engine.status().pending > 1_000, `the loud one still has ${made.engine.status().pending} behind`);
    const without = await alone();
    assert.ok(watch.p99 <= 1.5 * without, `${watch.p99} ms beside it, ${without} ms without`);
  });

  it('are not delayed by one that publishes a hundred times as much', async () => {
    const watch = new Stopwatch();
    const made = await house({ limits: SMALL });
    answering(made, watch);
    await made.engine.endpoints.create('loud', { url: URL_OK, concurrency: 256 });
    await quiet(made, watch, async () => {
      await made.engine.publishBatch(
        'loud',
        Array.from({ length: 500 }, () => ({ type: 'l.l', data: {} })),
      );
    });
    const without = await alone();
    assert.ok(watch.p99 <= 1.5 * without, `${watch.p99} ms beside it, ${without} ms without`);
  });
});
