// The sender in a thread of its own: signing and sending leave the engine's thread to the engine (DESIGN §5).
//
// 1. Orders given within one turn of the event loop go over in one message, and so come the reports.
// 2. Every order is reported exactly once, also if the thread dies: what it held is reported as `internal`, and the next
//    order starts another thread, which is taught the same profiles.
// 3. `close` ends the thread, whatever it does.

import { Worker } from 'node:worker_threads';
import type { ProfileDefinition } from '@waxwing/protocol';
import { systemClock } from '../system-ports.ts';
import { failure } from './failure.ts';
import type { SendingOptions } from './http-sender.ts';
import type { AttemptReport, SendOrder, Sender } from './order.ts';
import { unsentReport } from './report.ts';
import { sendingClock } from './sending-clock.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './sender-thread.ts' : './sender-thread.js', import.meta.url);

/** V8 would let each thread's young generation grow to some 100 MB and keep it: most of the process's memory. */
const YOUNG_MB = 32;
/** How long the thread may take beyond its grace before it is ended from outside. */
const CLOSE_SLACK_MS = 1_000;

/** A sender in a worker thread. `start` resolves once the thread runs, and rejects if it cannot. */
export function threadSender(options: SendingOptions): Sender {
  return new ThreadSender(options);
}

class ThreadSender implements Sender {
  readonly #options: SendingOptions;
  readonly #profiles: { readonly version: number; readonly definition: ProfileDefinition }[] = [];
  readonly #inFlight = new Map<number, SendOrder>();
  #outbox: SendOrder[] = [];
  #worker: Worker | null = null;
  #onReports: (reports: readonly AttemptReport[]) => void = ignore;
  #closing = false;

  constructor(options: SendingOptions) {
    this.#options = options;
  }

  async start(onReports: (reports: readonly AttemptReport[]) => void): Promise<void> {
    this.#onReports = onReports;
    const worker = this.#startWorker();
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the sending thread left with ${code} at its start`)));
    });
  }

  learnProfile(version: number, definition: ProfileDefinition): void {
    this.#profiles.push({ version, definition });
    this.#post({ kind: 'profile', version, definition });
  }

  send(orders: readonly SendOrder[]): void {
    if (this.#closing || orders.length === 0) return;
    if (this.#outbox.length === 0) queueMicrotask(() => this.#hand());
    for (const order of orders) {
      this.#outbox.push(order);
      this.#inFlight.set(order.delivery, order);
    }
  }

  async close(graceMs: number): Promise<void> {
    this.#hand();
    this.#closing = true;
    const worker = this.#worker;
    if (worker === null) return;
    await new Promise<void>((resolve) => {
      const cancel = systemClock.after(graceMs + CLOSE_SLACK_MS, resolve);
      worker.once('exit', () => {
        cancel();
        resolve();
      });
      this.#post({ kind: 'close', graceMs });
    });
    this.#worker = null;
    this.#inFlight.clear();
    await worker.terminate();
  }

  #startWorker(): Worker {
    const worker = new Worker(ENTRY, {
      workerData: this.#options,
      name: 'waxwing-sender',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker = worker;
    for (const profile of this.#profiles) this.#post({ kind: 'profile', ...profile });
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'reports') this.#arrived(message.reports);
    });
    let cause = 'the sending thread ended';
    worker.on('error', (error) => {
      cause = `the sending thread failed: ${error instanceof Error ? error.message : String(error)}`;
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#lost(cause);
    });
    return worker;
  }

  #post(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  #hand(): void {
    if (this.#outbox.length === 0) return;
    const orders = this.#outbox;
    this.#outbox = [];
    if (this.#worker === null) this.#startWorker();
    this.#post({ kind: 'orders', orders });
  }

  #arrived(reports: readonly AttemptReport[]): void {
    for (const report of reports) this.#inFlight.delete(report.delivery);
    this.#onReports(reports);
  }

  #lost(cause: string): void {
    this.#worker = null;
    if (this.#closing) return;
    const nowMs = sendingClock(this.#options.time).nowMs();
    const reports: AttemptReport[] = [];
    for (const order of this.#inFlight.values()) {
      reports.push(unsentReport(order, failure('internal', cause), nowMs));
    }
    this.#inFlight.clear();
    this.#outbox = [];
    if (reports.length > 0) this.#onReports(reports);
  }
}

function ignore(): void {}
