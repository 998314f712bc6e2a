import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebhookServer } from '@waxwing/receiver';
import { SECRET, signedEvent } from './signed-event.ts';

test('WebhookServer answers 431 to headers past its limit, and takes those within', async () => {
  const server = new WebhookServer({ profile: 'humanconnection', secret: SECRET, port: 0, host: '127.0.0.1', headerLimitBytes: 2000 });
  await server.start();
  const { body, headers } = signedEvent('meeting.completed');
  const post = async (pad: number): Promise<number> => {
    const response = await fetch(server.url ?? '', { method: 'POST', body, headers: { ...headers, 'x-pad': 'x'.repeat(pad) } });
    return response.status;
  };
  assert.equal(await post(1000), 200);
  assert.equal(await post(3000), 431);
  await server.stop();
});
