import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { createReceiver } from '@waxwing/receiver';
import { webhookHandler, webhookPlugin } from '@waxwing/receiver/fastify';
import { adapterContract, LIMITS } from './contract.ts';
import type { Served } from './contract.ts';
import { SECRET, signedEvent } from './signed-event.ts';

async function listening(app: FastifyInstance): Promise<Served> {
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    url: `${origin}/webhook`,
    close: () => {
      app.server.closeAllConnections();
      return app.close();
    },
  };
}

adapterContract('Fastify', {
  async serve(receiver) {
    const app = fastify();
    await app.register(webhookPlugin, { receiver, path: '/webhook', ...LIMITS });
    return listening(app);
  },
  async serveBehindParser(receiver) {
    const app = fastify();
    app.post('/webhook', webhookHandler(receiver));
    return listening(app);
  },
  fix: /In Fastify: register webhookPlugin/,
});

test('Fastify: the rest of the application goes on parsing JSON, and GET on the path is 405', async () => {
  const receiver = createReceiver({ profile: 'humanconnection', secret: SECRET });
  const app = fastify();
  await app.register(webhookPlugin, { receiver });
  app.post('/orders', (request) => ({ parsed: request.body }));
  const { body, headers } = signedEvent('meeting.completed');
  assert.equal((await app.inject({ method: 'POST', url: '/webhook', payload: body, headers })).statusCode, 200);
  const order = await app.inject({ method: 'POST', url: '/orders', payload: { id: 1 } });
  assert.deepEqual(order.json(), { parsed: { id: 1 } });
  assert.equal((await app.inject({ method: 'GET', url: '/webhook' })).statusCode, 405);
  await app.close();
});

test('Fastify: a route whose own parser keeps a Buffer verifies too', async () => {
  const receiver = createReceiver({ profile: 'humanconnection', secret: SECRET });
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/webhook', webhookHandler(receiver));
  const { body, headers } = signedEvent('meeting.completed');
  assert.equal((await app.inject({ method: 'POST', url: '/webhook', payload: body, headers })).statusCode, 200);
  await app.close();
});
