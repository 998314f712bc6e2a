import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WaxwingError } from '@waxwing/protocol';
import { senderThreads } from '../../src/send/sender-threads.ts';
import { OK, rawReceiver } from './raw-receiver.ts';
import { DEVELOPMENT, order, Sending } from './sending.ts';

const options = { policy: DEVELOPMENT, userAgent: 'Waxwing/test' };

describe('senders by their number of threads', () => {
  for (const threads of [0, 1, 2])
    it(`${threads} report every order once, whichever endpoint it is for, and know the same profiles`, async () => {
      await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
      await using sending = await Sending.start(senderThreads(options, threads));
      const url = `http://127.0.0.1:${receiver.port}/`;
      const orders = Array.from({ length: 60 }, (_, n) => order(url, { endpointId: `ep_${n % 7}` }));
      const attempts = await sending.attempts(orders);
      assert.ok(attempts.every(({ report }) => report.outcome.kind === 'delivered'));
      assert.deepEqual(
        orders.map(({ delivery }) => sending.reports.get(delivery)?.length),
        orders.map(() => 1),
      );
    });

  it('two send an endpoint’s orders over the same thread’s connections, and two endpoints’ over different ones', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK));
    await using sending = await Sending.start(senderThreads(options, 2));
    const url = `http://127.0.0.1:${receiver.port}/`;
    for (let round = 0; round < 3; round++) for (const endpointId of ['ep_a', 'ep_b']) await sending.attempt(order(url, { endpointId }));
    assert.equal(receiver.connections(), 2);
  });

  it('fewer than none, or a hundred, are refused', () => {
    for (const threads of [-1, 1.5, 100])
      assert.throws(
        () => senderThreads(options, threads),
        (error) => error instanceof WaxwingError && error.code === 'invalid_setting',
      );
  });
});

describe('kept-alive connections over TLS', () => {
  it('are used again though the answer is read before the write is told', async () => {
    await using receiver = await rawReceiver(({ socket }) => socket.write(OK), { certificate: 'self-signed' });
    await using sending = await Sending.start(senderThreads(options, 1));
    const target = { verifyTls: false };
    const url = `https://127.0.0.1:${receiver.port}/`;
    const round = (): Promise<unknown> => sending.attempts(Array.from({ length: 100 }, () => order(url, target)));
    for (let n = 0; n < 10; n++) await round();
    assert.ok(receiver.connections() <= 150, `${receiver.connections()} connections for 10 rounds of 100`);
  });
});
