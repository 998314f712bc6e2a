// What every store must do with what it is given: opening, batches, expansions, settles, changes.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import type { Idempotency, Insert } from '../../src/store/store.ts';
import { batchOf, delivered, deliveryId, deliveryRow, endpointId, endpointRow, eventRow, publish, T0, tenantRow } from './sample-rows.ts';
import { rejectsWith, reopened, type Suite } from './suite.ts';

const HASH = 'hash-1';

function named(names: readonly string[], contentHash: string = HASH): { readonly idempotency: Idempotency } {
  return { idempotency: { names, contentHash } };
}

export function openingSuite(suite: Suite): void {
  const { fresh, furnished } = suite;
  describe('opening', () => {
    test('an empty store opens with nothing in it, numbers from 1, and a clean stop', async () => {
      const { store } = await fresh();
      const snapshot = await reopened(store);
      assert.deepEqual(snapshot, {
        tenants: [],
        endpoints: [],
        profiles: [],
        eventTypes: [],
        keys: [],
        backlog: [],
        expansions: [],
        replays: [],
        notices: { open: [], mailsWaiting: 0 },
        meta: {},
        nextSeq: { event: 1, delivery: 1, endpoint: 1, replay: 1 },
        cleanStop: true,
      });
    });

    test('a second store on the same place is refused at once, and gets it when the first has closed; unless stores share it', async () => {
      const { store, at } = await fresh();
      const second = at.store();
      if (store.sharing !== undefined) {
        await second.open();
        return;
      }
      await assert.rejects(second.open(), (error) => error instanceof WaxwingError && error.code === 'data_folder_in_use');
      await store.close();
      await second.open();
    });

    test('a store that is open refuses to be opened again', async () => {
      const { store } = await fresh();
      await assert.rejects(store.open(), (error) => error instanceof WaxwingError && error.code === 'data_folder_in_use');
      assert.equal((await store.commit(batchOf([publish(eventRow(1))]))).groups.length, 1);
    });

    test('a closed store answers nothing, and closing it again is no error', async () => {
      const { store } = await fresh();
      await store.close();
      await store.close();
      await rejectsWith('unavailable', store.commit(batchOf([])));
      await rejectsWith('unavailable', store.refill({ endpointSeq: 1, after: null, rowsMax: 1, bytesMax: 1 }));
      await rejectsWith('unavailable', store.load([1]));
      await rejectsWith('unavailable', store.read.counts());
    });

    test('everything committed is found again by the next opening', async () => {
      const store = await furnished();
      const tenant = tenantRow('acme', { name: 'Acme \u{1F6F0} \0', notifyEmails: ['a@b.test'], metadata: { a: 'b' } });
      await store.commit(
        batchOf(
          [publish(eventRow(7), [deliveryRow(9, { eventSeq: 7, dueMs: T0 + 50 }), deliveryRow(10, { eventSeq: 7, dueMs: T0 + 40 })])],
          {
            changes: [
              { kind: 'putTenant', tenant },
              { kind: 'putMeta', name: 'fact', value: 'kept' },
            ],
          },
        ),
      );
      const snapshot = await reopened(store);
      assert.deepEqual(snapshot.tenants, [tenant]);
      assert.deepEqual(snapshot.endpoints, [endpointRow(1), endpointRow(2), endpointRow(3, { tenant: 'other' })]);
      assert.deepEqual(snapshot.backlog, [{ endpointSeq: 1, pending: 2, nextDueMs: T0 + 40 }]);
      assert.deepEqual(snapshot.meta, { fact: 'kept' });
      assert.deepEqual(snapshot.nextSeq, { event: 8, delivery: 11, endpoint: 4, replay: 1 });
      assert.deepEqual(await store.read.event('acme', eventRow(7).id), eventRow(7));
    });
  });
}

export function batchSuite(suite: Suite): void {
  const { furnished } = suite;
  describe('a batch', () => {
    test('stores an event and its deliveries as they are', async () => {
      const store = await furnished();
      const event = eventRow(1, { data: '{"a":"\\u0000","b":"é\u{1F6F0}","c":12345678901234567890}', hasUnsafeInteger: true });
      const row = deliveryRow(1, {
        cause: 'replay',
        origin: deliveryId(9),
        facts: 'x\0y',
        stateReason: 'z',
        outcome: 'timed_out',
        attempts: 3,
        finishedMs: 5,
      });
      const result = await store.commit(batchOf([publish(event, [row])]));
      assert.deepEqual(result, { groups: [{ kind: 'stored', inserts: [{ kind: 'stored' }] }], changes: [] });
      assert.deepEqual(await store.read.event('acme', event.id), event);
      assert.deepEqual(await store.read.delivery(row.id), {
        ...row,
        eventId: event.id,
        eventType: event.type,
        endpointId: endpointId(1),
      });
      const { seq, id, tenant, endpointSeq, cause, attempts, dueMs, facts } = row;
      assert.deepEqual(await store.load([1]), [{ seq, id, tenant, endpointSeq, cause, attempts, dueMs, facts, event }]);
    });

    for (const [what, insert] of [
      ['a used event number', publish(eventRow(1, { id: 'other' }))],
      ['a used event id', publish(eventRow(2, { id: eventRow(1).id }))],
      ['a used delivery number', publish(eventRow(2), [deliveryRow(1, { id: deliveryId(2) })])],
      ['a used delivery id', publish(eventRow(2), [deliveryRow(2, { id: deliveryId(1) })])],
      ['a time that is not whole', publish(eventRow(2, { receivedMs: 1.5 }))],
      ['a time that is not a number', publish(eventRow(2), [deliveryRow(2, { dueMs: Number.NaN })])],
    ] as const) {
      test(`with ${what} is refused as a row, and nothing of it is written`, async () => {
        const store = await furnished();
        await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
        const before = await store.read.counts();
        const batch = batchOf([publish(eventRow(11), [deliveryRow(11)], named(['id:x'])), insert, publish(eventRow(12))], {
          settles: [delivered(1)],
          changes: [{ kind: 'putTenant', tenant: tenantRow('late') }],
        });
        await rejectsWith('row', store.commit(batch));
        const { bytes: _, ...counts } = await store.read.counts();
        const { bytes: __, ...countsBefore } = before;
        assert.deepEqual(counts, countsBefore);
        assert.equal(await store.read.event('acme', eventRow(11).id), null);
        assert.equal((await store.load([1])).length, 1);
        // What was refused left no trace: its neighbours can be written alone.
        const alone = await store.commit(batchOf([publish(eventRow(11), [deliveryRow(11)], named(['id:x'])), publish(eventRow(12))]));
        assert.deepEqual(
          alone.groups.map((group) => group.kind),
          ['stored', 'stored'],
        );
        const after = await store.read.counts();
        assert.deepEqual([after.events, after.deliveries.pending, after.deliveries.delivered], [3, 2, 0]);
        assert.deepEqual((await reopened(store)).tenants, []);
      });
    }

    test('of two thousand rows is stored whole', async () => {
      const store = await furnished();
      const inserts = Array.from({ length: 1_000 }, (_, i) => publish(eventRow(i + 1), [deliveryRow(i + 1)]));
      const result = await store.commit(batchOf(inserts));
      assert.equal(result.groups.length, 1_000);
      const settled = await store.commit(batchOf([], { settles: inserts.map(({ event }) => delivered(event.seq)) }));
      assert.deepEqual(settled, { groups: [], changes: [] });
      const { bytes, ...counts } = await store.read.counts();
      assert.ok(bytes > 0);
      assert.deepEqual(counts, { events: 1_000, deliveries: { pending: 0, delivered: 1_000, failed: 0, cancelled: 0, skipped: 0 } });
    });

    test('adds deliveries to an event that exists, and says of one that does not that it is missing', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [])]));
      const again: Insert = {
        kind: 'deliveries',
        eventSeq: 1,
        deliveries: [deliveryRow(5, { eventSeq: 1, cause: 'retry', origin: deliveryId(1) })],
      };
      const lost: Insert = { kind: 'deliveries', eventSeq: 99, deliveries: [deliveryRow(6, { eventSeq: 99 })] };
      const result = await store.commit({ groups: [{ inserts: [again] }, { inserts: [again, lost] }], settles: [], changes: [] });
      assert.deepEqual(result.groups, [
        { kind: 'stored', inserts: [{ kind: 'stored' }] },
        { kind: 'missing', index: 1 },
      ]);
      assert.equal((await store.read.delivery(deliveryId(5)))?.cause, 'retry');
      assert.equal(await store.read.delivery(deliveryId(6)), null);
    });

    test('takes deliveries of an event that an earlier insert of the same group, or of the same batch, brings', async () => {
      const store = await furnished();
      const test1: Insert = { kind: 'deliveries', eventSeq: 1, deliveries: [deliveryRow(1, { cause: 'test' })] };
      const test2: Insert = { kind: 'deliveries', eventSeq: 1, deliveries: [deliveryRow(2, { eventSeq: 1, cause: 'test' })] };
      const result = await store.commit({
        groups: [{ inserts: [publish(eventRow(1)), test1] }, { inserts: [test2] }],
        settles: [],
        changes: [],
      });
      assert.deepEqual(
        result.groups.map((group) => group.kind),
        ['stored', 'stored'],
      );
      assert.equal((await store.load([1, 2])).length, 2);
    });
  });
}

export function expansionSuite(suite: Suite): void {
  const { furnished } = suite;
  describe('expansions', () => {
    const matches = Array.from({ length: 5 }, (_, i) => ({
      endpointSeq: i + 1,
      facts: i === 0 ? 'é' : null,
      skippedReason: i === 4 ? 'disabled' : null,
    }));

    test('a wide fan-out is kept with how far it came, and gone when complete', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [], { expansion: matches, deliveryCount: 5 })]));
      assert.deepEqual((await reopened(store)).expansions, [{ event: eventRow(1), matches, done: 0 }]);
      const chunk = (from: number, done: number): Insert => ({
        kind: 'chunk',
        eventSeq: 1,
        deliveries: [deliveryRow(from, { eventSeq: 1 })],
        done,
      });
      await store.commit(batchOf([chunk(1, 2)]));
      assert.deepEqual((await reopened(store)).expansions, [{ event: eventRow(1), matches, done: 2 }]);
      await store.commit(batchOf([chunk(2, 5)]));
      assert.deepEqual((await reopened(store)).expansions, []);
      assert.equal((await store.load([1, 2])).length, 2);
    });

    test('a chunk of what is not being expanded is missing', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1))]));
      const result = await store.commit(batchOf([{ kind: 'chunk', eventSeq: 1, deliveries: [deliveryRow(1)], done: 1 }]));
      assert.deepEqual(result.groups, [{ kind: 'missing', index: 0 }]);
      assert.deepEqual(await store.load([1]), []);
    });
  });
}
