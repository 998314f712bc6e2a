// Statistics: what people are shown is what happened, whichever window they ask for, and rolling up is no burden.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STATS_STEPS, STATS_WINDOWS, type Stats } from '@waxwing/protocol';
import { addLatency, decodeLatencies, encodeLatencies, mergeLatencies, percentile, type Latencies } from '../src/stats/latencies.ts';
import { ModelDisk } from '../src/store/model-disk.ts';
import { modelStore } from '../src/store/model.ts';
import type { Batch, Change, Store } from '../src/store/store.ts';
import { DOWN, houses, OK, rejects, URL_OK } from './house.ts';
import { ManualClock, seededRandomness } from './manual-ports.ts';

const house = houses();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

describe('latencies', () => {
  it('give percentiles within 5 % of the truth, exact up to 10 ms', () => {
    const random = seededRandomness(7);
    for (const scale of [8, 100, 30_000, 3_600_000]) {
      const values = Array.from({ length: 2_000 }, () => Math.floor(random.unit() ** 3 * scale));
      const latencies: Latencies = new Map();
      for (const value of values) addLatency(latencies, value);
      const sorted = values.toSorted((a, b) => a - b);
      for (const share of [0.01, 0.5, 0.95, 0.99, 1]) {
        const truth = sorted[Math.ceil(values.length * share) - 1] ?? 0;
        const shown = percentile(latencies, share) ?? -1;
        assert.ok(
          Math.abs(shown - truth) <= (truth <= 10 ? 0 : Math.max(0.5, truth * 0.05)),
          `${share} of ${scale}: ${shown}, not ${truth}`,
        );
      }
    }
    assert.equal(percentile(new Map(), 0.5), null);
  });

  it('survive being bytes, and merge by adding', () => {
    const latencies: Latencies = new Map([[0, 1], [17, 127], [18, 128], [90, 16_384], [255, 2 ** 40]]); // prettier-ignore
    assert.deepEqual(decodeLatencies(encodeLatencies(latencies), new Map()), latencies);
    const twice = decodeLatencies(encodeLatencies(latencies), new Map(latencies));
    mergeLatencies(latencies, latencies);
    assert.deepEqual(twice, latencies);
    assert.equal(encodeLatencies(new Map()).length, 0);
  });
});

/** A store that shows the changes that were asked of it. */
function watched(inner: Store): { readonly store: Store; readonly turns: Change[] } {
  const turns: Change[] = [];
  const { commit } = inner;
  Object.assign(inner, {
    commit(batch: Batch) {
      for (const change of batch.changes) if (change.kind === 'rollUp') turns.push(change);
      return commit.call(inner, batch);
    },
  });
  return { store: inner, turns };
}

describe('statistics', () => {
  it('show what happened to an endpoint, its tenant and all, and what is now', async () => {
    let down = true;
    const { engine, clock } = await house({}, () => (down ? { ...DOWN, afterMs: 40 } : { ...OK, afterMs: 8 }));
    const up = await engine.endpoints.create('acme', { url: URL_OK, maxRetries: 1, retryScheduleSeconds: [30] });
    await engine.endpoints.create('other', { url: URL_OK, status: 'paused' });
    const { id: off } = await engine.endpoints.create('acme', { url: URL_OK, status: 'disabled' });
    await engine.publish('acme', { type: 'a.b', data: {} });
    await engine.publish('other', { type: 'a.b', data: {} });
    const heldAt = new Date(clock.nowMs()).toISOString();
    await clock.advance(MINUTE_MS);
    down = false;
    await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);

    const acme = await engine.stats.tenant('acme');
    assert.deepEqual([acme.window, acme.stepSeconds, acme.series.length, acme.events], ['1h', 60, 60, 2]);
    assert.deepEqual(acme.deliveries, { delivered: 1, failed: 1, cancelled: 0, skipped: 2 });
    assert.deepEqual(acme.attempts, { delivered: 1, refused: 2, timed_out: 0, unreachable: 0, blocked: 0 });
    assert.equal(acme.successRate, 1 / 3);
    assert.equal(acme.latencyMs?.max, 40);
    assert.ok(Math.abs((acme.latencyMs?.p50 ?? 0) - 40) <= 2);
    assert.deepEqual([acme.pending, acme.oldestPendingAt], [0, null]);
    assert.deepEqual(acme.endpoints, { active: 1, failing: 0, paused: 0, disabled: 1 });

    const all = await engine.stats.all({ window: '15m' });
    const { events: told } = await engine.stats.tenant('waxwing');
    assert.ok((told ?? 0) > 0, 'operational events count like any other');
    assert.deepEqual([all.events, all.pending, all.oldestPendingAt], [3 + (told ?? 0), 1, heldAt]);
    assert.deepEqual(all.endpoints, { active: 1, failing: 0, paused: 1, disabled: 1 });
    const one = await engine.stats.endpoint('acme', up.id, { window: '24h' });
    assert.deepEqual([one.events, one.endpoints, one.deliveries.skipped, one.attempts.refused], [null, null, 0, 2]);
    assert.equal((await engine.stats.endpoint('acme', off)).latencyMs, null);
    const brief = await engine.stats.endpoints(null, [off, up.id, up.id, 'ep_nobody']);
    assert.deepEqual(
      brief.map(({ endpoint, successRate, series }) => [
        endpoint,
        successRate,
        series.length,
        series.reduce((n, point) => n + point.undelivered, 0),
      ]),
      [[off, null, 60, 0], [up.id, 1 / 3, 60, 2]], // prettier-ignore
    );
  });

  it('hold every step of each window, the last one running, and add up to their totals whatever is rolled up', async () => {
    const { engine, clock } = await house({ retentionDays: 60, limits: { upkeepMs: 365 * DAY_MS } });
    await engine.endpoints.create('acme', { url: URL_OK });
    const published: number[] = [];
    for (const pauseMs of [3 * DAY_MS, 2 * HOUR_MS, 50 * MINUTE_MS, 4 * MINUTE_MS, 7_000, 200]) {
      await engine.publish('acme', { type: 'a.b', data: {} });
      published.push(clock.nowMs());
      await clock.advance(pauseMs);
    }
    for (const window of STATS_WINDOWS) {
      const stats = await engine.stats.tenant('acme', { window });
      const { steps, stepSeconds } = STATS_STEPS[window];
      assert.deepEqual([stats.series.length, stats.stepSeconds, stats.from], [steps, stepSeconds, stats.series[0]?.at]);
      const last = Date.parse(stats.series.at(-1)?.at ?? '');
      assert.ok(last <= clock.nowMs() && last + stepSeconds * 1_000 > clock.nowMs());
      assert.equal(stats.to, new Date(clock.nowMs()).toISOString());
      const truth = published.filter((ms) => ms >= Date.parse(stats.from)).length;
      assert.deepEqual([stats.events, stats.attempts.delivered, stats.deliveries.delivered], [truth, truth, truth], window);
      assert.equal(
        sum(stats, (point) => point.events ?? 0),
        truth,
      );
      assert.equal(
        sum(stats, (point) => point.attempts.delivered),
        truth,
      );
      for (const point of stats.series) assert.equal(point.latencyMs === null, point.attempts.delivered === 0);
    }
  });

  it("refuse what is not there, and leave out another tenant's endpoints", async () => {
    const { engine } = await house();
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    await engine.tenants.put({ id: 'other' });
    await rejects(engine.stats.tenant('nobody'), 'tenant_not_found');
    await rejects(engine.stats.endpoint('other', id), 'endpoint_not_found');
    await rejects(engine.stats.endpoints('nobody', [id]), 'tenant_not_found');
    assert.deepEqual(await engine.stats.endpoints('other', [id]), []);
    assert.equal((await engine.stats.endpoints('acme', [id])).length, 1);
    await rejects(engine.stats.endpoints(null, Array.from({ length: 101 }, () => id)), 'invalid_request'); // prettier-ignore
  });

  it('are rolled up within seconds of what happens, and an idle engine does nothing', async () => {
    const disk = new ModelDisk();
    const { store, turns } = watched(modelStore(disk));
    const { engine, clock } = await house({ store, retentionDays: Infinity, limits: { upkeepMs: 365 * DAY_MS } });
    await engine.endpoints.create('acme', { url: URL_OK });
    await engine.publish('acme', { type: 'a.b', data: {} });
    assert.ok(disk.facts.values().length > 0);
    await clock.advance(10_000);
    assert.deepEqual(disk.facts.values(), []);
    const before = turns.length;
    const { commits } = engine.status();
    await clock.advance(DAY_MS);
    assert.deepEqual([turns.length, engine.status().commits], [before, commits]);
    assert.ok(before <= 4, `${before} turns`);
  });

  it('of a run that stopped before it rolled up are counted once after the next start, and old steps go', async () => {
    const disk = new ModelDisk();
    const clock = new ManualClock();
    const first = await house({ store: modelStore(disk), clock });
    await first.engine.endpoints.create('acme', { url: URL_OK });
    await first.engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(50);
    await first.close();
    assert.ok(disk.facts.values().length > 0);
    const { engine } = await house({ store: modelStore(disk), clock, retentionDays: Infinity, limits: { upkeepMs: 365 * DAY_MS } });
    assert.equal((await engine.stats.tenant('acme')).attempts.delivered, 1);
    await clock.advance(10_000);
    assert.deepEqual(disk.facts.values(), []);
    assert.equal((await engine.stats.tenant('acme')).attempts.delivered, 1);
    await clock.advance(3 * HOUR_MS);
    await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(10_000);
    const kept = disk.steps.values().filter(({ scope }) => scope === 'all');
    assert.deepEqual([15_000, 900_000, 7_200_000].map((ms) => kept.filter(({ resolutionMs }) => resolutionMs === ms).length), [1, 2, 2]); // prettier-ignore
    await clock.advance(33 * DAY_MS);
    await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(10_000);
    assert.equal(disk.steps.values().filter(({ scope }) => scope === 'all').length, 3);
  });

  it('say of the cluster what it is: one node, that runs until it is closed, and its store', async () => {
    const { engine, clock } = await house();
    const startedAt = new Date(clock.nowMs()).toISOString();
    await engine.tenants.put({ id: 'acme' });
    await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    const { nodes, shards, store } = await engine.cluster();
    assert.deepEqual([nodes.length, nodes[0]?.state, nodes[0]?.startedAt, nodes[0]?.shards, shards], [1, 'running', startedAt, 1, 1]);
    assert.deepEqual([store.kind, store.events, store.deliveries.pending], ['model', 1, 0]);
  });
});

function sum(stats: Stats, of: (point: Stats['series'][number]) => number): number {
  return stats.series.reduce((total, point) => total + of(point), 0);
}
