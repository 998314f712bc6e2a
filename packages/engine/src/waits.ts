// Waits: pauses that end with the engine. Whoever waits when it closes goes on at once, and finds it closing.

import type { Clock } from './ports.ts';

export class Waits {
  readonly #clock: Clock;
  readonly #ends = new Set<() => void>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after at least `ms` milliseconds, or when the engine closes. */
  wait(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        this.#ends.delete(end);
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(ms, end);
      this.#ends.add(end);
    });
  }

  close(): void {
    this.#closed = true;
    for (const end of Array.from(this.#ends)) end();
  }
}
