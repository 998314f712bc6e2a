// Receivers that take their time. Each is cut off at the endpoint's own time-out, and the sentence says what it interrupted.

import { spawn } from 'node:child_process';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { it } from 'node:test';
import { order } from '../sending.ts';
import { drip, TIMED_OUT, TIMEOUT_MS } from './hostile-suite.ts';
import type { HostileSuite } from './hostile-suite.ts';
import { largeEvent } from './breaking-receivers.ts';

export function slowReceivers({ fails, sender }: HostileSuite): void {
  const noAnswer = /The request was sent and no answer came within 1 s/;
  const noEnd = /The answer began but did not end within 1 s/;

  it('a receiver that accepts and says nothing is timed out', async () => {
    await fails(() => {}, TIMED_OUT, 'timeout', noAnswer);
  });

  it('a receiver that answers one byte a second is timed out, within its headers and within its body', async () => {
    await Promise.all([
      fails(({ socket }) => drip(socket, 'HTTP/1.1 200 OK\r\n', 1_000), TIMED_OUT, 'timeout', noAnswer),
      fails(({ socket }) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n', 30), TIMED_OUT, 'timeout', noAnswer),
      fails(
        ({ socket }) => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n');
          drip(socket, 'x', 1_000);
        },
        TIMED_OUT,
        'timeout',
        noEnd,
      ),
    ]);
  });

  it('a receiver that drips headers, chunk extensions or informational answers is timed out', async () => {
    await Promise.all([
      fails(({ socket }) => drip(socket, ['HTTP/1.1 200 OK\r\n', 'x-more: y\r\n'], 50), TIMED_OUT, 'timeout', noAnswer),
      fails(({ socket }) => drip(socket, ['HTTP/1.1 102 Processing\r\n\r\n'], 250), TIMED_OUT, 'timeout', noAnswer),
      fails(
        ({ socket }) => drip(socket, ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;', 'x'], 50),
        TIMED_OUT,
        'timeout',
        noEnd,
      ),
    ]);
  });

  it('a receiver that does not read the request is timed out', async () => {
    const attempted = await fails(() => {}, TIMED_OUT, 'timeout', /The receiver did not take the request, .* bytes, within 1 s/, {
      event: largeEvent(),
      reads: false,
      onConnection: (socket) => void setImmediate(() => socket.pause()),
    });
    assert.equal(attempted.record.response, null);
  });

  it('a TLS handshake that stalls, at once or in its midst, is timed out', async () => {
    const secure = true;
    const words = /The TLS handshake with 127\.0\.0\.1 did not finish within 1 s/;
    await Promise.all([
      fails(() => {}, TIMED_OUT, 'timeout', words, { secure }),
      fails(() => {}, TIMED_OUT, 'timeout', words, { secure, onConnection: (socket) => drip(socket, '\x16\x03\x03\x00\x7a\x02\x00', 100) }),
    ]);
  });

  it('a receiver whose backlog is full, so that SYNs are dropped, is timed out while connecting', async () => {
    // A process that listens and is then stopped: the kernel accepts for it until the backlog is full, and drops the rest.
    const script = `const s = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      process.stdout.write(String(s.address().port), () => process.kill(process.pid, 'SIGSTOP')); });`;
    const listener = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    const fillers: Socket[] = [];
    try {
      const [text]: unknown[] = await once(listener.stdout, 'data');
      const port = Number(String(text));
      for (let i = 0; i < 16; i++) fillers.push(connect(port, '127.0.0.1').on('error', () => {}));
      await Promise.race([once(fillers[0] ?? listener, 'connect'), once(listener, 'exit')]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { report, record } = await (await sender()).attempt(order(`http://127.0.0.1:${port}/`, { timeoutMs: TIMEOUT_MS }));
      assert.deepEqual(report.outcome, TIMED_OUT);
      assert.match(record.error?.explanation ?? '', /did not accept the connection within 1 s\. A firewall that drops packets/);
    } finally {
      for (const filler of fillers) filler.destroy();
      listener.kill('SIGKILL');
    }
  });
}
