// Relayed endpoints: in order, at least once, with the listener's own answer as the outcome, whoever goes away and comes back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_PROFILES, sign, type AttemptId, type ListenerMessage, type RelayedMessage, type RelayResult } from '@waxwing/protocol';
import type { Engine } from '../src/engine.ts';
import { modelStore } from '../src/store/model.ts';
import { ModelDisk } from '../src/store/model-disk.ts';
import { houses, rejects, URL_OK, type House } from './house.ts';
import { turns } from './manual-ports.ts';

const house = houses();
const TYPE = 'meeting.completed';

/** A listener of a test: what came, and its answers. */
class Listening {
  readonly messages: RelayedMessage[] = [];
  readonly signs: string[] = [];
  readonly #engine: Engine;
  readonly #id: string;
  readonly #gone = new AbortController();

  constructor(engine: Engine, id: string) {
    this.#engine = engine;
    this.#id = id;
    void this.#read(engine.listeners.attach('acme', id, { signal: this.#gone.signal }));
  }

  get events(): readonly string[] {
    return this.messages.map(({ event }) => event);
  }

  get last(): RelayedMessage {
    const last = this.messages.at(-1);
    assert.ok(last !== undefined, 'something came');
    return last;
  }

  async answer(
    over: Partial<RelayResult> = { response: { status: 200, headers: [], body: '' } },
    attempt: AttemptId = this.last.attempt,
  ): Promise<number> {
    const result: RelayResult = { attempt, durationMs: 12, url: 'http://localhost:3000/', ...over };
    return (await this.#engine.listeners.answer('acme', this.#id, [result])).accepted;
  }

  goAway(): void {
    this.#gone.abort();
  }

  async #read(source: AsyncIterable<ListenerMessage>): Promise<void> {
    for await (const message of source) {
      if (message.kind === 'message') this.messages.push(message.data);
      else this.signs.push(message.kind === 'ready' ? `ready ${message.data.waiting}` : message.data.reason);
    }
    this.signs.push('over');
  }
}

async function publish({ engine, clock }: House, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await engine.publish('acme', { type: TYPE, data: { id }, id });
  await clock.advance(5);
}

async function states({ engine }: House): Promise<readonly string[]> {
  const { data } = await engine.deliveries.list('acme');
  return data.map(({ event, state, attempts }) => `${event} ${state} ${attempts}`).toReversed();
}

test('deliveries wait for a listener, and go to it oldest first, one at a time, signed like any other', async () => {
  const at = await house();
  const { engine, clock } = at;
  const endpoint = await engine.listeners.create('acme', {});
  await publish(at, 'a', 'b', 'c');
  await clock.advance(3_600_000);
  assert.deepEqual(await states(at), ['a pending 0', 'b pending 0', 'c pending 0']);
  const why = await engine.events.explain('acme', 'a', endpoint.id);
  assert.equal(why.reason, 'held');
  assert.match(why.sentence, /no listener is attached/);
  const listening = new Listening(engine, endpoint.id);
  await clock.advance(5);
  assert.deepEqual([listening.signs, listening.events], [['ready 3'], ['a']]);
  const { headers, body } = listening.last;
  const header = new Map(headers);
  const bytes = Buffer.from(body, 'base64');
  assert.deepEqual(JSON.parse(bytes.toString()).data, { id: 'a' });
  const standard = BUILT_IN_PROFILES.get('standard');
  assert.ok(standard !== undefined);
  const message = { id: 'a', timestampSeconds: Number(header.get('webhook-timestamp')), body: bytes };
  for (const [name, value] of sign(standard.definition.signature, message, [endpoint.secret])) assert.equal(header.get(name), value);
  for (const expected of ['a', 'b', 'c']) {
    assert.equal(listening.last.event, expected);
    assert.equal(await listening.answer(), 1);
    await clock.advance(5);
  }
  assert.deepEqual(await states(at), ['a delivered 1', 'b delivered 1', 'c delivered 1']);
  await publish(at, 'd');
  assert.equal(listening.last.event, 'd');
});

test('the local answer is the outcome, and on record', async () => {
  const at = await house();
  const { engine, clock } = at;
  const endpoint = await engine.listeners.create('acme', { retryScheduleSeconds: [7, 70] });
  const listening = new Listening(engine, endpoint.id);
  await publish(at, 'a', 'b');
  await listening.answer({
    response: { status: 422, headers: [['content-type', 'text/plain']], body: Buffer.from('no thanks').toString('base64') },
  });
  await clock.advance(5);
  assert.deepEqual(await states(at), ['a pending 1', 'b pending 0'], 'what retries holds the rest');
  await clock.advance(10_000);
  assert.deepEqual(listening.events, ['a', 'a']);
  assert.notEqual(listening.messages[0]?.attempt, listening.last.attempt);
  await listening.answer({ error: { code: 'connect_refused', message: 'connect ECONNREFUSED 127.0.0.1:3000' } });
  await clock.advance(100_000);
  await listening.answer({ error: { code: 'timeout', message: 'no answer within 15 s' } });
  await clock.advance(5);
  assert.deepEqual(await states(at), ['a failed 3', 'b pending 0']);
  const [first] = (await engine.deliveries.list('acme', { event: 'a' })).data;
  const { attemptLog } = await engine.deliveries.get('acme', first?.id ?? '');
  assert.deepEqual(
    attemptLog.map(({ outcome, request, response, error, timings }) => [
      outcome,
      request.url,
      response?.body,
      error?.code,
      timings.totalMs,
    ]),
    [
      ['refused', 'http://localhost:3000/', 'no thanks', 'http_status_4xx', 12],
      ['unreachable', 'http://localhost:3000/', undefined, 'connect_refused', 12],
      ['timed_out', 'http://localhost:3000/', undefined, 'timeout', 12],
    ],
  );
  assert.ok(attemptLog[0]?.request.headers.some(([name]) => name === 'webhook-signature'));
  await clock.advance(3_600_000);
  assert.deepEqual((await engine.notices.list()).data, [], 'whoever listens knows');
});

test('what was handed over and not answered is not counted, and comes again, first, with the same attempt id', async () => {
  const at = await house();
  const { engine, clock } = at;
  const endpoint = await engine.listeners.create('acme', {});
  const first = new Listening(engine, endpoint.id);
  await publish(at, 'a', 'b');
  first.goAway();
  await clock.advance(60_000);
  assert.deepEqual(await states(at), ['a pending 0', 'b pending 0']);
  assert.equal(engine.status().inFlight, 0);
  assert.equal(await first.answer(), 0, 'nobody waits for it just now');
  const second = new Listening(engine, endpoint.id);
  await clock.advance(5);
  assert.deepEqual([second.signs, second.events, second.last.attempt], [['ready 2'], ['a'], first.last.attempt]);
  assert.equal(await first.answer(), 1, 'the answer of an earlier connection counts');
  await clock.advance(5);
  assert.deepEqual(second.events, ['a', 'b']);
  assert.deepEqual(await states(at), ['a delivered 1', 'b pending 0']);
});

test('a crash and a restart of the engine lose and reorder nothing', async () => {
  const disk = new ModelDisk();
  const before = await house({ store: modelStore(disk) });
  const endpoint = await before.engine.listeners.create('acme', {});
  const listening = new Listening(before.engine, endpoint.id);
  await publish(before, 'a', 'b', 'c');
  await listening.answer();
  await before.clock.advance(5);
  assert.deepEqual(listening.events, ['a', 'b']);
  disk.crash();
  const after = await house({ store: modelStore(disk) });
  await publish(after, 'd');
  await after.clock.advance(10_000);
  const again = new Listening(after.engine, endpoint.id);
  await after.clock.advance(5);
  for (let n = 0; n < 3; n++) {
    await again.answer();
    await after.clock.advance(5);
  }
  assert.deepEqual(again.events, ['b', 'c', 'd']);
  assert.deepEqual(await states(after), ['a delivered 1', 'b delivered 1', 'c delivered 1', 'd delivered 1']);
});

test('what was not tried comes again after a while, and no attempt is counted', async () => {
  const at = await house();
  const { engine, clock } = at;
  const endpoint = await engine.listeners.create('acme', {});
  const listening = new Listening(engine, endpoint.id);
  await publish(at, 'a', 'b');
  await listening.answer({ notTried: { retryInMs: 2_000 } });
  await clock.advance(1_990);
  assert.deepEqual(listening.events, ['a']);
  await clock.advance(20);
  assert.deepEqual(listening.events, ['a', 'a']);
  assert.equal(listening.messages[0]?.attempt, listening.last.attempt);
  assert.notDeepEqual(listening.messages[0]?.headers, listening.last.headers, 'it is signed afresh');
  assert.deepEqual(await states(at), ['a pending 0', 'b pending 0']);
});

test('one listener at a time; one that leaves a message unanswered for too long is detached, with nothing held against anybody', async () => {
  const at = await house();
  const { engine, clock } = at;
  const endpoint = await engine.listeners.create('acme', { timeoutSeconds: 10 });
  const first = new Listening(engine, endpoint.id);
  await publish(at, 'a');
  const second = new Listening(engine, endpoint.id);
  await clock.advance(5);
  assert.deepEqual([first.signs, second.events], [['ready 0', 'replaced', 'over'], ['a']]);
  await clock.advance(24_000);
  assert.deepEqual(second.signs, ['ready 1']);
  await clock.advance(2_000);
  assert.deepEqual(second.signs, ['ready 1', 'unresponsive', 'over']);
  assert.deepEqual(await states(at), ['a pending 0']);
});

test('other endpoints go on, before and after, and the copied one is not diverted from', async () => {
  const at = await house();
  const { engine, clock, sender } = at;
  const original = await engine.endpoints.create('acme', { url: URL_OK, eventTypes: ['meeting.*'], profile: 'meetloyd' });
  const endpoint = await engine.listeners.create('acme', { endpoint: original.id });
  assert.deepEqual([endpoint.profile, endpoint.eventTypes, endpoint.ordering], ['meetloyd', ['meeting.*'], 'fifo']);
  const listening = new Listening(engine, endpoint.id);
  await publish(at, 'a');
  await listening.answer();
  await clock.advance(5);
  assert.deepEqual([sender.orders.map(({ event }) => event.id), listening.events], [['a'], ['a']]);
});

test('a retry by hand reaches the listener; a cancelled delivery does not come again', async () => {
  const at = await house();
  const { engine, clock } = at;
  const endpoint = await engine.listeners.create('acme', {});
  const listening = new Listening(engine, endpoint.id);
  await publish(at, 'a');
  await listening.answer();
  await clock.advance(5);
  const [done] = (await engine.deliveries.list('acme')).data;
  await engine.deliveries.retry('acme', done?.id ?? '');
  await clock.advance(5);
  assert.deepEqual([listening.events, listening.last.cause], [['a', 'a'], 'retry']);
  await engine.deliveries.cancel('acme', listening.last.delivery);
  listening.goAway();
  await clock.advance(5);
  assert.equal(engine.status().pending, 0);
  const again = new Listening(engine, endpoint.id);
  await publish(at, 'b');
  assert.deepEqual(again.events, ['b']);
});

test('a test without a listener fails at once, and says why', async () => {
  const { engine } = await house();
  const endpoint = await engine.listeners.create('acme', {});
  const { attemptLog, state } = await engine.endpoints.test('acme', endpoint.id, { eventType: TYPE });
  assert.deepEqual([state, attemptLog[0]?.outcome, attemptLog[0]?.error?.code], ['failed', 'unreachable', 'no_listener']);
});

test('deleting the endpoint and closing the engine end the listening, and neither waits for an answer', async () => {
  const at = await house();
  const { engine, clock } = at;
  const [one, two] = [await engine.listeners.create('acme', {}), await engine.listeners.create('acme', {})];
  const [first, second] = [new Listening(engine, one.id), new Listening(engine, two.id)];
  await publish(at, 'a');
  await engine.endpoints.delete('acme', one.id);
  await turns();
  assert.deepEqual(first.signs, ['ready 0', 'deleted', 'over']);
  const closing = engine.close();
  await clock.advance(100);
  await closing;
  await turns();
  assert.deepEqual(second.signs, ['ready 0', 'over']);
});

test('what cannot be is refused', async () => {
  const { engine } = await house();
  const endpoint = await engine.endpoints.create('acme', { url: URL_OK });
  const listener = await engine.listeners.create('acme', {});
  const attach = async (id: string, tenant = 'acme'): Promise<unknown> => engine.listeners.attach(tenant, id);
  const answer = async (result: Partial<RelayResult>): Promise<unknown> =>
    engine.listeners.answer('acme', listener.id, [{ attempt: 'att_00000000000000000000000000_1', ...result }]);
  await engine.tenants.put('globex', {});
  await rejects(attach(endpoint.id), 'not_a_listener');
  await rejects(attach(listener.id, 'globex'), 'endpoint_not_found');
  await rejects(answer({}), 'invalid_request');
  await rejects(answer({ notTried: { retryInMs: 1 } }), 'invalid_request');
  await rejects(engine.endpoints.create('acme', { url: 'relay:listener' }), 'url_refused');
  await rejects(engine.listeners.create('acme', { endpoint: 'ep_00000000000000000000000000' }), 'endpoint_not_found');
});
