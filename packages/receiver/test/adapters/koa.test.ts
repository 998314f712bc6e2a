import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { test } from 'node:test';
import { bodyParser } from '@koa/bodyparser';
import Koa from 'koa';
import { koaBody } from 'koa-body';
import { createReceiver } from '@waxwing/receiver';
import { webhookMiddleware } from '@waxwing/receiver/koa';
import { adapterContract, LIMITS, listening } from './contract.ts';
import { SECRET, signedEvent } from './signed-event.ts';

/** Koa's own types do not hold under exactOptionalPropertyTypes: what is needed of an application is this. */
function serverOf(app: { callback(): RequestListener }): Server {
  const handle = app.callback();
  return createServer(handle);
}

adapterContract('Koa', {
  async serve(receiver) {
    const app = new Koa().use(webhookMiddleware(receiver, { path: '/webhook', ...LIMITS }));
    return listening(serverOf(app));
  },
  async serveBehindParser(receiver) {
    const app = new Koa().use(koaBody()).use(webhookMiddleware(receiver, { path: '/webhook', ...LIMITS }));
    return listening(serverOf(app));
  },
  fix: /In Koa: use webhookMiddleware\(receiver\) before the body parser/,
});

test('Koa: verifies behind @koa/bodyparser, which keeps the text, and leaves other paths alone', async () => {
  const receiver = createReceiver({ profile: 'humanconnection', secret: SECRET });
  const app = new Koa().use(bodyParser()).use(webhookMiddleware(receiver, { path: '/webhook' }));
  app.use((context) => {
    context.body = `other ${context.path}`;
  });
  const served = await listening(serverOf(app));
  const { body, headers } = signedEvent('meeting.completed');
  assert.equal((await fetch(served.url, { method: 'POST', body, headers })).status, 200);
  assert.equal(await (await fetch(new URL('/orders', served.url))).text(), 'other /orders');
  await served.close();
});
