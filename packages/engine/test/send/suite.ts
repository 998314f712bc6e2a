// The suite's ground: a sender to try, shared where a claim needs nothing special of it, and one-answer receivers.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { SendingOptions } from '../../src/send/http-sender.ts';
import type { Sender, SendTarget } from '../../src/send/order.ts';
import { rawReceiver } from './raw-receiver.ts';
import type { RawRequest } from './raw-receiver.ts';
import { DEVELOPMENT, order, Sending } from './sending.ts';
import type { Attempted } from './sending.ts';

export interface Suite {
  /** The one sender of the claims that need nothing special: starting a thread costs more than the test. */
  sender(): Promise<Sending>;
  /** A sender of the caller's own, to be closed by it. */
  fresh(options?: Partial<SendingOptions>): Promise<Sending>;
  /** What the shared sender reports of a receiver that answers so. */
  answeredBy(answer: string | Buffer | ((request: RawRequest) => void), target?: Partial<SendTarget>): Promise<Attempted>;
}

/** Called within a `describe`: closes the shared sender after it. */
export function suiteOn(make: (options: SendingOptions) => Sender): Suite {
  let shared: Promise<Sending> | null = null;
  const fresh = (options: Partial<SendingOptions> = {}): Promise<Sending> =>
    Sending.start(make({ policy: DEVELOPMENT, userAgent: 'Waxwing/test', ...options }));
  const sender = (): Promise<Sending> => (shared ??= fresh());
  after(async () => (await shared)?.close(0));

  return {
    sender,
    fresh,
    async answeredBy(answer, target = {}) {
      await using receiver = await rawReceiver(typeof answer === 'function' ? answer : ({ socket }) => socket.write(answer));
      return await (await sender()).attempt(order(`http://127.0.0.1:${receiver.port}/`, target));
    },
  };
}

/** Until a receiver has seen all its sockets closed: the sender's destroying reaches it a moment later. */
export async function gone(openSockets: () => number): Promise<void> {
  await reached(() => openSockets() === 0);
}

export async function reached(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'not reached within five seconds');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
