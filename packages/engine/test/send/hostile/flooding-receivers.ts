// Receivers that send without end. Each is cut off at a bound, long before the time-out on a fast line. With a status, the
// attempt stands by it: the receiver has decided and only talks on.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { OK } from '../raw-receiver.ts';
import { pour, PROTOCOL } from './hostile-suite.ts';
import type { Behaviour, HostileSuite } from './hostile-suite.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
const MIB = 1_048_576;

/** Says this first, and then that without end. */
function flood(begin: string, piece: string): Behaviour {
  return ({ socket }) => {
    socket.write(begin);
    pour(socket, piece.length > 4_096 ? piece : piece.repeat(Math.ceil(65_536 / piece.length)));
  };
}

/** Every flood that must not grow memory, by what floods. */
export const FLOODS: ReadonlyMap<string, Behaviour> = new Map([
  ['a body', flood('HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n', 'y')],
  ['a refusal’s body', flood('HTTP/1.1 500 Oh\r\n\r\n', 'y')],
  ['chunks', flood(CHUNKED, `10000\r\n${'y'.repeat(0x10000)}\r\n`)],
  ['chunks of one byte', flood(CHUNKED, '1\r\ny\r\n')],
  ['a chunk extension', flood(`${CHUNKED}5;`, 'x')],
  ['headers', flood('HTTP/1.1 200 OK\r\n', 'a: b\r\n')],
  ['one header', flood('HTTP/1.1 200 OK\r\nx: ', 'y')],
  ['one header’s name', flood('HTTP/1.1 200 OK\r\n', 'y')],
  ['trailers', flood(`${CHUNKED}0\r\n`, 'a: b\r\n')],
  ['a status line', flood('HTTP/1.1 200 ', 'O')],
  ['empty lines', flood('', '\r\n')],
  ['informational answers', flood('', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')],
  ['continues', flood('', 'HTTP/1.1 100 Continue\r\n\r\n')],
]);

function behaviour(name: string): Behaviour {
  const found = FLOODS.get(name);
  assert.ok(found !== undefined, name);
  return found;
}

export function floodingReceivers({ meets, fails }: HostileSuite): void {
  it('an endless body, in one piece, in chunks or in chunks of one byte, is cut after a mebibyte or two, and the status stands', async () => {
    for (const [name, status] of [
      ['a body', 200],
      ['a refusal’s body', 500],
      ['chunks', 200],
      ['chunks of one byte', 200],
    ] as const) {
      const bytesMin = name === 'chunks of one byte' ? MIB / 4 : MIB;
      const { report, record } = await meets(behaviour(name));
      assert.deepEqual(report.outcome, { kind: status === 200 ? 'delivered' : 'refused', status }, name);
      assert.equal(record.response?.bodyTruncated, true, name);
      assert.ok(record.response.bodyBytes > bytesMin && record.response.bodyBytes < 4 * MIB, name);
      assert.ok(record.response.body.length <= 16_384, name);
    }
  });

  it('an endless chunk extension is cut, and the status stands', async () => {
    const { report, record } = await meets(behaviour('a chunk extension'));
    assert.deepEqual(report.outcome, { kind: 'delivered', status: 200 });
    assert.deepEqual([record.response?.bodyBytes, record.response?.bodyTruncated], [0, true]);
  });

  it('a gzip bomb is not decompressed: it is kept as the few bytes that came', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * MIB), { level: 9 });
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`;
    const { report, record } = await meets(Buffer.concat([Buffer.from(head), bomb]));
    assert.deepEqual(report.outcome, { kind: 'delivered', status: 200 });
    assert.deepEqual([record.response?.bodyBytes, record.response?.bodyEncoding], [bomb.length, 'base64']);
    assert.equal(record.response?.body, bomb.subarray(0, 1_024).toString('base64'));
  });

  it('a million headers, one endless header, one endless name and endless trailers are refused at 16 KiB', async () => {
    const words = /The headers of the answer are larger than 16 KiB/;
    const million = `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(1_000_000)}\r\n`;
    await fails(million, PROTOCOL, 'header_too_large', words);
    for (const name of ['headers', 'one header', 'one header’s name', 'trailers'])
      await fails(behaviour(name), PROTOCOL, 'header_too_large', words);
  });

  it('a status line or empty lines without end are no HTTP', async () => {
    for (const name of ['a status line', 'empty lines']) {
      const { record } = await fails(behaviour(name), PROTOCOL, 'bad_http', /What came back is not HTTP\/1\.1 as this sender accepts it/);
      assert.match(record.error?.message ?? '', /more than 2097152 bytes without an answer/);
    }
  });

  it('a flood of 1xx is refused after eight of them', async () => {
    for (const name of ['informational answers', 'continues']) {
      const { record } = await fails(behaviour(name), PROTOCOL, 'bad_http', /not HTTP\/1\.1 as this sender accepts it/);
      assert.equal(record.error?.message, 'more than 8 informational answers');
    }
  });

  it('a few 1xx are passed over, a 100 Continue that nobody asked for as well, however its bytes come', async () => {
    const few = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n\r\nHTTP/1.1 100\r\nx: y\r\n\r\n';
    const { report, record } = await meets(few + OK);
    assert.deepEqual(report.outcome, { kind: 'delivered', status: 200 });
    assert.equal(record.response?.body, 'ok');
    const slow = await meets(({ socket }) => {
      socket.setNoDelay(true);
      const bytes = (few + OK).split('');
      const next = (): void => {
        const byte = bytes.shift();
        if (byte === undefined) return;
        socket.write(byte);
        setImmediate(next);
      };
      next();
    });
    assert.deepEqual(slow.report.outcome, { kind: 'delivered', status: 200 });
    const body = await meets('HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n');
    assert.equal(body.record.response?.body, 'HTTP/1.1 100 Continue\r\n\r\n', 'bytes of a body are left alone');
  });
}
