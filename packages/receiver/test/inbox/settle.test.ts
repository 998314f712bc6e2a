import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Handling } from '../../src/handling.ts';
import { keptHeaders } from '../../src/inbox/message.ts';
import { nextDelayMs, RETRY_DEFAULTS } from '../../src/inbox/retry.ts';
import { settle } from '../../src/inbox/settle.ts';

const rules = { retry: RETRY_DEFAULTS, keepMs: 5000, nowMs: 100 };
const message = (attempt: number): Parameters<typeof settle>[0] => ({
  seq: 7,
  attempt,
  key: 'k',
  headers: [],
  body: new Uint8Array(),
  method: null,
  url: null,
});

describe('settling a message', () => {
  for (const [name, handling, attempt, settlement] of [
    ['handled is done and remembered', { kind: 'handled' }, 1, { seq: 7, to: 'done', untilMs: 5100 }],
    ['handled elsewhere is done too', { kind: 'duplicate' }, 1, { seq: 7, to: 'done', untilMs: 5100 }],
    ['a handler that threw waits for the first delay', { kind: 'failed' }, 1, { seq: 7, to: 'waiting', dueMs: 1100 }],
    ['a later failure waits longer', { kind: 'failed' }, 4, { seq: 7, to: 'waiting', dueMs: 27_100 }],
    ['the last failure is given up', { kind: 'failed' }, 20, { seq: 7, to: 'failed', error: 'the handler threw' }],
    [
      'another try that was asked for waits as long as asked',
      { kind: 'result', result: { result: 'retry', afterSeconds: 5 } },
      1,
      { seq: 7, to: 'waiting', dueMs: 5100 },
    ],
    [
      'a rejected event is given up at once',
      { kind: 'result', result: { result: 'reject' } },
      1,
      { seq: 7, to: 'failed', error: 'the handler answered reject' },
    ],
    [
      'one that is running elsewhere waits for its lease, whatever the attempt',
      { kind: 'running', remainingMs: 0.5 },
      20,
      { seq: 7, to: 'waiting', dueMs: 101 },
    ],
    ['an unreachable dedupe store counts as a failure', { kind: 'store_failed' }, 1, { seq: 7, to: 'waiting', dueMs: 1100 }],
  ] as const satisfies readonly (readonly [string, Handling, number, ReturnType<typeof settle>])[]) {
    test(name, () => assert.deepEqual(settle(message(attempt), handling, rules), settlement));
  }
});

test('delays grow by the factor up to the bound, for some 14 hours in all', () => {
  const delays = Array.from({ length: 19 }, (_, index) => nextDelayMs(RETRY_DEFAULTS, index + 1) ?? 0);
  assert.deepEqual(delays.slice(0, 4), [1000, 3000, 9000, 27_000]);
  assert.equal(delays.at(-1), 3_600_000);
  assert.equal(nextDelayMs(RETRY_DEFAULTS, 20), null);
  const hours = delays.reduce((sum, delay) => sum + delay, 0) / 3_600_000;
  assert.ok(hours > 10 && hours < 15, `${hours} hours`);
});

test('credentials are not kept, whatever form headers come in', () => {
  const pairs: [string, string][] = [
    ['Webhook-Id', 'a'],
    ['Authorization', 'Bearer b'],
    ['cookie', 'c'],
  ];
  const kept = [['webhook-id', 'a']];
  assert.deepEqual(keptHeaders(pairs, []), kept);
  assert.deepEqual(keptHeaders(new Map(pairs), []), kept);
  assert.deepEqual(keptHeaders(new Headers(pairs), []), kept);
  assert.deepEqual(keptHeaders(Object.fromEntries(pairs), []), kept);
  assert.deepEqual(keptHeaders({ get: (name) => (name === 'webhook-id' ? 'a' : null) }, ['webhook-id', 'x']), kept);
  assert.deepEqual(keptHeaders({ many: ['a', 'b'], none: undefined }, []), [['many', 'a, b']]);
});
