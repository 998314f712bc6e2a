// The live stream over HTTP: what goes over the wire, how it is kept alive, and when it ends.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { createEngine, sqlite } from '@waxwing/engine';
import type { Engine, EventStream } from '@waxwing/engine';
import type { StreamMessage } from '@waxwing/protocol';
import { fakeEngine, KEYS } from './fake-engine.ts';
import { start } from './harness.ts';
import type { Harness } from './harness.ts';

/** A clock whose timers fire when told. */
class TestClock {
  readonly timers = new Set<{ readonly delayMs: number; readonly run: () => void }>();

  after(delayMs: number, run: () => void): () => void {
    const timer = { delayMs, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  fire(delayMs: number): void {
    for (const timer of Array.from(this.timers)) {
      if (timer.delayMs > delayMs) continue;
      this.timers.delete(timer);
      timer.run();
    }
  }
}

/** An open stream and its text. */
class Open {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  text = '';
  ended = false;

  constructor(response: Response) {
    assert.ok(response.body !== null);
    this.response = response;
    this.#reader = response.body.getReader();
  }

  /** Reads until the text holds this. */
  async until(part: string): Promise<string> {
    while (!this.text.includes(part) && !this.ended) await this.#more();
    assert.ok(this.text.includes(part), `${part} in ${this.text}`);
    return this.text;
  }

  async end(): Promise<string> {
    while (!this.ended) await this.#more();
    return this.text;
  }

  close(): Promise<void> {
    return this.#reader.cancel();
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) this.ended = true;
    else this.text += Buffer.from(value).toString();
  }
}

async function open(
  harness: Harness,
  path: string,
  key: string = KEYS.admin,
  headers: { readonly [name: string]: string } = {},
): Promise<Open> {
  const response = await fetch(harness.url + path, { headers: { authorization: `Bearer ${key}`, ...headers } });
  assert.equal(response.status, 200, response.status === 200 ? '' : await response.text());
  return new Open(response);
}

/** Messages in the order of the text: `event id`. */
function idsOf(text: string): readonly string[] {
  return [...text.matchAll(/^id: (\S+)\nevent: (\w+)\n/gm)].map(([, id, event]) => `${event} ${id}`);
}

suite('a stream that a test feeds', () => {
  let harness: Harness;
  const clock = new TestClock();
  const engine = fakeEngine();
  const asked: unknown[] = [];
  let feed: (message: StreamMessage) => void = () => {};
  let pulled = 0;
  engine.stream = (tenant, filter = {}): EventStream => {
    asked.push([tenant, { ...filter, signal: undefined }]);
    const waiting: StreamMessage[] = [{ kind: 'ready', cursor: 'c0', data: {} }];
    let wake = (): void => {};
    feed = (message) => {
      waiting.push(message);
      wake();
    };
    filter.signal?.addEventListener('abort', () => wake());
    let cursor = 'c0';
    return {
      get cursor() {
        return cursor;
      },
      async *[Symbol.asyncIterator]() {
        while (filter.signal?.aborted !== true) {
          const message = waiting.shift();
          if (message === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          cursor = message.cursor;
          pulled += 1;
          yield message;
        }
      },
    };
  };
  before(async () => {
    harness = await start(engine, KEYS.admin, { clock });
  });
  after(() => harness.close());

  test('is server-sent events, which no proxy may keep', async () => {
    const stream = await open(harness, '/v1/tenants/acme/stream?kinds=event,attempt&types=meeting.*,action.items&cursor=0.7');
    assert.deepEqual(asked.at(-1), [
      'acme',
      { kinds: ['event', 'attempt'], types: ['meeting.*', 'action.items'], cursor: '0.7', signal: undefined },
    ]);
    const { headers } = stream.response;
    assert.deepEqual(
      ['content-type', 'cache-control', 'x-accel-buffering'].map((name) => headers.get(name)),
      ['text/event-stream; charset=utf-8', 'no-store', 'no'],
    );
    feed({ kind: 'reset', cursor: 'c1', data: { reason: 'retention' } });
    assert.equal(await stream.until('c1'), 'id: c0\nevent: ready\ndata: {}\n\nid: c1\nevent: reset\ndata: {"reason":"retention"}\n\n');
    await stream.close();
  });

  test('goes on from Last-Event-ID, which a browser sends beside its first query', async () => {
    const stream = await open(harness, '/v1/stream?cursor=0.1', KEYS.read, { 'last-event-id': '0.9' });
    assert.deepEqual(asked.at(-1), [null, { cursor: '0.9', signal: undefined }]);
    await stream.close();
  });

  test('says every 15 seconds of quiet that it lives, and where it is', async () => {
    const stream = await open(harness, '/v1/stream');
    await stream.until('ready');
    await waitFor(() => clock.timers.size > 0);
    clock.fire(14_999);
    clock.fire(15_000);
    assert.match(await stream.until('still here'), /\n: still here\nid: c0\n\n$/);
    await waitFor(() => clock.timers.size > 0);
    feed({ kind: 'reset', cursor: 'c1', data: { reason: 'unknown' } });
    await stream.until('c1');
    await waitFor(() => clock.timers.size > 0);
    clock.fire(15_000);
    await stream.until('still here\nid: c1');
    await stream.close();
  });

  test('ends before the next message once its key is revoked', async () => {
    const stream = await open(harness, '/v1/tenants/acme/stream', KEYS.acme);
    await stream.until('ready');
    engine.revokedKeys.add(KEYS.acme);
    feed({ kind: 'reset', cursor: 'secret', data: { reason: 'unknown' } });
    assert.ok(!(await stream.end()).includes('secret'));
    engine.revokedKeys.clear();
  });

  test('takes no more from the engine than the socket takes', async () => {
    const socket = connect(harness.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.pause();
    pulled = 0;
    const askedBefore = asked.length;
    socket.write(`GET /v1/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEYS.admin}\r\n\r\n`);
    await waitFor(() => asked.length > askedBefore);
    const total = 4_000;
    for (let n = 1; n <= total; n++) feed({ kind: 'reset', cursor: `${n}-${'x'.repeat(4_000)}`, data: { reason: 'unknown' } });
    await waitFor(() => pulled > 10);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const ahead = pulled;
    assert.ok(ahead < total, `${ahead} of ${total} were made for a socket that takes nothing`);
    socket.resume();
    await waitFor(() => pulled > total);
    socket.destroy();
  });

  test('a HEAD opens none, and a key may have a hundred', async () => {
    for (let n = 0; n < 3; n++)
      await fetch(`${harness.url}/v1/stream`, { method: 'HEAD', headers: { authorization: `Bearer ${KEYS.read}` } });
    const streams: Open[] = [];
    for (let n = 0; n < 100; n++) streams.push(await open(harness, '/v1/stream', KEYS.read));
    const refused = await harness.call('GET', '/v1/stream', { key: KEYS.read });
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('retry-after'), '5');
    await (await open(harness, '/v1/stream', KEYS.admin)).close();
    await streams.pop()?.close();
    await waitFor(async () => {
      const response = await fetch(`${harness.url}/v1/stream`, { headers: { authorization: `Bearer ${KEYS.read}` } });
      await response.body?.cancel();
      return response.status === 200;
    });
    await Promise.all(streams.map((stream) => stream.close()));
  });

  test('ends with the server, which does not wait for it', async () => {
    const other = await start(engine, KEYS.admin, { clock });
    const stream = await open(other, '/v1/stream');
    await stream.until('ready');
    const startedMs = performance.now();
    await Promise.all([other.close(), stream.end()]);
    assert.ok(performance.now() - startedMs < 5_000);
  });

  test('is refused what it cannot be asked', async () => {
    for (const [query, code] of [
      ['kinds=event,rubbish', 'invalid_request'],
      ['endpoint=a.b', 'endpoint_not_found'],
      ['kind=event', 'invalid_request'],
    ] as const) {
      const answer = await harness.call('GET', `/v1/tenants/acme/stream?${query}`);
      assert.match(answer.text, new RegExp(`"code":"${code}"`));
    }
    assert.equal((await harness.call('GET', '/v1/stream', { key: KEYS.acme })).status, 403);
    assert.equal((await harness.call('GET', '/v1/tenants/acme/stream', { key: KEYS.globex })).status, 403);
    assert.equal((await harness.call('GET', '/v1/tenants/acme/stream', { key: KEYS.acmePublish })).status, 403);
  });
});

test('over a real engine, a stream that reconnects after a restart of all of it loses nothing and repeats nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'waxwing-stream-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const publish = async (engine: Engine, from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n++) await engine.publish('acme', { type: 'meeting.completed', data: { n }, id: `e${n}` });
  };
  let engine = await createEngine({ store: sqlite(folder) });
  const { key } = await engine.keys.create({ scope: 'tenant', tenant: 'acme' });
  await engine.tenants.put('acme', {});
  let harness = await start(engine, key);
  const first = await open(harness, '/v1/tenants/acme/stream', key);
  await first.until('ready');
  await publish(engine, 0, 20);
  await first.until('"e19"');
  await harness.close();
  await first.end();
  await publish(engine, 20, 30); // nobody listens
  await engine.close();

  engine = await createEngine({ store: sqlite(folder) });
  harness = await start(engine, key);
  const last = idsOf(first.text).at(-1)?.split(' ')[1] ?? '';
  const second = await open(harness, '/v1/tenants/acme/stream', key, { 'last-event-id': last });
  await second.until('"e29"');
  await publish(engine, 30, 40);
  await second.until('"e39"');
  await second.close();
  await harness.close();
  await engine.close();
  const events = [...(first.text + second.text).matchAll(/^data: \{"id":"(e\d+)"/gm)].map(([, id]) => id);
  assert.deepEqual(
    events,
    Array.from({ length: 40 }, (_, n) => `e${n}`),
  );
});

async function waitFor(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await holds()); turn++) {
    assert.ok(turn < 2_000, 'waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
