// What the engine does when its store fails, stalls or forgets to answer. Each of these was a defect that the simulation
// found: it plays them by the thousand, here each stands alone.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEngine } from '../src/create-engine.ts';
import { modelStore } from '../src/store/model.ts';
import { StoreError, type Batch, type BatchResult, type Store } from '../src/store/store.ts';
import { DOWN, houses, OK, rejects, URL_OK } from './house.ts';
import { ManualClock, ScriptedSender, seededRandomness, turns } from './manual-ports.ts';

const house = houses();

/** What becomes of one commit; null: it is written and answered. */
type Fate = 'unavailable' | 'unknown, written' | 'unknown, not written' | null;

/** A store whose commits a test can spoil. As a real one, it writes nothing more after an unknown commit until it is opened anew. */
class SpoiltStore implements Store {
  readonly kind = 'model';
  readonly folder = null;
  readonly inner: Store = modelStore();
  readonly read: Store['read'] = this.inner.read;
  /** Asked at each commit. */
  fate: (batch: Batch) => Fate = () => null;
  opened = 0;
  /** What the next opening waits for. */
  gate: Promise<void> = Promise.resolve();
  #broken = false;

  async open(): ReturnType<Store['open']> {
    this.opened += 1;
    await this.gate;
    this.#broken = false;
    return this.inner.open();
  }

  async commit(batch: Batch): Promise<BatchResult> {
    const fate = this.#broken ? 'unavailable' : this.fate(batch);
    if (fate === 'unavailable') throw new StoreError('unavailable', 'spoilt');
    if (fate === null) return this.inner.commit(batch);
    if (fate === 'unknown, written') await this.inner.commit(batch);
    this.#broken = true;
    throw new StoreError('unknown', 'spoilt');
  }

  refill(...query: Parameters<Store['refill']>): ReturnType<Store['refill']> {
    return this.inner.refill(...query);
  }

  load(...query: Parameters<Store['load']>): ReturnType<Store['load']> {
    return this.inner.load(...query);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** The next commit that holds an event has this fate; the others go well. */
function once(fate: Fate): (batch: Batch) => Fate {
  let spent = false;
  return (batch) => {
    if (spent || batch.groups.length === 0) return null;
    spent = true;
    return fate;
  };
}

describe('after a commit whose answer was lost', () => {
  it('what was written is delivered once, counted once, and answered as a duplicate to who publishes again', async () => {
    const store = new SpoiltStore();
    const { engine, clock, sender } = await house({ store });
    await engine.endpoints.create('acme', { url: URL_OK });
    store.fate = once('unknown, written');
    await rejects(engine.publish('acme', { type: 'a.b', data: {}, id: 'one' }), 'commit_unknown');
    await clock.advance(10_000);
    assert.equal(store.opened, 2);
    assert.equal(sender.orders.length, 1);
    assert.equal(engine.status().pending, 0);
    assert.equal((await engine.publish('acme', { type: 'a.b', data: {}, id: 'one' })).duplicate, true);
  });

  it('an attempt’s end that was written is not counted off twice', async () => {
    const store = new SpoiltStore();
    const { engine, clock } = await house({ store });
    await engine.endpoints.create('acme', { url: URL_OK });
    await engine.endpoints.create('acme', { url: URL_OK, status: 'paused' });
    let lost = false;
    store.fate = ({ settles }) => (settles.length > 0 && !lost ? ((lost = true), 'unknown, written') : null);
    await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(10_000);
    assert.equal(engine.status().pending, 1, 'the one to the paused endpoint');
  });

  it('a wide fan-out goes on without a restart, each match once', async () => {
    const store = new SpoiltStore();
    const { engine, clock, sender } = await house({ store, limits: { fanOutAtOnceMax: 2 } });
    for (let i = 0; i < 7; i++) await engine.endpoints.create('acme', { url: URL_OK });
    store.fate = once('unknown, written');
    await rejects(engine.publish('acme', { type: 'a.b', data: {}, id: 'wide' }), 'commit_unknown');
    await clock.advance(10_000);
    assert.equal(sender.orders.length, 7);
    let chunks = 0;
    store.fate = ({ groups }) => (groups.some((group) => group.inserts[0]?.kind === 'chunk') && ++chunks === 2 ? 'unknown, written' : null);
    await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(10_000);
    assert.equal(sender.orders.length, 14);
    assert.equal(new Set(sender.orders.map(({ delivery }) => delivery)).size, 14);
    assert.equal(engine.status().pending, 0);
  });

  it('an attempt under way keeps its slot, also when its delivery was cancelled meanwhile', async () => {
    const store = new SpoiltStore();
    const { engine, clock, sender } = await house({ store }, () => ({ ...OK, afterMs: 60_000 }));
    await engine.endpoints.create('acme', { url: URL_OK, concurrency: 1 });
    const { id } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(10);
    const delivery = (await engine.events.get('acme', id)).deliveries[0];
    assert.ok(delivery);
    await engine.deliveries.cancel('acme', delivery.id);
    store.fate = once('unknown, not written');
    await rejects(engine.publish('acme', { type: 'a.b', data: {} }), 'commit_unknown');
    await clock.advance(1_000);
    await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    assert.equal(sender.orders.length, 1);
    await clock.advance(60_000);
    assert.equal(sender.orders.length, 2);
  });

  it('an engine that is closed while its store is being opened anew leaves it closed', async () => {
    const store = new SpoiltStore();
    const { engine, clock, close } = await house({ store });
    await engine.tenants.put({ id: 'acme' });
    store.fate = once('unknown, not written');
    await rejects(engine.publish('acme', { type: 'a.b', data: {} }), 'commit_unknown');
    const gate = Promise.withResolvers<void>();
    store.gate = gate.promise;
    await clock.advance(300);
    assert.equal(store.opened, 2);
    const closing = close();
    await clock.advance(1_000);
    gate.resolve();
    await closing;
    await assert.rejects(store.inner.commit({ groups: [], settles: [], changes: [] }), /not open/);
  });

  it('what a deletion left pending is cancelled', async () => {
    const store = new SpoiltStore();
    const { engine, clock } = await house({ store }, () => DOWN);
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    const event = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    store.fate = ({ changes }) =>
      changes.some(({ kind }) => kind === 'deleteEndpoint') ? ((store.fate = () => null), 'unknown, written') : null;
    await rejects(engine.endpoints.delete('acme', id), 'commit_unknown');
    await clock.advance(10_000);
    assert.equal((await engine.events.get('acme', event.id)).deliveries[0]?.state, 'cancelled');
  });

  it('the rest of a halved batch is not written before the store is opened anew, and it is opened anew', async () => {
    const store = new SpoiltStore();
    const { engine, clock, sender } = await house({ store });
    await engine.endpoints.create('acme', { url: URL_OK });
    let commits = 0;
    store.fate = ({ groups }) => {
      if (groups.length === 0) return null;
      if (groups.length > 1) throw new StoreError('row', 'halve it');
      commits += 1;
      return commits === 1 ? 'unknown, not written' : null;
    };
    const first = rejects(engine.publish('acme', { type: 'a.b', data: { n: 1 } }), 'commit_unknown');
    const second = rejects(engine.publish('acme', { type: 'a.b', data: { n: 2 } }), 'store_unavailable');
    await Promise.all([first, second]);
    assert.equal(commits, 1);
    await clock.advance(10_000);
    assert.equal(store.opened, 2);
    await engine.publish('acme', { type: 'a.b', data: { n: 3 } });
    await clock.advance(1_000);
    assert.deepEqual(
      sender.orders.map(({ event }) => event.data),
      ['{"n":3}'],
    );
  });
});

describe('while the store is away', () => {
  it('reads are answered store_unavailable, in the API’s own words', async () => {
    const store = new SpoiltStore();
    const { engine } = await house({ store });
    await engine.tenants.put({ id: 'acme' });
    await store.inner.close();
    await rejects(engine.deliveries.list('acme'), 'store_unavailable');
    await rejects(engine.events.get('acme', 'x'), 'store_unavailable');
  });

  it('a deletion that was answered is finished when it is back', async () => {
    const store = new SpoiltStore();
    const { engine, clock } = await house({ store }, () => DOWN);
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    const event = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    store.fate = ({ changes }) => (changes.some(({ kind }) => kind === 'cancelPending') ? 'unavailable' : null);
    await engine.endpoints.delete('acme', id);
    store.fate = () => null;
    await clock.advance(10_000);
    assert.equal((await engine.events.get('acme', event.id)).deliveries[0]?.state, 'cancelled');
    assert.equal(engine.status().pending, 0);
  });

  it('an engine that is closed answers everybody and leaves no timer', async () => {
    const store = new SpoiltStore();
    const clock = new ManualClock();
    const sender = new ScriptedSender(clock, () => 'hang');
    const engine = await createEngine({ store, clock, sender, masterKey: 'm'.repeat(40), randomness: seededRandomness(1) });
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    const testing = rejects(engine.endpoints.test('acme', id, { eventType: 'a.b' }), 'shutting_down');
    await turns();
    store.fate = () => 'unavailable';
    const refused = rejects(engine.publish('acme', { type: 'a.b', data: {} }), 'store_unavailable');
    await turns();
    const waiting = rejects(engine.endpoints.pause('acme', id), 'shutting_down');
    const closing = engine.close({ graceMs: 100 });
    await clock.advance(1_000);
    await Promise.all([closing, testing, refused, waiting]);
    assert.equal(clock.nextMs, null);
  });

  it('an engine that cannot start leaves no timer', async () => {
    const store = new SpoiltStore();
    store.fate = () => 'unavailable';
    const clock = new ManualClock();
    const sender = new ScriptedSender(clock, () => OK);
    const starting = createEngine({ store, clock, sender, masterKey: 'm'.repeat(40), randomness: seededRandomness(1) });
    const refused = rejects(starting, 'store_unavailable');
    await clock.advance(1_000);
    await refused;
    assert.equal(clock.nextMs, null);
  });
});

describe('when memory is full', () => {
  it('a paused endpoint’s backlog starves nobody', async () => {
    const { engine, clock, sender } = await house({ limits: { deliveriesMax: 4 } });
    const paused = await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['held.*'] });
    await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['live.*'] });
    for (let n = 0; n < 6; n++) await engine.publish('acme', { type: 'held.a', data: { n } });
    await engine.endpoints.pause('acme', paused.id);
    for (let n = 0; n < 6; n++) await engine.publish('acme', { type: 'held.a', data: { n } });
    for (let n = 0; n < 6; n++) await engine.publish('acme', { type: 'live.a', data: { n } });
    await clock.advance(10_000);
    assert.equal(sender.orders.filter(({ event }) => event.type === 'live.a').length, 6);
    await engine.endpoints.resume('acme', paused.id);
    await clock.advance(10_000);
    assert.equal(sender.orders.length, 18);
  });

  it('a FIFO endpoint whose first delivery waits for hours starves nobody', async () => {
    const { engine, clock, sender } = await house({ limits: { deliveriesMax: 4 } });
    await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['stuck.*'], ordering: 'fifo', retryScheduleSeconds: [7_200] });
    await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['live.*'] });
    sender.answer = ({ event }) => (event.type === 'stuck.a' ? DOWN : OK);
    for (let n = 0; n < 8; n++) await engine.publish('acme', { type: 'stuck.a', data: { n } });
    await clock.advance(10_000);
    for (let n = 0; n < 8; n++) await engine.publish('acme', { type: 'live.a', data: { n } });
    await clock.advance(10_000);
    assert.equal(sender.orders.filter(({ event }) => event.type === 'live.a').length, 8);
    sender.answer = () => OK;
    await clock.advance(8_000_000);
    const stuck = sender.orders.filter(({ event }) => event.type === 'stuck.a').map(({ event }) => event.data);
    assert.deepEqual(stuck, ['{"n":0}', ...Array.from({ length: 8 }, (_, n) => `{"n":${n}}`)], 'in order, the first one twice');
  });
});

describe('deliveries in flight', () => {
  it('to an endpoint that is deleted are counted off once', async () => {
    const { engine, clock } = await house({}, () => ({ ...OK, afterMs: 5_000 }));
    const { id } = await engine.endpoints.create('acme', { url: URL_OK });
    await engine.endpoints.create('acme', { url: URL_OK, status: 'paused' });
    for (let n = 0; n < 3; n++) await engine.publish('acme', { type: 'a.b', data: { n } });
    await clock.advance(100);
    assert.equal(engine.status().inFlight, 3);
    await engine.endpoints.delete('acme', id);
    await clock.advance(10_000);
    assert.equal(engine.status().pending, 3, 'those to the paused endpoint');
    assert.equal(engine.status().inMemory, 0);
  });

  it('are cancelled once by two hands at once', async () => {
    const { engine, clock } = await house({}, () => DOWN);
    await engine.endpoints.create('acme', { url: URL_OK, retryScheduleSeconds: [600] });
    const { id } = await engine.publish('acme', { type: 'a.b', data: {} });
    await clock.advance(1_000);
    const delivery = (await engine.events.get('acme', id)).deliveries[0];
    assert.ok(delivery);
    const both = Promise.allSettled([engine.deliveries.cancel('acme', delivery.id), engine.deliveries.cancel('acme', delivery.id)]);
    await clock.advance(1_000);
    assert.deepEqual((await both).map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    assert.equal(engine.status().pending, 0);
  });
});
