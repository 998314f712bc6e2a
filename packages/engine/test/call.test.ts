// Endpoints that call an agent: an event arrives as a room.call, made of the event and of the endpoint as they stood at publish.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WaxwingError, type EndpointCall, type FieldError } from '@waxwing/protocol';
import type { Engine } from '../src/engine.ts';
import { DOWN, houses, URL_OK } from './house.ts';

const house = houses();
const CALL: EndpointCall = { payload: { token: 't', room_url: 'wss://rooms.example/1', arguments: { mode: 'fast' } } };

/** The body that the latest delivery of an endpoint has on the wire. */
async function bodyTo(engine: Engine, endpoint: string): Promise<string | undefined> {
  const { data } = await engine.deliveries.list('rooms', { endpoint });
  const { attemptLog } = await engine.deliveries.get('rooms', data[0]?.id ?? '');
  return attemptLog[0]?.request.body;
}

async function fieldsOf(refused: Promise<unknown>): Promise<readonly FieldError[]> {
  const error: unknown = await refused.then(
    () => assert.fail('it was taken'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof WaxwingError && error.code === 'invalid_request', String(error));
  return error.fields;
}

describe('an endpoint that calls', () => {
  it('gets each event as a room.call with its payload merged in, as it stood when the event was published', async () => {
    const { engine, clock } = await house({}, () => DOWN);
    await engine.tenants.put('rooms', { profile: 'meshagent' });
    const { id, call } = await engine.endpoints.create('rooms', { url: URL_OK, call: CALL, retryScheduleSeconds: [600] });
    assert.deepEqual(call, CALL);
    const told = await engine.endpoints.create('rooms', { url: URL_OK });
    assert.equal(told.call, null);
    const event = await engine.publish('rooms', { type: 'room.started', data: { room_name: 'one', token: 'of the event' } });
    await clock.advance(1_000);
    const body =
      '{"event": "room.call", "data": {"room_name": "one", "token": "t", "room_url": "wss://rooms.example/1", "arguments": {"mode": "fast"}}}';
    assert.equal(await bodyTo(engine, id), body);
    assert.match(
      (await bodyTo(engine, told.id)) ?? '',
      /^\{"event": "room\.started", "data": \{"room_name": "one", "token": "of the event"/,
    );

    await engine.endpoints.update('rooms', id, { call: { payload: { token: 'later' } } });
    await clock.advance(700_000);
    assert.equal(await bodyTo(engine, id), body, 'a retry repeats the bytes');
    const { notes } = await engine.events.explain('rooms', event.id, id);
    assert.match(notes.join(' '), /gets it as room\.call/);
    assert.doesNotMatch((await engine.events.explain('rooms', event.id, told.id)).notes.join(' '), /room\.call/);
  });

  it('keeps its call through other edits, and loses it to null', async () => {
    const { engine, clock } = await house();
    await engine.tenants.put('rooms', { profile: 'meshagent' });
    const { id } = await engine.endpoints.create('rooms', { url: URL_OK, call: CALL });
    assert.deepEqual((await engine.endpoints.update('rooms', id, { name: 'Renamed' })).call, CALL);
    assert.equal((await engine.endpoints.update('rooms', id, { call: null })).call, null);
    await engine.publish('rooms', { type: 'room.ended', data: { room_name: 'one' } });
    await clock.advance(1_000);
    assert.equal(await bodyTo(engine, id), '{"event": "room.ended", "data": {"room_name": "one"}}');
  });

  it('has a profile with calls, and a payload that can arrive', async () => {
    const { engine } = await house();
    await engine.tenants.put('rooms', { profile: 'meshagent' });
    const created = (call: unknown, profile = 'meshagent'): Promise<readonly FieldError[]> =>
      fieldsOf(engine.endpoints.create('rooms', { url: URL_OK, profile, ...JSON.parse(JSON.stringify({ call })) }));
    assert.match((await created(CALL, 'standard'))[0]?.message ?? '', /standard, which has no calls/);
    const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
    for (const [payload, path] of [
      [undefined, '/call'],
      [[], '/call'],
      [{ arguments: null }, '/call/payload/arguments'],
      [{ arguments: [] }, '/call/payload/arguments'],
      [{ room_name: 1 }, '/call/payload/room_name'],
      [{ n: 2 ** 53 }, '/call/payload/n'],
      [{ text: '\ud800' }, '/call/payload/text'],
      [{ text: 'x'.repeat(8_192) }, '/call/payload'],
      [deep(33), '/call/payload'],
    ] as const)
      assert.deepEqual(
        (await created({ payload })).map((field) => field.path),
        [path],
      );
    assert.deepEqual(
      (await created({ payload: {}, name: 'x' })).map((field) => field.path),
      ['/call'],
    );
    await engine.endpoints.create('rooms', { url: URL_OK, call: { payload: JSON.parse(JSON.stringify(deep(32))) } });
  });
});

describe('a key', () => {
  it('begins as its format says, and only a tenant’s key begins as a platform’s', async () => {
    const { engine } = await house();
    for (const [format, begins] of [
      [undefined, /^wxw_/],
      ['wxw', /^wxw_/],
      ['hc', /^hc_/],
      ['sk_live', /^sk_live_/],
      ['sk_test', /^sk_test_/],
    ] as const) {
      const { key } = await engine.keys.create({ scope: 'tenant', tenant: 'acme', ...(format === undefined ? {} : { format }) });
      assert.match(key, begins);
      assert.equal(engine.keys.authenticate(key)?.tenant, 'acme');
    }
    for (const scope of ['admin', 'read', 'publish'] as const)
      assert.deepEqual(
        (await fieldsOf(engine.keys.create({ scope, format: 'hc' }))).map((field) => field.path),
        ['/format'],
      );
    await engine.keys.create({ scope: 'admin', format: 'wxw' });
  });
});
