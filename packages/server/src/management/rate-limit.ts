// A limit on requests a minute, per key, and the headers that tell of it. A fixed window: the count begins anew with each
// minute of the clock, so that the reset is the same for everybody and a counter is one number.

import { WaxwingError } from '@waxwing/protocol';

const WINDOW_MS = 60_000;

export class RateLimit {
  readonly #perMinute: number;
  readonly #nowMs: () => number;
  readonly #counts = new Map<string, number>();
  #window = 0;

  constructor(perMinute: number, nowMs: () => number) {
    this.#perMinute = perMinute;
    this.#nowMs = nowMs;
  }

  /** Counts a request. Throws `rate_limited`, with the seconds until the next window. */
  count(keyId: string): void {
    const counts = this.#now();
    const count = (counts.get(keyId) ?? 0) + 1;
    counts.set(keyId, Math.min(count, this.#perMinute));
    if (count <= this.#perMinute) return;
    throw new WaxwingError('rate_limited', `At most ${this.#perMinute} requests a minute are taken from one key.`, {
      retryAfterSeconds: Math.max(1, Math.ceil(this.#resetSeconds() - this.#nowMs() / 1_000)),
    });
  }

  headers(keyId: string | null): { readonly [name: string]: string } {
    const used = keyId === null ? 0 : (this.#now().get(keyId) ?? 0);
    return {
      'x-ratelimit-limit': String(this.#perMinute),
      'x-ratelimit-remaining': String(this.#perMinute - used),
      'x-ratelimit-reset': String(this.#resetSeconds()),
    };
  }

  /** The counts of this window; those of an earlier one are forgotten. */
  #now(): Map<string, number> {
    const window = Math.floor(this.#nowMs() / WINDOW_MS);
    if (window !== this.#window) this.#counts.clear();
    this.#window = window;
    return this.#counts;
  }

  /** When the window ends, in Unix seconds. */
  #resetSeconds(): number {
    return ((Math.floor(this.#nowMs() / WINDOW_MS) + 1) * WINDOW_MS) / 1_000;
  }
}
