import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { BUILT_IN_PROFILES, compileProfile, DEFAULT_WIRE_SETTINGS, parseProfileDefinition, printPython, scanJson } from '../src/index.ts';
import type { PrintForm, Profile } from '../src/index.ts';

// Data as publishers write it: any escapes, any white space, any way to write a number.
const space = fc.constantFrom('', '', '', ' ', '\n', '\t ', ' \r\n');
const numberText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? '-0' : JSON.stringify(value))),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential().toUpperCase()),
  fc.integer().map((value) => `${value}.0`),
  fc.maxSafeInteger().map(String),
  fc.constantFrom('-0', '-0.0', '0e5', '1E5', '1e-7', '1e16', '1e15', '5e-324', '1.7976931348623157e308', '123.4500', '1e22'),
);
const stringText = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .chain((text) =>
    fc
      .boolean()
      .map((escaped) =>
        escaped
          ? `"${[...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')}`).join('')}"`
          : JSON.stringify(text),
      ),
  );
const keyText = fc.oneof(
  stringText,
  fc.nat(20).map((key) => `"${key}"`),
  fc.constantFrom('"__proto__"', '"room_url"', '"room_name"', '"4294967295"', '""'),
);
const { value: jsonText } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false', '{}', '[]', '[ ]', '"\\/"'),
    numberText,
    stringText,
    fc.tuple(space, fc.array(tie('value'), { maxLength: 4 })).map(([gap, values]) => `[${gap}${values.join(`${gap},`)}${gap}]`),
    fc
      .tuple(space, fc.uniqueArray(fc.tuple(keyText, tie('value')), { maxLength: 6, selector: ([key]) => String(JSON.parse(key)) }))
      .map(([gap, members]) => `{${members.map(([key, value]) => `${gap}${key}${gap}:${value}`).join(',')}${gap}}`),
  ),
}));
const names = fc.string({ unit: 'binary', maxLength: 20 });

function bodyOf(profile: Profile, data: string, name: string, type = 'a.b'): string {
  const scanned = scanJson(data);
  const event = { id: 'evt_1', type, timestampMs: 1_700_000_000_123, data: scanned.text, hasUnsafeInteger: scanned.hasUnsafeInteger };
  return profile.body(event, 'ep_1', profile.facts({ id: 'ep_1', name }, DEFAULT_WIRE_SETTINGS));
}

function builtIn(name: string): Profile {
  const profile = BUILT_IN_PROFILES.get(name);
  assert.ok(profile);
  return profile;
}

// The envelope of a custom profile, with names and literals that are hard to print.
function custom(print: PrintForm): Profile {
  const envelope = {
    b: '{data}',
    '10': 'ü🪶"\\\u2028',
    '2': { '{id}': '{id}', name: '{endpoint.name}' },
    large: 1e21,
    tiny: 1e-7,
    t: '{timestamp}',
  };
  return compileProfile(parseProfileDefinition('acme', { signature: { header: 'X-A' }, envelope, print }));
}

describe('a body', () => {
  for (const [name, profile] of [
    ...['meetloyd', 'joai', 'humanconnection'].map((known) => [known, builtIn(known)] as const),
    ['a custom profile', custom('javascript')] as const,
  ]) {
    it(`of ${name} equals its own JSON.stringify(JSON.parse(body)), for any data and any endpoint's name`, () => {
      fc.assert(
        fc.property(jsonText, names, (data, endpointName) => {
          fc.pre(!scanJson(data).hasUnsafeInteger); // refused at publish
          const body = bodyOf(profile, data, endpointName);
          assert.equal(JSON.stringify(JSON.parse(body)), body);
        }),
        { numRuns: 400 },
      );
    });
  }

  for (const [name, profile] of [['meshagent', builtIn('meshagent')] as const, ['a custom profile', custom('python')] as const]) {
    it(`of ${name} is what Python prints: printing it again changes nothing, and it is plain ASCII`, () => {
      fc.assert(
        fc.property(jsonText, names, fc.constantFrom('room.started', 'room.ended'), (data, endpointName, type) => {
          const body = bodyOf(profile, data, endpointName, type);
          assert.equal(printPython(body), body);
          assert.match(body, /^[ -~]*$/);
        }),
        { numRuns: 400 },
      );
    });
  }

  it('holds the data exactly as it was written under standard and a custom profile that prints raw', () => {
    fc.assert(
      fc.property(jsonText, names, (data, endpointName) => {
        const { text } = scanJson(data);
        assert.ok(bodyOf(builtIn('standard'), data, endpointName).endsWith(`,"data":${text}}`));
        assert.ok(bodyOf(custom('raw'), data, endpointName).includes(`"b":${text},`));
      }),
      { numRuns: 400 },
    );
  });

  it('holds the same values as the data that was published, under every profile', () => {
    fc.assert(
      fc.property(jsonText, names, (data, endpointName) => {
        fc.pre(!scanJson(data).hasUnsafeInteger);
        for (const profile of BUILT_IN_PROFILES.values()) {
          const got: { data?: unknown } = JSON.parse(bodyOf(profile, data, endpointName));
          assert.equal(JSON.stringify(got.data), JSON.stringify(JSON.parse(data)), profile.definition.name);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('of meshagent gains a room_url for room.started alone, and keeps one that is there', () => {
    const meshagent = builtIn('meshagent');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.option(fc.jsonValue()), (room, url) => {
        const data = JSON.stringify(url === null ? { room_name: room } : { room_name: room, room_url: url });
        const got: { data: { room_name: string; room_url: unknown } } = JSON.parse(bodyOf(meshagent, data, '', 'room.started'));
        assert.equal(got.data.room_name, room);
        if (url !== null) {
          assert.deepEqual(got.data.room_url, JSON.parse(JSON.stringify(url)));
          return;
        }
        const segment = /^wss:\/\/api\.meshagent\.com\/rooms\/([^/?#]*)$/.exec(String(got.data.room_url))?.[1];
        assert.equal(decodeURIComponent(segment ?? '\0'), room);
        assert.equal(JSON.parse(bodyOf(meshagent, data, '', 'room.ended')).data.room_url, undefined);
      }),
    );
  });

  it('does not break on room.started data that has no name or is no object', () => {
    for (const data of ['{}', '[]', 'null', '"x"', '{"room_name":7}', '{"room_name":null}']) {
      assert.equal(bodyOf(builtIn('meshagent'), data, '', 'room.started'), `{"event": "room.started", "data": ${printPython(data)}}`);
    }
  });
});
