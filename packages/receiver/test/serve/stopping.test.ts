// A server that stops, over sockets that were open before: what is being handled is answered, what comes after is a 503.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { WebhookServer } from '@waxwing/receiver';
import { MeshAgentWebhookServer } from '@waxwing/receiver/meshagent';
import { TestSender } from '@waxwing/receiver/testing';
import type { TestRequest } from '@waxwing/receiver/testing';

interface Stoppable {
  readonly address: { readonly port: number } | null;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A handler that runs until it is let go. */
class Gate {
  readonly entered: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly opened: PromiseWithResolvers<void> = Promise.withResolvers();
  calls = 0;
  async pass(): Promise<void> {
    this.calls += 1;
    this.entered.resolve();
    await this.opened.promise;
  }
}

const REQUEST_LINE = 'POST /webhook HTTP/1.1\r\nhost: a\r\n';

function writeRest(socket: Socket, { headers, body }: TestRequest): void {
  const lines = Object.entries({ ...headers, 'content-length': String(body.length) }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${lines.join('')}\r\n`);
  socket.write(body);
}

async function answers(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const webhooks = new TestSender('humanconnection');
const rooms = new TestSender('meshagent');

for (const [name, make, sender] of [
  [
    'WebhookServer',
    (gate: Gate): Stoppable => {
      const server = new WebhookServer({ profile: 'humanconnection', secret: webhooks.secret, host: '127.0.0.1', port: 0 });
      return server.on('meeting.completed', () => gate.pass());
    },
    webhooks,
  ],
  [
    'MeshAgentWebhookServer',
    (gate: Gate): Stoppable =>
      new (class extends MeshAgentWebhookServer {
        override onRoomEnded(): Promise<void> {
          return gate.pass();
        }
      })({ webhookSecret: rooms.secret, host: '127.0.0.1', port: 0 }),
    rooms,
  ],
] as const) {
  test(
    `${name}, while it stops, answers what it is handling, and 503 to what arrives on connections that were open`,
    { timeout: 10_000 },
    async (t) => {
      const gate = new Gate();
      const server = make(gate);
      await server.start();
      t.after(() => (gate.opened.resolve(), server.stop()));
      const { port } = server.address ?? { port: 0 };
      const [early, late] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
      const [earlyAnswer, lateAnswer] = [answers(early), answers(late)];
      late.write(REQUEST_LINE);
      const event = name === 'WebhookServer' ? { type: 'meeting.completed' } : { type: 'room.ended', data: { room_name: 'r' } };
      early.write(REQUEST_LINE);
      writeRest(early, sender.signed(event));
      await gate.entered.promise;
      await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text(); // what was written before has arrived
      const stopped = server.stop();
      writeRest(late, sender.signed(event));
      assert.match(await lateAnswer, /^HTTP\/1\.1 503 [^]*retry-after: 5[^]*connection: close[^]*"code":"shutting_down"/i);
      await assert.rejects(fetch(`http://127.0.0.1:${port}/`), 'new connections are refused');
      gate.opened.resolve();
      assert.match(await earlyAnswer, /^HTTP\/1\.1 200 /);
      await stopped;
      assert.equal(gate.calls, 1);
    },
  );
}
