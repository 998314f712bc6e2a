import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { BUILT_IN_PROFILES, DEFAULT_WIRE_SETTINGS, messageHeaders, scanJson, sign } from '../src/index.ts';
import type { Profile } from '../src/index.ts';
import { profileOf, VECTOR_FILES } from './vector-files.ts';
import type { PositiveVector } from './vector-files.ts';

const USER_AGENT = 'Waxwing/test';

function bodyOf(profile: Profile, vector: PositiveVector): string {
  const { id, type, timestampMs, data } = vector.event;
  const facts = profile.facts(vector.endpoint, vector.settings ?? DEFAULT_WIRE_SETTINGS);
  const hasUnsafeInteger = scanJson(data).hasUnsafeInteger;
  return profile.body({ id, type, timestampMs, data, hasUnsafeInteger }, vector.endpoint.id, facts);
}

function headersOf(profile: Profile, vector: PositiveVector): { [name: string]: string } {
  const { timestampSeconds, secrets } = vector;
  const message = { id: profile.eventId(vector.event.id), timestampSeconds, body: Buffer.from(vector.body) };
  const headers = Object.fromEntries([
    ...messageHeaders(profile, vector.event.id, USER_AGENT),
    ...sign(profile.definition.signature, message, secrets),
  ]);
  delete headers['user-agent'];
  return headers;
}

for (const file of VECTOR_FILES) {
  describe(`the ${file.profile} vectors`, () => {
    const profile = profileOf(file);

    it('are about the scheme that the profile signs with', () => {
      assert.deepEqual(profile.definition.signature, file.scheme);
    });

    for (const vector of file.positive) {
      it(`give the body and the headers of ${vector.name}, byte for byte`, () => {
        assert.equal(bodyOf(profile, vector), vector.body);
        assert.deepEqual(headersOf(profile, vector), vector.headers);
      });
    }

    it('hold no refused message that the sender itself would have signed so', () => {
      for (const { name, headers, secrets, expect, body, bodyBase64 } of file.negative) {
        if (!expect?.includes('no_match') || expect.includes('wrong_secret_format') || secrets.length === 0) continue;
        if (secrets.some((secret) => secret.startsWith('whpk_'))) continue;
        const timestampSeconds = Number(headers['webhook-timestamp'] ?? headers['X-MeetLoyd-Timestamp'] ?? headers['X-Acme-Time'] ?? 0);
        const bytes = bodyBase64 === undefined ? Buffer.from(body ?? '') : Buffer.from(bodyBase64, 'base64');
        const [signature] = sign(file.scheme, { id: headers['webhook-id'] ?? '', timestampSeconds, body: bytes }, secrets).slice(
          file.scheme.kind === 'standard-webhooks' ? 1 : 0,
        );
        assert.ok(signature);
        assert.notEqual(headers[signature[0]], signature[1], name);
      }
    });

    it('have names that tell them apart', () => {
      for (const list of [file.positive, file.accepted, file.negative]) {
        assert.deepEqual(
          [...new Set(list.map(({ name }) => name))],
          list.map(({ name }) => name),
        );
      }
    });
  });
}

it('every event type of every catalogue has its sample in the vectors', () => {
  for (const [name, { definition }] of BUILT_IN_PROFILES) {
    const file = VECTOR_FILES.find(({ profile }) => profile === name);
    for (const type of definition.eventTypes) {
      const vector = file?.positive.find(({ event }) => event.type === type.name && event.data === JSON.stringify(type.sample));
      assert.ok(vector, `${name} ${type.name}: run vectors/make-vectors.py`);
    }
  }
});
