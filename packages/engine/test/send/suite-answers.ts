// What every sender makes of an answer: its outcome, what is kept of it, and what is no answer at all.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import { OK, rawReceiver } from './raw-receiver.ts';
import { order } from './sending.ts';
import type { Attempted } from './sending.ts';
import { gone } from './suite.ts';
import type { Suite } from './suite.ts';

export function answerSuite({ sender, answeredBy }: Suite): void {
  async function keptOf(body: Buffer): Promise<Attempted['record']['response']> {
    const head = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
    return (await answeredBy(Buffer.concat([head, body]))).record.response;
  }

  async function explanationOf(status: number, profile: string): Promise<string> {
    const { record } = await answeredBy(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`, { profile: { name: profile, version: 0 } });
    return record.error?.explanation ?? '';
  }

  it('reports a refusal with the receiver’s answer, and its Retry-After', async () => {
    const { report, record } = await answeredBy('HTTP/1.1 429 Slow\r\nRetry-After: 120\r\ncontent-length: 5\r\n\r\nlater');
    assert.deepEqual(report.outcome, { kind: 'refused', status: 429 });
    assert.equal(report.retryAfterMs, 120_000);
    assert.equal(report.error, 'HTTP 429');
    assert.equal(record.error?.code, 'http_status_4xx');
    assert.equal(record.response?.body, 'later');
  });

  it('does not follow a redirect, and says where it led', async () => {
    await using elsewhere = await rawReceiver(({ socket }) => socket.write(OK));
    const { report, record } = await answeredBy(
      `HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${elsewhere.port}/\r\ncontent-length: 0\r\n\r\n`,
    );
    assert.deepEqual(report.outcome, { kind: 'refused', status: 302 });
    assert.equal(record.error?.code, 'redirect');
    assert.match(record.error.explanation, new RegExp(`127.0.0.1:${elsewhere.port}`));
    assert.equal(elsewhere.connections(), 0);
  });

  it('passes over a few informational answers, and gives up on a stream of them', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
    assert.equal((await answeredBy(hint.repeat(3) + OK)).report.outcome.kind, 'delivered');
    const endless = await answeredBy(hint.repeat(50) + OK);
    assert.deepEqual(endless.report.outcome, { kind: 'unreachable', reason: 'protocol' });
    assert.equal(endless.record.error?.code, 'bad_http');
  });

  it('keeps 16 KiB of a failure’s body and 1 KiB of a success’s', async () => {
    const long = 'x'.repeat(50_000);
    const failure = await answeredBy(`HTTP/1.1 500 Oh\r\ncontent-length: 50000\r\n\r\n${long}`);
    assert.equal(failure.record.response?.body.length, 16_384);
    assert.equal(failure.record.response.bodyBytes, 50_000);
    assert.equal(failure.record.response.bodyTruncated, true);
    const success = await answeredBy(`HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n${long}`);
    assert.equal(success.record.response?.body.length, 1_024);
    assert.equal(success.record.response.bodyTruncated, true);
  });

  it('stops reading an endless body, stands by its status and destroys the connection', async () => {
    for (const status of [200, 500]) {
      await using receiver = await rawReceiver(({ socket }) => {
        socket.write(`HTTP/1.1 ${status} Endless\r\ntransfer-encoding: chunked\r\n\r\n`);
        const chunk = `10000\r\n${'y'.repeat(0x10000)}\r\n`;
        const pour = (): void => {
          while (!socket.destroyed && socket.write(chunk));
        };
        socket.on('drain', pour);
        pour();
      });
      const { report, record } = await (await sender()).attempt(order(`http://127.0.0.1:${receiver.port}/`));
      assert.deepEqual(report.outcome, { kind: status === 200 ? 'delivered' : 'refused', status });
      assert.equal(record.response?.bodyTruncated, true);
      assert.ok(record.response.bodyBytes > 1_048_576 && record.response.bodyBytes < 4_194_304);
      await gone(receiver.openSockets);
    }
  });

  it('keeps an answer’s NUL and bad UTF-8 as the bytes they are, and does not break a character at the cap', async () => {
    const nul = Buffer.from('a\0b');
    assert.deepEqual([(await keptOf(nul))?.bodyEncoding, (await keptOf(nul))?.body], ['base64', nul.toString('base64')]);
    const bad = Buffer.from([0x61, 0xff, 0xfe, 0x62]);
    assert.deepEqual([(await keptOf(bad))?.bodyEncoding, (await keptOf(bad))?.body], ['base64', bad.toString('base64')]);
    const cut = await keptOf(Buffer.from(`${'a'.repeat(1_023)}é and more`));
    assert.deepEqual([cut?.bodyEncoding, cut?.body], ['utf8', 'a'.repeat(1_023)]);
    const gzip = Buffer.from('1f8b08000000000000034bcecf2d284a2d2e4e4d01002b3f2d1b0a000000', 'hex');
    assert.equal((await keptOf(gzip))?.body, gzip.toString('base64'), 'a compressed answer stays as it came');
  });

  it('takes a body that ends with its connection', async () => {
    const { report, record } = await answeredBy(({ socket }) => socket.end('HTTP/1.0 200 OK\r\n\r\nto the end'));
    assert.deepEqual(report.outcome, { kind: 'delivered', status: 200 });
    assert.equal(record.response?.body, 'to the end');
    assert.equal(record.response.bodyTruncated, false);
  });

  it('reports what is not HTTP, and headers beyond 16 KiB, as protocol errors', async () => {
    for (const answer of [
      'SSH-2.0-OpenSSH_9.6\r\n',
      'HTTP/1.1 two hundred\r\n\r\n',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnot a size\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      'HTTP/1.1 200 OK\r\nbad header\r\n\r\n',
    ]) {
      const { report, record } = await answeredBy(answer);
      assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'protocol' }, answer);
      assert.equal(record.error?.code, 'bad_http', answer);
    }
    const large = await answeredBy(`HTTP/1.1 200 OK\r\nset-cookie: ${'c'.repeat(20_000)}\r\ncontent-length: 0\r\n\r\n`);
    assert.deepEqual(large.report.outcome, { kind: 'unreachable', reason: 'protocol' });
    assert.equal(large.record.error?.code, 'header_too_large');
  });

  it('keeps at most a hundred of an answer’s headers', async () => {
    const headers = Array.from({ length: 150 }, (_, i) => `x-${i}: ${i}\r\n`).join('');
    const { record } = await answeredBy(`HTTP/1.1 200 OK\r\n${headers}content-length: 0\r\n\r\n`);
    assert.equal(record.response?.headers.length, 100);
  });

  it('names the likely cause where a convention’s receivers parse first and sign what they parsed', async () => {
    for (const profile of ['joai', 'humanconnection', 'meetloyd']) {
      const definition = BUILT_IN_PROFILES.get(profile)?.definition;
      assert.ok(definition?.signature.kind === 'hmac-template');
      assert.match(await explanationOf(500, profile), /express\.json\(\).*unequal lengths/s);
      assert.match(await explanationOf(413, profile), /100 kB/);
      assert.match(await explanationOf(401, profile), new RegExp(`${definition.signature.header}.*JSON\\.stringify`));
    }
    assert.doesNotMatch(await explanationOf(500, 'standard'), /express/);
  });
}
