// What every store must do with statistics: note what a commit wrote and nothing else, roll it up in turns, and answer with
// both together. The truth is counted by hand, from what the test itself knows was written.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OutcomeKind } from '@waxwing/protocol';
import { percentile } from '../../src/stats/latencies.ts';
import {
  addFact,
  FINEST_MS,
  mergeCounts,
  noCounts,
  RESOLUTIONS_MS,
  stepOf,
  type Fact,
  type ResolutionMs,
  type StatScope,
  type StepCounts,
} from '../../src/stats/step-counts.ts';
import type { Change, Settle, Store } from '../../src/store/store.ts';
import { seededRandomness } from '../manual-ports.ts';
import { attemptRow, batchOf, delivered, deliveryRow, endpointRow, eventRow, failed, publish, T0 } from './sample-rows.ts';
import { rejectsWith, type Suite } from './suite.ts';

const DAY_MS = 86_400_000;
const ALL: StatScope = { kind: 'all' };
const ACME: StatScope = { kind: 'tenant', tenant: 'acme' };
const OTHER: StatScope = { kind: 'tenant', tenant: 'other' };
const of = (endpointSeq: number): StatScope => ({ kind: 'endpoint', endpointSeq });
const rollUp = (scopesMax = 1_000): Change => ({ kind: 'rollUp', scopesMax });

/** Everything that a scope counted, added up. */
async function total(store: Store, scope: StatScope, resolutionMs: ResolutionMs = FINEST_MS): Promise<StepCounts> {
  const [fromMs, toMs] = [stepOf(T0, 7_200_000), stepOf(T0, 7_200_000) + DAY_MS];
  const counts = noCounts();
  for (const step of await store.read.stats({ scope, resolutionMs, stepMs: resolutionMs, fromMs, toMs })) mergeCounts(counts, step.counts);
  return counts;
}

async function left(store: Store, scopesMax?: number): Promise<number> {
  const { changes } = await store.commit(batchOf([], { changes: [rollUp(scopesMax)] }));
  return changes[0] ?? 0;
}

/** Counts what a scope should show, without latencies' buckets. */
function brief({ events, deliveries, attempts, latencyMaxMs }: StepCounts): unknown {
  return { events, deliveries, attempts, latencyMaxMs };
}

export function statSuite(suite: Suite): void {
  const { furnished, fresh } = suite;

  describe('statistics', () => {
    test('count what a commit wrote, for the endpoint, its tenant and all, before and after it is rolled up', async () => {
      const store = await furnished();
      await store.commit(
        batchOf([
          publish(eventRow(1), [deliveryRow(1)]),
          publish(eventRow(2), [deliveryRow(2, { endpointSeq: 2, state: 'skipped', finishedMs: T0 + 5 })]),
          publish(eventRow(3, { tenant: 'other' }), [deliveryRow(3, { tenant: 'other', endpointSeq: 3 })]),
        ]),
      );
      const attempt = attemptRow(3, 1, { outcome: 'timed_out', status: null, durationMs: 3_000, nextDueMs: T0 + 9_000 });
      const retried: Settle = { ...failed(3), endpointSeq: 3, attempt, state: 'pending', outcome: 'timed_out', finishedMs: null };
      await store.commit(batchOf([], { settles: [delivered(1), retried] }));
      for (const resolutionMs of RESOLUTIONS_MS) {
        for (let rolled = 0; rolled < 2; rolled++) {
          const all = await total(store, ALL, resolutionMs);
          assert.equal(all.events, 3);
          assert.deepEqual(all.deliveries, { delivered: 1, failed: 0, cancelled: 0, skipped: 1 });
          assert.deepEqual(all.attempts, { delivered: 1, refused: 0, timed_out: 1, unreachable: 0, blocked: 0 });
          assert.equal(all.latencyMaxMs, 3_000);
          const acme = await total(store, ACME, resolutionMs);
          assert.deepEqual([acme.events, acme.attempts.delivered, acme.attempts.timed_out, acme.deliveries.skipped], [2, 1, 0, 1]);
          const other = await total(store, OTHER, resolutionMs);
          assert.deepEqual([other.events, other.attempts.timed_out], [1, 1]);
          assert.ok(Math.abs((percentile(other.latencies, 0.5) ?? 0) - 3_000) <= 150);
          assert.deepEqual(brief(await total(store, of(2), resolutionMs)), {
            ...(brief(noCounts()) as object),
            deliveries: { delivered: 0, failed: 0, cancelled: 0, skipped: 1 },
          });
          assert.equal(await left(store), 0);
        }
      }
    });

    test('count nothing that a commit did not write: a duplicate, an end that came too late, a batch that was refused', async () => {
      const store = await furnished();
      const idempotency = { names: ['id:x'], contentHash: 'h' };
      const insert = publish(eventRow(1), [deliveryRow(1)], { idempotency });
      await store.commit(batchOf([insert]));
      await store.commit(batchOf([publish(eventRow(2, { id: eventRow(1).id }), [deliveryRow(2)], { idempotency })]));
      await store.commit(batchOf([], { settles: [delivered(1)] }));
      const late = failed(1, { attempts: 2, attempt: attemptRow(1, 2, { outcome: 'refused', status: 500 }) });
      await store.commit(batchOf([], { settles: [late, late] }));
      await store.commit(batchOf([], { settles: [failed(1, { attempt: null })] }));
      await store.commit(batchOf([], { settles: [delivered(99)] }));
      await rejectsWith('row', store.commit(batchOf([publish(eventRow(5)), publish(eventRow(5))], { changes: [rollUp()] })));
      for (let rolled = 0; rolled < 2; rolled++) {
        const counts = await total(store, ALL);
        assert.deepEqual([counts.events, counts.deliveries.delivered, counts.deliveries.failed], [1, 1, 0]);
        assert.deepEqual([counts.attempts.delivered, counts.attempts.refused], [1, 1], 'a late attempt is kept, once, and counts');
        await left(store);
      }
    });

    test('count what is cancelled at once, and what a hand ends', async () => {
      const store = await furnished();
      await store.commit(
        batchOf([
          publish(
            eventRow(1),
            [1, 2, 3].map((seq) => deliveryRow(seq)),
          ),
        ]),
      );
      const byHand: Settle = { ...delivered(1), attempt: null, state: 'cancelled', outcome: null, attempts: 0 };
      await store.commit(batchOf([], { settles: [byHand] }));
      const change: Change = { kind: 'cancelPending', endpointSeq: 1, reason: 'gone', nowMs: T0 + 7, limit: 10 };
      await store.commit(batchOf([], { changes: [change, change] }));
      assert.equal((await total(store, of(1))).deliveries.cancelled, 3);
    });

    test('stand in the step of their own time, and a query gathers steps and takes its bounds exactly', async () => {
      const store = await furnished();
      const base = stepOf(T0, 7_200_000);
      const times = [0, 14_999, 15_000, 899_999, 900_000, 7_199_999, 7_200_000];
      await store.commit(batchOf(times.map((ms, i) => publish(eventRow(i + 1, { receivedMs: base + ms })))));
      const steps = async (resolutionMs: ResolutionMs, stepMs: number, from: number, to: number): Promise<unknown> =>
        (await store.read.stats({ scope: ACME, resolutionMs, stepMs, fromMs: base + from, toMs: base + to })).map(({ atMs, counts }) => [
          atMs - base,
          counts.events,
        ]);
      for (let rolled = 0; rolled < 2; rolled++) {
        assert.deepEqual(await steps(15_000, 15_000, 0, 900_000), [[0, 2], [15_000, 1], [885_000, 1]]); // prettier-ignore
        assert.deepEqual(await steps(15_000, 60_000, 0, 960_000), [[0, 3], [840_000, 1], [900_000, 1]]); // prettier-ignore
        assert.deepEqual(await steps(15_000, 15_000, 15_000, 30_000), [[15_000, 1]]);
        assert.deepEqual(await steps(900_000, 900_000, 0, 7_200_000), [[0, 4], [900_000, 1], [6_300_000, 1]]); // prettier-ignore
        assert.deepEqual(
          await steps(7_200_000, 21_600_000, stepOf(base, 21_600_000) - base, stepOf(base, 21_600_000) - base + 43_200_000),
          [[stepOf(base, 21_600_000) - base, 7]],
        );
        await left(store);
      }
    });

    test('are removed by resolution, oldest first and no more than asked', async () => {
      const store = await furnished();
      const base = stepOf(T0, 7_200_000);
      await store.commit(batchOf([1, 2, 3].map((i) => publish(eventRow(i, { receivedMs: base + i * 15_000 })))));
      await left(store);
      const remove = async (limit: number): Promise<unknown> => {
        const change: Change = { kind: 'removeSteps', resolutionMs: 15_000, beforeMs: base + 45_000, limit };
        return (await store.commit(batchOf([], { changes: [change] }))).changes;
      };
      // Two scopes each: the tenant and all.
      assert.deepEqual([await remove(2), (await total(store, ALL)).events], [[2], 2]);
      assert.deepEqual([await remove(10), (await total(store, ALL)).events], [[2], 1]);
      assert.deepEqual([await remove(10), (await total(store, ALL, 900_000)).events], [[0], 3]);
    });

    test('of several endpoints come together, each with its own steps', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1), deliveryRow(2, { endpointSeq: 2 }), deliveryRow(3)])]));
      const at = (seq: number, ms: number): Settle => ({ ...delivered(seq), attempt: attemptRow(seq, 1, { startedMs: T0 + ms }) });
      await store.commit(batchOf([], { settles: [at(1, 0), { ...failed(2), endpointSeq: 2 }, at(3, 120_000)] }));
      const query = { resolutionMs: FINEST_MS, stepMs: 60_000, fromMs: stepOf(T0, 60_000), toMs: stepOf(T0, 60_000) + 600_000 } as const;
      for (let rolled = 0; rolled < 2; rolled++) {
        const steps = await store.read.endpointStats({ ...query, endpointSeqs: [2, 1, 77] });
        const shown = steps.map(({ endpointSeq, atMs, counts }) => [
          endpointSeq,
          atMs - query.fromMs,
          counts.attempts.delivered,
          counts.attempts.refused,
        ]);
        assert.deepEqual(shown.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d), [[1, 0, 1, 0], [1, 120_000, 1, 0], [2, 0, 0, 1]]); // prettier-ignore
        await left(store);
      }
      assert.deepEqual(await store.read.endpointStats({ ...query, endpointSeqs: [] }), []);
    });

    test('know when the oldest pending delivery was made, of the endpoints asked for', async () => {
      const store = await furnished();
      const rows = [deliveryRow(1), deliveryRow(2), deliveryRow(3, { endpointSeq: 2 })];
      await store.commit(batchOf([publish(eventRow(1), rows)]));
      assert.deepEqual(
        [await store.read.oldestPending([1, 2]), await store.read.oldestPending([2]), await store.read.oldestPending([9])],
        [T0 + 1, T0 + 3, null],
      );
      await store.commit(batchOf([], { settles: [delivered(1)] }));
      assert.equal(await store.read.oldestPending([1, 2]), T0 + 2);
    });

    for (const seed of [1, 2]) {
      test(`are the truth at every moment of any history, whatever was rolled up, refused or stopped in between (seed ${seed})`, async () => {
        const { store: first, at } = await fresh();
        await holdsAgainstTruth(first, () => at.store(), seed);
      });
    }
  });
}

/** Lives through a random history and looks, again and again, whether the store counts what a plain list of facts does. */
async function holdsAgainstTruth(first: Store, another: () => Store, seed: number): Promise<void> {
  const random = seededRandomness(seed);
  const whole = (below: number): number => Math.floor(random.unit() * below);
  const outcomes: readonly OutcomeKind[] = ['delivered', 'refused', 'timed_out', 'unreachable', 'blocked'];
  const tenantOf = (endpointSeq: number): string => (endpointSeq % 3 === 0 ? 'other' : 'acme');
  const endpoints = Array.from({ length: 12 }, (_, i) => 250 + i);
  const rows = endpoints.map((seq) => endpointRow(seq, { tenant: tenantOf(seq) }));
  let store = first;
  await store.commit(batchOf([], { changes: rows.map((endpoint) => ({ kind: 'putEndpoint', endpoint })) }));
  const facts: { readonly fact: Fact; readonly tenant: string }[] = [];
  const pending: { readonly seq: number; readonly endpointSeq: number; readonly attempts: number }[] = [];
  let nowMs = stepOf(T0, 7_200_000);
  let [events, deliveries] = [0, 0];
  const looks = { rolled: 0, stopped: 0 };
  for (let round = 0; round < 36; round++) {
    nowMs += whole(4) * 20_000 + whole(15_000);
    const news: Fact[] = [];
    const settles: Settle[] = [];
    const endpointSeq = endpoints[whole(endpoints.length)] ?? 250;
    const tenant = tenantOf(endpointSeq);
    const made = Array.from({ length: whole(4) }, () =>
      deliveryRow(++deliveries, { tenant, endpointSeq, eventSeq: events + 1, createdMs: nowMs }),
    );
    const insert = publish(eventRow(++events, { tenant, receivedMs: nowMs }), made);
    facts.push({ fact: { kind: 'event', tenant, atMs: nowMs }, tenant });
    for (const one of pending.splice(0, whole(pending.length + 1))) {
      const outcome = outcomes[whole(outcomes.length)] ?? 'delivered';
      const attempts = one.attempts + 1;
      const startedMs = nowMs - whole(40_000);
      const durationMs = whole(30_000);
      const isOver = outcome === 'delivered' || random.unit() < 0.3;
      const attempt = attemptRow(one.seq, attempts, { outcome, startedMs, durationMs });
      const state = !isOver ? 'pending' : outcome === 'delivered' ? 'delivered' : 'failed';
      const finishedMs = isOver ? startedMs + durationMs : null;
      settles.push({ ...delivered(one.seq), endpointSeq: one.endpointSeq, attempt, state, outcome, attempts, finishedMs });
      news.push({ kind: 'attempt', endpointSeq: one.endpointSeq, atMs: startedMs + durationMs, outcome, durationMs });
      if (state !== 'pending' && finishedMs !== null)
        news.push({ kind: 'ended', endpointSeq: one.endpointSeq, atMs: finishedMs, state, count: 1 });
      else pending.push({ ...one, attempts });
    }
    for (const fact of news) facts.push({ fact, tenant: fact.kind === 'event' ? fact.tenant : tenantOf(fact.endpointSeq) });
    const changes = random.unit() < 0.4 ? [rollUp(1 + whole(8))] : [];
    looks.rolled += changes.length;
    if (random.unit() < 0.2) await rejectsWith('row', store.commit(batchOf([insert, insert], { settles, changes: [rollUp()] })));
    await store.commit(batchOf([insert], { settles, changes }));
    for (const { seq } of made) pending.push({ seq, endpointSeq, attempts: 0 });
    if (random.unit() < 0.12) {
      await store.close();
      store = another();
      await store.open();
      looks.stopped += 1;
    }
    if (round % 6 === 0) await agrees(store, facts, endpoints);
  }
  assert.ok(looks.rolled > 8 && looks.stopped > 1, JSON.stringify(looks));
  while ((await left(store, 5)) > 0);
  await agrees(store, facts, endpoints);
}

async function agrees(
  store: Store,
  facts: readonly { readonly fact: Fact; readonly tenant: string }[],
  endpoints: readonly number[],
): Promise<void> {
  for (const scope of [ALL, ACME, OTHER, of(endpoints[0] ?? 0), of(endpoints[7] ?? 0)]) {
    for (const resolutionMs of RESOLUTIONS_MS) {
      const expected = noCounts();
      for (const { fact, tenant } of facts) {
        if (scope.kind === 'tenant' && scope.tenant !== tenant) continue;
        if (scope.kind === 'endpoint' && (fact.kind === 'event' || fact.endpointSeq !== scope.endpointSeq)) continue;
        addFact(expected, fact);
      }
      assert.deepEqual(await total(store, scope, resolutionMs), expected);
    }
  }
}
