import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Ajv2020 } from 'ajv/dist/2020.js';

import { BUILT_IN_PROFILES, DEFAULT_WIRE_SETTINGS, isEventTypeName, messageHeaders } from '../src/index.ts';
import type { Profile, ProfileDefinition } from '../src/index.ts';

const ENDPOINT = { id: 'ep_1', name: 'Production' };

function profileNamed(name: string): Profile {
  const profile = BUILT_IN_PROFILES.get(name);
  assert.ok(profile);
  return profile;
}

function definitionOf(name: string): ProfileDefinition {
  return profileNamed(name).definition;
}

function typesOf(name: string): readonly string[] {
  return definitionOf(name).eventTypes.map((type) => type.name);
}

function requiredOf(name: string, type: string): unknown {
  return definitionOf(name).eventTypes.find((known) => known.name === type)?.schema['required'];
}

describe('the built-in profiles', () => {
  it('are the five of the platforms, standard first', () => {
    assert.deepEqual([...BUILT_IN_PROFILES.keys()], ['standard', 'meetloyd', 'joai', 'humanconnection', 'meshagent']);
  });

  it('are plain JSON: what the API shows is the whole definition', () => {
    for (const { definition } of BUILT_IN_PROFILES.values()) assert.deepEqual(JSON.parse(JSON.stringify(definition)), definition);
  });

  it('keep the schedules, the time-outs and the limits that the platforms publish', () => {
    const wire = Object.fromEntries(
      [...BUILT_IN_PROFILES.values()].map(
        ({ definition: { name, schedule, timeoutSecondsDefault, timeoutSecondsMax, httpsRequired, failingWord } }) => [
          name,
          { ...schedule, maxRetriesLimit: schedule.maxRetriesLimit, timeoutSecondsDefault, timeoutSecondsMax, httpsRequired, failingWord },
        ],
      ),
    );
    const standard = {
      delaysSeconds: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400],
      maxRetriesDefault: 9,
      maxRetriesLimit: 25,
      jitterRatio: 0.1,
      timeoutSecondsDefault: 15,
      timeoutSecondsMax: 60,
      httpsRequired: false,
      failingWord: 'failing',
    };
    const exact = { maxRetriesDefault: 5, maxRetriesLimit: 25, jitterRatio: 0, timeoutSecondsMax: 60, httpsRequired: false };
    assert.deepEqual(wire, {
      standard,
      meshagent: standard,
      meetloyd: { ...exact, delaysSeconds: [60, 300, 1800, 7200, 28_800], timeoutSecondsDefault: 30, failingWord: 'failed' },
      humanconnection: { ...exact, delaysSeconds: [60, 300, 1800, 7200, 43_200], timeoutSecondsDefault: 5, failingWord: 'failing' },
      joai: {
        delaysSeconds: [10, 30, 90, 270, 810, 2430, 3600],
        maxRetriesDefault: 3,
        maxRetriesLimit: 10,
        jitterRatio: 0,
        timeoutSecondsDefault: 30,
        timeoutSecondsMax: 300,
        httpsRequired: true,
        failingWord: 'failing',
      },
    });
  });

  it('react to answers only where the platform publishes no exact schedule', () => {
    const on = { goneDisables: true, retryAfterHonoured: true, overloadSlows: true, disableAfterSeconds: 432_000 };
    const off = { goneDisables: false, retryAfterHonoured: false, overloadSlows: false, disableAfterSeconds: null };
    for (const [name, { definition }] of BUILT_IN_PROFILES) {
      assert.deepEqual(definition.reactions, name === 'standard' || name === 'meshagent' ? on : off, name);
    }
  });

  it('give each endpoint the same id, type and time in every body, and webhook-id to every message', () => {
    for (const [name, profile] of BUILT_IN_PROFILES) {
      const headers = new Map(messageHeaders(profile, 'evt_1', 'Waxwing/1'));
      assert.deepEqual(
        [headers.get('content-type'), headers.get('user-agent'), headers.get('webhook-id')],
        ['application/json', 'Waxwing/1', name === 'humanconnection' ? 'whevt_1' : 'evt_1'],
      );
    }
  });
});

describe('the catalogues', () => {
  it('are closed save standard’s', () => {
    for (const [name, { definition }] of BUILT_IN_PROFILES) assert.equal(definition.catalogueClosed, name !== 'standard', name);
  });

  it('hold every event type of the pages', () => {
    assert.deepEqual(typesOf('meetloyd'), [
      ...['created', 'message', 'completed', 'error'].map((name) => `conversation.${name}`),
      ...['created', 'started', 'completed', 'failed', 'cancelled'].map((name) => `task.${name}`),
      ...['started', 'completed', 'failed', 'human_task'].map((name) => `workflow.${name}`),
      ...['created', 'updated', 'deleted', 'tool_called'].map((name) => `agent.${name}`),
    ]);
    assert.deepEqual(typesOf('joai'), ['agent.action', 'agent.message', 'user.message']);
    assert.deepEqual(typesOf('humanconnection'), [
      'service.matched',
      'service.expired',
      'meeting.scheduled',
      'meeting.completed',
      'meeting.cancelled',
      'meeting.no_show',
      'report.submitted',
      'payment.paid',
      'payment.failed',
    ]);
    assert.deepEqual(typesOf('meshagent'), [
      'room.started',
      'room.ended',
      'room.call',
      'storage.file.updated',
      'storage.file.deleted',
      'storage.file.moved',
    ]);
  });

  it('name their types well, each once', () => {
    for (const name of BUILT_IN_PROFILES.keys()) {
      const types = typesOf(name);
      assert.equal(new Set(types).size, types.length);
      assert.ok(types.every(isEventTypeName));
    }
  });

  it('have schemas that are strict JSON Schema 2020-12 and take their own samples', () => {
    for (const { definition } of BUILT_IN_PROFILES.values()) {
      for (const { name, schema, sample } of definition.eventTypes) {
        const check = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: true }).compile(schema);
        assert.ok(check(sample), `${definition.name} ${name}: ${JSON.stringify(check.errors)}`);
      }
    }
  });

  it('have open schemas: a field more is taken', () => {
    for (const { definition } of BUILT_IN_PROFILES.values()) {
      for (const { name, schema, sample } of definition.eventTypes) {
        assert.ok(new Ajv2020({ allowUnionTypes: true }).compile(schema)({ ...sample, a_field_more: [1] }), name);
      }
    }
  });

  it('require exactly the fields that the pages name, and under meetloyd none', () => {
    for (const type of typesOf('meetloyd')) assert.deepEqual(requiredOf('meetloyd', type), [], type);
    assert.deepEqual(requiredOf('humanconnection', 'meeting.completed'), ['meeting_id', 'request_id', 'human_id']);
    assert.deepEqual(requiredOf('humanconnection', 'payment.paid'), ['reward_id', 'meeting_id', 'amount']);
    assert.deepEqual(requiredOf('meshagent', 'room.started'), ['room_name']);
    assert.deepEqual(requiredOf('meshagent', 'room.call'), ['room_name', 'room_url', 'token', 'arguments']);
    assert.deepEqual(requiredOf('joai', 'agent.action'), ['agent', 'room', 'action', 'content']);
  });

  it('have a sample of agent.action whose content is JSON as a string', () => {
    const content = definitionOf('joai').eventTypes[0]?.sample['content'];
    assert.equal(typeof content, 'string');
    assert.equal(typeof JSON.parse(String(content)), 'object');
  });
});

describe('facts', () => {
  const settings = { roomUrlBase: 'wss://rooms.example.com' };

  it('are the endpoint’s name under joai, so that a later change of name changes no body', () => {
    const joai = profileNamed('joai');
    const facts = joai.facts(ENDPOINT, DEFAULT_WIRE_SETTINGS);
    const event = { id: 'evt_1', type: 'agent.message', timestampMs: 0, data: '{}', hasUnsafeInteger: false };
    assert.equal(
      joai.body(event, ENDPOINT.id, facts),
      '{"event":"agent.message","webhook":{"id":"ep_1","name":"Production"},"timestamp":"1970-01-01T00:00:00.000000Z","data":{}}',
    );
    assert.notEqual(joai.facts({ ...ENDPOINT, name: '' }, settings), null);
  });

  it('are the room’s base under meshagent only where it is not the default, and null for the rest', () => {
    assert.equal(profileNamed('meshagent').facts(ENDPOINT, DEFAULT_WIRE_SETTINGS), null);
    assert.equal(profileNamed('meshagent').facts(ENDPOINT, settings), settings.roomUrlBase);
    for (const name of ['standard', 'meetloyd', 'humanconnection']) assert.equal(profileNamed(name).facts(ENDPOINT, settings), null, name);
  });
});

describe('eventId', () => {
  it('shows every form of an id as one whevt_ id under humanconnection, and as it is elsewhere', () => {
    for (const id of ['evt_a1', 'whevt_a1', 'a1']) {
      assert.equal(profileNamed('humanconnection').eventId(id), 'whevt_a1');
      assert.equal(profileNamed('joai').eventId(id), id);
    }
  });
});
