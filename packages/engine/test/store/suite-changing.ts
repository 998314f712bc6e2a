// What every store must do with settles, which end attempts, and with changes of what it holds.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  attemptRow,
  batchOf,
  delivered,
  deliveryId,
  deliveryRow,
  endpointId,
  endpointRow,
  eventRow,
  failed,
  keyRow,
  publish,
  T0,
  tenantRow,
} from './sample-rows.ts';
import { reopened, type Suite } from './suite.ts';

export function settleSuite(suite: Suite): void {
  const { furnished } = suite;
  describe('a settle', () => {
    test('moves a pending delivery, keeps its attempt, and takes it out of the backlog', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1), deliveryRow(2, { eventSeq: 1 })])]));
      const attempt = attemptRow(1, 1, { outcome: 'refused', status: 410, record: '{"body":"\\u0000é"}' });
      await store.commit(batchOf([], { settles: [failed(1, { attempt, stateReason: 'gone', dueMs: T0 + 9, finishedMs: T0 + 10 })] }));
      const row = await store.read.delivery(deliveryId(1));
      assert.deepEqual(
        {
          state: row?.state,
          stateReason: row?.stateReason,
          outcome: row?.outcome,
          attempts: row?.attempts,
          dueMs: row?.dueMs,
          finishedMs: row?.finishedMs,
        },
        { state: 'failed', stateReason: 'gone', outcome: 'refused', attempts: 1, dueMs: T0 + 9, finishedMs: T0 + 10 },
      );
      assert.deepEqual(await store.read.attempts(1), [attempt]);
      assert.deepEqual(
        (await store.load([1, 2])).map(({ seq }) => seq),
        [2],
      );
      assert.deepEqual((await reopened(store)).backlog, [{ endpointSeq: 1, pending: 1, nextDueMs: T0 + 2 }]);
    });

    test('that leaves it pending moves its due time', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
      const attempt = attemptRow(1, 1, { outcome: 'unreachable', status: null, nextDueMs: T0 + 5_000 });
      const settle = failed(1, { state: 'pending', outcome: 'unreachable', attempt, dueMs: T0 + 5_000, finishedMs: null });
      await store.commit(batchOf([], { settles: [settle] }));
      const [pending] = await store.load([1]);
      assert.deepEqual({ attempts: pending?.attempts, dueMs: pending?.dueMs }, { attempts: 1, dueMs: T0 + 5_000 });
      assert.deepEqual((await reopened(store)).backlog, [{ endpointSeq: 1, pending: 1, nextDueMs: T0 + 5_000 }]);
    });

    test('of a delivery that is final keeps the attempt and its count, and changes nothing else', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
      await store.commit(
        batchOf([], { changes: [{ kind: 'cancelPending', endpointSeq: 1, reason: 'by hand', nowMs: T0 + 1, limit: 10 }] }),
      );
      const before = await store.read.delivery(deliveryId(1));
      await store.commit(batchOf([], { settles: [delivered(1)] }));
      assert.deepEqual(await store.read.delivery(deliveryId(1)), { ...before, attempts: 1 });
      assert.deepEqual(await store.read.attempts(1), [attemptRow(1, 1)]);
      assert.deepEqual((await store.read.counts()).deliveries, { pending: 0, delivered: 0, failed: 0, cancelled: 1, skipped: 0 });
    });

    test('by hand, without an attempt, keeps none; of a final one it does nothing', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
      const cancel = delivered(1, { attempt: null, state: 'cancelled', stateReason: 'by hand', outcome: null, attempts: 0 });
      await store.commit(batchOf([], { settles: [cancel, { ...cancel, stateReason: 'twice', attempts: 7 }] }));
      const row = await store.read.delivery(deliveryId(1));
      assert.deepEqual([row?.state, row?.stateReason, row?.attempts], ['cancelled', 'by hand', 0]);
      assert.deepEqual(await store.read.attempts(1), []);
    });

    test('that comes twice keeps the first attempt of that number and fails nothing', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
      const again = delivered(1, { attempt: attemptRow(1, 1, { record: '"another"' }) });
      await store.commit(batchOf([publish(eventRow(2))], { settles: [delivered(1), again] }));
      assert.deepEqual(await store.read.attempts(1), [attemptRow(1, 1)]);
      assert.deepEqual(await store.read.event('acme', eventRow(2).id), eventRow(2));
    });

    test('of a delivery that is not there writes nothing and fails nothing', async () => {
      const store = await furnished();
      await store.commit(batchOf([], { settles: [delivered(99)] }));
      assert.deepEqual(await store.read.attempts(99), []);
    });

    test('may end a delivery that the same batch made, after its groups', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])], { settles: [delivered(1)] }));
      assert.equal((await store.read.delivery(deliveryId(1)))?.state, 'delivered');
    });

    test('attempts come back by number, each delivery’s own', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1), deliveryRow(2, { eventSeq: 1 })])]));
      const settles = [3, 1, 2].map((n) => delivered(1, { state: 'pending', attempts: n, attempt: attemptRow(1, n), finishedMs: null }));
      await store.commit(batchOf([], { settles: [...settles, delivered(2)] }));
      assert.deepEqual(
        (await store.read.attempts(1)).map(({ number }) => number),
        [1, 2, 3],
      );
      assert.deepEqual(await store.read.attempts(2), [attemptRow(2, 1)]);
    });
  });
}

export function changeSuite(suite: Suite): void {
  const { fresh, furnished } = suite;
  describe('a change', () => {
    test('puts, replaces and deletes tenants, event types and keys, profiles by version, and says how many rows it touched', async () => {
      const { store } = await fresh();
      const definition = { name: 'own' };
      // A definition is opaque to the store: a small one stands for it.
      const profile = (version: number, deletedMs: number | null = null): string =>
        JSON.stringify({ name: 'own', version, definition, createdMs: T0, deletedMs });
      const eventType = { name: 'a.b', profile: null, description: 'd', group: 'g', schema: { type: 'object' }, sample: { x: 'é' } };
      const changes = await store.commit(
        batchOf([], {
          changes: [
            { kind: 'putTenant', tenant: tenantRow('one') },
            { kind: 'putTenant', tenant: tenantRow('two') },
            { kind: 'putTenant', tenant: tenantRow('one', { name: 'renamed' }) },
            { kind: 'deleteTenant', id: 'two' },
            { kind: 'deleteTenant', id: 'nobody' },
            { kind: 'putEventType', eventType },
            { kind: 'putEventType', eventType: { ...eventType, name: 'a.c' } },
            { kind: 'deleteEventType', name: 'a.c' },
            { kind: 'putKey', key: keyRow('key_1') },
            { kind: 'putKey', key: keyRow('key_1', { revokedMs: T0 + 5 }) },
            { kind: 'putProfile', profile: JSON.parse(profile(1)) },
            { kind: 'putProfile', profile: JSON.parse(profile(2)) },
            { kind: 'putProfile', profile: JSON.parse(profile(1, T0 + 9)) },
            { kind: 'putMeta', name: 'm', value: '1' },
            { kind: 'putMeta', name: 'm', value: '2' },
          ],
        }),
      );
      assert.deepEqual(changes.changes, [1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
      const snapshot = await reopened(store);
      assert.deepEqual(snapshot.tenants, [tenantRow('one', { name: 'renamed' })]);
      assert.deepEqual(snapshot.eventTypes, [eventType]);
      assert.deepEqual(snapshot.keys, [keyRow('key_1', { revokedMs: T0 + 5 })]);
      assert.deepEqual(snapshot.profiles, [JSON.parse(profile(1, T0 + 9)), JSON.parse(profile(2))]);
      assert.deepEqual(snapshot.meta, { m: '2' });
    });

    test('puts an endpoint whole, with any text in it', async () => {
      const { store } = await fresh();
      const whole = endpointRow(4, {
        name: 'nul \0, quote ", \u{1F6F0}, \uD800',
        description: 'line\nbreak',
        eventTypes: ['a.*', 'b'],
        rateLimitPerSecond: 0.5,
        lastTriggeredMs: T0 + 3,
        failingSinceMs: T0,
        headersSealed: 'sealed',
        ordering: 'fifo',
      });
      await store.commit(batchOf([], { changes: [{ kind: 'putEndpoint', endpoint: whole }] }));
      assert.deepEqual((await reopened(store)).endpoints, [whole]);
      const edited = { ...whole, name: 'edited', lastTriggeredMs: null };
      await store.commit(batchOf([], { changes: [{ kind: 'putEndpoint', endpoint: edited }] }));
      assert.deepEqual((await reopened(store)).endpoints, [edited]);
    });

    test('deletes an endpoint for good: its row stays for history, its number is not used again, a late edit does not revive it', async () => {
      const store = await furnished();
      const result = await store.commit(
        batchOf([publish(eventRow(1), [deliveryRow(1, { endpointSeq: 3 })])], {
          changes: [
            { kind: 'deleteEndpoint', seq: 3, deletedMs: T0 + 1 },
            { kind: 'deleteEndpoint', seq: 3, deletedMs: T0 + 2 },
            { kind: 'putEndpoint', endpoint: endpointRow(3, { name: 'late' }) },
            { kind: 'touchEndpoint', seq: 3, lastTriggeredMs: T0 },
          ],
        }),
      );
      assert.deepEqual(result.changes, [1, 0, 0, 0]);
      const snapshot = await reopened(store);
      assert.deepEqual(
        snapshot.endpoints.map(({ seq }) => seq),
        [1, 2],
      );
      assert.equal(snapshot.nextSeq.endpoint, 4);
      assert.deepEqual(await store.read.endpoint(3), { id: endpointId(3), profile: 'standard', profileVersion: 0 });
      assert.equal((await store.read.delivery(deliveryId(1)))?.endpointId, endpointId(3));
      assert.equal(await store.read.endpoint(99), null);
    });

    test('touches an endpoint forward only', async () => {
      const store = await furnished();
      const touch = async (ms: number): Promise<number | undefined> =>
        (await store.commit(batchOf([], { changes: [{ kind: 'touchEndpoint', seq: 1, lastTriggeredMs: ms }] }))).changes[0];
      assert.deepEqual([await touch(T0 + 5), await touch(T0 + 3), await touch(T0 + 6)], [1, 0, 1]);
      assert.equal((await reopened(store)).endpoints[0]?.lastTriggeredMs, T0 + 6);
    });

    test('cancels what is pending of one endpoint, nearest due first, up to its limit', async () => {
      const store = await furnished();
      const deliveries = [
        deliveryRow(1, { eventSeq: 1, dueMs: T0 + 30 }),
        deliveryRow(2, { eventSeq: 1, dueMs: T0 + 10 }),
        deliveryRow(3, { eventSeq: 1, dueMs: T0 + 20 }),
        deliveryRow(4, { eventSeq: 1, endpointSeq: 2 }),
        deliveryRow(5, { eventSeq: 1, state: 'skipped' }),
      ];
      const cancel = { kind: 'cancelPending', endpointSeq: 1, reason: 'the endpoint was deleted', nowMs: T0 + 99, limit: 2 } as const;
      const result = await store.commit(batchOf([publish(eventRow(1), deliveries)], { changes: [cancel] }));
      assert.deepEqual(result.changes, [2]);
      assert.deepEqual(
        (await store.load([1, 2, 3, 4, 5])).map(({ seq }) => seq),
        [1, 4],
      );
      const row = await store.read.delivery(deliveryId(2));
      assert.deepEqual([row?.state, row?.stateReason, row?.finishedMs, row?.dueMs], ['cancelled', cancel.reason, T0 + 99, T0 + 10]);
      assert.deepEqual((await store.commit(batchOf([], { changes: [cancel, cancel] }))).changes, [1, 0]);
    });
  });
}
