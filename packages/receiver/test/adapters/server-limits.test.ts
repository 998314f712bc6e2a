// The limits of the servers, over real sockets: how long headers and bodies may be, and how long they may take.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { WebhookServer } from '@waxwing/receiver';
import { MeshAgentWebhookServer } from '@waxwing/receiver/meshagent';
import { TestSender } from '@waxwing/receiver/testing';
import type { TestRequest } from '@waxwing/receiver/testing';

const LIMITS = { host: '127.0.0.1', port: 0, bodyLimitBytes: 4000, headerLimitBytes: 2000, requestTimeoutMs: 200, log: (): void => {} };
const humanconnection = new TestSender('humanconnection');
const meshagent = new TestSender('meshagent');

const servers = [
  [
    new WebhookServer({ ...LIMITS, profile: 'humanconnection', secret: humanconnection.secret }),
    (pad: string): TestRequest => humanconnection.signed({ type: 'meeting.completed', data: { meeting_id: 'm', pad } }),
  ],
  [
    new MeshAgentWebhookServer({ ...LIMITS, webhookSecret: meshagent.secret }),
    (pad: string): TestRequest => meshagent.signed({ type: 'room.ended', data: { room_name: 'r', pad } }),
  ],
] as const;

for (const [server, signed] of servers) {
  describe(`${server.constructor.name}’s limits`, () => {
    let port = 0;
    before(async () => {
      await server.start();
      port = server.address?.port ?? 0;
    });
    after(() => server.stop());

    async function post({ headers, body }: TestRequest, more: Readonly<Record<string, string>> = {}): Promise<number> {
      return (await fetch(`http://127.0.0.1:${port}/webhook`, { method: 'POST', body, headers: { ...headers, ...more } })).status;
    }

    /** What comes back for bytes that are written, after which nothing follows. */
    async function answerTo(...pieces: readonly (string | Uint8Array)[]): Promise<string> {
      const socket = connect(port, '127.0.0.1');
      for (const piece of pieces) socket.write(piece);
      let answer = '';
      for await (const chunk of socket) answer += String(chunk);
      return answer;
    }

    test('headers past their limit are answered 431, those within are taken', async () => {
      assert.equal(await post(signed(''), { 'x-pad': 'x'.repeat(1000) }), 200);
      assert.equal(await post(signed(''), { 'x-pad': 'x'.repeat(3000) }), 431);
    });

    test('a body past its limit is answered 413 before it is sent, one within is taken', async () => {
      assert.equal(await post(signed('x'.repeat(3000))), 200);
      const answer = await answerTo('POST /webhook HTTP/1.1\r\nhost: a\r\ncontent-length: 4001\r\n\r\n');
      assert.match(answer, /^HTTP\/1\.1 413 [^]*connection: close/i);
    });

    test('a body of unknown length is answered 413 as soon as it is past its limit', async () => {
      const chunk = `800\r\n${'x'.repeat(0x800)}\r\n`;
      assert.match(
        await answerTo('POST /webhook HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n', chunk, chunk),
        /^HTTP\/1\.1 413 /,
      );
    });

    test('headers that do not arrive in time are answered 408', async () => {
      assert.match(await answerTo('POST /webhook HTTP/1.1\r\nhost: a\r\nx-slow: '), /^HTTP\/1\.1 408 /);
    });

    test('a body that does not arrive in time is answered 408', async () => {
      assert.match(await answerTo('POST /webhook HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nslow'), /^HTTP\/1\.1 408 /);
    });
  });
}
