// What every store must do with names under which a publish is remembered.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Idempotency } from '../../src/store/store.ts';
import { batchOf, deliveryRow, eventRow, publish, T0 } from './sample-rows.ts';
import { reopened, type Suite } from './suite.ts';

const HASH = 'hash-1';

function named(names: readonly string[], contentHash: string = HASH): { readonly idempotency: Idempotency } {
  return { idempotency: { names, contentHash } };
}

export function idempotencySuite(suite: Suite): void {
  const { furnished } = suite;
  describe('idempotency', () => {
    const answer = { eventId: eventRow(1).id, type: 'meeting.completed', timestampMs: T0 + 1, receivedMs: T0 + 1, deliveryCount: 3 };

    test('the same name with the same content is a duplicate and gets the first answer, in a later batch and after a restart', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [], { ...named(['key:k']), deliveryCount: 3 })]));
      for (let run = 0; run < 2; run++) {
        const result = await store.commit(batchOf([publish(eventRow(2, { receivedMs: T0 + 77 }), [deliveryRow(2)], named(['key:k']))]));
        assert.deepEqual(result.groups, [{ kind: 'stored', inserts: [{ kind: 'duplicate', ...answer }] }]);
        await reopened(store);
      }
      assert.equal(await store.read.event('acme', eventRow(2).id), null);
      assert.deepEqual(await store.load([2]), []);
    });

    test('the same name with other content is a conflict', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [], named(['id:a', 'key:k']))]));
      const result = await store.commit(batchOf([publish(eventRow(2), [], named(['id:b', 'key:k'], 'hash-2'))]));
      assert.deepEqual(result.groups, [{ kind: 'conflict', index: 0, name: 'key:k' }]);
    });

    test('a conflict leaves nothing of its group, and everything of the other groups', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [], named(['key:k']))]));
      const result = await store.commit({
        groups: [
          { inserts: [publish(eventRow(2), [deliveryRow(2)]), publish(eventRow(3), [], named(['key:k'], 'hash-2'))] },
          { inserts: [publish(eventRow(4), [deliveryRow(4)]), publish(eventRow(5), [], named(['key:k']))] },
        ],
        settles: [],
        changes: [],
      });
      assert.deepEqual(result.groups[0], { kind: 'conflict', index: 1, name: 'key:k' });
      assert.deepEqual(result.groups[1], {
        kind: 'stored',
        inserts: [{ kind: 'stored' }, { kind: 'duplicate', ...answer, deliveryCount: 0 }],
      });
      assert.equal(await store.read.event('acme', eventRow(2).id), null);
      assert.deepEqual(await store.read.event('acme', eventRow(4).id), eventRow(4));
      assert.deepEqual(
        (await store.load([2, 4])).map((row) => row.seq),
        [4],
      );
    });

    test('a name that two groups of one batch, or two inserts of one group, carry is written once', async () => {
      const store = await furnished();
      const first = publish(eventRow(1), [], { ...named(['key:k']), deliveryCount: 3 });
      const second = publish(eventRow(2), [], named(['key:k']));
      const third = publish(eventRow(3), [], named(['key:k'], 'hash-2'));
      const result = await store.commit({
        groups: [{ inserts: [first, second] }, { inserts: [second] }, { inserts: [third] }],
        settles: [],
        changes: [],
      });
      assert.deepEqual(result.groups, [
        { kind: 'stored', inserts: [{ kind: 'stored' }, { kind: 'duplicate', ...answer }] },
        { kind: 'stored', inserts: [{ kind: 'duplicate', ...answer }] },
        { kind: 'conflict', index: 0, name: 'key:k' },
      ]);
      const within = { inserts: [publish(eventRow(5), [], named(['key:l'])), publish(eventRow(6), [], named(['key:l'], 'hash-2'))] };
      const conflict = await store.commit({ groups: [within], settles: [], changes: [] });
      assert.deepEqual(conflict.groups, [{ kind: 'conflict', index: 1, name: 'key:l' }]);
      assert.equal(await store.read.event('acme', eventRow(5).id), null);
    });

    test('one known name among several makes a duplicate; names of two different events make a conflict', async () => {
      const store = await furnished();
      await store.commit(
        batchOf([publish(eventRow(1, { id: 'a' }), [], named(['id:a', 'key:k'])), publish(eventRow(2, { id: 'b' }), [], named(['id:b']))]),
      );
      const result = await store.commit(
        batchOf([
          publish(eventRow(3, { id: 'a' }), [], named(['id:a', 'key:new'])),
          publish(eventRow(4, { id: 'b' }), [], named(['id:b', 'key:k'])),
        ]),
      );
      assert.equal(result.groups[0]?.kind === 'stored' && result.groups[0].inserts[0]?.kind, 'duplicate');
      assert.deepEqual(result.groups[1], { kind: 'conflict', index: 0, name: 'key:k' });
    });

    test('names are a tenant’s own, and so are event ids', async () => {
      const store = await furnished();
      const mine = publish(eventRow(1, { id: 'x' }), [], named(['id:x']));
      const theirs = publish(eventRow(2, { id: 'x', tenant: 'other' }), [], named(['id:x'], 'hash-2'));
      const result = await store.commit(batchOf([mine, theirs]));
      assert.deepEqual(
        result.groups.map((group) => group.kind),
        ['stored', 'stored'],
      );
      assert.equal((await store.read.event(null, 'x'))?.seq, 2);
      assert.equal((await store.read.event('acme', 'x'))?.seq, 1);
    });

    test('a forgotten name can be used again, but not the id of an event that is still there', async () => {
      const store = await furnished();
      await store.commit(
        batchOf([publish(eventRow(1, { id: 'a' }), [], named(['id:a', 'key:k'])), publish(eventRow(2, { id: 'b' }), [], named(['id:b']))]),
      );
      const forget = await store.commit(batchOf([], { changes: [{ kind: 'forgetIdempotency', beforeMs: T0 + 2, limit: 10 }] }));
      assert.deepEqual(forget.changes, [2]);
      const result = await store.commit(
        batchOf([
          publish(eventRow(3, { id: 'a' }), [], named(['id:a'])),
          publish(eventRow(4, { id: 'c' }), [], named(['id:c', 'key:k'])),
          publish(eventRow(5, { id: 'b' }), [], named(['id:b'])),
        ]),
      );
      assert.deepEqual(result.groups[0], { kind: 'conflict', index: 0, name: 'id:a' });
      assert.deepEqual(result.groups[1], { kind: 'stored', inserts: [{ kind: 'stored' }] });
      assert.equal(result.groups[2]?.kind === 'stored' && result.groups[2].inserts[0]?.kind, 'duplicate');
    });

    test('forgetting goes oldest first and stops at its limit', async () => {
      const store = await furnished();
      await store.commit(batchOf([1, 2, 3].map((seq) => publish(eventRow(seq), [], named([`key:${seq}`])))));
      const forget = async (limit: number): Promise<readonly number[]> =>
        (await store.commit(batchOf([], { changes: [{ kind: 'forgetIdempotency', beforeMs: T0 + 100, limit }] }))).changes;
      assert.deepEqual(await forget(2), [2]);
      const again = await store.commit(batchOf([publish(eventRow(4), [], named(['key:3'])), publish(eventRow(5), [], named(['key:1']))]));
      assert.deepEqual(
        again.groups.map((group) => group.kind === 'stored' && group.inserts[0]?.kind),
        ['duplicate', 'stored'],
      );
      assert.deepEqual(await forget(10), [2]);
      assert.deepEqual(await forget(10), [0]);
    });
  });
}
