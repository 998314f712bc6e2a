// What every store must do for replays and retention.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReplayFilter, ReplayRow } from '../../src/store/rows.ts';
import type { Change, Insert, SelectionQuery, Store } from '../../src/store/store.ts';
import {
  attemptRow,
  batchOf,
  delivered,
  deliveryId,
  deliveryQuery,
  deliveryRow,
  endpointId,
  endpointRow,
  eventQuery,
  eventRow,
  failed,
  publish,
  T0,
} from './sample-rows.ts';
import { reopened, type Suite } from './suite.ts';

const ANY: ReplayFilter = { endpointSeq: null, endpoint: null, types: null, states: ['failed', 'skipped'], fromMs: null, toMs: null };

export function replayRow(seq: number, over: Partial<ReplayRow> = {}): ReplayRow {
  return {
    seq,
    id: `rpl_${String(seq).padStart(26, '0')}`,
    tenant: 'acme',
    state: 'running',
    filter: ANY,
    upToSeq: 100,
    total: 3,
    made: 0,
    streams: [{ endpointSeq: 1, after: 0 }],
    done: 0,
    failed: 0,
    createdMs: T0,
    finishedMs: null,
    ...over,
  };
}

function step(replay: ReplayRow, deliveries: Extract<Insert, { kind: 'replay' }>['deliveries']): Insert {
  return { kind: 'replay', replay, deliveries };
}

async function changed(store: Store, ...changes: readonly Change[]): Promise<readonly number[]> {
  return (await store.commit(batchOf([], { changes }))).changes;
}

export function replaySuite(suite: Suite): void {
  const { fresh, furnished } = suite;

  /** Deliveries 1 to 6 of events 1 to 6, by turns to endpoints 1 and 2; even ones failed, 5 skipped, 1 delivered, 3 pending. */
  async function history(): Promise<Store> {
    const store = await furnished();
    await store.commit(
      batchOf(
        [1, 2, 3, 4, 5, 6].map((seq) =>
          publish(eventRow(seq, { type: seq < 4 ? 'meeting.completed' : 'payment.paid' }), [
            deliveryRow(seq, { endpointSeq: (seq % 2) + 1, ...(seq === 5 ? { state: 'skipped', finishedMs: T0 } : {}) }),
          ]),
        ),
        { settles: [delivered(1), failed(2), failed(4), failed(6)] },
      ),
    );
    return store;
  }

  const selected = async (store: Store, over: Partial<ReplayFilter>, more: Partial<SelectionQuery> = {}): Promise<readonly number[]> => {
    const query = { tenant: 'acme', filter: { ...ANY, ...over }, after: 0, upToSeq: 1_000, limit: 100, ...more };
    const seqs: number[] = [];
    let counted = 0;
    for (let after: number | null = query.after; after !== null;) {
      const page = await store.read.selection({ ...query, after });
      seqs.push(...page.rows.map(({ seq }) => seq));
      after = page.next;
    }
    for (let after: number | null = query.after; after !== null;) {
      const part = await store.read.selectionCounts({ ...query, after });
      for (const { deliveries } of part.counts) counted += deliveries;
      after = part.next;
    }
    assert.equal(counted, seqs.length, 'as many as are counted');
    return seqs;
  };

  describe('what a replay takes', () => {
    test('is found by state, endpoint, type, time and number, oldest first', async () => {
      const store = await history();
      assert.deepEqual(await selected(store, {}), [2, 4, 5, 6]);
      assert.deepEqual(await selected(store, { states: ['delivered'] }), [1]);
      assert.deepEqual(await selected(store, { states: ['delivered', 'failed', 'skipped', 'cancelled'] }), [1, 2, 4, 5, 6]);
      assert.deepEqual(await selected(store, { endpointSeq: 2 }), [5]);
      assert.deepEqual(await selected(store, { types: ['meeting.*'] }), [2]);
      assert.deepEqual(await selected(store, { types: ['payment.paid', 'nothing.here'] }), [4, 5, 6]);
      assert.deepEqual(await selected(store, { types: ['*'] }), [2, 4, 5, 6]);
      assert.deepEqual(await selected(store, { fromMs: T0 + 4, toMs: T0 + 6 }), [4, 5]);
      assert.deepEqual(await selected(store, {}, { after: 2, upToSeq: 5 }), [4, 5]);
      assert.deepEqual(await selected(store, {}, { tenant: 'other' }), []);
      assert.deepEqual(await selected(store, {}, { limit: 1 }), [2, 4, 5, 6]);
      const [row] = (await store.read.selection({ tenant: 'acme', filter: ANY, after: 0, upToSeq: 9, limit: 1 })).rows;
      assert.deepEqual(row, { seq: 2, id: deliveryId(2), eventSeq: 2, endpointSeq: 1, facts: null });
    });

    test('is the latest delivery of an event and endpoint alone: what was retried since counts no more', async () => {
      const store = await history();
      const again = (seq: number, eventSeq: number): Insert => ({
        kind: 'deliveries',
        eventSeq,
        deliveries: [deliveryRow(seq, { eventSeq, cause: 'retry', origin: deliveryId(eventSeq) })],
      });
      await store.commit(batchOf([again(7, 2), again(8, 4), again(9, 6)], { settles: [delivered(7), failed(8)] }));
      assert.deepEqual(await selected(store, {}), [5, 8], '2 was delivered by its retry, 8 stands for 4, 9 is pending');
    });

    test('is nothing of a deleted endpoint, nor a test', async () => {
      const store = await history();
      await store.commit(batchOf([publish(eventRow(7), [deliveryRow(7, { cause: 'test' })])], { settles: [failed(7)] }));
      await changed(store, { kind: 'deleteEndpoint', seq: 2, deletedMs: T0 });
      assert.deepEqual(await selected(store, {}), [2, 4, 6]);
    });

    test('is found over many blocks, in parts', async () => {
      const store = await furnished();
      const seqs = [5, 4_000, 5_000, 100_000, 200_000, 300_000];
      await store.commit(
        batchOf(
          seqs.map((seq) => publish(eventRow(seq), [deliveryRow(seq)])),
          { settles: seqs.map((seq) => failed(seq)) },
        ),
      );
      assert.deepEqual(await selected(store, {}, { upToSeq: 250_000, limit: 2 }), seqs.slice(0, -1));
      assert.deepEqual(await selected(store, { endpointSeq: 1 }, { upToSeq: 1_000_000 }), seqs);
    });
  });

  describe('a replay', () => {
    test('is kept, moved on and ended; one that ended stays so, and only one that has not is in the snapshot', async () => {
      const { store } = await fresh();
      const ended = replayRow(2, { state: 'completed', finishedMs: T0 + 9, done: 3, streams: [] });
      assert.deepEqual(
        await changed(
          store,
          { kind: 'putReplay', replay: replayRow(1, { state: 'counting', total: null }) },
          { kind: 'putReplay', replay: replayRow(1) },
          { kind: 'putReplay', replay: ended },
          { kind: 'putReplay', replay: replayRow(2) },
          { kind: 'putReplay', replay: replayRow(3, { tenant: 'other' }) },
        ),
        [1, 1, 1, 0, 1],
      );
      const snapshot = await reopened(store);
      assert.deepEqual(snapshot.replays, [replayRow(1), replayRow(3, { tenant: 'other' })]);
      assert.equal(snapshot.nextSeq.replay, 4);
      assert.deepEqual(await store.read.replay(ended.id), ended);
      assert.equal(await store.read.replay('rpl_none'), null);
      const query = { tenant: 'acme', limit: 1, before: null };
      assert.deepEqual(await store.read.replays(query), { rows: [ended], next: 2 });
      assert.deepEqual(await store.read.replays({ ...query, before: 2 }), { rows: [replayRow(1)], next: null });
      const everywhere = { ...query, tenant: null, limit: 2 };
      assert.deepEqual(await store.read.replays(everywhere), { rows: [replayRow(3, { tenant: 'other' }), ended], next: 2 });
      assert.deepEqual(await store.read.replays({ ...everywhere, before: 2 }), { rows: [replayRow(1)], next: null });
    });

    test('makes deliveries of many events and says how far it is, in one', async () => {
      const store = await history();
      await changed(store, { kind: 'putReplay', replay: replayRow(1) });
      const moved = replayRow(1, { made: 2, streams: [{ endpointSeq: 1, after: 4 }] });
      const rows = [
        deliveryRow(7, { eventSeq: 2, cause: 'replay', origin: deliveryId(2), replaySeq: 1 }),
        deliveryRow(8, { eventSeq: 4, cause: 'replay', origin: deliveryId(4), replaySeq: 1 }),
      ];
      assert.deepEqual((await store.commit(batchOf([step(moved, rows)]))).groups, [{ kind: 'stored', inserts: [{ kind: 'stored' }] }]);
      assert.deepEqual((await store.read.delivery(deliveryId(7)))?.replaySeq, 1);
      assert.deepEqual(
        (await store.load([7, 8])).map(({ cause }) => cause),
        ['replay', 'replay'],
      );
      assert.deepEqual(await store.read.replayCounts(1), { pending: 2, delivered: 0, failed: 0, cancelled: 0, skipped: 0 });
      await store.commit(batchOf([], { settles: [delivered(7)] }));
      assert.deepEqual(await store.read.replayCounts(1), { pending: 1, delivered: 1, failed: 0, cancelled: 0, skipped: 0 });
      assert.deepEqual(
        (await store.read.replayPending(1, 10)).map(({ seq }) => seq),
        [8],
      );
      assert.deepEqual((await reopened(store)).replays, [moved]);
    });

    test('that has ended, or an event that is gone, refuses a step whole', async () => {
      const store = await history();
      await changed(
        store,
        { kind: 'putReplay', replay: replayRow(1) },
        { kind: 'putReplay', replay: replayRow(2, { state: 'cancelled', finishedMs: T0 }) },
      );
      const row = deliveryRow(7, { eventSeq: 2, cause: 'replay', replaySeq: 1 });
      const { groups } = await store.commit(
        batchOf([
          step(replayRow(2), [row]),
          step(replayRow(9), [row]),
          step(replayRow(1, { made: 2 }), [row, { ...row, seq: 8, id: deliveryId(8), eventSeq: 99 }]),
        ]),
      );
      assert.deepEqual(
        groups.map(({ kind }) => kind),
        ['missing', 'missing', 'missing'],
      );
      assert.equal(await store.read.delivery(deliveryId(7)), null);
      assert.equal((await store.read.replay(replayRow(1).id))?.made, 0);
    });
  });

  test('an endpoint is found by its id also when it was deleted', async () => {
    const store = await furnished();
    await changed(store, { kind: 'deleteEndpoint', seq: 2, deletedMs: T0 + 5 });
    assert.deepEqual(await store.read.endpointEver(endpointId(1)), { row: endpointRow(1), deletedMs: null });
    const bare = { ...endpointRow(2), secretSealed: '', previousSecretSealed: null, headersSealed: null };
    assert.deepEqual(await store.read.endpointEver(endpointId(2)), { row: bare, deletedMs: T0 + 5 }, 'a deleted one keeps no secret');
    assert.equal(await store.read.endpointEver('ep_none'), null);
  });
}

export function retentionSuite(suite: Suite): void {
  const { furnished } = suite;

  describe('what is old', () => {
    test('is what was made before a time and ended before another, or is pending still; oldest first', async () => {
      const store = await furnished();
      const rows = [
        deliveryRow(1, { state: 'skipped', finishedMs: T0 + 50 }),
        deliveryRow(2, { state: 'skipped', finishedMs: T0 + 99 }),
        deliveryRow(3),
        deliveryRow(4, { createdMs: T0 + 60, state: 'skipped', finishedMs: T0 + 50 }),
        deliveryRow(5, { createdMs: T0 - 5, endpointSeq: 2, attempts: 2, outcome: 'refused', dueMs: T0 + 7 }),
      ];
      await store.commit(batchOf(rows.map((row) => publish(eventRow(row.seq), [row]))));
      const query = { madeBeforeMs: T0 + 60, endedBeforeMs: T0 + 99, after: 0, rowsMax: 100 };
      const old = await store.read.oldDeliveries(query);
      assert.deepEqual(
        old.rows.map(({ seq, state }) => [seq, state]),
        [
          [1, 'skipped'],
          [3, 'pending'],
          [5, 'pending'],
        ],
      );
      assert.deepEqual(old.rows.at(-1), { seq: 5, endpointSeq: 2, state: 'pending', outcome: 'refused', attempts: 2, dueMs: T0 + 7 });
      assert.equal(old.next, null);
      const seqs: number[] = [];
      for (let after: number | null = 0; after !== null;) {
        const part = await store.read.oldDeliveries({ ...query, after, rowsMax: 1 });
        assert.ok(part.rows.length <= 1);
        seqs.push(...part.rows.map(({ seq }) => seq));
        after = part.next;
      }
      assert.deepEqual(seqs, [1, 3, 5]);
    });

    test('of events is what was received before a time and has no deliveries; over many blocks, in parts', async () => {
      const store = await furnished();
      const seqs = [1, 2, 5_000, 90_000, 180_000];
      const insert = (seq: number): Insert =>
        publish(eventRow(seq, { receivedMs: T0 + (seq === 5_000 ? 100 : 0) }), seq === 2 ? [deliveryRow(2)] : []);
      const wide = publish(eventRow(3, { receivedMs: T0 }), [], { expansion: [{ endpointSeq: 1, facts: null, skippedReason: null }] });
      await store.commit(batchOf([...seqs.map(insert), wide]));
      const found: number[] = [];
      for (let after: number | null = 0; after !== null;) {
        const part = await store.read.oldEvents({ receivedBeforeMs: T0 + 100, after, rowsMax: 1, bytesMax: 1_000 });
        found.push(...part.rows);
        after = part.next;
      }
      assert.deepEqual(found, [1, 90_000, 180_000]);
      const small = await store.read.oldEvents({ receivedBeforeMs: T0 + 100, after: 0, rowsMax: 100, bytesMax: 1 });
      assert.deepEqual(small, { rows: [1], next: 1 }, 'at least one, however few bytes');
    });
  });

  describe('removing', () => {
    test('takes deliveries with their attempts, then their events; what is pending, used or expanding stays', async () => {
      const store = await furnished();
      const wide = publish(eventRow(4), [], { expansion: [{ endpointSeq: 1, facts: null, skippedReason: null }] });
      await store.commit(
        batchOf([publish(eventRow(1), [deliveryRow(1), deliveryRow(2, { eventSeq: 1 })]), publish(eventRow(3), [deliveryRow(3)]), wide], {
          settles: [delivered(1), failed(3, { attempts: 2, attempt: attemptRow(3, 2) })],
        }),
      );
      assert.deepEqual(
        await changed(store, { kind: 'removeDeliveries', seqs: [1, 2, 3, 99] }, { kind: 'removeEvents', seqs: [1, 3, 4, 99] }),
        [2, 1],
      );
      assert.equal(await store.read.delivery(deliveryId(1)), null);
      assert.deepEqual(await store.read.attempts(1), []);
      assert.deepEqual(await store.read.attempts(3), []);
      assert.equal(await store.read.event('acme', eventRow(3).id), null);
      assert.deepEqual(
        (await store.read.events(eventQuery())).rows.map(({ seq }) => seq),
        [4, 1],
      );
      assert.deepEqual(
        (await store.read.deliveries(deliveryQuery())).rows.map(({ seq }) => seq),
        [2],
      );
      const counts = await store.read.counts();
      assert.deepEqual(counts.events, 2);
      assert.deepEqual(counts.deliveries, { pending: 1, delivered: 0, failed: 0, cancelled: 0, skipped: 0 });
      assert.deepEqual(
        (await store.load([2])).map(({ seq }) => seq),
        [2],
      );
    });

    test('everything gives no number out twice, and frees the event’s id', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(7), [deliveryRow(9, { eventSeq: 7 })])], { settles: [delivered(9)] }));
      await changed(store, { kind: 'putReplay', replay: replayRow(5, { state: 'completed', finishedMs: T0 }) });
      await changed(
        store,
        { kind: 'removeDeliveries', seqs: [9] },
        { kind: 'removeEvents', seqs: [7] },
        { kind: 'removeReplays', finishedBeforeMs: T0 + 1, limit: 10 },
      );
      assert.deepEqual((await reopened(store)).nextSeq, { event: 8, delivery: 10, endpoint: 4, replay: 6 });
      await store.commit(batchOf([publish(eventRow(8, { id: eventRow(7).id }))]));
      assert.equal((await store.read.event('acme', eventRow(7).id))?.seq, 8);
    });

    test('takes replays that ended before a time, up to its limit, and no other', async () => {
      const store = await furnished();
      const rows = [
        replayRow(1, { state: 'completed', finishedMs: T0 }),
        replayRow(2, { state: 'completed', finishedMs: T0 + 1 }),
        replayRow(3),
        replayRow(4, { state: 'cancelled', finishedMs: T0 + 50 }),
      ];
      await changed(store, ...rows.map((replay): Change => ({ kind: 'putReplay', replay })));
      const removal: Change = { kind: 'removeReplays', finishedBeforeMs: T0 + 50, limit: 1 };
      assert.deepEqual(await changed(store, removal, removal, removal), [1, 1, 0]);
      const left = await store.read.replays({ tenant: 'acme', limit: 10, before: null });
      assert.deepEqual(
        left.rows.map(({ seq }) => seq),
        [4, 3],
      );
    });

    test('takes rows of endpoints deleted before a time once they have no deliveries, and gives their numbers out to nobody', async () => {
      const store = await furnished();
      const removal: Change = { kind: 'removeEndpoints', deletedBeforeMs: T0 + 50, limit: 1 };
      await store.commit(
        batchOf([publish(eventRow(7), [deliveryRow(9, { eventSeq: 7, endpointSeq: 3 })])], {
          settles: [delivered(9)],
          changes: [
            ...[7, 8].map((seq): Change => ({ kind: 'putEndpoint', endpoint: endpointRow(seq) })),
            ...[3, 7, 8].map((seq): Change => ({ kind: 'deleteEndpoint', seq, deletedMs: seq === 7 ? T0 + 50 : T0 + 40 })),
          ],
        }),
      );
      assert.deepEqual(await changed(store, removal, removal), [1, 0], 'one is too young, one has a delivery');
      assert.equal(await store.read.endpointEver(endpointId(8)), null);
      assert.equal((await store.read.endpointEver(endpointId(7)))?.deletedMs, T0 + 50);
      await changed(store, { kind: 'removeDeliveries', seqs: [9] });
      assert.deepEqual(await changed(store, removal, removal), [1, 0]);
      assert.equal(await store.read.endpointEver(endpointId(3)), null);
      assert.equal((await reopened(store)).nextSeq.endpoint, 9);
    });
  });
}
