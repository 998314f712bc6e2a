// Model sender: the Sender port over the simulated network. Reports each order once, unless its process dies first.

import type { AttemptRecord, AttemptReport, Sender, SendOrder } from '../src/send/order.ts';
import { KILLER } from './publishers.ts';
import type { Flight, Host, Scene } from './scene.ts';
import type { Owner } from './virtual-time.ts';

/** The process that sends. */
export interface SendingHost extends Host {
  /** A delivery kills it. */
  kill(): void;
}

export class ModelSender implements Sender {
  readonly #scene: Scene;
  readonly #process: Owner;
  readonly #host: SendingHost;
  #report: (reports: readonly AttemptReport[]) => void = () => undefined;
  #closed = false;

  constructor(scene: Scene, process: Owner, host: SendingHost) {
    this.#scene = scene;
    this.#process = process;
    this.#host = host;
  }

  async start(onReports: (reports: readonly AttemptReport[]) => void): Promise<void> {
    this.#report = onReports;
  }

  learnProfile(): void {}

  send(orders: readonly SendOrder[]): void {
    if (!this.#process.alive || this.#closed) return;
    for (const order of orders) this.#sendOne(order);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#scene.isShared) this.#scene.stray(this.#host, 'under way'); // cut off: others may send them
  }

  /** The process does not outlive this one. */
  #kill(delivery: number): void {
    if (this.#closed) return;
    this.#scene.killer = delivery;
    this.#host.kill();
  }

  #sendOne(order: SendOrder): void {
    const { time, disk, trace, network, flights, tallies } = this.#scene;
    const row = disk.deliveries.get(order.delivery);
    const flight: Flight = {
      order,
      endpointSeq: row?.endpointSeq ?? -1,
      test: row?.cause === 'test',
      startedMs: time.nowMs,
      host: this.#host,
      reported: false,
    };
    if (row?.cause === 'replay') tallies.count('engine: replayed attempt');
    trace.say(
      'send',
      `${this.#scene.isShared ? `${this.#host.name}: ` : ''}delivery ${order.delivery} (attempt ${(row?.attempts ?? 0) + 1}) to ${order.target.url}`,
    );
    this.#scene.tell((watcher) => watcher.sent?.(flight));
    flights.set(order.delivery, flight);
    const exchange = network.exchange(order);
    if (order.event.data.includes(KILLER)) {
      time.after(this.#process, exchange.endsAfterMs, () => this.#kill(order.delivery));
      return;
    }
    time.after(this.#process, exchange.endsAfterMs, () => {
      if (this.#closed) return;
      const { outcome, retryAfterMs } = exchange;
      const durationMs = time.nowMs - flight.startedMs;
      const record = JSON.stringify(recordOf(order.target.url, durationMs));
      const { startedMs } = flight; // by the time that the nodes share, however wrong the machine's own clock is
      const report = { delivery: order.delivery, startedMs, durationMs, outcome, retryAfterMs, error: null, record };
      flight.reported = true;
      tallies.count(`attempt: ${outcome.kind}`);
      const status = 'status' in outcome ? ` ${outcome.status}` : '';
      trace.say(
        'answer',
        `delivery ${order.delivery}: ${outcome.kind}${status}${retryAfterMs === null ? '' : `, retry after ${retryAfterMs}`}`,
      );
      if (!this.#scene.strays.delete(flight)) this.#scene.tell((watcher) => watcher.ended?.(flight, report));
      this.#report([report]);
    });
  }
}

function recordOf(url: string, totalMs: number): AttemptRecord {
  return {
    url,
    requestHeaders: [],
    response: null,
    address: null,
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    firstByteMs: null,
    totalMs,
    error: null,
  };
}
