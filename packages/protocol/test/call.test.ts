// room.call: what MeshAgent's completion makes of an event for an endpoint that calls.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BUILT_IN_PROFILES } from '../src/profiles/registry.ts';
import { DEFAULT_WIRE_SETTINGS } from '../src/profile.ts';
import type { Profile } from '../src/profile.ts';

const SETTINGS = { roomUrlBase: 'wss://rooms.example.com/' };

function meshagent(): Profile {
  const profile = BUILT_IN_PROFILES.get('meshagent');
  assert.ok(profile);
  return profile;
}

function dataOf(data: string, payload: { readonly [member: string]: unknown }, settings = DEFAULT_WIRE_SETTINGS): string {
  const profile = meshagent();
  const facts = profile.facts({ id: 'ep_1', name: 'A', call: { payload } }, settings);
  const body = profile.body({ id: 'evt_1', type: 'room.started', timestampMs: 0, data, hasUnsafeInteger: false }, 'ep_1', facts);
  const [, rest] = /^\{"event": "room\.call", "data": (.*)\}$/s.exec(body) ?? [];
  assert.ok(rest !== undefined, body);
  return rest;
}

describe('a call', () => {
  it('has the event’s data with the payload’s members in place of its own, in the event’s order', () => {
    assert.equal(
      dataOf('{"a":1,"token":"e","b":2.0}', { token: 'p', room_url: 'u', arguments: { x: 1 } }),
      '{"a": 1, "token": "p", "b": 2.0, "room_url": "u", "arguments": {"x": 1}}',
    );
  });

  it('has arguments, an object, whatever the event says', () => {
    for (const data of ['{"room_url":"u"}', '{"room_url":"u","arguments":null}', '{"room_url":"u", "arguments": null}'])
      assert.equal(dataOf(data, {}), '{"room_url": "u", "arguments": {}}');
    assert.equal(dataOf('{"room_url":"u","arguments":{"a":1}}', {}), '{"room_url": "u", "arguments": {"a": 1}}');
  });

  it('has a room_url made of the room’s name where none is given, and touches none that is', () => {
    const made = (data: string, payload = {}): unknown => JSON.parse(dataOf(data, payload, SETTINGS)).room_url;
    assert.equal(made('{"room_name":"a/b"}'), 'wss://rooms.example.com/rooms/a%2Fb');
    assert.equal(made('{}', { room_name: 'other' }), 'wss://rooms.example.com/rooms/other');
    assert.equal(made('{"room_name":"one","room_url":null}'), null);
    assert.equal(made('{}'), undefined);
    assert.equal(JSON.parse(dataOf('{"room_name":"one"}', {})).room_url, 'wss://api.meshagent.com/rooms/one');
  });

  it('is the very body of a room.call whose data was merged by hand', () => {
    const member = fc.dictionary(
      fc.string({ unit: 'binary', maxLength: 8 }).map((name) => `m${name}`),
      fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 5 },
    );
    fc.assert(
      fc.property(member, member, (data, payload) => {
        const merged = { ...data, ...payload, arguments: {} };
        const profile = meshagent();
        const event = { id: 'evt_1', timestampMs: 0, hasUnsafeInteger: false };
        const facts = profile.facts({ id: 'ep_1', name: 'A', call: { payload } }, DEFAULT_WIRE_SETTINGS);
        const call = profile.body({ ...event, type: 'room.ended', data: JSON.stringify(data) }, 'ep_1', facts);
        assert.equal(call, profile.body({ ...event, type: 'room.call', data: JSON.stringify(merged) }, 'ep_1', null));
      }),
    );
  });

  it('changes nothing of an endpoint that has none, and names the type that is sent', () => {
    const profile = meshagent();
    assert.equal(profile.facts({ id: 'ep_1', name: 'A', call: null }, DEFAULT_WIRE_SETTINGS), null);
    const facts = profile.facts({ id: 'ep_1', name: 'A', call: { payload: {} } }, DEFAULT_WIRE_SETTINGS);
    assert.equal(profile.eventType('room.ended', facts), 'room.call');
    assert.equal(profile.eventType('room.ended', null), 'room.ended');
    assert.equal(profile.eventType('room.ended', SETTINGS.roomUrlBase), 'room.ended');
    for (const [name, other] of BUILT_IN_PROFILES) assert.equal(other.callFaults !== null, name === 'meshagent', name);
  });
});
