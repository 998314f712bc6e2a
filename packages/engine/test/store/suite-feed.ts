// What every store must do with its feed: the order of commits, from any place on.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BATCH_END } from '../../src/store/feed.ts';
import type { FeedEntry, FeedPage, FeedPlace, FeedQuery, Settle, Store } from '../../src/store/store.ts';
import { attemptRow, batchOf, delivered, deliveryRow, endpointRow, eventRow, failed, publish, T0, tenantRow } from './sample-rows.ts';
import { reopened, type Suite } from './suite.ts';

const ALL: Omit<FeedQuery, 'after'> = { tenants: null, kinds: ['event', 'attempt', 'endpoint'], entriesMax: 1_000, bytesMax: 1_000_000 };

export function feedSuite(suite: Suite): void {
  const { furnished, fresh } = suite;
  describe('the feed', () => {
    test('tells events, attempts and endpoints in the order of their commits, within a batch in its own', async () => {
      const store = await furnished();
      const after = await store.read.feedHead();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)]), publish(eventRow(2), [deliveryRow(2)])]));
      await store.commit(batchOf([publish(eventRow(3))], { settles: [delivered(2)] }));
      await store.commit(batchOf([], { settles: [retried(1)], changes: [{ kind: 'putEndpoint', endpoint: endpointRow(2) }] }));
      await store.commit(batchOf([], { settles: [delivered(1, { attempts: 2 })] }));
      assert.deepEqual((await read(store, after)).map(told), [
        'event 1', 'event 2', 'event 3', 'attempt 2.1 delivered', 'attempt 1.1 pending', 'endpoint 2', 'attempt 1.2 delivered',
      ]); // prettier-ignore
    });

    test('goes on from every place in it with exactly what follows, also after the store was opened anew', async () => {
      const store = await furnished();
      const after = await store.read.feedHead();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)]), publish(eventRow(2)), publish(eventRow(3))]));
      await store.commit(batchOf([], { settles: [delivered(1)] }));
      await reopened(store);
      await store.commit(batchOf([publish(eventRow(4))]));
      const all = await read(store, after);
      assert.equal(all.length, 5);
      for (const [index, { at }] of all.entries())
        assert.deepEqual((await read(store, [at])).map(told), all.slice(index + 1).map(told), `after ${index}`);
      assert.deepEqual(await read(store, await store.read.feedHead()), []);
    });

    test('comes in pages that lose and repeat nothing, however small', async () => {
      const store = await furnished();
      const after = await store.read.feedHead();
      await store.commit(batchOf([1, 2, 3, 4, 5].map((seq) => publish(eventRow(seq)))));
      await store.commit(batchOf([6, 7].map((seq) => publish(eventRow(seq)))));
      for (const bounds of [{ entriesMax: 1 }, { entriesMax: 2 }, { entriesMax: 3 }, { bytesMax: 1 }]) {
        const found = await read(store, after, { ...bounds, kinds: ['event'] });
        assert.deepEqual(
          found.map(told),
          [1, 2, 3, 4, 5, 6, 7].map((seq) => `event ${seq}`),
          JSON.stringify(bounds),
        );
      }
    });

    test('leaves out other tenants and kinds, and moves on past them', async () => {
      const store = await furnished();
      const after = await store.read.feedHead();
      await store.commit(
        batchOf([
          publish(eventRow(1), [deliveryRow(1)]),
          publish(eventRow(2, { tenant: 'other' }), [deliveryRow(2, { tenant: 'other', endpointSeq: 3 })]),
        ]),
      );
      await store.commit(
        batchOf([], {
          settles: [delivered(1), delivered(2)],
          changes: [{ kind: 'putEndpoint', endpoint: endpointRow(3, { tenant: 'other' }) }],
        }),
      );
      assert.deepEqual((await read(store, after, { tenants: ['acme'] })).map(told), ['event 1', 'attempt 1.1 delivered']);
      assert.deepEqual((await read(store, after, { tenants: ['other'] })).map(told), ['event 2', 'attempt 2.1 delivered', 'endpoint 3']);
      assert.deepEqual((await read(store, after, { kinds: ['attempt'] })).map(told), ['attempt 1.1 delivered', 'attempt 2.1 delivered']);
      const page = await store.read.feed({ ...ALL, after, tenants: ['nobody'] });
      assert.deepEqual([page.entries, page.more], [[], false]);
      assert.deepEqual(page.reached, await store.read.feedHead());
    });

    test('tells of deliveries that changed without an attempt, and of an attempt that came too late', async () => {
      const store = await furnished();
      const after = await store.read.feedHead();
      const skipped = deliveryRow(2, { eventSeq: 1, state: 'skipped', stateReason: 'disabled', finishedMs: T0 });
      const [third, fourth] = [deliveryRow(3, { eventSeq: 1, endpointSeq: 2 }), deliveryRow(4, { eventSeq: 1, endpointSeq: 2 })];
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1), skipped, third, fourth])]));
      await store.commit(batchOf([{ kind: 'deliveries', eventSeq: 1, deliveries: [deliveryRow(5, { eventSeq: 1, cause: 'retry' })] }]));
      const cancelled: Settle = { ...delivered(1), attempt: null, state: 'cancelled', outcome: null, attempts: 0 };
      await store.commit(batchOf([], { settles: [cancelled] }));
      await store.commit(batchOf([], { settles: [delivered(1), cancelled] })); // both too late: the attempt is kept
      await store.commit(batchOf([], { changes: [{ kind: 'cancelPending', endpointSeq: 2, reason: 'gone', nowMs: T0, limit: 10 }] }));
      assert.deepEqual((await read(store, after)).map(told), [
        'event 1', 'delivery 2 skipped', 'delivery 5 pending', 'delivery 1 cancelled', 'attempt 1.1 cancelled', 'delivery 3 cancelled', 'delivery 4 cancelled',
      ]); // prettier-ignore
    });

    test('tells of an attempt once, when its settle is repeated', async () => {
      const store = await furnished();
      await store.commit(batchOf([publish(eventRow(1), [deliveryRow(1)])]));
      const after = await store.read.feedHead();
      await store.commit(batchOf([], { settles: [delivered(1)] }));
      await store.commit(batchOf([], { settles: [delivered(1)] }));
      assert.deepEqual((await read(store, after)).map(told), ['attempt 1.1 delivered']);
    });

    test('tells nothing of what was refused, a duplicate, or of no interest', async () => {
      const store = await furnished();
      const idempotency = { names: ['key:a'], contentHash: 'h' };
      await store.commit(batchOf([publish(eventRow(1), [], { idempotency })]));
      const after = await store.read.feedHead();
      await store.commit(batchOf([publish(eventRow(2), [], { idempotency })]));
      await assert.rejects(store.commit(batchOf([publish(eventRow(1))])));
      await store.commit(batchOf([], { changes: [{ kind: 'putTenant', tenant: tenantRow('acme') }] }));
      await store.commit(batchOf([], { changes: [{ kind: 'touchEndpoint', seq: 1, lastTriggeredMs: T0 }] }));
      await store.commit(
        batchOf([], { changes: [{ kind: 'putEndpoint', endpoint: endpointRow(1, { failingSinceMs: T0 }), untold: true }] }),
      );
      assert.deepEqual(await read(store, after), []);
      assert.deepEqual(await store.read.feedHead(), after);
      await store.commit(batchOf([publish(eventRow(3))]));
      assert.deepEqual((await read(store, after)).map(told), ['event 3']);
    });

    test('tells an endpoint as it stands, and when it is deleted', async () => {
      const store = await furnished();
      const after = await store.read.feedHead();
      await store.commit(batchOf([], { changes: [{ kind: 'putEndpoint', endpoint: endpointRow(1, { name: 'new' }) }] }));
      const [entry] = await read(store, after);
      assert.ok(entry?.kind === 'endpoint');
      assert.deepEqual([entry.endpoint.row.name, entry.endpoint.deletedMs], ['new', null]);
      await store.commit(batchOf([], { changes: [{ kind: 'deleteEndpoint', seq: 1, deletedMs: T0 + 5 }] }));
      const [, last] = await read(store, after);
      assert.ok(last?.kind === 'endpoint');
      assert.deepEqual([last.endpoint.deletedMs, last.endpoint.row.secretSealed], [T0 + 5, '']);
    });

    test('is trimmed by age, oldest first; who asks for what is gone hears so, and no number comes again', async () => {
      const store = await furnished();
      const beginning = await store.read.feedHead();
      for (const seq of [1, 2, 3]) await store.commit(batchOf([publish(eventRow(seq, { receivedMs: T0 + seq * 1_000 }))]));
      const second = (await read(store, beginning))[1]?.at;
      assert.ok(second !== undefined);
      const trim = (beforeMs: number, limit: number): ReturnType<Store['commit']> =>
        store.commit(batchOf([], { changes: [{ kind: 'trimFeed', beforeMs, limit }] }));
      assert.deepEqual((await trim(T0 + 2_500, 1)).changes, [1]);
      assert.deepEqual((await trim(T0 + 2_500, 10)).changes, [2]); // the endpoints' batch went first
      assert.equal((await ask(store, beginning)).gone, 'retention');
      assert.deepEqual((await read(store, [second])).map(told), ['event 3']);
      assert.deepEqual((await trim(T0 + 9_000, 10)).changes, [0]); // the newest stays
      await reopened(store);
      await store.commit(batchOf([publish(eventRow(4))]));
      assert.deepEqual((await read(store, [second])).map(told), ['event 3', 'event 4']);
    });

    test('says of a place that was never reached that it is unknown', async () => {
      const { store } = await fresh();
      assert.deepEqual(await read(store, []), []);
      assert.equal((await ask(store, [{ source: 0, no: 7, index: BATCH_END }])).gone, 'unknown');
    });
  });
}

function retried(deliverySeq: number): Settle {
  const attempt = attemptRow(deliverySeq, 1, { outcome: 'refused', status: 500, nextDueMs: T0 + 5_000 });
  return failed(deliverySeq, { state: 'pending', attempt, dueMs: T0 + 5_000, finishedMs: null });
}

function ask(store: Store, after: readonly FeedPlace[], over: Partial<FeedQuery> = {}): Promise<FeedPage> {
  return store.read.feed({ ...ALL, after, ...over });
}

/** All of it from a place on, page by page. */
async function read(store: Store, after: readonly FeedPlace[], over: Partial<FeedQuery> = {}): Promise<readonly FeedEntry[]> {
  const entries: FeedEntry[] = [];
  for (let [from, more] = [after, true]; more;) {
    const page = await ask(store, from, over);
    assert.equal(page.gone, null);
    entries.push(...page.entries);
    from = page.reached;
    more = page.more;
  }
  return entries;
}

function told(entry: FeedEntry): string {
  switch (entry.kind) {
    case 'event':
      return `event ${entry.event.seq}`;
    case 'attempt': {
      const { delivery, attempt } = entry;
      return attempt === null
        ? `delivery ${delivery.seq} ${delivery.state}`
        : `attempt ${delivery.seq}.${attempt.number} ${delivery.state}`;
    }
    case 'endpoint':
      return `endpoint ${entry.endpoint.row.seq}`;
    default:
      return entry satisfies never;
  }
}
