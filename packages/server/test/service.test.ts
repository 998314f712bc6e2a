// The service itself: health, readiness, metrics, pages, and how it starts and stops.

import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { createServer } from '../src/index.ts';
import { fakeEngine, KEYS } from './fake-engine.ts';
import type { FakeEngine } from './fake-engine.ts';
import { problemOf, raw, start } from './harness.ts';
import type { Harness } from './harness.ts';

suite('while it serves', () => {
  let engine: FakeEngine;
  let harness: Harness;
  before(async () => {
    engine = fakeEngine();
    harness = await start(engine, KEYS.admin);
  });
  after(() => harness.close());

  test('/healthz and /readyz answer without a key', async () => {
    assert.deepEqual((await harness.call('GET', '/healthz', { key: null })).body, { status: 'ok' });
    assert.deepEqual((await harness.call('GET', '/readyz', { key: null })).body, { status: 'ready' });
  });

  test('/readyz says why it is not ready with 503, while /healthz stays well', async () => {
    Object.assign(engine.status_, { ready: false, notReady: 'the store is being recovered' });
    const answer = await harness.call('GET', '/readyz', { key: null });
    assert.match(problemOf(answer, 'not_ready').detail, /the store is being recovered/);
    assert.ok(answer.headers.get('retry-after'));
    assert.equal((await harness.call('GET', '/healthz', { key: null })).status, 200);
    Object.assign(engine.status_, { ready: true, notReady: null });
  });

  test('/metrics has the engine’s counts, the HTTP times by route, and the process’s own', async () => {
    await harness.call('GET', '/v1/tenants/acme');
    const { text, headers } = await harness.call('GET', '/metrics', { key: KEYS.read });
    assert.match(headers.get('content-type') ?? '', /^text\/plain; version=/);
    for (const line of [
      'waxwing_ready 1', 'waxwing_tenants 2', 'waxwing_endpoints 1', 'waxwing_deliveries_pending 3', 'waxwing_deliveries_in_flight 4',
      'waxwing_deliveries_in_memory 5', 'waxwing_commit_queue_events 6', 'waxwing_commit_queue_bytes 7', 'waxwing_events_published_total 8', 'waxwing_commits_total 9',
      'waxwing_attempts_total{outcome="delivered"} 10', 'waxwing_attempts_total{outcome="blocked"} 14',
      'waxwing_deliveries_finished_total{state="skipped"} 18', 'waxwing_oldest_due_timestamp_seconds 1778599800', 'waxwing_build_info{version="0.1.0-test"} 1',
    ]) assert.ok(text.includes(`\n${line}\n`), line); // prettier-ignore
    assert.match(text, /waxwing_http_request_duration_seconds_count\{method="GET",route="\/v1\/tenants\/:tenant",status="200"\} 1\n/);
    assert.match(text, /\nprocess_cpu_seconds_total|\nnodejs_/);
    assert.doesNotMatch(text, /acme/);
  });

  test('/metrics counts do not add up over scrapes, and leave out what is not', async () => {
    engine.status_.oldestDueAt = null;
    const first = await harness.call('GET', '/metrics');
    const second = await harness.call('GET', '/metrics');
    assert.match(first.text, /\nwaxwing_events_published_total 8\n/);
    assert.match(second.text, /\nwaxwing_events_published_total 8\n/);
    assert.doesNotMatch(second.text, /\nwaxwing_oldest_due_timestamp_seconds \d/);
  });

  test('/metrics answers without a key only where the server is set so', async () => {
    problemOf(await harness.call('GET', '/metrics', { key: null }), 'unauthorized');
    const open = await start(fakeEngine(), KEYS.admin, { metricsPublic: true });
    assert.equal((await open.call('GET', '/metrics', { key: null })).status, 200);
    await open.close();
  });

  test('/ is one page that loads nothing, and its policy allows its own style', async () => {
    const { text, headers } = await harness.call('GET', '/', { key: null });
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
    for (const link of ['/docs', '/openapi.json', '/healthz']) assert.ok(text.includes(`href="${link}"`), link);
    assert.doesNotMatch(text, /<script|src=|@import|url\(|href="http/);
    assert.match(text, /prefers-color-scheme: dark/);
    assert.match(text, /name="viewport"/);
    assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'; style-src 'sha256-[\w+/=]+'/);
  });

  test('/docs loads only from this server', async () => {
    const page = await harness.call('GET', '/docs', { key: null });
    assert.equal(page.status, 200);
    const loaded = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((found) => found[1] ?? '');
    assert.ok(loaded.length >= 5);
    for (const path of loaded) {
      assert.match(path, /^\/docs\//);
      assert.equal((await harness.call('GET', path, { key: null })).status, 200, path);
    }
    assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'self';/);
  });
});

suite('when it stops', () => {
  test('a request under way is finished, a new connection is refused, and closing twice is closing once', async () => {
    const engine = fakeEngine();
    const harness = await start(engine, KEYS.admin);
    let release = (): void => {};
    const entered = new Promise<void>((resolve) => {
      engine.next = () => {
        resolve();
        return new Promise<void>((done) => {
          release = done;
        });
      };
    });
    const slow = harness.call('GET', '/v1/tenants/acme');
    await entered;
    const closed = harness.close();
    assert.equal(harness.server.close(), harness.server.close());
    await assert.rejects(fetch(`${harness.url}/healthz`));
    release();
    const answer = await slow;
    assert.equal(answer.status, 200);
    await closed;
  });

  test('a request on a connection that is still busy gets 503 and is told to go elsewhere', async () => {
    const engine = fakeEngine();
    const harness = await start(engine, KEYS.admin);
    let release = (): void => {};
    const entered = new Promise<void>((resolve) => {
      engine.next = () => {
        resolve();
        return new Promise<void>((done) => {
          release = done;
        });
      };
    });
    let received = '';
    const ask = `GET /v1/tenants/acme HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEYS.admin}\r\n\r\n`;
    const socket = connect(harness.port, '127.0.0.1', () => socket.write(ask));
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
    });
    await entered;
    const closed = harness.close();
    socket.write(ask);
    setImmediate(() => release());
    await closed;
    const [first, second] = received.split(/(?=HTTP\/1\.1 )/);
    assert.match(first ?? '', /^HTTP\/1\.1 200 /);
    if (second !== undefined) assert.match(second, /^HTTP\/1\.1 503 [\s\S]*retry-after: 5[\s\S]*"code":"shutting_down"/i);
  });

  test('a request that never ends is cut after the grace', async () => {
    const engine = fakeEngine();
    const harness = await start(engine, KEYS.admin);
    const entered = new Promise<void>((resolve) => {
      engine.next = () => {
        resolve();
        return new Promise<void>(() => {});
      };
    });
    const failed = assert.rejects(harness.call('GET', '/v1/tenants/acme'));
    await entered;
    await harness.server.close({ graceMs: 1 });
    await failed;
  });

  test('idle kept-alive connections do not hold it', async () => {
    const harness = await start(fakeEngine(), KEYS.admin);
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((resolve) => {
      request(`${harness.url}/healthz`, { agent }, (response) => response.resume().on('end', resolve)).end();
    });
    await harness.close();
    agent.destroy();
  });
});

suite('a slow client', () => {
  test('that does not send its request in time is cut with 408 as a problem', async () => {
    const harness = await start(fakeEngine(), KEYS.admin, { requestTimeoutMs: 50 });
    const answer = await raw(harness.port, 'POST /v1/keys HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n');
    assert.match(answer, /^HTTP\/1\.1 408 [\s\S]*application\/problem\+json[\s\S]*"code":"request_timeout"/);
    await harness.close();
  });
});

suite('listening', () => {
  test('on a port that is taken is refused', async () => {
    const harness = await start(fakeEngine(), KEYS.admin);
    const other = await createServer({ engine: fakeEngine(), version: '0.1.0' });
    await assert.rejects(other.listen({ host: '127.0.0.1', port: harness.port }), /EADDRINUSE/);
    await other.close();
    await harness.close();
  });
});
