import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { BUILT_IN_PROFILES, parseRetryAfter, RETRY_AFTER_MAX_MS, retryDelayMs } from '../src/index.ts';
import { refusal } from './json-texts.ts';

const exact = (...delaysSeconds: number[]) => ({ delaysSeconds, jitterRatio: 0 });

describe('the delay before a retry', () => {
  test('retry n waits the n-th delay, and past the end the last one repeats', () => {
    const schedule = exact(60, 300, 1800);
    assert.deepEqual(
      [1, 2, 3, 4, 50].map((retry) => retryDelayMs(schedule, retry, 0.5)),
      [60_000, 300_000, 1_800_000, 1_800_000, 1_800_000],
    );
  });

  test('without jitter is exact, whatever the randomness', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (seconds, unit) => {
        assert.equal(retryDelayMs(exact(seconds), 1, unit), seconds * 1000);
      }),
    );
  });

  test('with jitter is longer by at most its share, never shorter, in whole milliseconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seconds, jitterRatio, unit) => {
          const delayMs = retryDelayMs({ delaysSeconds: [seconds], jitterRatio }, 1, unit);
          assert.ok(Number.isInteger(delayMs));
          assert.ok(delayMs >= seconds * 1000 && delayMs <= seconds * 1000 * (1 + jitterRatio) + 1, `${delayMs}`);
        },
      ),
    );
  });

  test('jitter grows with the unit: none at 0, half at 0.5, all at 1', () => {
    const schedule = { delaysSeconds: [300], jitterRatio: 0.1 };
    assert.deepEqual(
      [0, 0.5, 1].map((unit) => retryDelayMs(schedule, 1, unit)),
      [300_000, 315_000, 330_000],
    );
  });

  test('a fraction of a second counts', () => assert.equal(retryDelayMs(exact(0.25), 1, 0), 250));

  test("meets the platforms' pages", () => {
    const minutes = (profile: string, retries: number): number[] => {
      const schedule = BUILT_IN_PROFILES.get(profile)?.definition.schedule ?? exact();
      return Array.from({ length: retries }, (_, i) => retryDelayMs(schedule, i + 1, 0) / 60_000);
    };
    assert.deepEqual(minutes('meetloyd', 5), [1, 5, 30, 120, 480]);
    assert.deepEqual(minutes('humanconnection', 5), [1, 5, 30, 120, 720]);
    assert.deepEqual(minutes('standard', 9), [5 / 60, 5, 30, 120, 300, 600, 840, 1200, 1440]);
    assert.deepEqual(
      minutes('joai', 10).map((value) => Math.round(value * 60)),
      [10, 30, 90, 270, 810, 2430, 3600, 3600, 3600, 3600],
    );
  });

  test('of a schedule without delays, or of retry 0, is a mistake and says so', () => {
    assert.equal(refusal(() => retryDelayMs(exact(), 1, 0)).code, 'internal');
    assert.equal(refusal(() => retryDelayMs(exact(5), 0, 0)).code, 'internal');
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 37);

  test('in seconds', () => {
    assert.equal(parseRetryAfter('120', now), 120_000);
    assert.equal(parseRetryAfter(' 5 ', now), 5000);
    assert.equal(parseRetryAfter('0', now), 0);
    assert.equal(parseRetryAfter('-30', now), 0);
  });

  test('is capped at 24 hours', () => {
    assert.equal(RETRY_AFTER_MAX_MS, 86_400_000);
    for (const value of ['86400', '86401', '999999999', '9'.repeat(1000), 'Fri, 31 Dec 9999 23:59:59 GMT']) {
      assert.equal(parseRetryAfter(value, now), RETRY_AFTER_MAX_MS, value);
    }
  });

  test('in each of the three forms of an HTTP date', () => {
    assert.equal(parseRetryAfter('Sun, 06 Nov 1994 08:49:47 GMT', now), 10_000);
    assert.equal(parseRetryAfter('Sunday, 06-Nov-94 08:49:47 GMT', now), 10_000);
    assert.equal(parseRetryAfter('Sun Nov  6 08:49:47 1994', now), 10_000);
    assert.equal(parseRetryAfter('Wed, 16 Nov 1994 08:49:37 GMT', Date.UTC(1994, 10, 16, 8, 49, 36)), 1000);
    assert.equal(parseRetryAfter('Wed Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 36)), 1000);
  });

  test('at a time that is past is 0', () => {
    for (const value of [
      'Sun, 06 Nov 1994 08:49:36 GMT',
      'Sunday, 06-Nov-94 08:49:36 GMT',
      'Sun Nov  6 08:49:36 1994',
      'Thu, 01 Jan 1970 00:00:00 GMT',
    ]) {
      assert.equal(parseRetryAfter(value, now), 0, value);
    }
  });

  test('with a two-digit year takes it as at most 50 years ahead', () => {
    const in2026 = Date.UTC(2026, 4, 12);
    assert.equal(parseRetryAfter('Tuesday, 12-May-26 00:00:10 GMT', in2026), 10_000);
    assert.equal(parseRetryAfter('Tuesday, 12-May-76 00:00:00 GMT', in2026), RETRY_AFTER_MAX_MS);
    assert.equal(parseRetryAfter('Wednesday, 12-May-77 00:00:00 GMT', in2026), 0);
    assert.equal(parseRetryAfter('Friday, 01-Jan-00 00:00:05 GMT', Date.UTC(2099, 11, 31, 23, 59, 59)), 6000);
  });

  test('agrees with JavaScript on every date it writes', () => {
    const soonest = Date.UTC(1970, 0, 2);
    fc.assert(
      fc.property(
        fc.date({ min: new Date(soonest), max: new Date(Date.UTC(9999, 11, 31)), noInvalidDate: true }),
        fc.integer({ min: 0, max: 86_400 }),
        (date, seconds) => {
          const wholeSecond = Math.floor(date.getTime() / 1000) * 1000;
          assert.equal(parseRetryAfter(date.toUTCString(), wholeSecond - seconds * 1000), seconds * 1000);
        },
      ),
    );
  });

  test('that is nonsense is null', () => {
    for (const value of [
      '',
      ' ',
      'soon',
      '1.5',
      '+5',
      '--5',
      '5s',
      '0x10',
      '1e3',
      'Infinity',
      'NaN',
      '5, 6',
      '2026-05-12T00:00:00Z',
      'Sun, 06 Nov 1994 08:49:37',
      'Sun, 06 Nov 1994 08:49:37 UTC',
      'Sun, 6 Nov 1994 08:49:37 GMT',
      'Sun, 31 Feb 1994 08:49:37 GMT',
      'Sun, 00 Nov 1994 08:49:37 GMT',
      'Sun, 06 Nox 1994 08:49:37 GMT',
      'Xxx, 06 Nov 1994 08:49:37 GMT',
      'Sun, 06 Nov 1994 24:00:00 GMT',
      'Sun, 06 Nov 1994 08:60:00 GMT',
      'Sun, 06 Nov 1994 08:49:61 GMT',
      'Sunday, 06-Nov-1994 08:49:37 GMT',
      'Sun Nov 06 08:49:37 1994 GMT',
    ]) {
      assert.equal(parseRetryAfter(value, now), null, value);
    }
  });

  test('is a whole number from 0 to the cap, or null, for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String)),
        fc.integer({ min: 0, max: 4e12 }),
        (value, nowMs) => {
          const waitMs = parseRetryAfter(value, nowMs);
          assert.ok(waitMs === null || (Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= RETRY_AFTER_MAX_MS), `${waitMs}`);
        },
      ),
    );
  });
});
