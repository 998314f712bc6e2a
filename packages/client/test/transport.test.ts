import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WaxwingApiError, WaxwingConnectionError } from '../src/api-error.ts';
import { DEFAULT_RETRY } from '../src/retry.ts';
import type { RetryBounds } from '../src/retry.ts';
import { Transport } from '../src/transport.ts';
import { problem, scriptedServer } from './scripted-server.ts';

/** A transport whose waits take no time and are written down. */
function transportTo(baseUrl: string, retry: RetryBounds = DEFAULT_RETRY, timeoutMs = 5000): { transport: Transport; waitsMs: number[] } {
  const waitsMs: number[] = [];
  let nowMs = 0;
  const transport = new Transport(
    { baseUrl, key: 'a-key', timeoutMs, retry },
    {
      fetch,
      nowMs: () => nowMs,
      unit: () => 1,
      sleep: async (delayMs) => {
        waitsMs.push(delayMs);
        nowMs += delayMs;
      },
    },
  );
  return { transport, waitsMs };
}

const publish = { method: 'POST', path: '/p', body: '{"a":1}', headers: { 'idempotency-key': 'k1' }, repeatable: true } as const;

test('a repeatable call is tried again on 429, 503 and broken connections, each time the same call', async (t) => {
  const server = await scriptedServer(t, [
    problem(503, 'overloaded'),
    { reset: 'before' },
    { reset: 'during' },
    problem(429, 'rate_limited'),
    { status: 202, body: { id: 'evt_1' } },
  ]);
  const { transport, waitsMs } = transportTo(server.url);
  assert.deepEqual(await transport.json(publish), { id: 'evt_1' });
  assert.deepEqual(waitsMs, [200, 400, 800, 1600]);
  assert.equal(server.seen.length, 5);
  for (const request of server.seen) {
    assert.equal(request.body, '{"a":1}');
    assert.equal(request.headers['idempotency-key'], 'k1');
    assert.equal(request.headers['authorization'], 'Bearer a-key');
  }
});

test('Retry-After decides how long the wait is', async (t) => {
  const server = await scriptedServer(t, [{ ...problem(503, 'overloaded'), headers: { 'retry-after': '2' } }, { body: {} }]);
  const { transport, waitsMs } = transportTo(server.url);
  await transport.json(publish);
  assert.deepEqual(waitsMs, [2100]);
});

test('a Retry-After beyond the time bound is answered with the error at once', async (t) => {
  const server = await scriptedServer(t, [{ ...problem(429, 'rate_limited'), headers: { 'retry-after': '3600' } }]);
  const { transport, waitsMs } = transportTo(server.url);
  await assert.rejects(transport.json(publish), (error) => error instanceof WaxwingApiError && error.retryAfterMs === 3_600_000);
  assert.deepEqual(waitsMs, []);
});

test('attempts are bounded, and the last error is what is thrown', async (t) => {
  const server = await scriptedServer(t, [problem(503, 'store_unavailable')]);
  const { transport } = transportTo(server.url, { attemptsMax: 3, timeMaxMs: 60_000 });
  await assert.rejects(transport.json(publish), { code: 'store_unavailable', status: 503 });
  assert.equal(server.seen.length, 3);
});

test('a call that is not repeatable is never sent twice', async (t) => {
  const server = await scriptedServer(t, [problem(503, 'overloaded')]);
  const { transport } = transportTo(server.url);
  await assert.rejects(transport.json({ method: 'POST', path: '/x' }), { code: 'overloaded' });
  await assert.rejects(transport.json({ method: 'DELETE', path: '/x' }), { code: 'overloaded' });
  assert.equal(server.seen.length, 2);
});

test('a GET is tried again without being asked to', async (t) => {
  const server = await scriptedServer(t, [{ reset: 'before' }, { body: { ok: true } }]);
  const { transport } = transportTo(server.url);
  assert.deepEqual(await transport.json({ method: 'GET', path: '/x' }), { ok: true });
});

test('a refusal is not tried again, and carries all that the problem says', async (t) => {
  const refusal = problem(400, 'schema_mismatch', { errors: [{ path: '/data/amount', message: 'must be a number' }] });
  const server = await scriptedServer(t, [{ ...refusal, headers: { 'x-request-id': 'req-7' } }]);
  const { transport } = transportTo(server.url);
  await assert.rejects(transport.json(publish), (error) => {
    assert.ok(error instanceof WaxwingApiError);
    assert.deepEqual(
      {
        status: error.status,
        code: error.code,
        title: error.title,
        detail: error.detail,
        errors: error.errors,
        requestId: error.requestId,
      },
      {
        status: 400,
        code: 'schema_mismatch',
        title: 'A title',
        detail: 'Detail of schema_mismatch',
        errors: [{ path: '/data/amount', message: 'must be a number' }],
        requestId: 'req-7',
      },
    );
    return true;
  });
  assert.equal(server.seen.length, 1);
});

test('no answer at all is a connection error that names the address, the attempts and the reason', async () => {
  const { transport } = transportTo('http://127.0.0.1:1', { attemptsMax: 2, timeMaxMs: 60_000 });
  await assert.rejects(transport.json(publish), (error) => {
    assert.ok(error instanceof WaxwingConnectionError);
    assert.equal(error.attempts, 2);
    assert.match(error.message, /127\.0\.0\.1:1 in 2 attempts: (connect ECONNREFUSED|bad port)/);
    return true;
  });
});

test('an answer that is not of Waxwing is named so, a redirect with where it leads', async (t) => {
  const server = await scriptedServer(t, [
    { status: 302, headers: { location: 'https://elsewhere.test/' } },
    { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } },
    { status: 404, body: 'nope', headers: { 'content-type': 'text/plain' } },
  ]);
  const { transport } = transportTo(server.url);
  await assert.rejects(transport.json(publish), { code: 'unexpected_answer', detail: /redirect to https:\/\/elsewhere\.test/ });
  await assert.rejects(transport.json(publish), { code: 'unexpected_answer', detail: /not JSON/ });
  await assert.rejects(transport.json(publish), { code: 'unexpected_answer', detail: /HTTP 404 with text\/plain/ });
  assert.equal(server.seen.length, 3);
});

test('a server that says nothing is given up after the time-out', async (t) => {
  const server = await scriptedServer(t, [{ silent: true }]);
  const { transport } = transportTo(server.url, { attemptsMax: 2, timeMaxMs: 60_000 }, 50);
  await assert.rejects(transport.json(publish), (error) => error instanceof WaxwingConnectionError && /timeout/.test(error.message));
  assert.equal(server.seen.length, 2);
});

test('an abort in flight ends the call with the reason given, and nothing is sent again', async (t) => {
  const server = await scriptedServer(t, [{ silent: true }]);
  const { transport, waitsMs } = transportTo(server.url);
  const controller = new AbortController();
  const call = transport.json({ ...publish, signal: controller.signal });
  const reason = new Error('enough');
  const poll = setInterval(() => {
    if (server.seen.length > 0) controller.abort(reason);
  }, 5);
  t.after(() => clearInterval(poll));
  await assert.rejects(call, reason);
  assert.deepEqual(waitsMs, []);
  await assert.rejects(transport.json({ ...publish, signal: controller.signal }), reason);
  assert.equal(server.seen.length, 1);
});
