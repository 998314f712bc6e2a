import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DEFAULT_RETRY, isRetryable, parseRetryAfterMs, retryDelayMs } from '../src/retry.ts';

const first = { attempts: 1, elapsedMs: 0, retryAfterMs: null };

test('the wait doubles from 200 ms, and up to half of it is taken off at random', () => {
  assert.equal(retryDelayMs(first, DEFAULT_RETRY, 1), 200);
  assert.equal(retryDelayMs(first, DEFAULT_RETRY, 0), 100);
  assert.equal(retryDelayMs({ ...first, attempts: 3 }, DEFAULT_RETRY, 1), 800);
  assert.equal(retryDelayMs({ ...first, attempts: 30 }, { ...DEFAULT_RETRY, attemptsMax: 99 }, 1), 10_000);
});

test('Retry-After is never undercut', () => {
  assert.equal(retryDelayMs({ ...first, retryAfterMs: 3000 }, DEFAULT_RETRY, 0), 3000);
  assert.equal(retryDelayMs({ ...first, retryAfterMs: 3000 }, DEFAULT_RETRY, 1), 3100);
});

test('it gives up after the last attempt, and rather than wait past the time bound', () => {
  assert.equal(retryDelayMs({ ...first, attempts: 5 }, DEFAULT_RETRY, 0), null);
  assert.equal(retryDelayMs({ ...first, elapsedMs: 59_990 }, DEFAULT_RETRY, 1), null);
  assert.equal(retryDelayMs({ ...first, retryAfterMs: 120_000 }, DEFAULT_RETRY, 0), null);
});

test('only answers that say "later" are retried', () => {
  const retried = [200, 400, 401, 403, 404, 409, 413, 429, 500, 501, 502, 503, 504].filter(isRetryable);
  assert.deepEqual(retried, [429, 502, 503, 504]);
});

test('Retry-After is read as seconds and as a date, and anything else is as if absent', () => {
  assert.equal(parseRetryAfterMs('7', 0), 7000);
  assert.equal(parseRetryAfterMs('Thu, 01 Jan 1970 00:00:09 GMT', 4000), 5000);
  assert.equal(parseRetryAfterMs('Thu, 01 Jan 1970 00:00:01 GMT', 4000), 0);
  for (const value of [null, '', '-1', 'soon', '1.5', '2026-01-01']) assert.equal(parseRetryAfterMs(value, 0), null);
});
