// What every sender does, on real loopback sockets: run by http-sender.test.ts in this thread, and by
// thread-sender.test.ts in a worker thread.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { BUILT_IN_PROFILES, sign } from '@waxwing/protocol';
import type { SendingOptions } from '../../src/send/http-sender.ts';
import type { Sender } from '../../src/send/order.ts';
import { dnsServer } from './dns-server.ts';
import { certificate, OK, rawReceiver } from './raw-receiver.ts';
import type { RawRequest } from './raw-receiver.ts';
import { DEVELOPMENT, order, PLAIN_SECRET, PRODUCTION, Sending, STANDARD_SECRET } from './sending.ts';
import type { Attempted } from './sending.ts';

export function senderSuite(where: string, make: (options: SendingOptions) => Sender): void {
  const options: SendingOptions = { policy: DEVELOPMENT, userAgent: 'Waxwing/test' };

  describe(`a sender in ${where}`, () => {
    // One sender for the tests that need nothing special: starting a thread costs more than the test.
    let shared: Promise<Sending> | null = null;
    const sender = (): Promise<Sending> => (shared ??= Sending.start(make(options)));
    after(async () => (await shared)?.close(0));

    async function answeredBy(answer: string | Buffer | ((request: RawRequest) => void), target = {}): Promise<Attempted> {
      await using receiver = await rawReceiver(typeof answer === 'function' ? answer : ({ socket }) => socket.write(answer));
      return await (await sender()).attempt(order(`http://127.0.0.1:${receiver.port}/`, target));
    }

    async function keptOf(body: Buffer): Promise<Attempted['record']['response']> {
      const head = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
      return (await answeredBy(Buffer.concat([head, body]))).record.response;
    }

    async function explanationOf(status: number, profile: string): Promise<string> {
      const { record } = await answeredBy(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`, { profile: { name: profile, version: 0 } });
      return record.error?.explanation ?? '';
    }

    it('delivers a signed message and records every byte of it but the custom headers’ values', async () => {
      await using receiver = await rawReceiver(({ socket }) =>
        socket.write('HTTP/1.1 202 Accepted\r\nX-Trace: é\r\ncontent-length: 6\r\n\r\nthanks', 'latin1'),
      );
      const { report, record } = await (
        await sender()
      ).attempt(
        order(`http://127.0.0.1:${receiver.port}/in?a=1&b=%20`, {
          headers: [
            ['X-Team', 'core'],
            ['authorization', 'Bearer x'],
          ],
        }),
      );
      assert.deepEqual(report.outcome, { kind: 'delivered', status: 202 });
      assert.equal(report.error, null);
      assert.equal(report.retryAfterMs, null);
      const [request] = receiver.requests;
      assert.ok(request !== undefined);
      const body = '{"type":"meeting.completed","timestamp":"2025-06-15T15:06:40.000Z","data":{"meeting_id":"m_1"}}';
      assert.equal(request.body.toString(), body);
      const [line, ...headers] = request.head.split('\r\n');
      assert.equal(line, 'POST /in?a=1&b=%20 HTTP/1.1');
      const timestamp = Number(/webhook-timestamp: (\d+)/.exec(request.head)?.[1]);
      assert.equal(timestamp, Math.floor(report.startedMs / 1000));
      const profile = BUILT_IN_PROFILES.get('standard');
      assert.ok(profile !== undefined);
      const signed = sign(profile.definition.signature, { id: 'evt_1', timestampSeconds: timestamp, body: request.body }, [
        STANDARD_SECRET,
      ]);
      for (const [name, value] of signed) assert.ok(headers.includes(`${name}: ${value}`), `${name} is sent as signed`);
      assert.deepEqual(
        record.requestHeaders.map(([name, value]) => `${name}: ${value ?? '?'}`),
        headers.map((header) => header.replace(/^(X-Team|authorization): .*/, '$1: ?')),
      );
      assert.ok(headers.includes('user-agent: Waxwing/test'));
      assert.deepEqual(record.response, {
        status: 202,
        headers: [
          ['X-Trace', 'é'],
          ['content-length', '6'],
        ],
        body: 'thanks',
        bodyEncoding: 'utf8',
        bodyBytes: 6,
        bodyTruncated: false,
      });
      assert.equal(record.address, '127.0.0.1');
      assert.equal(record.dnsMs, null);
      assert.equal(record.tlsMs, null);
      assert.ok(record.connectMs !== null && record.firstByteMs !== null && record.connectMs + record.firstByteMs <= record.totalMs + 0.02);
      assert.equal(record.error, null);
    });

    it('sends every built-in profile’s own signature over the very bytes it sends', async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
      for (const [name, profile] of BUILT_IN_PROFILES) {
        const secret = name === 'standard' ? STANDARD_SECRET : PLAIN_SECRET;
        const facts = profile.facts({ id: 'ep_1', name: 'Production' }, { roomUrlBase: 'wss://rooms.example' });
        const { report } = await (
          await sender()
        ).attempt(order(`http://127.0.0.1:${receiver.port}/${name}`, { profile: { name, version: 0 }, secrets: [secret] }, { facts }));
        assert.equal(report.outcome.kind, 'delivered', name);
        const request = receiver.requests.at(-1);
        assert.ok(request !== undefined);
        const id = profile.eventId('evt_1');
        assert.match(request.head, new RegExp(`^webhook-id: ${id}$`, 'm'));
        const signed = sign(
          profile.definition.signature,
          { id, timestampSeconds: Math.floor(report.startedMs / 1000), body: request.body },
          [secret],
        );
        for (const [header, value] of signed) assert.ok(request.head.split('\r\n').includes(`${header}: ${value}`), `${name}: ${header}`);
      }
    });

    it('keeps connections alive, and dials again where the receiver closes them', async () => {
      await using receiver = await rawReceiver(({ socket, head }) => {
        if (head.includes('/close')) socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok');
        else socket.write(OK);
      });
      const sending = await sender();
      const url = `http://127.0.0.1:${receiver.port}`;
      const first = await sending.attempt(order(`${url}/a`));
      const second = await sending.attempt(order(`${url}/b`));
      assert.equal(receiver.connections(), 1);
      assert.notEqual(first.record.connectMs, null);
      assert.equal(second.record.connectMs, null);
      assert.equal(second.record.address, '127.0.0.1');
      await sending.attempt(order(`${url}/close`));
      assert.equal(receiver.connections(), 1);
      await sending.attempt(order(`${url}/c`));
      assert.equal(receiver.connections(), 2);
    });

    it('does not share a connection between verified and unverified endpoints', async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK), { certificate: 'self-signed' });
      const sending = await sender();
      const url = `https://127.0.0.1:${receiver.port}/`;
      assert.equal((await sending.attempt(order(url, { verifyTls: false }))).report.outcome.kind, 'delivered');
      assert.equal((await sending.attempt(order(url, { verifyTls: false }))).record.tlsMs, null);
      assert.equal((await sending.attempt(order(url))).record.error?.code, 'tls_self_signed');
    });

    it('replaces a kept-alive connection that closed before the request was written', async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
      const sending = await sender();
      const url = `http://127.0.0.1:${receiver.port}/`;
      await sending.attempt(order(url));
      receiver.requests[0]?.socket.resetAndDestroy();
      const { report } = await sending.attempt(order(url));
      assert.equal(report.outcome.kind, 'delivered');
      assert.equal(receiver.requests.length, 2);
    });

    it('reports a kept-alive connection that is reset after the request was written, and does not send it twice', async () => {
      await using receiver = await rawReceiver(({ socket, connection }) => {
        if (receiver.requests.length === 2 && connection === 1) socket.resetAndDestroy();
        else socket.write(OK);
      });
      const sending = await sender();
      const url = `http://127.0.0.1:${receiver.port}/`;
      await sending.attempt(order(url));
      const { report, record } = await sending.attempt(order(url));
      assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'reset' });
      assert.equal(record.error?.code, 'reset_before_answer');
      assert.match(record.error.explanation, /kept-alive/);
      assert.equal(receiver.requests.length, 2);
    });

    it('never takes an answer that nobody asked for as the next one’s', async () => {
      await using receiver = await rawReceiver(({ socket, head }) => {
        socket.write(head.includes('/double') ? OK + OK.replace('200', '201') : OK.replace('200', '299'));
      });
      const sending = await sender();
      const url = `http://127.0.0.1:${receiver.port}`;
      const first = await sending.attempt(order(`${url}/double`));
      const second = await sending.attempt(order(`${url}/next`));
      assert.deepEqual(first.report.outcome, { kind: 'delivered', status: 200 });
      assert.deepEqual(second.report.outcome, { kind: 'delivered', status: 299 });
    });

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

    it('times out at every stage, destroys the socket and says which stage it was', async () => {
      const sending = await sender();
      const timedOut = async (target: string, words: RegExp, more = {}): Promise<Attempted> => {
        const attempted = await sending.attempt(order(target, { timeoutMs: 150, ...more }));
        assert.deepEqual(attempted.report.outcome, { kind: 'timed_out' });
        assert.equal(attempted.record.error?.code, 'timeout');
        assert.match(attempted.record.error.explanation, words);
        assert.ok(attempted.record.totalMs >= 145);
        return attempted;
      };
      {
        await using silent = await rawReceiver(() => {});
        await timedOut(`http://127.0.0.1:${silent.port}/`, /no answer came/);
        await timedOut(`https://127.0.0.1:${silent.port}/`, /TLS handshake/);
        await gone(silent.openSockets);
      }
      {
        await using headOnly = await rawReceiver(({ socket }) => socket.write('HTTP/1.1 200 OK\r\ncontent-le'));
        await timedOut(`http://127.0.0.1:${headOnly.port}/`, /no answer came/);
      }
      {
        await using dripping = await rawReceiver(({ socket }) => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
          const drip = setInterval(() => socket.write('z'), 20);
          socket.on('close', () => clearInterval(drip));
        });
        const { record } = await timedOut(`http://127.0.0.1:${dripping.port}/`, /body/);
        assert.equal(record.response?.status, 200);
        assert.equal(record.response.bodyTruncated, true);
        await gone(dripping.openSockets);
      }
    });

    it('times out while it resolves', async () => {
      await using dns = await dnsServer({ 'silent.example': 'silent' });
      await using sending = await Sending.start(make({ ...options, dns: { servers: [dns.address] } }));
      const resolving = await sending.attempt(order('http://silent.example/', { timeoutMs: 100 }));
      assert.deepEqual(resolving.report.outcome, { kind: 'timed_out' });
      assert.match(resolving.record.error?.explanation ?? '', /could not be resolved/);
    });

    it('reports a refused connection', async () => {
      const receiver = await rawReceiver(() => {});
      await receiver[Symbol.asyncDispose]();
      const { report, record } = await (await sender()).attempt(order(`http://127.0.0.1:${receiver.port}/`));
      assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'connect' });
      assert.equal(report.error, 'connection refused');
      assert.equal(record.error?.code, 'connect_refused');
      assert.equal(record.address, '127.0.0.1');
    });

    it('reports a connection that is closed before, and within, the answer', async () => {
      const before = await answeredBy(({ socket }) => socket.end());
      assert.deepEqual(before.report.outcome, { kind: 'unreachable', reason: 'reset' });
      assert.equal(before.record.error?.code, 'reset_before_answer');
      const reset = await answeredBy(({ socket }) => socket.resetAndDestroy());
      assert.equal(reset.record.error?.code, 'reset_before_answer');
      const within = await answeredBy(({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this'));
      assert.equal(within.record.error?.code, 'reset_during_answer');
      assert.equal(within.record.response?.body, 'only this');
      assert.equal(within.record.response.bodyTruncated, true);
      const chunked = await answeredBy(({ socket }) =>
        socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nonly '),
      );
      assert.equal(chunked.record.error?.code, 'reset_during_answer');
      const sized = await answeredBy(({ socket }) =>
        socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 100\r\n\r\nonly this'),
      );
      assert.equal(sized.record.error?.code, 'reset_during_answer');
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

    it('verifies certificates, and says what is wrong with one', async () => {
      for (const [name, code] of [
        ['self-signed', 'tls_self_signed'],
        ['good', 'tls_untrusted'],
      ] as const) {
        await using receiver = await rawReceiver(({ socket }) => socket.write(OK), { certificate: name });
        const { report, record } = await (await sender()).attempt(order(`https://127.0.0.1:${receiver.port}/`));
        assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'tls' });
        assert.equal(record.error?.code, code);
        assert.equal(receiver.requests.length, 0);
      }
    });

    it('trusts a private authority that it is given, and still refuses expired, early and mismatched certificates', async () => {
      await using sending = await Sending.start(make({ ...options, trustedCertificates: [certificate('authority')] }));
      for (const [name, code] of [
        ['good', null],
        ['expired', 'tls_expired'],
        ['early', 'tls_not_yet_valid'],
        ['other-host', 'tls_wrong_host'],
      ] as const) {
        await using receiver = await rawReceiver(({ socket }) => socket.write(OK), { certificate: name });
        for (const host of ['localhost', '127.0.0.1']) {
          const { report, record } = await sending.attempt(order(`https://${host}:${receiver.port}/`));
          assert.equal(record.error?.code ?? null, code, `${name} on ${host}`);
          if (code === null) {
            assert.equal(report.outcome.kind, 'delivered');
            assert.ok(record.tlsMs !== null && record.connectMs !== null);
          }
        }
      }
    });

    it('says that a port does not speak TLS', async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK), {
        onConnection: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
      });
      const { report, record } = await (await sender()).attempt(order(`https://127.0.0.1:${receiver.port}/`));
      assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'tls' });
      assert.equal(record.error?.code, 'tls_handshake');
    });

    it('resolves names by DNS, and reports one that does not exist or cannot be resolved', async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
      await using dns = await dnsServer({
        'receiver.example': { addresses: ['127.0.0.1'] },
        'broken.example': 'servfail',
        'silent.example': 'silent',
      });
      await using sending = await Sending.start(make({ ...options, dns: { servers: [dns.address], timeoutMs: 300 } }));
      const found = await sending.attempt(order(`http://receiver.example:${receiver.port}/`));
      assert.equal(found.report.outcome.kind, 'delivered');
      assert.equal(found.record.address, '127.0.0.1');
      assert.ok(found.record.dnsMs !== null);
      assert.match(receiver.requests[0]?.head ?? '', new RegExp(`^host: receiver.example:${receiver.port}$`, 'm'));
      for (const [name, code] of [
        ['missing.example', 'dns_not_found'],
        ['broken.example', 'dns_failed'],
        ['silent.example', 'dns_timeout'],
      ] as const) {
        const { report, record } = await sending.attempt(order(`http://${name}/`));
        assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'dns' });
        assert.equal(record.error?.code, code);
      }
    });

    it('tries the next address where one does not answer', async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK), { host: '127.0.0.2' });
      await using dns = await dnsServer({ 'two.example': { addresses: ['127.0.0.1', '127.0.0.2'] } });
      await using sending = await Sending.start(make({ ...options, dns: { servers: [dns.address] } }));
      const { report, record } = await sending.attempt(order(`http://two.example:${receiver.port}/`));
      assert.equal(report.outcome.kind, 'delivered');
      assert.equal(record.address, '127.0.0.2');
    });

    it('blocks private literals, private names, local names and plain HTTP, and connects to none of them', async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
      await using dns = await dnsServer({
        'inside.example': { addresses: ['10.1.2.3'] },
        'mixed.example': { addresses: ['93.184.215.14', '127.0.0.1'] },
        'mapped.example': { addresses: ['::ffff:127.0.0.1'] },
        'metadata.example': { addresses: ['169.254.169.254'] },
      });
      await using sending = await Sending.start(make({ ...options, policy: PRODUCTION, dns: { servers: [dns.address] } }));
      for (const host of [
        '127.0.0.1',
        '0x7f.1',
        '2130706433',
        '[::1]',
        '[::ffff:127.0.0.1]',
        'localhost',
        'a.localhost.',
        ...Object.keys(dns.zone),
      ]) {
        const { report, record } = await sending.attempt(order(`https://${host}:${receiver.port}/`));
        assert.deepEqual(report.outcome, { kind: 'blocked' }, host);
        assert.equal(report.error, 'private address blocked', host);
        assert.equal(record.error?.code, 'blocked_private_address', host);
        assert.ok(record.error.explanation.includes('--allow-private-networks'));
      }
      const plain = await sending.attempt(order(`http://receiver.example:${receiver.port}/`));
      assert.deepEqual(plain.report.outcome, { kind: 'blocked' });
      assert.equal(plain.record.error?.code, 'blocked_http');
      assert.equal(receiver.connections(), 0);
    });

    it('never delivers to cloud metadata, even where private networks are allowed', async () => {
      for (const url of [
        'http://169.254.169.254/',
        'http://[fd00:ec2::254]/',
        'http://[::ffff:169.254.169.254]/',
        'http://168.63.129.16/',
      ]) {
        assert.equal((await (await sender()).attempt(order(url))).record.error?.code, 'blocked_private_address', url);
      }
    });

    it('reports what is not an http URL as blocked', async () => {
      for (const url of ['ftp://receiver.example/', 'nonsense', 'http://[fe80::1%25eth0]/', 'file:///etc/passwd']) {
        assert.equal((await (await sender()).attempt(order(url))).record.error?.code, 'blocked_scheme', url);
      }
    });

    it('leaves out custom headers that would replace its own', async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
      const { report } = await (
        await sender()
      ).attempt(
        order(`http://127.0.0.1:${receiver.port}/`, {
          headers: [
            ['Webhook-Signature', 'v1,forged'],
            ['HOST', 'elsewhere.example'],
            ['Content-Type', 'text/plain'],
            ['transfer-encoding', 'chunked'],
            ['X-Own', 'kept'],
          ],
        }),
      );
      assert.equal(report.outcome.kind, 'delivered');
      const head = receiver.requests[0]?.head ?? '';
      assert.doesNotMatch(head, /forged|elsewhere|text\/plain|chunked/);
      assert.match(head, /^X-Own: kept$/m);
    });

    it('reports an order that it cannot send as internal, once, and goes on', async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
      const url = `http://127.0.0.1:${receiver.port}/`;
      const orders = [
        order(url, { profile: { name: 'unheard-of', version: 3 } }),
        order(url, { secrets: [] }),
        order(url, { headers: [['x-split', 'a\r\nb: c']] }),
        order(url, {}, { event: { id: 'evt_1', type: 'a.b', timestampMs: Number.NaN, data: '{}', hasUnsafeInteger: false } }),
        order(url),
      ];
      const attempts = await (await sender()).attempts(orders);
      for (const { report, record } of attempts.slice(0, 4)) {
        assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'protocol' });
        assert.equal(record.error?.code, 'internal');
      }
      assert.equal(attempts[4]?.report.outcome.kind, 'delivered');
      assert.equal(receiver.requests.length, 1);
      for (const { delivery } of orders) assert.equal((await sender()).reports.get(delivery)?.length, 1);
    });

    it('speaks a profile of the platform’s own once it is taught', async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
      await using sending = await Sending.start(make(options));
      const joai = BUILT_IN_PROFILES.get('joai');
      assert.ok(joai !== undefined);
      sending.learnProfile(2, {
        ...joai.definition,
        name: 'acme',
        envelope: { kind: '{type}', by: '{endpoint.id}', data: '{data}' },
        headers: { 'x-acme': '1' },
      });
      const one = order(`http://127.0.0.1:${receiver.port}/`, { profile: { name: 'acme', version: 2 } });
      const other = { ...one, delivery: one.delivery + 1_000_000, target: { ...one.target, endpointId: 'ep_2' } };
      await sending.attempts([one, other]);
      assert.deepEqual(
        receiver.requests.map((request) => request.body.toString()),
        ['ep_1', 'ep_2'].map((id) => `{"kind":"meeting.completed","by":"${id}","data":{"meeting_id":"m_1"}}`),
      );
      assert.match(receiver.requests[0]?.head ?? '', /^x-acme: 1$/m);
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

    it('sends a group side by side, reports each once, and gathers reports', async () => {
      // It answers all of a hundred at once.
      const waiting: RawRequest[] = [];
      await using receiver = await rawReceiver((request) => {
        waiting.push(request);
        if (waiting.length === 100) for (const { socket } of waiting.splice(0)) socket.write(OK);
      });
      await using sending = await Sending.start(make(options));
      const orders = Array.from({ length: 200 }, (_, i) => order(`http://127.0.0.1:${receiver.port}/${i % 7}`));
      const attempts = [...(await sending.attempts(orders.slice(0, 100))), ...(await sending.attempts(orders.slice(100)))];
      assert.equal(receiver.connections(), 100);
      assert.ok(attempts.every(({ report }) => report.outcome.kind === 'delivered'));
      assert.ok([...sending.reports.values()].every((reports) => reports.length === 1));
      assert.equal(sending.reports.size, 200);
      assert.ok(sending.groups.length < 100, `${sending.groups.length} groups`);
    });

    it('waits at its close for what is in flight, and then frees every socket', async () => {
      await using receiver = await rawReceiver(({ socket }) => setTimeout(() => socket.write(OK), 80));
      const sending = await Sending.start(make(options));
      const reported = sending.attempt(order(`http://127.0.0.1:${receiver.port}/`));
      await reached(() => receiver.requests.length === 1);
      await sending.close(5_000);
      assert.equal((await reported).report.outcome.kind, 'delivered');
      await gone(receiver.openSockets);
    });

    it('cuts off unreported at its close what does not end within the grace', async () => {
      await using receiver = await rawReceiver(() => {});
      const sending = await Sending.start(make(options));
      sending.send(order(`http://127.0.0.1:${receiver.port}/`));
      await reached(() => receiver.requests.length === 1);
      await sending.close(50);
      assert.equal(sending.reports.size, 0);
      await gone(receiver.openSockets);
      await sending.close(50);
    });
  });
}

/** Until a receiver has seen all its sockets closed: the sender's destroying reaches it a moment later. */
async function gone(openSockets: () => number): Promise<void> {
  await reached(() => openSockets() === 0);
}

async function reached(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'not reached within five seconds');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
