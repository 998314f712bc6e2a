import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { BUILT_IN_PROFILES, secretsThatSign } from '../src/index.ts';

const GRACE_ENDS = 1_000_000;
const rotating = { current: 'new', previous: 'old', graceEndsMs: GRACE_ENDS };
const settled = { current: 'new', previous: null, graceEndsMs: null };

const several = ['standard'];
const single = ['meetloyd', 'joai', 'humanconnection', 'meshagent'];

function schemeOf(profile: string) {
  const scheme = BUILT_IN_PROFILES.get(profile)?.definition.signature;
  assert.ok(scheme);
  return scheme;
}

describe('the secrets that sign', () => {
  test('every built-in profile is in one of the two tables below', () => {
    assert.deepEqual([...BUILT_IN_PROFILES.keys()].toSorted(), [...several, ...single].toSorted());
  });

  for (const profile of several) {
    test(`${profile}: both sign during the grace, the new one first`, () => {
      assert.deepEqual(secretsThatSign(schemeOf(profile), rotating, GRACE_ENDS - 1), ['new', 'old']);
    });
  }

  for (const profile of single) {
    test(`${profile}: the old one goes on signing alone until the grace ends`, () => {
      assert.deepEqual(secretsThatSign(schemeOf(profile), rotating, GRACE_ENDS - 1), ['old']);
    });
  }

  for (const profile of [...several, ...single]) {
    test(`${profile}: from the end of the grace on, and without a rotation, the new one signs alone`, () => {
      assert.deepEqual(secretsThatSign(schemeOf(profile), rotating, GRACE_ENDS), ['new']);
      assert.deepEqual(secretsThatSign(schemeOf(profile), rotating, GRACE_ENDS + 1), ['new']);
      assert.deepEqual(secretsThatSign(schemeOf(profile), settled, 0), ['new']);
      assert.deepEqual(secretsThatSign(schemeOf(profile), { ...rotating, graceEndsMs: null }, 0), ['new']);
      assert.deepEqual(secretsThatSign(schemeOf(profile), { ...settled, graceEndsMs: GRACE_ENDS }, 0), ['new']);
    });
  }

  test('are never none, and never one that the endpoint does not have', () => {
    const state = fc.record({ current: fc.string(), previous: fc.option(fc.string()), graceEndsMs: fc.option(fc.integer()) });
    fc.assert(
      fc.property(fc.constantFrom(...several, ...single), state, fc.integer(), (profile, secrets, nowMs) => {
        const signing = secretsThatSign(schemeOf(profile), secrets, nowMs);
        assert.ok(signing.length > 0);
        assert.ok(signing.every((secret) => secret === secrets.current || secret === secrets.previous));
      }),
    );
  });
});
