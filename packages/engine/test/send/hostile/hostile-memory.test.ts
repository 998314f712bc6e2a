// Floods do not grow memory: many attempts at every kind of flood, side by side, through both senders; what is held
// afterwards, with the garbage gone, is what was held before. And the engine as a whole, on a real store and real sockets,
// with hostile receivers beside a good one: no slot is held past its time-out, and the good one gets everything.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createEngine } from '../../../src/create-engine.ts';
import { httpSender } from '../../../src/send/http-sender.ts';
import type { SendingOptions } from '../../../src/send/http-sender.ts';
import type { Sender } from '../../../src/send/order.ts';
import { threadSender } from '../../../src/send/thread-sender.ts';
import { sqlite } from '../../../src/store/sqlite/sqlite.ts';
import { systemClock } from '../../../src/system-ports.ts';
import { OK, rawReceiver } from '../raw-receiver.ts';
import type { RawReceiver } from '../raw-receiver.ts';
import { DEVELOPMENT, order, Sending } from '../sending.ts';
import { gone, reached } from '../suite.ts';
import { FLOODS } from './flooding-receivers.ts';
import { drip } from './hostile-suite.ts';
import type { Behaviour } from './hostile-suite.ts';

const MIB = 1_048_576;
/** Ten times what is kept of all the attempts' answers, and well below what any one of the floods sends. */
const GROWTH_MAX_BYTES = 64 * MIB;

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** What this process holds, all threads, once the garbage is gone. */
async function heldBytes(): Promise<number> {
  assert.ok(typeof collect === 'function');
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().rss;
}

function start(behaviour: Behaviour): Promise<RawReceiver> {
  return rawReceiver(typeof behaviour === 'function' ? behaviour : ({ socket }) => socket.write(behaviour));
}

function memory(where: string, make: (options: SendingOptions) => Sender): void {
  it(`floods do not grow the memory of a sender in ${where}`, async () => {
    const receivers = await Promise.all([...FLOODS.values()].map(start));
    await using sending = await Sending.start(make({ policy: DEVELOPMENT, userAgent: 'Waxwing/test' }));
    const round = async (): Promise<void> => {
      for (const { report } of await sending.attempts(
        receivers.map(({ port }) => order(`http://127.0.0.1:${port}/`, { timeoutMs: 20_000 })),
      ))
        assert.ok(report.record.length < 200_000, `a record of ${report.record.length} characters`);
    };
    for (let i = 0; i < 2; i++) await round();
    const before = await heldBytes();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10);
    for (let i = 0; i < 4; i++) await round();
    clearInterval(watch);
    const grown = (await heldBytes()) - before;
    assert.ok(grown < GROWTH_MAX_BYTES, `it grew by ${Math.round(grown / MIB)} MiB`);
    assert.ok(peak - before < 2 * GROWTH_MAX_BYTES, `it rose by ${Math.round((peak - before) / MIB)} MiB meanwhile`);
    for (const receiver of receivers) {
      await gone(receiver.openSockets);
      await receiver[Symbol.asyncDispose]();
    }
  });
}

describe('memory', () => {
  memory('this thread', (options) => httpSender({ ...options, clock: systemClock }));
  memory('a worker thread', threadSender);
});

describe('an engine with hostile receivers', () => {
  it('frees every slot at the time-out, settles every delivery, and the good endpoint gets every event meanwhile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'waxwing-hostile-'));
    const engine = await createEngine({ store: sqlite(folder), egress: DEVELOPMENT });
    const behaviours: readonly Behaviour[] = [
      ...FLOODS.values(),
      () => {}, // says nothing
      ({ socket }) => drip(socket, 'HTTP/1.1 200 OK\r\n', 1_000),
      ({ socket }) => drip(socket, ['HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n', 'x'], 200),
      ({ socket }) => socket.resetAndDestroy(),
      'SSH-2.0-OpenSSH_9.6\r\n',
      'HTTP/1.1 101 Switching Protocols\r\n\r\n',
      `${OK}${OK}`,
    ];
    const hostile = await Promise.all(behaviours.map(start));
    const good = await rawReceiver(({ socket }) => socket.write(OK));
    const EVENTS = 3;
    try {
      const of = { maxRetries: 0, timeoutSeconds: 1, concurrency: 1 };
      for (const { port } of hostile) await engine.endpoints.create('acme', { url: `http://127.0.0.1:${port}/`, ...of });
      await engine.endpoints.create('acme', { url: `http://127.0.0.1:${good.port}/`, ...of });
      const before = process.memoryUsage().rss;
      for (let i = 0; i < EVENTS; i++) await engine.publish('acme', { type: 'a.b', data: { i } });
      await reached(() => good.requests.length === EVENTS);
      const deadline = performance.now() + 30_000;
      while (engine.status().pending > 0) {
        assert.ok(performance.now() < deadline, `${engine.status().pending} deliveries hang`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(engine.status().inFlight, 0);
      assert.ok(process.memoryUsage().rss - before < 4 * GROWTH_MAX_BYTES);
      const { data } = await engine.deliveries.list('acme', { limit: 250 });
      assert.equal(data.length, (hostile.length + 1) * EVENTS);
      for (const { id } of data) {
        const [attempt, ...others] = (await engine.deliveries.get('acme', id)).attemptLog;
        assert.ok(attempt !== undefined && others.length === 0);
        assert.ok(attempt.timings.totalMs < 10_000, `an attempt took ${attempt.timings.totalMs} ms`);
        if (attempt.outcome !== 'delivered') assert.ok((attempt.error?.explanation ?? '').length > 40);
      }
    } finally {
      await engine.close({ graceMs: 0 });
      for (const receiver of [...hostile, good]) await receiver[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
