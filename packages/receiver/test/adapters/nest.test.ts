// NestJS with its decorators applied as the functions that they are, since Node runs TypeScript that is only erased.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Controller, Module, Post, Req, Res } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import { createReceiver } from '@waxwing/receiver';
import { webhookHandler } from '@waxwing/receiver/nest';
import { adapterContract, LIMITS } from './contract.ts';
import type { Receiver, Served } from './contract.ts';
import { SECRET, signedEvent } from './signed-event.ts';

/** A module whose one controller takes webhooks. */
function moduleOf(receiver: Receiver): new () => object {
  const handle = webhookHandler(receiver, LIMITS);
  class WebhookController {
    receive(request: Request, response: Response): Promise<void> {
      return handle(request, response);
    }
  }
  class WebhookModule {
    readonly controllers = [WebhookController];
  }
  const method = Object.getOwnPropertyDescriptor(WebhookController.prototype, 'receive');
  assert.ok(method !== undefined);
  Controller('webhook')(WebhookController);
  Post()(WebhookController.prototype, 'receive', method);
  Req()(WebhookController.prototype, 'receive', 0);
  Res()(WebhookController.prototype, 'receive', 1);
  Module({ controllers: [WebhookController] })(WebhookModule);
  return WebhookModule;
}

async function listening(app: INestApplication): Promise<Served> {
  await app.listen(0, '127.0.0.1');
  return { url: `${await app.getUrl()}/webhook`, close: () => app.close() };
}

adapterContract('NestJS', {
  async serve(receiver) {
    return listening(await NestFactory.create<NestExpressApplication>(moduleOf(receiver), { rawBody: true, logger: false }));
  },
  async serveBehindParser(receiver) {
    return listening(await NestFactory.create<NestExpressApplication>(moduleOf(receiver), { logger: false }));
  },
  fix: /In NestJS: .*rawBody: true/,
  streams: false, // Nest's own parser waits for the body; its HTTP server's requestTimeout bounds that
});

test('NestJS: as middleware before Nest’s parser it needs no rawBody', async () => {
  class Empty {
    readonly controllers = [];
  }
  Module({})(Empty);
  const receiver = createReceiver({ profile: 'humanconnection', secret: SECRET });
  const app = await NestFactory.create<NestExpressApplication>(Empty, { logger: false });
  app.use('/webhook', webhookHandler(receiver));
  const served = await listening(app);
  const { body, headers } = signedEvent('meeting.completed');
  assert.equal((await fetch(served.url, { method: 'POST', body, headers })).status, 200);
  await served.close();
});
