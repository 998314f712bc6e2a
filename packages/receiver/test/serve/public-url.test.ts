// Senders that sign the URL they call, behind whatever stands before the server.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import express from 'express';
import { createReceiver, WebhookServer } from '@waxwing/receiver';
import type { HandlerContext } from '@waxwing/receiver';
import { webhookHandler as expressHandler } from '@waxwing/receiver/express';
import { webhookHandler as fetchHandler } from '@waxwing/receiver/fetch';
import { TestSender } from '@waxwing/receiver/testing';
import type { TestRequest } from '@waxwing/receiver/testing';
import { listening } from '../adapters/contract.ts';

const PUBLIC = 'https://hooks.example/twilio';
const QUERY = '?tenant=a%2Fb&name=caf%C3%A9';
const form = { body: 'CallSid=CA1&Body=Gr%C3%BC%C3%9Fe' };
const signedFor = (url: string): { readonly sender: TestSender; readonly request: TestRequest } => {
  const sender = new TestSender('twilio', { url });
  const request = sender.signed(form);
  return { sender, request: { ...request, headers: { ...request.headers, 'content-type': 'application/x-www-form-urlencoded' } } };
};

async function post(url: string, { headers, body }: TestRequest): Promise<number> {
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

describe('publicUrl', () => {
  test('keeps the query that the request was called with, on a server of its own', async (t) => {
    const { sender, request } = signedFor(PUBLIC + QUERY);
    const urls: (string | undefined)[] = [];
    const server = new WebhookServer({
      profile: 'twilio',
      secret: sender.secret,
      host: '127.0.0.1',
      port: 0,
      publicUrl: PUBLIC,
      log: () => {},
    });
    server.onAny((_event, { request: { url } }: HandlerContext) => void urls.push(url));
    await server.start();
    t.after(() => server.stop());
    assert.equal(await post(`${server.url}${QUERY}`, request), 200);
    assert.deepEqual(urls, [PUBLIC + QUERY]);
    assert.equal(await post(`${server.url}${QUERY}&more=1`, request), 401);
    assert.equal(await post(server.url ?? '', request), 401);
  });

  test('keeps it under an adapter, at whatever path that is mounted', async (t) => {
    const { sender, request } = signedFor(PUBLIC + QUERY);
    const receiver = createReceiver({ profile: 'twilio', secret: sender.secret, publicUrl: PUBLIC, log: () => {} });
    const served = await listening(createServer(express().use('/inner', expressHandler(receiver))), '/inner');
    t.after(() => served.close());
    assert.equal(await post(served.url + QUERY, request), 200);
    assert.equal(await post(served.url, request), 401);
    const handle = fetchHandler(receiver);
    const behindProxy = new Request(`http://internal:8080/any${QUERY}`, { method: 'POST', headers: request.headers, body: request.body });
    assert.equal((await handle(behindProxy)).status, 200);
  });

  test('may hold the query itself, where a proxy took it off; a body’s hash in the query still counts', async () => {
    const fixed = signedFor(PUBLIC + QUERY);
    const receiver = createReceiver({ profile: 'twilio', secret: fixed.sender.secret, publicUrl: PUBLIC + QUERY, log: () => {} });
    assert.equal((await receiver.receive({ ...fixed.request, url: '/webhook' })).status, 200);
    assert.equal((await receiver.receive({ ...fixed.request, url: undefined })).status, 200);
    const hash = createHash('sha256').update(form.body).digest('hex');
    const hashed = `${QUERY}&bodySHA256=${hash}`;
    const sender = new TestSender('twilio', { url: PUBLIC + hashed, secret: fixed.sender.secret });
    assert.equal((await receiver.receive({ ...sender.signed(form), url: `/webhook${hashed}` })).status, 400); // signed, and no JSON
  });

  test('is asked for by name where the sender signs the URL and none is given', async (t) => {
    const { sender, request } = signedFor(PUBLIC);
    const log: string[] = [];
    const options = { profile: 'twilio', secret: sender.secret, host: '127.0.0.1', port: 0 } as const;
    const server = new WebhookServer({ ...options, log: (notice) => void log.push(notice.kind === 'refused' ? notice.explanation : '') });
    await server.start();
    t.after(() => server.stop());
    assert.equal(await post(server.url ?? '', request), 500);
    assert.match(log[0] ?? '', /`publicUrl`/);
  });

  test('is not needed where the platform tells the whole URL', async () => {
    const { sender, request } = signedFor(PUBLIC + QUERY);
    const handle = fetchHandler(createReceiver({ profile: 'twilio', secret: sender.secret }));
    assert.equal((await handle(new Request(request.url, { method: 'POST', headers: request.headers, body: request.body }))).status, 200);
  });
});
