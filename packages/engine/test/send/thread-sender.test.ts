import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import { threadSender } from '../../src/send/thread-sender.ts';
import { OK, rawReceiver } from './raw-receiver.ts';
import { senderSuite } from './sender-suite.ts';
import { DEVELOPMENT, order, Sending } from './sending.ts';

senderSuite('a worker thread', threadSender);

describe('a sender whose thread dies', () => {
  it('reports what the thread held as internal, once, and sends the next order in another thread that knows the same profiles', async () => {
    await using receiver = await rawReceiver(({ socket, head }) => {
      if (head.includes('/held')) dying.resolve();
      else socket.write(OK);
    });
    const dying = Promise.withResolvers<void>();
    const started = once(process, 'worker');
    await using sending = await Sending.start(threadSender({ policy: DEVELOPMENT, userAgent: 'Waxwing/test' }));
    const [worker]: Worker[] = await started;
    const joai = BUILT_IN_PROFILES.get('joai');
    assert.ok(joai !== undefined && worker !== undefined);
    sending.learnProfile(1, { ...joai.definition, name: 'acme' });
    const url = `http://127.0.0.1:${receiver.port}`;
    const held = order(`${url}/held`);
    const reported = sending.attempt(held);
    await dying.promise;
    await worker.terminate();
    const { report, record } = await reported;
    assert.deepEqual(report.outcome, { kind: 'unreachable', reason: 'protocol' });
    assert.equal(record.error?.code, 'internal');
    assert.equal(record.url, `${url}/held`);
    const next = await sending.attempt(order(`${url}/next`, { profile: { name: 'acme', version: 1 } }));
    assert.equal(next.report.outcome.kind, 'delivered');
    assert.equal(sending.reports.get(held.delivery)?.length, 1);
  });

  it('says at its start that it cannot run', async () => {
    const sender = threadSender({ policy: DEVELOPMENT, userAgent: 'Waxwing/test', dns: { servers: ['no address'] } });
    await assert.rejects(
      sender.start(() => {}),
      /no address/,
    );
    await sender.close(0);
  });
});
