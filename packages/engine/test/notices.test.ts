// Notices: once per incident, counted where there are many, stored with what they tell of, and delivered like any event.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OPERATIONAL_EVENT_TYPES, type Endpoint, type Notice } from '@waxwing/protocol';
import { Catalogue } from '../src/catalogue.ts';
import type { SendOrder } from '../src/send/order.ts';
import { ModelDisk } from '../src/store/model-disk.ts';
import { modelStore } from '../src/store/model.ts';
import { StoreError, type Batch, type BatchResult, type Store } from '../src/store/store.ts';
import { DOWN, houses, OK, rejects, URL_OK, type House } from './house.ts';
import type { Answer } from './manual-ports.ts';

const house = houses();

const OPERATOR_URL = 'https://operator.example/waxwing';
const GONE: Answer = { outcome: { kind: 'refused', status: 410 } };
const MINUTE_MS = 60_000;

interface Told {
  readonly type: string;
  readonly data: { readonly [member: string]: unknown };
}

/** The operator's endpoint takes everything; the others answer as said. */
function answering(answer: (order: SendOrder) => Answer): (order: SendOrder) => Answer {
  return (order) => (order.target.url === OPERATOR_URL ? OK : answer(order));
}

function told({ sender }: House): readonly Told[] {
  return sender.orders
    .filter(({ target }) => target.url === OPERATOR_URL)
    .map(({ event }): Told => ({ type: event.type, data: JSON.parse(event.data) }));
}

async function operatorListens({ engine }: House): Promise<Endpoint> {
  return engine.endpoints.create('waxwing', { url: OPERATOR_URL, maxRetries: 0 });
}

async function all({ engine }: House): Promise<readonly Notice[]> {
  return (await engine.notices.list()).data;
}

async function publish({ engine, clock }: House, count = 1): Promise<void> {
  for (let i = 0; i < count; i++) await engine.publish('acme', { type: 'a.b', data: {} });
  await clock.advance(1_000);
}

describe('an incident', () => {
  it('is told once however many deliveries fail, and its end when anything succeeds', async () => {
    let up = false;
    const at = await house(
      {},
      answering(() => (up ? OK : DOWN)),
    );
    await operatorListens(at);
    const { id } = await at.engine.endpoints.create('acme', { url: URL_OK, name: 'Production', maxRetries: 0 });
    await publish(at, 20);
    assert.equal((await at.engine.endpoints.get('acme', id)).status, 'failing');
    up = true;
    await publish(at, 3);
    assert.equal((await at.engine.endpoints.get('acme', id)).status, 'active');
    const ofStatus = told(at).filter(({ type }) => type.startsWith('endpoint.'));
    assert.deepEqual(
      ofStatus.map(({ type, data }) => [type, data['tenant'], data['endpoint'], data['endpointName'], data['endpointUrl']]),
      [
        ['endpoint.failing', 'acme', id, 'Production', URL_OK],
        ['endpoint.recovered', 'acme', id, 'Production', URL_OK],
      ],
    );
    assert.equal(ofStatus[0]?.data['reason'], 'a delivery failed after 1 attempt: answered 500');
    const [delivery] = (await at.engine.deliveries.list('acme', { endpoint: id, state: 'failed', limit: 250 })).data.slice(-1);
    assert.equal(ofStatus[0]?.data['delivery'], delivery?.id, 'it names the delivery that it comes from');
    up = false;
    await publish(at);
    assert.equal(told(at).filter(({ type }) => type === 'endpoint.failing').length, 2, 'the next incident is another');
  });

  it('of many deliveries that fail at once costs a few commits, not one each', async () => {
    const at = await house({}, () => 'hang');
    const { id } = await at.engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0, concurrency: 200 });
    await at.engine.publishBatch(
      'acme',
      Array.from({ length: 200 }, () => ({ type: 'a.b', data: {} })),
    );
    await at.clock.advance(10);
    const before = at.engine.status().commits;
    assert.equal(at.sender.orders.length, 200);
    for (const order of at.sender.orders) at.sender.finish(order, DOWN.outcome, at.clock.nowMs());
    await at.clock.advance(10);
    assert.equal(at.engine.status().finished.failed, 200);
    assert.ok(at.engine.status().commits - before <= 4, `${at.engine.status().commits - before} commits`);
    assert.equal((await at.engine.endpoints.get('acme', id)).status, 'failing');
    assert.deepEqual((await all(at)).map(({ kind }) => kind).toSorted(), ['delivery.failed', 'endpoint.failing']);
  });

  it('is told of an endpoint that a 410 disables, and of one that fails for days', async () => {
    const at = await house(
      {},
      answering(() => GONE),
    );
    await operatorListens(at);
    const { id } = await at.engine.endpoints.create('acme', { url: URL_OK });
    await publish(at, 5);
    assert.equal((await at.engine.endpoints.get('acme', id)).status, 'disabled');
    const disabled = told(at).filter(({ type }) => type === 'endpoint.disabled');
    assert.deepEqual(
      disabled.map(({ data }) => data['reason']),
      ['the receiver answered 410 Gone'],
    );
    at.sender.answer = answering(() => DOWN);
    await at.engine.endpoints.create('other', { url: URL_OK, maxRetries: 0, reactions: { disableAfterSeconds: 3_600 } });
    for (let i = 0; i < 5; i++) {
      await at.engine.publish('other', { type: 'a.b', data: {} });
      await at.clock.advance(20 * MINUTE_MS);
    }
    const kinds = told(at).filter(({ type, data }) => data['tenant'] === 'other' && type.startsWith('endpoint.'));
    assert.deepEqual(
      kinds.map(({ type }) => type),
      ['endpoint.failing', 'endpoint.disabled'],
    );
  });

  it('is told also after the store was away when it happened, and once', async () => {
    for (const kind of ['unavailable', 'unknown'] as const) {
      const store = new TroubledStore(modelStore());
      const at = await house(
        { store },
        answering(() => DOWN),
      );
      await operatorListens(at);
      await at.engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0 });
      await at.engine.publish('acme', { type: 'a.b', data: {} });
      store.trouble = kind;
      await at.clock.advance(400);
      store.trouble = null;
      await at.clock.advance(10_000);
      const counts = told(at).map(({ type, data }) => `${type} ${typeof data['count'] === 'number' ? data['count'] : ''}`);
      assert.deepEqual(counts.toSorted(), ['delivery.failed 1', 'endpoint.failing '], kind);
      assert.equal((await all(at)).length, 2, kind);
      await at.close();
    }
  });

  it('is told after a crash at the moment it was stored, its event delivered from the store', async () => {
    const disk = new ModelDisk();
    const store = new TroubledStore(modelStore(disk));
    const at = await house(
      { store },
      answering(() => DOWN),
    );
    const operator = await operatorListens(at);
    const { id } = await at.engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0 });
    store.crashAfter = (batch) => batch.settles.length > 0 && disk.crash();
    await publish(at);
    const next = await house(
      { store: modelStore(disk), clock: at.clock },
      answering(() => DOWN),
    );
    assert.equal((await next.engine.endpoints.get('acme', id)).status, 'failing', 'the status and the attempt are one transaction');
    await next.clock.advance(1_000);
    const events = (await next.engine.events.list('waxwing')).data.map(({ type }) => type);
    assert.deepEqual(events.toSorted(), ['delivery.failed', 'endpoint.failing']);
    const deliveries = await next.engine.deliveries.list('waxwing', { endpoint: operator.id, state: 'delivered' });
    assert.equal(deliveries.data.length, 2);
  });
});

describe('failed deliveries', () => {
  it('are told at once, then counted, and told every five minutes while there are any', async () => {
    const at = await house(
      {},
      answering(() => DOWN),
    );
    await operatorListens(at);
    const { id } = await at.engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0 });
    const counts = (): readonly unknown[] => told(at).flatMap(({ type, data }) => (type === 'delivery.failed' ? [data['count']] : []));
    await publish(at);
    assert.deepEqual(counts(), [1]);
    await publish(at, 7);
    await at.clock.advance(MINUTE_MS);
    await publish(at, 4);
    assert.deepEqual(counts(), [1], 'nothing more within five minutes');
    const [open] = (await at.engine.notices.list({ kind: 'delivery.failed' })).data;
    assert.deepEqual([open?.event, open?.data['count'], open?.endpoint], [null, 11, id], 'the count so far is to be seen');
    await at.clock.advance(5 * MINUTE_MS);
    assert.deepEqual(counts(), [1, 11]);
    await publish(at, 2);
    await at.clock.advance(20 * MINUTE_MS);
    assert.deepEqual(counts(), [1, 11, 2]);
    await at.clock.advance(60 * MINUTE_MS);
    await publish(at);
    assert.deepEqual(counts(), [1, 11, 2, 1], 'after a quiet time the next one is told at once again');
    const latest = told(at).findLast(({ type }) => type === 'delivery.failed');
    assert.equal(latest?.data['reason'], 'schedule exhausted');
  });

  it('keep their count and their pause over a restart', async () => {
    const disk = new ModelDisk();
    const first = await house(
      { store: modelStore(disk) },
      answering(() => DOWN),
    );
    await operatorListens(first);
    await first.engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0 });
    await publish(first, 6);
    disk.crash();
    const next = await house(
      { store: modelStore(disk), clock: first.clock },
      answering(() => DOWN),
    );
    await publish(next, 2);
    assert.deepEqual(told(next), []);
    await next.clock.advance(5 * MINUTE_MS);
    assert.deepEqual(
      told(next).map(({ type, data }) => [type, data['count']]),
      [['delivery.failed', 7]],
    );
  });

  it('are not told of a test, which a person watches', async () => {
    const at = await house(
      {},
      answering(() => DOWN),
    );
    await operatorListens(at);
    const { id } = await at.engine.endpoints.create('acme', { url: URL_OK });
    const testing = at.engine.endpoints.test('acme', id, { eventType: 'a.b' });
    await at.clock.advance(1_000);
    await testing;
    await at.clock.advance(10 * MINUTE_MS);
    assert.deepEqual(await all(at), []);
  });
});

describe('a replay', () => {
  it('is told of when it has completed', async () => {
    let up = false;
    const at = await house(
      {},
      answering(() => (up ? OK : DOWN)),
    );
    await operatorListens(at);
    await at.engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0 });
    await publish(at, 3);
    up = true;
    const { id } = await at.engine.replays.create('acme');
    await at.clock.advance(MINUTE_MS);
    const completed = told(at).filter(({ type }) => type === 'replay.completed');
    assert.deepEqual(
      completed.map(({ data }) => [data['replay'], data['tenant'], data['made'], data['failed']]),
      [[id, 'acme', 3, 0]],
    );
  });
});

describe('the tenant of operational events', () => {
  it('is there from the start, has endpoints, and nobody publishes to it, changes it or deletes it', async () => {
    const at = await house();
    assert.equal((await at.engine.tenants.get('waxwing')).profile, 'standard');
    await rejects(at.engine.publish('waxwing', { type: 'endpoint.failing', data: {} }), 'reserved_tenant');
    await rejects(at.engine.publishBatch('waxwing', [{ type: 'a.b', data: {} }]), 'reserved_tenant');
    await rejects(at.engine.tenants.put('waxwing', { profile: 'joai' }), 'reserved_tenant');
    await rejects(at.engine.tenants.delete('waxwing'), 'reserved_tenant');
    await operatorListens(at);
    const refused = await rejects(
      at.engine.endpoints.create('waxwing', { url: URL_OK, eventTypes: ['endpoint.fails'] }),
      'invalid_event_types',
    );
    assert.match(refused.message, /did you mean endpoint\.failing\?/);
  });

  it('hears nothing of its own deliveries', async () => {
    const at = await house({}, () => DOWN);
    const { id } = await operatorListens(at);
    await at.engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0 });
    await publish(at, 3);
    await at.clock.advance(60 * MINUTE_MS);
    assert.equal((await at.engine.endpoints.get('waxwing', id)).status, 'failing');
    assert.ok((await all(at)).every(({ tenant }) => tenant === 'acme'));
    assert.ok(told(at).every(({ data }) => data['tenant'] === 'acme'));
  });

  it('has a catalogue whose samples keep their schemas, as what is told does', async () => {
    const catalogue = new Catalogue();
    for (const { schema, sample } of OPERATIONAL_EVENT_TYPES.values()) catalogue.checkSchema(schema, sample);
    const at = await house(
      {},
      answering(() => DOWN),
    );
    const operator = await operatorListens(at);
    await at.engine.endpoints.create('acme', { url: URL_OK, maxRetries: 0, name: 'half a \ud800 character' });
    await publish(at, 2);
    const seen = told(at);
    assert.ok(seen.length >= 2);
    for (const { type, data } of seen)
      catalogue.check(OPERATIONAL_EVENT_TYPES.get(type)?.schema ?? { type: 'null' }, type, JSON.stringify(data));
    const testing = at.engine.endpoints.test('waxwing', operator.id, { eventType: 'endpoint.disabled' });
    await at.clock.advance(1_000);
    await testing;
    assert.equal(told(at).at(-1)?.data['reason'], 'the receiver answered 410 Gone', 'a test sends the sample');
    assert.equal((await at.engine.eventTypes.get('replay.completed')).group, 'operational');
  });
});

/** A store that fails as told: before anything is written, or after everything was. */
class TroubledStore implements Store {
  readonly kind = 'model';
  readonly folder = null;
  readonly read: Store['read'];
  readonly #inner: Store;
  trouble: 'unavailable' | 'unknown' | null = null;
  crashAfter: (batch: Batch) => void = () => {};

  constructor(inner: Store) {
    this.#inner = inner;
    this.read = inner.read;
  }

  open: Store['open'] = () => this.#inner.open();
  refill: Store['refill'] = (query) => this.#inner.refill(query);
  load: Store['load'] = (seqs) => this.#inner.load(seqs);
  close: Store['close'] = () => this.#inner.close();

  async commit(batch: Batch): Promise<BatchResult> {
    if (this.trouble === 'unavailable') throw new StoreError('unavailable', 'as told');
    const result = await this.#inner.commit(batch);
    this.crashAfter(batch);
    if (this.trouble === 'unknown') throw new StoreError('unknown', 'as told');
    return result;
  }
}
