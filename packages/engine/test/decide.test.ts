// The transition table: every kind of outcome against every policy that changes what follows from it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome, Reactions } from '@waxwing/protocol';
import { decide, type EndpointPolicy, type Transition } from '../src/decide.ts';

const ALL_ON: Reactions = { goneDisables: true, retryAfterHonoured: true, overloadSlows: true, disableAfterSeconds: 432_000 };
const ALL_OFF: Reactions = { goneDisables: false, retryAfterHonoured: false, overloadSlows: false, disableAfterSeconds: null };
const POLICY: EndpointPolicy = {
  maxRetries: 2,
  delaysSeconds: [60, 300],
  jitterRatio: 0,
  reactions: ALL_ON,
  status: 'active',
  failingSinceMs: null,
};
const STARTED = 1_000_000;
const ENDED = 1_000_500;

const refused = (status: number): Outcome => ({ kind: 'refused', status });
const FAILURES: readonly Outcome[] = [refused(500), { kind: 'timed_out' }, { kind: 'unreachable', reason: 'dns' }, { kind: 'blocked' }];

function judge(
  outcome: Outcome,
  over: Partial<EndpointPolicy> = {},
  attempts = 1,
  more: { retryAfterMs?: number; unit?: number; retries?: boolean } = {},
): Transition {
  return decide(
    { attempts, retries: more.retries ?? true },
    { ...POLICY, ...over },
    { outcome, retryAfterMs: more.retryAfterMs ?? null, startedMs: STARTED, endedMs: ENDED },
    more.unit ?? 0,
  );
}

describe('decide: the delivery', () => {
  it('ends delivered on success, whatever came before', () => {
    assert.deepEqual(judge({ kind: 'delivered', status: 204 }, { failingSinceMs: 5 }, 3), {
      next: { kind: 'delivered' },
      status: null,
      failingSinceMs: null,
      slowMs: 0,
    });
  });

  for (const outcome of FAILURES) {
    it(`retries after ${outcome.kind} at the schedule’s delay from the end of the failed attempt`, () => {
      assert.deepEqual(judge(outcome).next, { kind: 'retry', dueMs: ENDED + 60_000 });
      assert.deepEqual(judge(outcome, {}, 2).next, { kind: 'retry', dueMs: ENDED + 300_000 });
    });

    it(`fails after ${outcome.kind} once the retries are spent`, () => {
      assert.deepEqual(judge(outcome, {}, 3).next, { kind: 'failed', reason: 'schedule exhausted' });
    });
  }

  it('repeats the last delay where the schedule is shorter than the retries', () => {
    assert.deepEqual(judge(refused(500), { maxRetries: 5 }, 4).next, { kind: 'retry', dueMs: ENDED + 300_000 });
  });

  it('adds jitter only where the schedule has it', () => {
    assert.deepEqual(judge(refused(500), {}, 1, { unit: 0.99 }).next, { kind: 'retry', dueMs: ENDED + 60_000 });
    assert.deepEqual(judge(refused(500), { jitterRatio: 0.1 }, 1, { unit: 0.5 }).next, { kind: 'retry', dueMs: ENDED + 63_000 });
  });

  it('honours a Retry-After that is later than the schedule, and not an earlier one', () => {
    assert.deepEqual(judge(refused(503), {}, 1, { retryAfterMs: 90_000 }).next, { kind: 'retry', dueMs: ENDED + 90_000 });
    assert.deepEqual(judge(refused(503), {}, 1, { retryAfterMs: 1_000 }).next, { kind: 'retry', dueMs: ENDED + 60_000 });
  });

  it('ignores Retry-After where the profile keeps an exact schedule', () => {
    assert.deepEqual(judge(refused(503), { reactions: ALL_OFF }, 1, { retryAfterMs: 90_000 }).next, {
      kind: 'retry',
      dueMs: ENDED + 60_000,
    });
  });

  it('gives a test delivery one attempt', () => {
    assert.deepEqual(judge(refused(500), {}, 1, { retries: false }).next, { kind: 'failed', reason: 'test' });
  });
});

describe('decide: the endpoint', () => {
  it('is failing once a delivery is exhausted, and only then', () => {
    assert.equal(judge(refused(500)).status, null);
    assert.equal(judge(refused(500), {}, 3).status?.status, 'failing');
    assert.equal(judge(refused(500), { status: 'failing' }, 3).status, null);
  });

  it('is active again after any success', () => {
    assert.deepEqual(judge({ kind: 'delivered', status: 200 }, { status: 'failing' }).status, { status: 'active', reason: null });
    assert.equal(judge({ kind: 'delivered', status: 200 }, { status: 'disabled' }).status, null);
  });

  it('is disabled by 410 where the profile reacts to it, and the delivery ends', () => {
    assert.equal(judge(refused(410)).status?.status, 'disabled');
    assert.deepEqual(judge(refused(410)).next, { kind: 'failed', reason: 'endpoint gone' });
    assert.equal(judge(refused(410), { reactions: ALL_OFF }).status, null);
    assert.equal(judge(refused(410), { reactions: ALL_OFF }).next.kind, 'retry');
  });

  it('is disabled after five days of nothing but failure', () => {
    assert.equal(judge(refused(500), { failingSinceMs: ENDED - 432_000_000 }).status?.status, 'disabled');
    assert.equal(judge(refused(500), { failingSinceMs: ENDED - 431_999_999 }).status, null);
    assert.equal(judge(refused(500), { failingSinceMs: 0, reactions: ALL_OFF }).status, null);
  });

  it('remembers since when it fails, from the first failed attempt’s start', () => {
    assert.equal(judge(refused(500)).failingSinceMs, STARTED);
    assert.equal(judge(refused(500), { failingSinceMs: 7 }).failingSinceMs, 7);
  });

  for (const status of [429, 502, 504]) {
    it(`rests after ${status}, for as long as Retry-After says up to a minute`, () => {
      assert.ok(judge(refused(status)).slowMs > 0);
      assert.equal(judge(refused(status), {}, 1, { retryAfterMs: 5_000 }).slowMs, 5_000);
      assert.equal(judge(refused(status), {}, 1, { retryAfterMs: 86_400_000 }).slowMs, 60_000);
      assert.equal(judge(refused(status), { reactions: ALL_OFF }).slowMs, 0);
    });
  }

  it('does not rest after other failures', () => {
    assert.equal(judge(refused(500)).slowMs, 0);
    assert.equal(judge({ kind: 'timed_out' }).slowMs, 0);
  });
});
