// The lane against a model of the store: whatever order offers, spills, refills and settles come in, every pending delivery
// leaves exactly once, in its order, and memory stays bounded.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NEAR_MS } from '../../src/lane/lane-bounds.ts';
import type { LaneSettings } from '../../src/lane/lane-settings.ts';
import { Lane } from '../../src/lane/lane.ts';
import type { PendingDelivery } from '../../src/store/rows.ts';
import { pendingDelivery } from '../fixtures.ts';

const SETTINGS: LaneSettings = { concurrency: 4, fifo: false, held: false, rateLimitPerSecond: null };

function delivery(seq: number, dueMs = 0): PendingDelivery {
  return pendingDelivery({ seq, dueMs });
}

function releaseAll(lane: Lane, nowMs: number): number[] {
  const seqs: number[] = [];
  while (lane.readiness(nowMs).kind === 'ready') seqs.push(lane.release(nowMs)?.seq ?? -1);
  return seqs;
}

describe('a lane', () => {
  it('releases what is due, nearest first, up to its concurrency', () => {
    const lane = new Lane(1, 'acme', SETTINGS, null);
    for (const [seq, due] of [
      [1, 50],
      [2, 10],
      [3, 20],
      [4, 900],
    ] as const)
      lane.offer(delivery(seq, due), 0, true);
    assert.deepEqual(lane.readiness(5), { kind: 'at', ms: 10 });
    assert.deepEqual(releaseAll(lane, 100), [2, 3, 1]);
    assert.deepEqual(lane.readiness(100), { kind: 'at', ms: 900 });
  });

  it('never takes the same delivery twice', () => {
    const lane = new Lane(1, 'acme', SETTINGS, null);
    lane.offer(delivery(1), 0, true);
    lane.offer(delivery(1), 0, true);
    assert.deepEqual(releaseAll(lane, 0), [1]);
    lane.offer(delivery(1), 0, true);
    assert.deepEqual(releaseAll(lane, 0), []);
  });

  it('halves its concurrency on failure and grows it on success, between one and its limit', () => {
    const lane = new Lane(1, 'acme', { ...SETTINGS, concurrency: 16 }, null);
    for (let i = 0; i < 10; i++) lane.attempted(i, false, 0);
    assert.equal(lane.slots, 1);
    for (let i = 0; i < 1_000; i++) lane.attempted(i, true, 0);
    assert.equal(lane.slots, 16);
  });

  it('holds everything while its endpoint is held, and starts again gently', () => {
    const lane = new Lane(1, 'acme', { ...SETTINGS, concurrency: 16 }, null);
    lane.apply({ ...SETTINGS, concurrency: 16, held: true });
    for (let seq = 1; seq <= 30; seq++) lane.offer(delivery(seq), 0, true);
    assert.deepEqual(lane.readiness(1_000), { kind: 'waiting' });
    assert.equal(lane.queued, 0, 'what is held is left to the store');
    lane.apply({ ...SETTINGS, concurrency: 16 });
    assert.equal(lane.wantsRefill(1_000), true);
    lane.beginRefill();
    const rows = Array.from({ length: 30 }, (_, index) => delivery(index + 1));
    lane.refilled(rows, true, 'due', 1_000);
    assert.equal(releaseAll(lane, 1_000).length, 2);
  });

  it('spaces releases evenly under a rate limit', () => {
    const lane = new Lane(1, 'acme', { ...SETTINGS, rateLimitPerSecond: 10 }, null);
    for (let seq = 1; seq <= 3; seq++) lane.offer(delivery(seq), 0, true);
    assert.deepEqual(releaseAll(lane, 0), [1]);
    assert.deepEqual(lane.readiness(0), { kind: 'at', ms: 100 });
    assert.deepEqual(releaseAll(lane, 100), [2]);
  });

  it('keeps FIFO: one in flight, the earliest published first, also while it retries', () => {
    const lane = new Lane(1, 'acme', { ...SETTINGS, fifo: true }, null);
    for (let seq = 1; seq <= 3; seq++) lane.offer(delivery(seq), 0, true);
    assert.deepEqual(releaseAll(lane, 0), [1]);
    lane.attempted(1, false, 0);
    assert.deepEqual(releaseAll(lane, 0), [], 'the slot is kept until the settle is durable');
    lane.settled(1);
    lane.offer(delivery(1, 10_000), 0, true);
    assert.deepEqual(lane.readiness(0), { kind: 'at', ms: 10_000 });
    assert.deepEqual(releaseAll(lane, 10_000), [1]);
  });

  it('leaves a whole FIFO queue to the store while its first one waits for long', () => {
    const lane = new Lane(1, 'acme', { ...SETTINGS, fifo: true }, null);
    for (let seq = 1; seq <= 3; seq++) lane.offer(delivery(seq), 0, true);
    assert.deepEqual(releaseAll(lane, 0), [1]);
    lane.attempted(1, false, 0);
    lane.settled(1);
    const first = delivery(1, 60_000);
    assert.equal(lane.offer(first, 0, true).length, 3);
    assert.deepEqual([lane.queued, lane.wantsRefill(0)], [0, false]);
    assert.deepEqual(lane.readiness(0), { kind: 'at', ms: 60_000 });
    lane.offer(delivery(4), 0, true);
    assert.deepEqual(lane.readiness(0), { kind: 'at', ms: 60_000 }, 'what comes later waits behind it');
    assert.equal(lane.wantsRefill(60_000), true);
    lane.beginRefill();
    lane.refilled([first, delivery(2), delivery(3), delivery(4)], true, 'seq', 60_000);
    assert.deepEqual(releaseAll(lane, 60_000), [1]);
  });

  it('gives its slot back once, also when its order is changed while attempts are under way', () => {
    const lane = new Lane(1, 'acme', { ...SETTINGS, fifo: true }, null);
    lane.offer(delivery(1), 0, true);
    lane.release(0);
    lane.attempted(1, true, 0);
    lane.apply(SETTINGS);
    lane.settled(1);
    assert.equal(lane.inFlight, 0);
    lane.bypass(2);
    lane.bypass(3);
    lane.attempted(2, true, 0);
    assert.equal(lane.inFlight, 1);
    lane.apply({ ...SETTINGS, fifo: true });
    assert.equal(lane.inFlight, 2, 'under FIFO it waits for the one that is not on record yet');
    lane.settled(2);
    assert.equal(lane.inFlight, 1);
  });

  it('leaves to the store what is due far ahead', () => {
    const lane = new Lane(1, 'acme', SETTINGS, null);
    const far = delivery(1, NEAR_MS + 1);
    assert.deepEqual(lane.offer(far, 0, true), [far]);
    assert.equal(lane.queued, 0);
    assert.deepEqual(lane.readiness(0), { kind: 'at', ms: NEAR_MS + 1 });
    assert.equal(lane.wantsRefill(0), false);
    assert.equal(lane.wantsRefill(NEAR_MS + 1), true);
  });

  it('asks again after a while when the store could not be read, and not at once', () => {
    const lane = new Lane(1, 'acme', SETTINGS, { nextDueMs: 0 });
    assert.equal(lane.wantsRefill(0), true);
    lane.beginRefill();
    lane.refillFailed(0);
    assert.equal(lane.wantsRefill(0), false);
    assert.equal(lane.wantsRefill(1_000), true);
  });
});

/** A store of one lane's pending deliveries, with refills that answer late. */
class ModelRun {
  readonly pending = new Map<number, PendingDelivery>();
  readonly lane: Lane;
  readonly settings: LaneSettings;
  nowMs = 0;
  nextSeq = 1;
  busy: PendingDelivery[] = [];
  refill: { rows: PendingDelivery[]; complete: boolean; order: 'due' | 'seq' } | null = null;
  delivered: number[] = [];

  constructor(settings: LaneSettings, backlog: number) {
    this.settings = settings;
    for (let i = 0; i < backlog; i++) this.store(delivery(this.nextSeq++, i % 7));
    this.lane = new Lane(1, 'acme', settings, backlog > 0 ? { nextDueMs: 0 } : null);
  }

  store(item: PendingDelivery): void {
    this.pending.set(item.seq, item);
  }

  publish(roomLeft: boolean): void {
    const item = delivery(this.nextSeq++, this.nowMs);
    this.store(item);
    this.lane.offer(item, this.nowMs, roomLeft);
  }

  startRefill(): void {
    if (this.refill !== null || !this.lane.wantsRefill(this.nowMs)) return;
    const { after, rowsMax, order } = this.lane.beginRefill();
    const compare = (a: PendingDelivery, b: { dueMs: number; seq: number }): number =>
      order === 'seq' ? a.seq - b.seq : a.dueMs - b.dueMs || a.seq - b.seq;
    const all = [...this.pending.values()].filter((item) => after === null || compare(item, after) > 0).sort(compare);
    const rows = all.slice(0, Math.min(rowsMax, 5));
    this.refill = { rows, complete: rows.length === all.length, order };
  }

  endRefill(): void {
    if (this.refill === null) return;
    const { rows, complete, order } = this.refill;
    this.refill = null;
    this.lane.refilled(rows, complete, order, this.nowMs);
  }

  send(): void {
    if (this.lane.readiness(this.nowMs).kind !== 'ready') return;
    const item = this.lane.release(this.nowMs);
    assert.ok(item !== undefined && item.dueMs <= this.nowMs, 'nothing leaves before it is due');
    assert.ok(!this.busy.some((other) => other.seq === item.seq), 'nothing is sent twice at once');
    assert.ok(this.pending.has(item.seq), 'nothing final is sent again');
    this.busy.push(item);
  }

  end(success: boolean, delayMs: number): void {
    const item = this.busy.shift();
    if (item === undefined) return;
    this.lane.attempted(item.seq, success, 0);
    if (success) {
      this.pending.delete(item.seq);
      this.delivered.push(item.seq);
      this.lane.settled(item.seq);
    } else {
      const again = { ...item, attempts: item.attempts + 1, dueMs: this.nowMs + delayMs };
      this.store(again);
      this.lane.settled(item.seq);
      this.lane.offer(again, this.nowMs, true);
    }
  }

  /** Lets everything go through; true when all were delivered. */
  drain(): boolean {
    for (let step = 0; step < 20_000 && this.pending.size > 0; step++) {
      this.startRefill();
      this.endRefill();
      this.send();
      this.end(true, 0);
      const readiness = this.lane.readiness(this.nowMs);
      if (readiness.kind === 'at') this.nowMs = Math.max(this.nowMs, readiness.ms);
    }
    return this.pending.size === 0;
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('publish' as const), room: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('startRefill' as const, 'endRefill' as const, 'send' as const) }),
  fc.record({ kind: fc.constant('end' as const), success: fc.boolean(), delayMs: fc.constantFrom(0, 5, 1_000, NEAR_MS + 5, 300_000) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 10, 20_000) }),
);

describe('a lane and its store', () => {
  for (const fifo of [false, true]) {
    it(`deliver everything exactly once, whatever order things happen in (${fifo ? 'FIFO' : 'by due time'})`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 0, max: 40 }), (steps, backlog) => {
          const run = new ModelRun({ ...SETTINGS, fifo }, backlog);
          for (const one of steps) {
            if (one.kind === 'publish') run.publish(one.room);
            else if (one.kind === 'end') run.end(one.success, one.delayMs);
            else if (one.kind === 'pass') run.nowMs += one.ms;
            else run[one.kind]();
          }
          while (run.busy.length > 0) run.end(true, 0);
          run.endRefill();
          assert.ok(run.drain(), `${run.pending.size} deliveries never left`);
          assert.equal(new Set(run.delivered).size, run.nextSeq - 1);
          assert.equal(run.delivered.length, run.nextSeq - 1);
          if (fifo)
            assert.deepEqual(
              run.delivered,
              run.delivered.toSorted((a, b) => a - b),
            );
        }),
        { numRuns: 400 },
      );
    });
  }

  it('keep at most a bounded number in memory', () => {
    const run = new ModelRun(SETTINGS, 0);
    for (let i = 0; i < 5_000; i++) run.publish(true);
    assert.ok(run.lane.queued <= 64 * 4, `${run.lane.queued} queued`);
    for (let i = 0; i < 6; i++) run.lane.attempted(-1 - i, false, 0);
    run.publish(true);
    assert.ok(run.lane.queued <= 64 * 4);
    assert.ok(run.drain());
  });
});
