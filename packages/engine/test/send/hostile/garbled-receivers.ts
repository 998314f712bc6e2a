// Receivers whose answers are not what HTTP/1.1 says. Each attempt fails at once, as no HTTP answer; what HTTP does allow,
// however odd, is kept as it came, and never becomes a part of the next delivery's answer.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { OK, rawReceiver } from '../raw-receiver.ts';
import { order } from '../sending.ts';
import { PROTOCOL, RESET, PATIENT_MS } from './hostile-suite.ts';
import type { HostileSuite } from './hostile-suite.ts';

const BAD = /What came back is not HTTP\/1\.1 as this sender accepts it\. Check that the port belongs to an HTTP server/;

export function garbledReceivers({ meets, fails, sender }: HostileSuite): void {
  it('NUL bytes and bad UTF-8 in a body are kept as the bytes they are', async () => {
    for (const status of [200, 500]) {
      const body = Buffer.from([0, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0]);
      const { report, record } = await meets(
        Buffer.concat([Buffer.from(`HTTP/1.1 ${status} X\r\ncontent-length: ${body.length}\r\n\r\n`), body]),
      );
      assert.deepEqual(report.outcome, { kind: status === 200 ? 'delivered' : 'refused', status });
      assert.deepEqual([record.response?.bodyEncoding, record.response?.body], ['base64', body.toString('base64')]);
    }
  });

  it('bad UTF-8 in a header is kept, byte for byte, and a NUL in one is no HTTP', async () => {
    const head = Buffer.from('HTTP/1.1 200 OK\r\nx-odd: \xff\xc3\x28\r\ncontent-length: 0\r\n\r\n', 'latin1');
    const { report, record } = await meets(head);
    assert.deepEqual(report.outcome, { kind: 'delivered', status: 200 });
    assert.deepEqual(record.response?.headers[0], ['x-odd', '\xff\xc3(']);
    for (const text of ['HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n', 'HTTP/1.1 200 OK\r\nx\0: a\r\n\r\n'])
      await fails(text, PROTOCOL, 'bad_http', BAD);
  });

  it('an answer in HTTP/0.9, which has no status, is no HTTP', async () => {
    await fails(({ socket }) => socket.end('<html><body>ok</body></html>'), PROTOCOL, 'bad_http', BAD);
    await fails(({ socket }) => socket.end('ok'), PROTOCOL, 'bad_http', BAD);
  });

  it('HTTP/2, TLS and SSH spoken on the port are no HTTP/1.1', async () => {
    const settings = Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]);
    const alert = Buffer.from([0x15, 3, 3, 0, 2, 2, 10]);
    for (const bytes of [settings, alert, Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'), Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')])
      await fails(bytes, PROTOCOL, 'bad_http', BAD);
  });

  it('a status that is none is no HTTP', async () => {
    for (const status of ['000', '099', '20', '2000', '-20', '1000', '2OO', '', '0x1f4'])
      await fails(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`, PROTOCOL, 'bad_http', BAD);
    const { report } = await meets('HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n');
    assert.deepEqual(report.outcome, { kind: 'refused', status: 999 });
  });

  it('an unasked-for upgrade is no answer', async () => {
    for (const upgrade of ['websocket', 'h2c'])
      await fails(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${upgrade}\r\n\r\n`, PROTOCOL, 'bad_http', BAD);
    await fails('HTTP/1.1 101 Switching Protocols\r\n\r\n', PROTOCOL, 'bad_http', BAD);
  });

  it('a length that is negative, contradicts itself or is beside chunks is no HTTP', async () => {
    for (const lengths of [
      'content-length: -1',
      'content-length: +2',
      'content-length: 2, 2',
      'content-length: 2\r\ncontent-length: 3',
      'content-length: 2\r\ncontent-length: 2',
      'content-length: two',
      'content-length: 0x2',
      'content-length: 99999999999999999999999999',
      'content-length: 2\r\ntransfer-encoding: chunked',
      'transfer-encoding: chunked\r\ncontent-length: 2',
    ])
      await fails(`HTTP/1.1 200 OK\r\n${lengths}\r\n\r\nok`, PROTOCOL, 'bad_http', BAD);
  });

  it('chunks whose sizes or ends are garbage are no HTTP', async () => {
    for (const chunks of [
      'nonsense\r\n',
      '-5\r\nabcde\r\n',
      '2\r\nokay\r\n',
      'ffffffffffffffffff\r\nx',
      '5 5\r\nabcde\r\n',
      '\r\n\r\n',
      '2\rok',
    ])
      await fails(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}`, PROTOCOL, 'bad_http', BAD);
  });

  it('headers that are none are no HTTP', async () => {
    for (const header of ['no colon', ': no name', 'sp ace: x', 'space : x', 'a: b\r\n\x01: c', 'a: b\rc'])
      await fails(`HTTP/1.1 200 OK\r\n${header}\r\ncontent-length: 0\r\n\r\n`, PROTOCOL, 'bad_http', BAD);
  });

  it('a length longer than what comes is an answer cut off', async () => {
    await fails(
      ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nok'),
      RESET,
      'reset_during_answer',
      /The connection was closed before the answer was complete/,
    );
  });

  it('a 204 or 304 with a body is taken by its status', async () => {
    assert.deepEqual((await meets('HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nsmug!')).report.outcome, {
      kind: 'delivered',
      status: 204,
    });
    assert.deepEqual((await meets('HTTP/1.1 304 No\r\ntransfer-encoding: chunked\r\n\r\n5\r\nsmug!\r\n0\r\n\r\n')).report.outcome, {
      kind: 'refused',
      status: 304,
    });
  });

  it('a Retry-After that is nonsense is passed over, and a huge one is capped at a day', async () => {
    for (const [value, expected] of [
      ['soon', null],
      ['-5', 0],
      ['1e9', null],
      ['99999999999999999999', 86_400_000],
      ['Fri, 31 Dec 9999 23:59:59 GMT', 86_400_000],
    ] as const)
      assert.equal(
        (await meets(`HTTP/1.1 503 X\r\nretry-after: ${value}\r\ncontent-length: 0\r\n\r\n`)).report.retryAfterMs,
        expected,
        value,
      );
  });

  it('bytes after an answer are never the next delivery’s answer, together with it or a moment later', async () => {
    const smuggled = 'HTTP/1.1 299 Smuggled\r\ncontent-length: 0\r\n\r\n';
    for (const [name, answer] of [
      ['a whole answer', OK + smuggled],
      ['the beginning of one', OK + smuggled.slice(0, 20)],
      ['nonsense', `${OK}nonsense`],
      ['after a 204', `HTTP/1.1 204 No Content\r\n\r\n${smuggled}`],
      ['after a 204 with a length', `HTTP/1.1 204 No Content\r\ncontent-length: ${smuggled.length}\r\n\r\n${smuggled}`],
      ['after the last chunk', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
      ['a moment later', null],
    ] as const) {
      const seen: number[] = [];
      const later = Promise.withResolvers<void>();
      await using receiver = await rawReceiver(({ socket, head, connection }) => {
        if (head.includes('/next')) {
          seen.push(connection);
          socket.write('HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n');
        } else if (answer !== null) {
          socket.write(answer);
        } else {
          socket.write(OK);
          setTimeout(() => socket.write(smuggled, () => setTimeout(() => later.resolve(), 20)), 20);
        }
      });
      const url = `http://127.0.0.1:${receiver.port}`;
      const first = await (await sender()).attempt(order(`${url}/first`, { timeoutMs: PATIENT_MS }));
      assert.equal(first.report.outcome.kind, 'delivered', name);
      if (answer === null) await later.promise;
      const next = await (await sender()).attempt(order(`${url}/next`, { timeoutMs: PATIENT_MS }));
      assert.deepEqual(next.report.outcome, { kind: 'delivered', status: 201 }, name);
      assert.deepEqual(seen, [2], `${name}: on a connection of its own`);
    }
  });
}
