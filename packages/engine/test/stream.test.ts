// Streams: everything that is committed, once, in order, to those who may see it, whoever is slow and whatever restarts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamMessage } from '@waxwing/protocol';
import type { Engine, EventStream } from '../src/engine.ts';
import { FeedCursor } from '../src/feed/cursor.ts';
import { modelStore } from '../src/store/model.ts';
import { ModelDisk } from '../src/store/model-disk.ts';
import type { FeedQuery, Store } from '../src/store/store.ts';
import { DOWN, houses, OK, rejects, URL_OK } from './house.ts';
import { turns } from './manual-ports.ts';

const house = houses();
const TYPE = 'meeting.completed';

/** Reads a stream as far as it goes by itself, when asked. */
class Reading {
  readonly messages: StreamMessage[] = [];
  readonly #messages: AsyncIterator<StreamMessage>;
  readonly stream: EventStream;
  #next: Promise<IteratorResult<StreamMessage>> | null = null;
  over = false;

  constructor(stream: EventStream) {
    this.stream = stream;
    this.#messages = stream[Symbol.asyncIterator]();
  }

  /** Everything that is there now. */
  async settle(max = Infinity): Promise<readonly string[]> {
    for (let read = 0; read < max && !this.over; read++) {
      this.#next ??= this.#messages.next();
      const result = await Promise.race([this.#next, turns(20)]);
      if (result === undefined) break;
      this.#next = null;
      if (result.done === true) this.over = true;
      else this.messages.push(result.value);
    }
    return this.messages.map(told);
  }

  get cursor(): string {
    return this.messages.at(-1)?.cursor ?? '';
  }
}

function told(message: StreamMessage): string {
  switch (message.kind) {
    case 'ready':
      return 'ready';
    case 'event':
      return `event ${message.data.id}`;
    case 'attempt': {
      const { delivery, attempt } = message.data;
      return `${attempt === null ? 'delivery' : `attempt ${attempt.number}`} of ${delivery.event} ${delivery.state}`;
    }
    case 'endpoint':
      return 'deleted' in message.data ? 'endpoint deleted' : `endpoint ${message.data.name} ${message.data.status}`;
    case 'reset':
      return `reset ${message.data.reason}`;
    default:
      return message satisfies never;
  }
}

async function publish(engine: Engine, id: string, tenant = 'acme', type = TYPE): Promise<void> {
  await engine.publish(tenant, { type, data: { id }, id });
}

test('tells events, attempts with what they made of the delivery, and endpoints, in order, from now on', async () => {
  const { engine, clock, sender } = await house({}, () => DOWN);
  await engine.tenants.put('acme', {});
  await publish(engine, 'before');
  const reading = new Reading(engine.stream('acme'));
  assert.deepEqual(await reading.settle(), ['ready']);
  const endpoint = await engine.endpoints.create('acme', { url: URL_OK, name: 'mine', headers: { 'x-token': 'hush-hush' } });
  await publish(engine, 'one');
  await clock.advance(10);
  sender.answer = () => OK;
  await clock.advance(10_000);
  await engine.endpoints.disable('acme', endpoint.id);
  await publish(engine, 'two');
  await engine.endpoints.delete('acme', endpoint.id);
  assert.deepEqual(await reading.settle(), [
    'ready', 'endpoint mine active', 'event one', 'attempt 1 of one pending', 'attempt 2 of one delivered',
    'endpoint mine disabled', 'event two', 'delivery of two skipped', 'endpoint deleted',
  ]); // prettier-ignore
  const [first] = reading.messages.filter((message) => message.kind === 'attempt');
  assert.ok(first !== undefined);
  assert.deepEqual([first.data.delivery.attempts, first.data.delivery.outcome, first.data.delivery.finishedAt], [1, 'refused', null]);
  assert.equal(first.data.delivery.nextAttemptAt, first.data.attempt?.nextAttemptAt);
  const text = JSON.stringify(reading.messages);
  assert.ok(!text.includes('hush-hush') && !text.includes(endpoint.secret) && text.includes('x-token'));
});

test('goes on from any of its cursors, after a crash and a restart, with nothing lost and nothing twice', async () => {
  const disk = new ModelDisk();
  const first = await house({ store: modelStore(disk) });
  await first.engine.endpoints.create('acme', { url: URL_OK });
  const before = new Reading(first.engine.stream('acme', { kinds: ['event', 'attempt'] }));
  await before.settle();
  for (const id of ['a', 'b', 'c']) await publish(first.engine, id);
  await first.clock.advance(5);
  await before.settle();
  assert.equal(before.messages.length, 7);
  await publish(first.engine, 'd');
  disk.crash();
  const { engine, clock } = await house({ store: modelStore(disk) });
  await publish(engine, 'e');
  await clock.advance(60_000);
  const all = new Reading(engine.stream('acme', { kinds: ['event', 'attempt'], cursor: before.messages[0]?.cursor ?? '' }));
  const whole = await all.settle();
  assert.deepEqual(whole.slice(0, 7), (await before.settle()).slice(0, 7));
  for (const id of ['a', 'b', 'c', 'd', 'e'])
    for (const line of [`event ${id}`, `attempt 1 of ${id} delivered`]) assert.equal(whole.filter((one) => one === line).length, 1, line);
  for (const [index, { cursor }] of all.messages.entries()) {
    const rest = new Reading(engine.stream('acme', { kinds: ['event', 'attempt'], cursor }));
    assert.deepEqual(await rest.settle(), ['ready', ...whole.slice(index + 1)], `after ${index}`);
  }
});

test('a tenant hears of itself alone, an operator of all', async () => {
  const { engine, clock } = await house();
  for (const tenant of ['acme', 'globex']) await engine.endpoints.create(tenant, { url: URL_OK, name: `of ${tenant}` });
  const readings = [engine.stream('acme'), engine.stream('globex'), engine.stream(null)].map((stream) => new Reading(stream));
  for (const reading of readings) await reading.settle();
  await publish(engine, 'ours');
  await publish(engine, 'theirs', 'globex');
  await clock.advance(5);
  const [acme, globex, everyone] = await Promise.all(readings.map((reading) => reading.settle()));
  assert.deepEqual(acme, ['ready', 'event ours', 'attempt 1 of ours delivered']);
  assert.deepEqual(globex, ['ready', 'event theirs', 'attempt 1 of theirs delivered']);
  assert.equal(everyone?.length, 5);
  // Nor from a cursor that another's stream gave.
  const borrowed = new Reading(engine.stream('globex', { cursor: '0.0' }));
  await borrowed.settle();
  assert.ok(borrowed.messages.length > 3 && !JSON.stringify(borrowed.messages).includes('acme'));
});

test('kinds, types and an endpoint narrow it', async () => {
  const { engine, clock } = await house();
  const one = await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['meeting.*'] });
  await engine.endpoints.create('acme', { url: URL_OK });
  const kinds = new Reading(engine.stream('acme', { kinds: ['event'], types: ['meeting.started', 'action.*'] }));
  const endpoint = new Reading(engine.stream('acme', { endpoint: one.id }));
  for (const reading of [kinds, endpoint]) await reading.settle();
  await publish(engine, 'm', 'acme', 'meeting.started');
  await publish(engine, 'o', 'acme', 'action.items');
  await publish(engine, 'x');
  await engine.endpoints.update('acme', one.id, { name: 'renamed' });
  await clock.advance(5);
  assert.deepEqual(await kinds.settle(), ['ready', 'event m', 'event o']);
  assert.deepEqual((await endpoint.settle()).toSorted(), [
    'attempt 1 of m delivered', 'attempt 1 of x delivered', 'endpoint renamed active', 'event m', 'event x', 'ready',
  ]); // prettier-ignore
});

test('a slow reader is served from the store, in pages, and comes back to the tail with nothing lost or repeated', async () => {
  const store = modelStore();
  const queries: FeedQuery[] = [];
  const { engine } = await house({ store: watched(store, queries) });
  await engine.tenants.put('acme', {});
  const slow = new Reading(engine.stream('acme'));
  const fast = new Reading(engine.stream('acme'));
  await slow.settle();
  await fast.settle();
  for (let batch = 0; batch < 13; batch++) {
    const events = Array.from({ length: 200 }, (_, i) => ({ type: TYPE, data: {}, id: `e${batch * 200 + i}` }));
    await engine.publishBatch('acme', events);
    await fast.settle();
  }
  await slow.settle();
  await publish(engine, 'last');
  const expected = ['ready', ...Array.from({ length: 2_600 }, (_, i) => `event e${i}`), 'event last'];
  assert.deepEqual(await fast.settle(), expected);
  assert.deepEqual(await slow.settle(), expected);
  assert.ok(queries.every(({ entriesMax, bytesMax }) => entriesMax <= 2_000 && bytesMax <= 2 * 1_048_576));
  assert.ok(queries.filter(({ entriesMax }) => entriesMax === 500).length > 5, 'who fell behind is given what the store has');
  assert.ok(queries.length < 60, `${queries.length} pages for 14 commits and one who fell behind`);
});

test('what is committed while a reader catches up comes once', async () => {
  const { engine } = await house();
  await engine.tenants.put('acme', {});
  const events = Array.from({ length: 600 }, (_, i) => ({ type: TYPE, data: {}, id: `e${i}` }));
  await engine.publishBatch('acme', events);
  const reading = new Reading(engine.stream('acme', { cursor: '0.0', types: ['meeting.*'] }));
  await reading.settle(10);
  await publish(engine, 'other', 'acme', 'action.items');
  await publish(engine, 'new');
  await reading.settle();
  await publish(engine, 'newer');
  assert.deepEqual(await reading.settle(), ['ready', ...events.map(({ id }) => `event ${id}`), 'event new', 'event newer']);
});

test('a commit while the first follower is about to begin does not stop the tail', async () => {
  const inner = modelStore();
  const held = Promise.withResolvers<void>();
  const read: Store['read'] = {
    ...inner.read,
    feedHead: async () => {
      await held.promise;
      return inner.read.feedHead();
    },
  };
  const { engine } = await house({ store: withReader(inner, read) });
  await engine.tenants.put('acme', {});
  const reading = new Reading(engine.stream('acme'));
  assert.deepEqual(await reading.settle(), []);
  await publish(engine, 'meanwhile');
  held.resolve();
  assert.deepEqual(await reading.settle(), ['ready']);
  await publish(engine, 'after');
  assert.deepEqual(await reading.settle(), ['ready', 'event after']);
});

test('nothing is read while nobody follows, nor after the last one has gone', async () => {
  const queries: FeedQuery[] = [];
  const { engine } = await house({ store: watched(modelStore(), queries) });
  await engine.tenants.put('acme', {});
  await publish(engine, 'unheard');
  assert.equal(queries.length, 0);
  const gone = new AbortController();
  const reading = new Reading(engine.stream('acme', { signal: gone.signal }));
  await reading.settle();
  gone.abort();
  await reading.settle();
  assert.ok(reading.over);
  const asked = queries.length;
  await publish(engine, 'unheard2');
  await turns();
  assert.equal(queries.length, asked);
});

test('a place older than retention is answered by a reset, and the stream goes on from now', async () => {
  const { engine, clock } = await house({ retentionDays: 1 });
  await engine.tenants.put('acme', {});
  await publish(engine, 'old');
  const cursor = new Reading(engine.stream('acme'));
  await cursor.settle();
  await publish(engine, 'old2');
  await publish(engine, 'old3');
  await clock.advance(25 * 3_600_000);
  const reading = new Reading(engine.stream('acme', { cursor: cursor.cursor }));
  await reading.settle();
  await publish(engine, 'new');
  assert.deepEqual(await reading.settle(), ['ready', 'reset retention', 'event new']);
  const ahead = new Reading(engine.stream('acme', { cursor: '0.999999' }));
  assert.deepEqual(await ahead.settle(), ['ready', 'reset unknown']);
});

test('the place moves on with what is left out, so that a quiet stream is not left behind', async () => {
  const { engine } = await house();
  await engine.tenants.put('acme', {});
  await engine.tenants.put('globex', {});
  const reading = new Reading(engine.stream('acme'));
  await reading.settle();
  const begun = reading.stream.cursor;
  await engine.stream(null)[Symbol.asyncIterator]().return?.();
  await publish(engine, 'theirs', 'globex');
  await reading.settle();
  assert.notEqual(reading.stream.cursor, begun);
  assert.deepEqual(await new Reading(engine.stream('globex', { cursor: reading.stream.cursor })).settle(), ['ready']);
});

test('the store may go away and come back: nothing is lost', async () => {
  const inner = modelStore();
  let isAway = false;
  const away = async (): Promise<never> => Promise.reject(new Error('away'));
  const read = new Proxy(inner.read, {
    get: (target, verb) => (isAway && String(verb).startsWith('feed') ? away : Reflect.get(target, verb)),
  });
  const { engine, clock } = await house({ store: withReader(inner, read) });
  await engine.tenants.put('acme', {});
  const reading = new Reading(engine.stream('acme'));
  await reading.settle();
  isAway = true;
  await publish(engine, 'one');
  await clock.advance(2_000);
  assert.deepEqual(await reading.settle(), ['ready']);
  isAway = false;
  await clock.advance(2_000);
  assert.deepEqual(await reading.settle(), ['ready', 'event one']);
});

test('closing the engine ends every stream, and what cannot be streamed is refused', async () => {
  const { engine, close } = await house();
  await engine.tenants.put('acme', {});
  const reading = new Reading(engine.stream('acme'));
  await reading.settle();
  const opening = (filter: Parameters<Engine['stream']>[1], tenant = 'acme'): Promise<unknown> =>
    (async () => engine.stream(tenant, filter))();
  await rejects(opening({}, 'nobody'), 'tenant_not_found');
  await rejects(opening({ cursor: 'rubbish' }), 'invalid_cursor');
  await rejects(opening({ types: ['no spaces please'] }), 'invalid_event_types');
  await rejects(opening({ endpoint: 'ep_00000000000000000000000000' }), 'endpoint_not_found');
  await close();
  await reading.settle();
  assert.ok(reading.over);
});

test('a cursor knows what lies before it, in each source', () => {
  const cursor = FeedCursor.parse('0.5.2-3.7');
  assert.ok(cursor !== null);
  const covers = (source: number, no: number, index: number): boolean => cursor.covers({ source, no, index });
  assert.deepEqual([covers(0, 5, 2), covers(0, 5, 3), covers(0, 6, 0), covers(3, 7, 99), covers(3, 8, 0), covers(1, 1, 0)], [true, false, false, true, false, false]); // prettier-ignore
  assert.equal(cursor.toString(), '0.5.2-3.7');
  for (const text of ['', '5', '0.5.2.1', '0.5-', 'a.b', `0.${'9'.repeat(30)}`]) assert.equal(FeedCursor.parse(text), null, text);
});

function watched(store: Store, queries: FeedQuery[]): Store {
  const read: Store['read'] = {
    ...store.read,
    feed: (query) => {
      queries.push(query);
      return store.read.feed(query);
    },
  };
  return withReader(store, read);
}

function withReader(store: Store, read: Store['read']): Store {
  return {
    kind: store.kind,
    folder: store.folder,
    read,
    open: () => store.open(),
    commit: (batch) => store.commit(batch),
    refill: (query) => store.refill(query),
    load: (seqs) => store.load(seqs),
    close: () => store.close(),
  };
}
