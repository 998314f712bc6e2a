// Receivers that break connections: at every moment of an answer, between deliveries, before the request was sent whole.

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { it } from 'node:test';
import type { SendOrder } from '../../../src/send/order.ts';
import { seededRandomness } from '../../manual-ports.ts';
import { OK, rawReceiver } from '../raw-receiver.ts';
import { order } from '../sending.ts';
import { RESET, PATIENT_MS } from './hostile-suite.ts';
import type { HostileSuite } from './hostile-suite.ts';

/** More than the buffers of a loopback connection hold. */
export function largeEvent(): SendOrder['event'] {
  return { id: 'evt_large', type: 'a.b', timestampMs: 0, data: `{"text":"${'x'.repeat(16_777_216)}"}`, hasUnsafeInteger: false };
}

/** Node never closes the handle of a socket that is reset while it shuts down, and then its process never ends. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

export function breakingReceivers({ meets, fails, sender }: HostileSuite): void {
  const before = /The receiver closed the connection without an answer\. A crash in its handler/;
  const within = /The connection was closed before the answer was complete\. A crash or restart of the receiver/;
  const end = (socket: Socket): unknown => socket.end();

  it('a connection reset or closed before the answer says so', async () => {
    for (const leave of [reset, end]) await fails(({ socket }) => leave(socket), RESET, 'reset_before_answer', before);
    // As soon as it is accepted, the request may find it closed while connecting or while it is written.
    const { report, record } = await meets(() => {}, { onConnection: reset });
    assert.equal(report.outcome.kind, 'unreachable');
    assert.match(record.error?.code ?? '', /^(reset_before_answer|connect_failed)$/);
  });

  it('a connection reset or closed within the answer, at any of its places, says so', async () => {
    for (const leave of [reset, end])
      for (const part of [
        'HTTP/1.1 2',
        'HTTP/1.1 200 OK\r\ncontent-le',
        'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n',
        'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf',
        'HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n5\r\nha',
        'HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n5\r\nwhole\r\n',
        'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 2',
      ])
        await fails(({ socket }) => socket.write(part, () => setTimeout(() => leave(socket), 20)), RESET, 'reset_during_answer', within);
  });

  it('a connection reset or closed after the answer was delivered on', async () => {
    for (const leave of [reset, end]) {
      const { report } = await meets(({ socket }) => socket.write(OK, () => setTimeout(() => leave(socket), 20)));
      assert.deepEqual(report.outcome, { kind: 'delivered', status: 200 });
    }
  });

  it('an answer before the request is sent whole counts, and its connection carries nothing more', async () => {
    for (const after of ['read', 'rest', 'end'] as const) {
      const seen: number[] = [];
      await using receiver = await rawReceiver(
        ({ socket, connection }) => {
          seen.push(connection);
          socket.write('HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n');
        },
        {
          onConnection: (socket) =>
            socket.once('data', (first: Buffer) => {
              if (!first.includes('POST /large')) return;
              socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 4\r\n\r\nmuch');
              if (after !== 'read') socket.removeAllListeners('data').pause();
              if (after === 'end') socket.end();
            }),
        },
      );
      const sending = await sender();
      const large = order(`http://127.0.0.1:${receiver.port}/large`, { timeoutMs: PATIENT_MS }, { event: largeEvent() });
      const { report, record } = await sending.attempt(large);
      assert.deepEqual(report.outcome, { kind: 'refused', status: 413 }, `${after}: ${record.error?.message}`);
      assert.match(record.error?.explanation ?? '', /The receiver takes no body of \d+ bytes\. Raise its limit/);
      const next = await sending.attempt(order(`http://127.0.0.1:${receiver.port}/next`, { timeoutMs: PATIENT_MS }));
      assert.deepEqual(next.report.outcome, { kind: 'delivered', status: 201 }, after);
      assert.notEqual(seen.at(-1), 1, after);
    }
  });

  it('a receiver that closes kept-alive connections at random gets each message at most once a delivery, and each is reported once', async () => {
    const dice = seededRandomness(4);
    const received = new Map<string, number>();
    await using receiver = await rawReceiver(({ socket, head }) => {
      const id = /^POST \/(\d+)/.exec(head)?.[1] ?? '';
      received.set(id, (received.get(id) ?? 0) + 1);
      const what = Math.floor(dice.unit() * 8);
      if (what === 0) reset(socket);
      else if (what === 1) socket.end();
      else if (what === 2) socket.end(OK);
      else if (what === 3) socket.write(OK, () => reset(socket));
      else if (what === 4) socket.write(OK, () => setTimeout(() => reset(socket), dice.unit() * 5));
      else if (what === 5) socket.write(OK, () => setImmediate(() => socket.end()));
      else socket.write(OK);
    });
    const sending = await sender();
    let delivered = 0;
    for (let round = 0; round < 30; round++) {
      const orders = Array.from({ length: 10 }, (_, i) => order(`http://127.0.0.1:${receiver.port}/${round * 10 + i}`));
      const attempts = await sending.attempts(orders);
      for (const [i, { report, record }] of attempts.entries()) {
        const times = received.get(String(round * 10 + i)) ?? 0;
        assert.ok(times <= 1, `written ${times} times`);
        assert.equal(sending.reports.get(report.delivery)?.length, 1);
        if (report.outcome.kind === 'delivered') {
          assert.equal(times, 1);
          delivered++;
        } else {
          assert.deepEqual(report.outcome, RESET, record.error?.message ?? '');
          assert.match(
            record.error?.explanation ?? '',
            /closed a kept-alive connection just as the request was sent|without an answer|before the answer was complete/,
          );
        }
      }
    }
    assert.ok(delivered > 100 && delivered < 300, `${delivered} of 300 were delivered`);
  });
}
