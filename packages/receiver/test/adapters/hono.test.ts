import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createReceiver } from '@waxwing/receiver';
import { webhookHandler } from '@waxwing/receiver/hono';
import { adapterContract, LIMITS, problemOf } from './contract.ts';
import type { Served } from './contract.ts';
import { SECRET, signedEvent } from './signed-event.ts';

async function listening(app: Hono): Promise<Served> {
  const ready = Promise.withResolvers<AddressInfo>();
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ready.resolve);
  const { port } = await ready.promise;
  return {
    url: `http://127.0.0.1:${port}/webhook`,
    close: async () => {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

adapterContract('Hono', {
  serve: (receiver) => listening(new Hono().post('/webhook', webhookHandler(receiver, LIMITS))),
  serveBehindParser: (receiver) => {
    const app = new Hono();
    app.use(async (context, next) => {
      await context.req.raw.json();
      await next();
    });
    return listening(app.post('/webhook', webhookHandler(receiver, LIMITS)));
  },
  fix: /In Hono: nothing before webhookHandler/,
});

describe('Hono', () => {
  for (const read of ['text', 'json', 'arrayBuffer', 'bytes'] as const) {
    test(`verifies behind middleware that called c.req.${read}()`, async () => {
      const receiver = createReceiver({ profile: 'humanconnection', secret: SECRET });
      const app = new Hono();
      app.use(async (context, next) => {
        await context.req[read]();
        await next();
      });
      app.post('/webhook', webhookHandler(receiver, LIMITS));
      const { body, headers } = signedEvent('meeting.completed');
      assert.equal((await app.request('/webhook', { method: 'POST', body, headers })).status, 200);
      const large = signedEvent('meeting.completed', { data: { pad: 'x'.repeat(3000) } });
      assert.equal((await app.request('/webhook', { method: 'POST', ...large })).status, 413);
    });
  }

  test('says body_was_parsed behind middleware that called c.req.formData()', async () => {
    const receiver = createReceiver({ profile: 'humanconnection', secret: SECRET, log: () => {} });
    const app = new Hono();
    app.use(async (context, next) => {
      await context.req.formData();
      await next();
    });
    app.post('/webhook', webhookHandler(receiver));
    const response = await app.request('/webhook', { method: 'POST', body: new URLSearchParams('a=b') });
    assert.equal((await problemOf(response)).code, 'body_was_parsed');
  });
});
