// The model store keeps the suite, and crashes as a process would.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelDisk } from '../../src/store/model-disk.ts';
import { modelStore } from '../../src/store/model.ts';
import { StoreError } from '../../src/store/store.ts';
import { conformance } from './conformance.ts';
import { batchOf, deliveryRow, eventRow, publish, T0 } from './sample-rows.ts';

conformance('model', async () => {
  const disk = new ModelDisk();
  return { store: () => modelStore(disk), dispose: async () => {} };
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
