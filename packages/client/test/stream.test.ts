// The client's stream: messages once each, over connections that break.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { StreamMessage } from '@waxwing/protocol';
import { Waxwing, WaxwingApiError, WaxwingConnectionError } from '../src/index.ts';
import { DEFAULT_RETRY } from '../src/retry.ts';
import { EventParser } from '../src/server-sent-events.ts';
import { streamOf } from '../src/stream.ts';
import { Transport } from '../src/transport.ts';
import { problem, scriptedServer } from './scripted-server.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(t: TestContext, answers: readonly Answer[]): Promise<{ readonly url: string; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)];
    seen.push(request);
    answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

const text = (response: ServerResponse, body: string): ServerResponse => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(body);
  return response;
};
const event = (cursor: string, id: string): string => `id: ${cursor}\nevent: event\ndata: {"id":"${id}"}\n\n`;

function told(message: StreamMessage): string {
  return message.kind === 'event' ? `${message.cursor} ${message.data.id}` : `${message.cursor} ${message.kind}`;
}

test('a broken stream is connected again where it was, and says so', async (t) => {
  const server = await serve(t, [
    (_, response) => text(response, `id: 1\nevent: ready\ndata: {}\n\n${event('2', 'a')}${event('3', 'half').slice(0, 20)}`).end(),
    (request) => request.socket.destroy(),
    (_, response) => response.writeHead(503).end(),
    (_, response) => text(response, event('3', 'b')).write(': still here\nid: 9\n\n', () => response.end()),
    (_, response) => text(response, event('10', 'c')),
  ]);
  const lost: unknown[] = [];
  const found: string[] = [];
  const acme = new Waxwing({ url: server.url, key: 'k', retry: { attemptsMax: 1 } }).tenant('acme');
  for await (const message of acme.stream({ kinds: ['event'], types: ['a.*', 'b'], onLost: ({ cause }) => lost.push(cause) })) {
    found.push(told(message));
    if (found.length === 4) break;
  }
  assert.deepEqual(found, ['1 ready', '2 a', '3 b', '10 c']);
  assert.equal(lost.length, 4);
  assert.equal(server.seen[0]?.url, '/v1/tenants/acme/stream?kinds=event&types=a.*%2Cb');
  assert.deepEqual(
    server.seen.map(({ headers }) => headers['last-event-id']),
    [undefined, '2', '2', '2', '9'],
  );
});

test('a refusal is thrown, and a server that was never there is given up on', async (t) => {
  const server = await scriptedServer(t, [problem(403, 'forbidden')]);
  const read = async (client: Waxwing): Promise<void> => {
    for await (const _ of client.stream()) assert.fail('nothing is told');
  };
  await assert.rejects(
    read(new Waxwing({ url: server.url, key: 'k' })),
    (error) => error instanceof WaxwingApiError && error.status === 403,
  );
  const nobody = new Waxwing({ url: 'http://127.0.0.1:1', key: 'k', retry: { attemptsMax: 2 } });
  await assert.rejects(read(nobody), (error) => error instanceof WaxwingConnectionError && error.attempts === 2);
});

test('its signal ends it with the reason, and leaving it closes the connection', async (t) => {
  const closed = Promise.withResolvers<void>();
  const server = await serve(t, [
    (request, response) => {
      text(response, event('1', 'a'));
      request.socket.once('close', () => closed.resolve());
    },
    (_, response) => text(response, event('1', 'a')),
  ]);
  const client = new Waxwing({ url: server.url, key: 'k' });
  for await (const _ of client.stream()) break;
  await closed.promise;
  const stop = new AbortController();
  const reason = new Error('enough');
  await assert.rejects(async () => {
    for await (const _ of client.stream({ signal: stop.signal })) setImmediate(() => stop.abort(reason));
  }, reason);
});

test('a connection that says nothing for three heartbeats is left for another', async () => {
  const silences: (() => void)[] = [];
  const cursors: unknown[] = [];
  const surroundings = {
    fetch: async (_input: unknown, init?: RequestInit): Promise<Response> => {
      cursors.push(new Headers(init?.headers).get('last-event-id'));
      const body = new ReadableStream<Uint8Array>({ start: (to) => to.enqueue(new TextEncoder().encode(event(`${cursors.length}`, 'a'))) });
      return new Response(body, { status: 200 });
    },
    nowMs: () => 0,
    unit: () => 0,
    sleep: (delayMs: number) => (delayMs === 45_000 ? new Promise<void>((resolve) => silences.push(resolve)) : Promise.resolve()),
  };
  const transport = new Transport({ baseUrl: 'http://x', key: undefined, timeoutMs: 1_000, retry: DEFAULT_RETRY }, surroundings);
  const stream = streamOf(transport, surroundings, '/v1/stream', {});
  await stream.next();
  const second = stream.next();
  await new Promise((resolve) => setImmediate(resolve));
  for (const silence of silences) silence();
  assert.equal((await second).value?.cursor, '2');
  assert.deepEqual(cursors, [null, '1']);
  await stream.return();
});

test('the parser takes text in any pieces', () => {
  const whole = `: hello\r\n\r\nid: 1\r\nevent: ready\r\ndata: {}\r\n\r\nid:2\ndata: a\ndata: b\n\nid: 3\n\n`;
  const expected = [
    { id: '1', event: 'ready', data: '{}' },
    { id: '2', event: '', data: 'a\nb' },
    { id: '3', event: '', data: null },
  ];
  for (let size = 1; size <= whole.length; size++) {
    const parser = new EventParser();
    const found = [];
    for (let at = 0; at < whole.length; at += size) found.push(...parser.push(whole.slice(at, at + size)));
    assert.deepEqual(found, expected, `pieces of ${size}`);
  }
});
