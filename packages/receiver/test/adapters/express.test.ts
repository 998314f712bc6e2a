import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import express from 'express';
import { createReceiver } from '@waxwing/receiver';
import { webhookHandler } from '@waxwing/receiver/express';
import { adapterContract, LIMITS, listening } from './contract.ts';
import type { Receiver } from './contract.ts';
import { SECRET, signedEvent } from './signed-event.ts';

const behind =
  (...parsers: readonly express.RequestHandler[]) =>
  async (receiver: Receiver) => {
    const app = express();
    for (const parser of parsers) app.use(parser);
    app.post('/webhook', webhookHandler(receiver, LIMITS));
    return listening(createServer(app));
  };

adapterContract('Express', { serve: behind(), serveBehindParser: behind(express.json()), fix: /In Express: .*express\.json/ });

describe('Express', () => {
  for (const [name, parser] of [
    ['express.raw()', express.raw({ type: '*/*' })],
    ['express.text()', express.text({ type: '*/*' })],
    [
      'express.json() that keeps rawBody',
      express.json({ verify: (request, _response, bytes) => void Object.assign(request, { rawBody: bytes }) }),
    ],
    ['express.urlencoded(), which does not parse JSON', express.urlencoded()],
    ['a parser that leaves an empty object beside the unread stream, as Express 4 does', leaveEmptyObject],
  ] as const) {
    test(`verifies behind ${name}`, async () => {
      const receiver = createReceiver({ profile: 'humanconnection', secret: SECRET });
      const served = await behind(parser)(receiver);
      const { body, headers } = signedEvent('meeting.completed');
      assert.equal((await fetch(served.url, { method: 'POST', body, headers })).status, 200);
      await served.close();
    });
  }

  test('mounted by use it answers 405 to other methods', async () => {
    const app = express().use('/webhook', webhookHandler(createReceiver({ profile: 'humanconnection', secret: SECRET })));
    const served = await listening(createServer(app));
    const response = await fetch(served.url);
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST']);
    await served.close();
  });
});

function leaveEmptyObject(request: express.Request, _response: express.Response, next: express.NextFunction): void {
  request.body = {};
  next();
}
