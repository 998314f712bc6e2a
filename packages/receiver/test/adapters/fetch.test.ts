// Plain fetch handlers and Next.js. A route handler of Next.js is a function from Request to Response, called with a NextRequest,
// which is a Request: the whole contract is asked of it as that, over a socket; nextjs.test.ts asks Next.js itself. Its API routes
// (pages/api) get Node's request, with what Next's parser made of the body as `request.body`.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import { createReceiver } from '@waxwing/receiver';
import { MemoryDedupe } from '@waxwing/receiver/dedupe';
import { webhookHandler } from '@waxwing/receiver/fetch';
import { webhookHandler as nextHandler } from '@waxwing/receiver/next';
import { webhookHandler as pagesHandler } from '@waxwing/receiver/next-pages';
import { adapterContract, LIMITS, listening, problemOf } from './contract.ts';
import type { Served } from './contract.ts';
import { createReceiver as createWebReceiver } from '../../src/index.ts';
import { SECRET, signedEvent, signedMessage } from './signed-event.ts';

type FetchHandler = (request: Request) => Promise<Response>;

async function serveFetch(handle: FetchHandler): Promise<Served> {
  const server = createAdaptorServer({ fetch: handle });
  assert.ok('closeAllConnections' in server);
  return listening(server);
}

const afterJson =
  (handle: FetchHandler): FetchHandler =>
  async (request) => {
    await request.json();
    return handle(request);
  };

adapterContract('fetch', {
  serve: (receiver) => serveFetch(webhookHandler(receiver, LIMITS)),
  serveBehindParser: (receiver) => serveFetch(afterJson(webhookHandler(receiver, LIMITS))),
  fix: /Call the handler before anything reads the request/,
});

adapterContract('Next.js route handler', {
  serve: (receiver) => serveFetch(nextHandler(receiver, LIMITS)),
  serveBehindParser: (receiver) => serveFetch(afterJson(nextHandler(receiver, LIMITS))),
  fix: /In Next\.js: export the handler as POST itself/,
});

adapterContract('Next.js API route', {
  serve: (receiver) => listening(createServer((request, response) => void pagesHandler(receiver, LIMITS)(request, response))),
  serveBehindParser: (receiver) => listening(createServer(express().use(express.json()).use(pagesHandler(receiver, LIMITS)))),
  fix: /In Next\.js under pages\/api: export const config/,
});

describe('fetch', () => {
  const receiver = createReceiver({ profile: 'humanconnection', secret: SECRET, log: () => {} });
  const handle = webhookHandler(receiver, LIMITS);
  const url = 'https://example.com/webhook';

  test('answers 405 to other methods, and 401 to a request without a body', async () => {
    const response = await handle(new Request(url));
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST']);
    assert.equal((await handle(new Request(url, { method: 'POST' }))).status, 401);
  });

  test('stops reading a body of unknown length at the limit', async () => {
    let chunks = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks += 1;
        controller.enqueue(new Uint8Array(500));
      },
    });
    assert.equal((await handle(new Request(url, { method: 'POST', body, duplex: 'half' }))).status, 413);
    assert.ok(chunks < 10, `${chunks} chunks were read`);
  });

  test('says body_was_parsed of a body that someone is reading', async () => {
    const request = new Request(url, { method: 'POST', ...signedEvent('meeting.completed') });
    request.body?.getReader();
    assert.equal((await problemOf(await handle(request))).code, 'body_was_parsed');
  });

  test('serves the receiver of runtimes without Node, with dedupe over Web Crypto', async () => {
    const seen: string[] = [];
    const onTheWeb = createWebReceiver({ profile: 'joai', secret: SECRET, dedupe: new MemoryDedupe() });
    onTheWeb.on('agent.message', (event) => void seen.push(event.data.content));
    const answer = webhookHandler(onTheWeb);
    const answers: string[] = [];
    for (const content of ['one', 'one', 'two']) {
      answers.push(await (await answer(new Request(url, { method: 'POST', ...signedMessage('evt_1', content) }))).text());
    }
    assert.deepEqual(seen, ['one', 'two']);
    assert.deepEqual(answers, ['{"ok":true}', '{"ok":true,"duplicate":true}', '{"ok":true}']);
  });
});
