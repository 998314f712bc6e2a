// Senders by their number of threads: 0 sends in the engine's own thread, 1 in a thread of its own, more share the endpoints out.
//
// An endpoint's orders always go to the same thread, so that its kept-alive connections serve it.

import { WaxwingError } from '@waxwing/protocol';
import { httpSender } from './http-sender.ts';
import type { SendingOptions } from './http-sender.ts';
import type { AttemptReport, SendOrder, Sender } from './order.ts';
import { sendingClock } from './sending-clock.ts';
import { threadSender } from './thread-sender.ts';

/** Above this, one engine's thread could not keep them busy. */
const THREADS_MAX = 16;

/** @param threads whole, 0 to 16 */
export function senderThreads(options: SendingOptions, threads: number): Sender {
  if (!Number.isInteger(threads) || threads < 0 || threads > THREADS_MAX)
    throw new WaxwingError('invalid_setting', `senderThreads is a whole number from 0 to ${THREADS_MAX}; it is ${threads}.`);
  if (threads === 0) return httpSender({ ...options, clock: sendingClock(options.time) });
  if (threads === 1) return threadSender(options);
  return new SenderThreads(Array.from({ length: threads }, () => threadSender(options)));
}

class SenderThreads implements Sender {
  readonly #senders: readonly Sender[];
  /** The thread of each endpoint. Endpoints are given out in turn as they are first sent to. */
  readonly #places = new Map<string, number>();

  constructor(senders: readonly Sender[]) {
    this.#senders = senders;
  }

  async start(onReports: (reports: readonly AttemptReport[]) => void): Promise<void> {
    await Promise.all(this.#senders.map((sender) => sender.start(onReports)));
  }

  learnProfile(...profile: Parameters<Sender['learnProfile']>): void {
    for (const sender of this.#senders) sender.learnProfile(...profile);
  }

  send(orders: readonly SendOrder[]): void {
    const shares: SendOrder[][] = this.#senders.map(() => []);
    for (const order of orders) shares[this.#placeOf(order.target.endpointId)]?.push(order);
    for (const [place, share] of shares.entries()) this.#senders[place]?.send(share);
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all(this.#senders.map((sender) => sender.close(graceMs)));
  }

  #placeOf(endpointId: string): number {
    let place = this.#places.get(endpointId);
    if (place === undefined) {
      place = this.#places.size % this.#senders.length;
      this.#places.set(endpointId, place);
    }
    return place;
  }
}
