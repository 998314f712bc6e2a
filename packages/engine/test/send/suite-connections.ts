// How every sender uses its connections: kept alive, never shared or reused wrongly, cut off in time, freed at its close.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dnsServer } from './dns-server.ts';
import { OK, rawReceiver } from './raw-receiver.ts';
import type { RawRequest } from './raw-receiver.ts';
import { order } from './sending.ts';
import type { Attempted } from './sending.ts';
import { gone, reached } from './suite.ts';
import type { Suite } from './suite.ts';

export function connectionSuite({ sender, fresh, answeredBy }: Suite): void {
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
    await using sending = await fresh({ dns: { servers: [dns.address] } });
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

  it('sends a group side by side, reports each once, and gathers reports', async () => {
    // It answers all of a hundred at once.
    const waiting: RawRequest[] = [];
    await using receiver = await rawReceiver((request) => {
      waiting.push(request);
      if (waiting.length === 100) for (const { socket } of waiting.splice(0)) socket.write(OK);
    });
    await using sending = await fresh();
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
    const sending = await fresh();
    const reported = sending.attempt(order(`http://127.0.0.1:${receiver.port}/`));
    await reached(() => receiver.requests.length === 1);
    await sending.close(5_000);
    assert.equal((await reported).report.outcome.kind, 'delivered');
    await gone(receiver.openSockets);
  });

  it('cuts off unreported at its close what does not end within the grace', async () => {
    await using receiver = await rawReceiver(() => {});
    const sending = await fresh();
    sending.send(order(`http://127.0.0.1:${receiver.port}/`));
    await reached(() => receiver.requests.length === 1);
    await sending.close(50);
    assert.equal(sending.reports.size, 0);
    await gone(receiver.openSockets);
    await sending.close(50);
  });
}
