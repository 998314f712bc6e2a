// What every store must answer: refills in order, lists page by page, counts.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EventRow } from '../../src/store/rows.ts';
import type { DeliveryQuery, EventQuery, Insert, RowPage, Store } from '../../src/store/store.ts';
import {
  batchOf,
  delivered,
  deliveryId,
  deliveryQuery,
  deliveryRow,
  endpointId,
  eventQuery,
  eventRow,
  failed,
  publish,
  T0,
} from './sample-rows.ts';
import { reopened, type Suite } from './suite.ts';

export function refillSuite(suite: Suite): void {
  const { furnished } = suite;
  describe('a refill', () => {
    async function filled(): Promise<Store> {
      const store = await furnished();
      const dues: readonly (readonly [number, number])[] = [
        [1, 30],
        [2, 10],
        [3, 20],
        [4, 10],
        [5, 40],
      ];
      const rows = dues.map(([seq, due]) => deliveryRow(seq, { eventSeq: 1, dueMs: T0 + due }));
      await store.commit(
        batchOf([publish(eventRow(1), [...rows, deliveryRow(6, { eventSeq: 1, endpointSeq: 2 })])], { settles: [delivered(5)] }),
      );
      return store;
    }
    const seqsOf = (rows: readonly { readonly seq: number }[]): readonly number[] => rows.map(({ seq }) => seq);
    const all = { endpointSeq: 1, after: null, rowsMax: 10, bytesMax: 1e6 };

    test('gives one endpoint’s pending deliveries by due time, then by number', async () => {
      const store = await filled();
      assert.deepEqual(seqsOf(await store.refill(all)), [2, 4, 3, 1]);
      assert.deepEqual(seqsOf(await store.refill({ ...all, endpointSeq: 9 })), []);
    });

    test('goes on strictly after a position', async () => {
      const store = await filled();
      assert.deepEqual(seqsOf(await store.refill({ ...all, after: { dueMs: T0 + 10, seq: 2 } })), [4, 3, 1]);
      assert.deepEqual(seqsOf(await store.refill({ ...all, after: { dueMs: T0 + 10, seq: 4 } })), [3, 1]);
      assert.deepEqual(seqsOf(await store.refill({ ...all, after: { dueMs: T0 + 30, seq: 1 } })), []);
      assert.deepEqual(seqsOf(await store.refill({ ...all, after: { dueMs: T0 + 15, seq: 0 } })), [3, 1]);
    });

    test('in the order of publishing takes no heed of due times', async () => {
      const store = await filled();
      assert.deepEqual(seqsOf(await store.refill({ ...all, order: 'seq' })), [1, 2, 3, 4]);
      assert.deepEqual(seqsOf(await store.refill({ ...all, order: 'seq', after: { dueMs: T0 + 99, seq: 2 } })), [3, 4]);
    });

    test('stops at its rows and at its bytes, but gives at least one', async () => {
      const store = await filled();
      assert.deepEqual(seqsOf(await store.refill({ ...all, rowsMax: 2 })), [2, 4]);
      const size = eventRow(1).data.length;
      assert.deepEqual(seqsOf(await store.refill({ ...all, bytesMax: size * 3 })), [2, 4, 3]);
      assert.deepEqual(seqsOf(await store.refill({ ...all, bytesMax: 1 })), [2]);
    });

    test('sees every commit that was asked for before it, and none after', async () => {
      const store = await furnished();
      const commits: Promise<unknown>[] = [];
      const refills: Promise<readonly { readonly seq: number }[]>[] = [];
      const loads: Promise<readonly { readonly seq: number }[]>[] = [];
      for (let seq = 1; seq <= 20; seq++) {
        commits.push(store.commit(batchOf([publish(eventRow(seq), [deliveryRow(seq)])])));
        refills.push(store.refill({ ...all, rowsMax: 100 }));
        loads.push(store.load([seq - 1, seq, seq + 1]));
      }
      await Promise.all(commits);
      const refilled = await Promise.all(refills);
      assert.deepEqual(
        refilled.map((rows) => rows.length),
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
      const loaded = await Promise.all(loads);
      assert.deepEqual(
        loaded.map(seqsOf),
        Array.from({ length: 20 }, (_, i) => (i === 0 ? [1] : [i, i + 1])),
      );
    });
  });
}

export function listSuite(suite: Suite): void {
  const { furnished } = suite;
  describe('lists', () => {
    /** Walks a list to its end, page by page. */
    async function walk<Q extends { readonly before: number | null }, R extends { readonly seq: number }>(
      list: (query: Q) => Promise<RowPage<R>>,
      query: Q,
    ): Promise<readonly number[]> {
      const seqs: number[] = [];
      let page = await list(query);
      for (let pages = 1; ; pages++) {
        assert.ok(pages < 1_000, 'the list does not end');
        seqs.push(...page.rows.map(({ seq }) => seq));
        if (page.next === null) return seqs;
        page = await list({ ...query, before: page.next });
      }
    }
    const range = (from: number, to: number): readonly number[] => Array.from({ length: from - to + 1 }, (_, i) => from - i);

    test('of events come newest first, in pages that neither repeat nor miss', async () => {
      const store = await furnished();
      const rows: EventRow[] = [];
      for (let seq = 1; seq <= 25; seq++) rows.push(eventRow(seq, { tenant: seq % 5 === 0 ? 'other' : 'acme' }));
      await store.commit(batchOf(rows.map((row) => publish(row))));
      const acme = range(25, 1).filter((seq) => seq % 5 !== 0);
      for (const limit of [1, 3, 20, 50]) {
        assert.deepEqual(await walk((q: EventQuery) => store.read.events(q), eventQuery({ limit })), acme);
        assert.deepEqual(await walk((q: EventQuery) => store.read.events(q), eventQuery({ tenant: null, limit })), range(25, 1));
      }
      assert.deepEqual((await store.read.events(eventQuery({ limit: 2 }))).rows, [rows[23], rows[22]]);
      assert.deepEqual(await store.read.events(eventQuery({ tenant: 'nobody' })), { rows: [], next: null });
      assert.deepEqual(await store.read.events(eventQuery({ limit: 20 })).then(({ next }) => next), null);
    });

    test('go by time also where the clock stepped back, within a batch and between batches', async () => {
      const store = await furnished();
      const insert = (ms: number, seq: number): Insert => publish(eventRow(seq, { receivedMs: ms }), [deliveryRow(seq, { createdMs: ms })]);
      await store.commit(batchOf([100, 200, 300, 250, 50, 400].map((ms, i) => insert(ms, i + 1))));
      assert.deepEqual(await walk((q: EventQuery) => store.read.events(q), eventQuery({ toMs: 60 })), [5]);
      await store.commit(batchOf([insert(20, 7)]));
      await store.commit(batchOf([insert(150, 8)]));
      const windows: readonly (readonly [number | null, number | null, readonly number[]])[] = [
        [250, 400, [4, 3]],
        [null, 20, []],
        [null, 21, [7]],
        [null, 60, [7, 5]],
        [50, 101, [5, 1]],
        [400, null, [6]],
        [401, null, []],
      ];
      for (const [fromMs, toMs, seqs] of windows) {
        for (const tenant of ['acme', null]) {
          const events = await walk((q: EventQuery) => store.read.events(q), eventQuery({ tenant, fromMs, toMs, limit: 1 }));
          const deliveries = await walk((q: DeliveryQuery) => store.read.deliveries(q), deliveryQuery({ tenant, fromMs, toMs, limit: 1 }));
          assert.deepEqual([events, deliveries], [seqs, seqs], `from ${fromMs} to ${toMs}`);
        }
      }
    });

    test('cross from one block of rows to the next', async () => {
      const store = await furnished();
      const seqs = [1, 8_191, 8_192, 8_193, 20_000, 1_000_000];
      await store.commit(
        batchOf(
          seqs.map((seq) =>
            publish(eventRow(seq, { type: seq % 2 === 0 ? 'even' : 'odd', tenant: seq === 20_000 ? 'other' : 'acme' }), [deliveryRow(seq)]),
          ),
        ),
      );
      for (const limit of [1, 2, 50]) {
        assert.deepEqual(await walk((q: EventQuery) => store.read.events(q), eventQuery({ limit })), [1_000_000, 8_193, 8_192, 8_191, 1]);
        assert.deepEqual(
          await walk((q: EventQuery) => store.read.events(q), eventQuery({ limit, tenant: null, type: 'even' })),
          [1_000_000, 20_000, 8_192],
        );
        assert.deepEqual(await walk((q: DeliveryQuery) => store.read.deliveries(q), deliveryQuery({ limit })), seqs.toReversed());
        assert.deepEqual(
          await walk((q: DeliveryQuery) => store.read.deliveries(q), deliveryQuery({ limit, endpointSeq: 1, type: 'odd' })),
          [8_193, 8_191, 1],
        );
      }
      assert.deepEqual(await walk((q: EventQuery) => store.read.events(q), eventQuery({ before: 8_192 })), [8_191, 1]);
      assert.deepEqual(
        await walk((q: EventQuery) => store.read.events(q), eventQuery({ fromMs: T0 + 8_192, toMs: T0 + 8_194 })),
        [8_193, 8_192],
      );
    });

    test('of events filter by type, exactly or below a prefix at any depth', async () => {
      const store = await furnished();
      const types = ['a', 'a.b', 'a.b.c', 'ab', 'a-b', 'a.bc', 'b'];
      await store.commit(batchOf(types.map((type, i) => publish(eventRow(i + 1, { type })))));
      const list = (type: string): Promise<readonly number[]> =>
        walk((q: EventQuery) => store.read.events(q), eventQuery({ type, limit: 2 }));
      assert.deepEqual(await list('a'), [1]);
      assert.deepEqual(await list('a.*'), [6, 3, 2]);
      assert.deepEqual(await list('a.b.*'), [3]);
      assert.deepEqual(await list('a.%'), []);
      assert.deepEqual(await list('z.*'), []);
    });

    test('of events find text as stored and as decoded, minding its case', async () => {
      const store = await furnished();
      const data = [
        '{"a":"café"}',
        '{"a":"caf\\u00e9"}',
        '{"a":"caf\\u00E9"}',
        '{"a":"CAFÉ"}',
        '{"path":"a\\/b \\"q\\""}',
        '{"n": 12}',
        '{"s":"\\ud83d\\udef0"}',
      ];
      await store.commit(batchOf(data.map((json, i) => publish(eventRow(i + 1, { data: json })))));
      const list = (text: string): Promise<readonly number[]> => walk((q: EventQuery) => store.read.events(q), eventQuery({ text }));
      assert.deepEqual(await list('café'), [3, 2, 1]);
      assert.deepEqual(await list('"n": 12'), [6]);
      assert.deepEqual(await list('a/b'), [5]);
      assert.deepEqual(await list('b "q"'), [5]);
      assert.deepEqual(await list('\u{1F6F0}'), [7]);
      assert.deepEqual(await list('%'), []);
      assert.deepEqual(await list('\0'), []);
    });

    test('of deliveries filter by endpoint, event, type, state, outcome and cause, alone and together', async () => {
      const store = await furnished();
      await store.commit(
        batchOf([
          publish(eventRow(1, { id: 'one' }), [deliveryRow(1), deliveryRow(2, { eventSeq: 1, endpointSeq: 2 })]),
          publish(eventRow(2, { id: 'two', type: 'x.y' }), [
            deliveryRow(3, { eventSeq: 2 }),
            deliveryRow(4, { eventSeq: 2, endpointSeq: 2, state: 'skipped' }),
          ]),
          publish(eventRow(3, { id: 'one', tenant: 'other' }), [deliveryRow(5, { eventSeq: 3, tenant: 'other', endpointSeq: 3 })]),
          { kind: 'deliveries', eventSeq: 1, deliveries: [deliveryRow(6, { eventSeq: 1, cause: 'retry', origin: deliveryId(1) })] },
        ]),
      );
      await store.commit(
        batchOf([], { settles: [failed(1), delivered(2), failed(5), delivered(3, { state: 'pending', outcome: 'timed_out' })] }),
      );
      const expected: readonly (readonly [Partial<DeliveryQuery>, readonly number[]])[] = [
        [{}, [6, 4, 3, 2, 1]],
        [{ tenant: null }, [6, 5, 4, 3, 2, 1]],
        [{ tenant: 'other' }, [5]],
        [{ endpointSeq: 1 }, [6, 3, 1]],
        [{ endpointSeq: 3 }, []],
        [{ endpointSeq: 3, tenant: null }, [5]],
        [{ eventId: 'one' }, [6, 2, 1]],
        [{ eventId: 'one', tenant: null }, [6, 5, 2, 1]],
        [{ eventId: 'one', endpointSeq: 1 }, [6, 1]],
        [{ eventId: 'one', state: 'failed' }, [1]],
        [{ eventId: 'none' }, []],
        [{ type: 'x.*' }, [4, 3]],
        [{ type: 'x.y', endpointSeq: 2 }, [4]],
        [{ state: 'failed' }, [1]],
        [{ state: 'failed', tenant: null }, [5, 1]],
        [{ state: 'failed', endpointSeq: 1 }, [1]],
        [{ state: 'failed', endpointSeq: 2 }, []],
        [{ state: 'pending' }, [6, 3]],
        [{ state: 'pending', endpointSeq: 1 }, [6, 3]],
        [{ state: 'pending', tenant: null, type: 'x.y' }, [3]],
        [{ state: 'skipped' }, [4]],
        [{ state: 'delivered', tenant: null }, [2]],
        [{ outcome: 'timed_out' }, [3]],
        [{ outcome: 'refused', tenant: null, state: 'failed' }, [5, 1]],
        [{ cause: 'retry' }, [6]],
        [{ cause: 'publish', state: 'failed', endpointSeq: 1, type: 'meeting.*', fromMs: T0, toMs: T0 + 2 }, [1]],
      ];
      for (const [over, seqs] of expected) {
        for (const limit of [1, 2, 50]) {
          const found = await walk((q: DeliveryQuery) => store.read.deliveries(q), deliveryQuery({ ...over, limit }));
          assert.deepEqual(found, seqs, JSON.stringify({ ...over, limit }));
        }
      }
    });

    test('say of each delivery what it was, of which event, to which endpoint', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
      const shown = { ...deliveryRow(1), eventId: eventRow(1).id, eventType: 'meeting.completed', endpointId: endpointId(1) };
      assert.deepEqual(await store.read.deliveries(deliveryQuery()), { rows: [shown], next: null });
      assert.equal(await store.read.delivery(deliveryId(2)), null);
      assert.equal(await store.read.event('acme', 'nothing'), null);
    });

    test('counts follow every state, and come back after a restart', async () => {
      const store = await furnished();
      const rows = [1, 2, 3, 4, 5].map((seq) => deliveryRow(seq, { eventSeq: 1, state: seq === 5 ? 'skipped' : 'pending' }));
      await store.commit(batchOf([publish(eventRow(1), rows)], { settles: [delivered(1), failed(2)] }));
      await store.commit(batchOf([], { changes: [{ kind: 'cancelPending', endpointSeq: 1, reason: '', nowMs: T0, limit: 1 }] }));
      const expected = { pending: 1, delivered: 1, failed: 1, cancelled: 1, skipped: 1 };
      assert.deepEqual((await store.read.counts()).deliveries, expected);
      await reopened(store);
      assert.deepEqual((await store.read.counts()).deliveries, expected);
      assert.equal((await store.read.counts()).events, 1);
    });
  });
}
