// Ports under a test's hand: a clock that moves when told, randomness from a seed, a sender that answers as scripted.

import type { Outcome } from '@waxwing/protocol';
import type { Clock, Randomness } from '../src/ports.ts';
import type { AttemptReport, Sender, SendOrder } from '../src/send/order.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class ManualClock implements Clock {
  #nowMs: number;
  #order = 0;
  #timers: Timer[] = [];

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, Math.ceil(delayMs)), order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** When the next timer is due; null without one. */
  get nextMs(): number | null {
    return this.#timers.length === 0 ? null : Math.min(...this.#timers.map((timer) => timer.atMs));
  }

  /** Moves on, firing timers in their order and letting what they start settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    for (;;) {
      await turns();
      const due = this.#timers.filter((timer) => timer.atMs <= end).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.run();
    }
    this.#nowMs = end;
    await turns();
  }
}

/** Lets everything that needs no time happen. */
export async function turns(count = 12): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A small generator (mulberry32): the same seed gives the same numbers. */
export function seededRandomness(seed: number): Randomness {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { unit, bytes: (size) => Uint8Array.from({ length: size }, () => Math.floor(unit() * 256)) };
}

export type Answer = { readonly outcome: Outcome; readonly retryAfterMs?: number; readonly afterMs?: number } | 'hang';

/** A sender whose answers a test gives. Keeps every order it saw. */
export class ScriptedSender implements Sender {
  readonly orders: SendOrder[] = [];
  readonly #clock: Clock;
  answer: (order: SendOrder) => Answer;
  #report: (reports: readonly AttemptReport[]) => void = () => undefined;
  #closed = false;

  constructor(clock: Clock, answer: (order: SendOrder) => Answer) {
    this.#clock = clock;
    this.answer = answer;
  }

  async start(onReports: (reports: readonly AttemptReport[]) => void): Promise<void> {
    this.#report = onReports;
  }

  learnProfile(): void {}

  send(orders: readonly SendOrder[]): void {
    for (const order of orders) {
      this.orders.push(order);
      const answer = this.answer(order);
      if (answer === 'hang') continue;
      const startedMs = this.#clock.nowMs();
      this.#clock.after(answer.afterMs ?? 1, () => this.finish(order, answer.outcome, startedMs, answer.retryAfterMs ?? null));
    }
  }

  finish(order: SendOrder, outcome: Outcome, startedMs: number, retryAfterMs: number | null = null): void {
    if (this.#closed) return;
    const durationMs = this.#clock.nowMs() - startedMs;
    const record = {
      url: order.target.url,
      requestHeaders: [],
      response: null,
      address: null,
      dnsMs: null,
      connectMs: null,
      tlsMs: null,
      firstByteMs: null,
      totalMs: durationMs,
      error: null,
    };
    this.#report([{ delivery: order.delivery, startedMs, durationMs, outcome, retryAfterMs, error: null, record: JSON.stringify(record) }]);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
