// History in ranges of number, on a real PostgreSQL: ranges begin in time, and go whole, with nothing in them that is needed.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from '../../../../test/postgres-server.ts';
import type { HistoryRanges, RangeRemoval } from '../../src/store/history-ranges.ts';
import { migrate } from '../../src/store/postgres/database.ts';
import { firstNumber } from '../../src/store/postgres/partitions.ts';
import { postgres } from '../../src/store/postgres/postgres.ts';
import { clientConfig, Session } from '../../src/store/postgres/session.ts';
import type { Insert, Store } from '../../src/store/store.ts';
import {
  attemptRow,
  batchOf,
  delivered,
  deliveryId,
  deliveryQuery,
  deliveryRow,
  endpointRow,
  eventQuery,
  eventRow,
  failed,
  publish,
  T0,
} from './sample-rows.ts';

const DAY_MS = 24 * 3_600_000;
/** Long after range 0 has ended, and a day after what was pending in it has. */
const LATER = { madeBeforeMs: T0 + 20 * DAY_MS, nowMs: T0 + 30 * DAY_MS, restMs: DAY_MS };

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Place {
  readonly url: string;
  readonly store: Store;
  readonly history: HistoryRanges;
  ask(sql: string): Promise<readonly { readonly [column: string]: unknown }[]>;
}

/** A store with endpoint 1. */
async function place(): Promise<Place> {
  const url = await server.newDatabase();
  const store = postgres(url);
  ends.push(() => store.close());
  await store.open();
  await store.commit(batchOf([], { changes: [{ kind: 'putEndpoint', endpoint: endpointRow(1) }] }));
  const { history } = store;
  assert.ok(history !== undefined);
  return { url, store, history, ask: (sql) => server.ask(url, sql) };
}

/** The same, with range 0 ended (10 events of a delivery each, all delivered but the last, which failed) and range 1 begun. */
async function ended(): Promise<Place> {
  const at = await place();
  const seqs = Array.from({ length: 10 }, (_, n) => n + 1);
  await at.store.commit(
    batchOf(
      seqs.map((seq) => publish(eventRow(seq), [deliveryRow(seq)])),
      { settles: seqs.map((seq) => (seq === 10 ? failed(seq) : delivered(seq))) },
    ),
  );
  await at.ask('UPDATE waxwing.numbers SET next = 100');
  await at.history.prepare(T0, DAY_MS);
  await at.history.prepare(T0 + DAY_MS, DAY_MS);
  return at;
}

/** Goes on until there is nothing to do; what went in all, and how it ended. */
async function removeAll(history: HistoryRanges, query = LATER): Promise<RangeRemoval> {
  const all = { events: 0, deliveries: 0 };
  for (let calls = 0; calls < 200; calls++) {
    const { events, deliveries, state } = await history.removeSome(query);
    all.events += events;
    all.deliveries += deliveries;
    if (state !== 'more') return { ...all, state };
  }
  return assert.fail('it does not end');
}

async function partitions({ ask }: Place, table: string): Promise<readonly string[]> {
  const rows = await ask(`SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'waxwing.${table}'::regclass`);
  return rows.map(({ name }) => String(name).replace(`waxwing.${table}_`, '')).toSorted();
}

const retryOf = (eventSeq: number, seq: number): Insert => ({
  kind: 'deliveries',
  eventSeq,
  deliveries: [deliveryRow(seq, { eventSeq, cause: 'retry', origin: deliveryId(eventSeq) })],
});

async function next({ ask }: Place): Promise<number> {
  const [row] = await ask('SELECT next FROM waxwing.numbers');
  return Number(row?.['next']);
}

describe('a range', () => {
  test('begins when the one before it has had its time, and two stand ahead', async () => {
    const at = await place();
    assert.deepEqual(await partitions(at, 'deliveries'), ['0', '1', '2']);
    await at.ask('UPDATE waxwing.numbers SET next = 100');
    await at.history.prepare(T0, DAY_MS);
    await at.history.prepare(T0 + DAY_MS - 1, DAY_MS);
    assert.equal(await next(at), 100, 'not a moment too early');
    await at.history.prepare(T0 + DAY_MS, DAY_MS);
    assert.equal(await next(at), firstNumber(1));
    assert.deepEqual(await partitions(at, 'deliveries'), ['0', '1', '2', '3']);
    assert.deepEqual(await partitions(at, 'events'), ['0', '1', '2', '3', 'kept']);
    await at.history.prepare(T0 + 9 * DAY_MS, DAY_MS);
    assert.equal(await next(at), firstNumber(1), 'one that was not used needs no other');
  });

  test('that is used up goes on in the next: an event here, its delivery there', async () => {
    const at = await place();
    const [last, first] = [firstNumber(1) - 1, firstNumber(1)];
    await at.store.commit(batchOf([publish(eventRow(last), [deliveryRow(first, { eventSeq: last })])], { settles: [] }));
    await at.ask(`UPDATE waxwing.numbers SET next = ${first + 1}`);
    await at.history.prepare(T0 + 5, DAY_MS);
    assert.deepEqual(await partitions(at, 'attempts'), ['0', '1', '2', '3']);
    assert.deepEqual(
      (await at.store.load([first])).map(({ event }) => event.seq),
      [last],
    );
    const rows = await at.ask('SELECT no, began_ms FROM waxwing.ranges WHERE began_ms IS NOT NULL ORDER BY no');
    assert.deepEqual(
      rows.map(({ no, began_ms: ms }) => [no, Number(ms)]),
      [
        [0, T0 + 5],
        [1, T0 + 5],
      ],
    );
  });

  test('is made once when many open at the same time', async () => {
    const url = await server.newDatabase();
    const sessions = await Promise.all(Array.from({ length: 6 }, () => Session.connect(clientConfig(url, 'opener'))));
    ends.push(() => Promise.all(sessions.map((session) => session.end())));
    await Promise.all(sessions.map((session) => migrate(session)));
    const rows = await server.ask(url, 'SELECT no FROM waxwing.ranges ORDER BY no');
    assert.deepEqual(
      rows.map(({ no }) => no),
      [0, 1, 2],
    );
  });
});

describe('history over several ranges', () => {
  const seqs = [1, 2, firstNumber(1), firstNumber(1) + 1, firstNumber(2), firstNumber(2) + 1];

  test('is one list, by any filter and in any pages; a delivery is found by its id', async () => {
    const { store } = await place();
    const at = (seq: number): number => T0 + seqs.indexOf(seq) * 1_000;
    await store.commit(
      batchOf(
        seqs.map((seq) => publish(eventRow(seq, { receivedMs: at(seq) }), [deliveryRow(seq, { createdMs: at(seq) })])),
        { settles: seqs.map((seq) => failed(seq)) },
      ),
    );
    const newestFirst = seqs.toReversed();
    const pages = async (list: (below: number | null) => Promise<{ rows: readonly { seq: number }[]; next: number | null }>) => {
      const found: number[] = [];
      for (let below: number | null | undefined; below !== null;) {
        const page = await list(below ?? null);
        found.push(...page.rows.map(({ seq }) => seq));
        below = page.next;
      }
      return found;
    };
    for (const over of [{}, { tenant: null }, { type: 'meeting.*' }, { limit: 1 }]) {
      assert.deepEqual(await pages((below) => store.read.events(eventQuery({ ...over, before: below }))), newestFirst);
      assert.deepEqual(await pages((below) => store.read.deliveries(deliveryQuery({ ...over, before: below }))), newestFirst);
    }
    const failures = { state: 'failed', endpointSeq: 1, limit: 2 } as const;
    assert.deepEqual(await pages((below) => store.read.deliveries(deliveryQuery({ ...failures, before: below }))), newestFirst);
    const between = { fromMs: T0 + 1_000, toMs: T0 + 4_001, limit: 3 };
    assert.deepEqual(await pages((below) => store.read.events(eventQuery({ ...between, before: below }))), newestFirst.slice(1, -1));
    for (const seq of seqs) assert.equal((await store.read.delivery(deliveryId(seq)))?.seq, seq);
    for (const seq of seqs) assert.equal((await store.read.attempts(seq)).length, 1);
  });

  test('is what a replay takes, oldest first, and the latest of each event alone', async () => {
    const { store } = await place();
    await store.commit(
      batchOf(
        seqs.map((seq) => publish(eventRow(seq), [deliveryRow(seq)])),
        { settles: seqs.map((seq) => failed(seq)) },
      ),
    );
    await store.commit(batchOf([retryOf(1, firstNumber(2) + 2)], { settles: [delivered(firstNumber(2) + 2)] }));
    const filter = { endpointSeq: null, endpoint: null, types: null, states: ['failed'], fromMs: null, toMs: null } as const;
    const found: number[] = [];
    for (let from: number | null = 0; from !== null;) {
      const query = { tenant: 'acme', filter, after: from, upToSeq: firstNumber(3), limit: 2 };
      const page = await store.read.selection(query);
      found.push(...page.rows.map(({ seq }) => seq));
      from = page.next;
    }
    assert.deepEqual(found, seqs.slice(1));
  });

  test('an event’s id is not taken twice, though its name is forgotten and it lies in another range', async () => {
    const { store } = await place();
    const named = { idempotency: { names: ['id:mine'], contentHash: 'hash' } };
    await store.commit(batchOf([publish(eventRow(1, { id: 'mine' }), [], named)]));
    await store.commit(batchOf([], { changes: [{ kind: 'forgetIdempotency', beforeMs: T0 + DAY_MS, limit: 10 }] }));
    const { groups } = await store.commit(batchOf([publish(eventRow(firstNumber(1), { id: 'mine' }), [], named)]));
    assert.deepEqual(groups, [{ kind: 'conflict', index: 0, name: 'id:mine' }]);
  });
});

describe('a range whose time has passed', () => {
  test('goes whole, with attempts, failures, blocks and counts, and with nothing of the next', async () => {
    const at = await ended();
    const seq = firstNumber(1) + 5;
    await at.store.commit(batchOf([publish(eventRow(seq), [deliveryRow(seq)])], { settles: [failed(seq)] }));
    await at.history.prepare(LATER.nowMs - DAY_MS, DAY_MS);
    assert.deepEqual(await removeAll(at.history, { ...LATER, madeBeforeMs: T0 + DAY_MS }), { events: 0, deliveries: 0, state: 'rest' });
    assert.deepEqual(await removeAll(at.history), { events: 10, deliveries: 10, state: 'rest' });
    const { events, deliveries } = await at.store.read.counts();
    assert.deepEqual([events, deliveries], [1, { pending: 0, delivered: 0, failed: 1, cancelled: 0, skipped: 0 }]);
    for (const table of ['events', 'deliveries', 'attempts', 'failures', 'event_blocks', 'delivery_blocks', 'ranges']) {
      const name = { attempts: 'delivery_seq', ranges: 'no::bigint << 33', event_blocks: 'block << 12', delivery_blocks: 'block << 12' }[
        table
      ];
      const [row] = await at.ask(`SELECT min(${name ?? 'seq'}) AS first FROM waxwing.${table}`);
      assert.ok(Number(row?.['first']) >= firstNumber(1), table);
    }
    assert.equal((await at.store.read.delivery(deliveryId(seq)))?.state, 'failed');
    assert.equal(await at.store.read.delivery(deliveryId(1)), null);
    assert.deepEqual(await removeAll(at.history), { events: 0, deliveries: 0, state: 'rest' });
  });

  test('waits while something of it is pending, and a day after that has ended', async () => {
    const at = await ended();
    await at.store.commit(batchOf([publish(eventRow(11, { receivedMs: T0 }), [deliveryRow(11, { createdMs: T0 + 11, dueMs: T0 + 77 })])]));
    const old = await at.history.oldPending(T0 + 12, 0, 10);
    assert.deepEqual(old, {
      rows: [{ seq: 11, endpointSeq: 1, state: 'pending', outcome: null, attempts: 0, dueMs: T0 + 77 }],
      next: null,
    });
    assert.deepEqual(await at.history.oldPending(T0 + 11, 0, 10), { rows: [], next: null }, 'what is younger is not old');
    const { nowMs } = LATER;
    await at.history.prepare(nowMs, DAY_MS);
    assert.deepEqual(await removeAll(at.history, { ...LATER, nowMs: nowMs + 9 * DAY_MS }), { events: 0, deliveries: 0, state: 'rest' });
    await at.store.commit(batchOf([], { settles: [failed(11, { stateReason: 'expired', attempt: null })] }));
    await at.history.prepare(nowMs, DAY_MS);
    assert.equal((await removeAll(at.history, { ...LATER, nowMs: nowMs + DAY_MS - 1 })).deliveries, 0);
    assert.equal((await at.store.read.delivery(deliveryId(11)))?.stateReason, 'expired', 'still there to be seen');
    assert.deepEqual(await removeAll(at.history, { ...LATER, nowMs: nowMs + DAY_MS }), { events: 11, deliveries: 11, state: 'rest' });
  });

  test('becomes pending again in the middle of its removal: it stays', async () => {
    const at = await ended();
    await at.history.prepare(LATER.nowMs - DAY_MS, DAY_MS);
    await at.store.commit(batchOf([publish(eventRow(12), [deliveryRow(12)])]));
    assert.deepEqual(await removeAll(at.history), { events: 0, deliveries: 0, state: 'rest' });
    assert.equal((await at.store.load([12])).length, 1);
  });

  test('leaves an event that was retried lately, and a fan-out: read, listed, delivered, and gone when that is', async () => {
    const at = await ended();
    const seq = firstNumber(1) + 1;
    const wide = publish(eventRow(20), [], { expansion: [{ endpointSeq: 1, facts: null, skippedReason: null }] });
    await at.store.commit(batchOf([wide, retryOf(3, seq)]));
    await at.history.prepare(LATER.nowMs - DAY_MS, DAY_MS);
    assert.deepEqual(await removeAll(at.history), { events: 9, deliveries: 10, state: 'rest' });
    assert.deepEqual(await partitions(at, 'events'), ['1', '2', '3', 'kept']);
    assert.deepEqual(
      (await at.store.load([seq])).map(({ event }) => event),
      [eventRow(3)],
    );
    await at.store.commit(batchOf([], { settles: [delivered(seq, { attempt: attemptRow(seq, 1) })] }));
    assert.deepEqual(await at.store.read.event('acme', eventRow(3).id), eventRow(3));
    const window = eventQuery({ fromMs: T0, toMs: T0 + DAY_MS });
    assert.deepEqual((await at.store.read.events(window)).rows, [eventRow(20), eventRow(3)]);
    assert.deepEqual(
      (await at.store.read.deliveries(deliveryQuery({ eventId: eventRow(3).id }))).rows.map((row) => row.seq),
      [seq],
    );
    const { events, deliveries } = await at.store.read.counts();
    assert.deepEqual([events, deliveries.delivered], [2, 1]);
    const bounds = { after: 0, rowsMax: 10, bytesMax: 1e6 };
    assert.deepEqual(await at.history.leftEvents(bounds), { rows: [], next: null });
    // Retried again: an event that was moved is as good as any. Then the fan-out ends, and the range of the retries goes.
    await at.store.commit(batchOf([retryOf(3, seq + 1)], { settles: [delivered(seq + 1)] }));
    await at.store.commit(batchOf([{ kind: 'chunk', eventSeq: 20, deliveries: [], done: 1 }]));
    assert.deepEqual(await at.history.leftEvents(bounds), { rows: [20], next: null });
    await at.ask(`UPDATE waxwing.numbers SET next = ${seq + 10}`);
    await at.history.prepare(T0 + 30 * DAY_MS, DAY_MS);
    await at.history.prepare(T0 + 31 * DAY_MS, DAY_MS);
    const muchLater = { madeBeforeMs: T0 + 50 * DAY_MS, nowMs: T0 + 60 * DAY_MS, restMs: DAY_MS };
    assert.deepEqual(await removeAll(at.history, muchLater), { events: 0, deliveries: 2, state: 'rest' });
    assert.deepEqual(await at.history.leftEvents(bounds), { rows: [3, 20], next: null });
    const { changes } = await at.store.commit(batchOf([], { changes: [{ kind: 'removeEvents', seqs: [3, 20] }] }));
    assert.deepEqual(changes, [2]);
    const left = await at.store.read.counts();
    assert.deepEqual([left.events, left.deliveries.delivered], [0, 0]);
  });

  test('keeps its events’ partition while very many of them are needed; the rest goes row by row', async () => {
    const at = await ended();
    const many = Array.from({ length: 2_100 }, (_, n) => 1_000 + n);
    await at.store.commit(batchOf(many.map((seq) => publish(eventRow(seq)))));
    const retries = many.map((seq, n) => retryOf(seq, firstNumber(1) + n));
    await at.store.commit(batchOf(retries, { settles: many.map((_, n) => delivered(firstNumber(1) + n)) }));
    await at.history.prepare(LATER.nowMs - DAY_MS, DAY_MS);
    assert.deepEqual(await removeAll(at.history), { events: 0, deliveries: 10, state: 'rest' });
    assert.deepEqual(await partitions(at, 'deliveries'), ['1', '2', '3']);
    assert.deepEqual(await partitions(at, 'events'), ['0', '1', '2', '3', 'kept']);
    const bounds = { rowsMax: 6, bytesMax: 1e6 };
    assert.deepEqual(await at.history.leftEvents({ after: 0, ...bounds }), { rows: [1, 2, 3, 4, 5, 6], next: 6 });
    assert.deepEqual(await at.history.leftEvents({ after: 6, ...bounds, rowsMax: 100 }), { rows: [7, 8, 9, 10], next: 2_995 });
    assert.deepEqual(await at.history.leftEvents({ after: 2_995, ...bounds }), { rows: [], next: null });
  });

  test('waits for who is reading it, and holds nobody up for long meanwhile', async () => {
    const at = await ended();
    await at.history.prepare(LATER.nowMs - DAY_MS, DAY_MS);
    const reader = new Client({ connectionString: at.url });
    await reader.connect();
    ends.push(() => reader.end());
    await reader.query('BEGIN');
    await reader.query('SELECT count(*) FROM waxwing.deliveries');
    const [removal] = await Promise.all([
      removeAll(at.history),
      at.store.commit(batchOf([publish(eventRow(firstNumber(1)), [deliveryRow(firstNumber(1))])])),
    ]);
    assert.deepEqual(removal, { events: 0, deliveries: 0, state: 'busy' });
    await reader.query('COMMIT');
    assert.equal((await removeAll(at.history)).deliveries, 10);
    assert.equal((await at.store.read.counts()).deliveries.pending, 1);
  });
});
