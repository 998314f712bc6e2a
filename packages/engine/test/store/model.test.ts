// The model store keeps the suite, and crashes as a process would.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelDisk } from '../../src/store/model-disk.ts';
import { modelStore } from '../../src/store/model.ts';
import { StoreError } from '../../src/store/store.ts';
import type { Clock } from '../../src/ports.ts';
import type { ModelWire } from '../../src/store/model-sharing.ts';
import { ManualClock } from '../manual-ports.ts';
import { conformance } from './conformance.ts';
import { batchOf, deliveryRow, eventRow, publish, T0 } from './sample-rows.ts';
import { sharingConformance } from './suite-sharing.ts';

conformance('model', async () => {
  const disk = new ModelDisk();
  return { store: () => modelStore(disk), dispose: async () => {} };
});

sharingConformance('model', async () => {
  const time = new ManualClock(T0);
  const disk = new ModelDisk(time);
  let nodes = 0;
  return {
    async node() {
      let isCut = false;
      const wire: ModelWire = async (_call, effect) => {
        if (isCut) throw new StoreError('unavailable', 'cut off');
        return effect();
      };
      // Each with a wall clock and a monotonic one of its own.
      nodes += 1;
      const [wall, mono] = [nodes * 1_000_000, nodes * 77];
      const clock: Clock = {
        nowMs: () => time.nowMs() + wall,
        monotonicMs: () => time.monotonicMs() + mono,
        after: (delayMs, run) => time.after(delayMs, run),
      };
      return { store: modelStore(disk, { shared: { clock, wire } }), cut: () => void (isCut = true), heal: () => void (isCut = false) };
    },
    pass: (ms) => time.advance(ms),
    async dispose() {},
  };
});

test('after a crash the disk has what was committed, the lock is free, and the stop was not clean', async () => {
  const disk = new ModelDisk();
  const crashed = modelStore(disk);
  await crashed.open();
  await crashed.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
  disk.crash();
  await assert.rejects(crashed.commit(batchOf([])), (error) => error instanceof StoreError && error.kind === 'unavailable');
  await crashed.close(); // of a dead process: marks nothing
  const next = modelStore(disk);
  const snapshot = await next.open();
  assert.equal(snapshot.cleanStop, false);
  assert.deepEqual(snapshot.backlog, [{ endpointSeq: 1, pending: 1, nextDueMs: T0 + 1 }]);
});

test('a call takes effect when it is made, before anything is awaited', async () => {
  const store = modelStore();
  await store.open();
  const commit = store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
  const load = store.load([1]);
  assert.equal((await load).length, 1);
  await commit;
});
