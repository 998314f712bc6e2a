// Dedupe in memory: for one process that may forget when it ends.
//
// Bounded: past the limit the oldest done keys are forgotten first. Both maps stand in the order in which they were last
// written, so what is to be forgotten is at the front and nothing is ever searched.

import type { Beginning, DedupeStore } from './store.ts';

export interface MemoryDedupeOptions {
  /** How many handled events are remembered at most. Default 100,000, some 20 MB. */
  readonly keysMax?: number;
  /** The clock, epoch milliseconds. */
  readonly now?: () => number;
}

interface MemoryLease {
  readonly token: string;
  readonly untilMs: number;
}

/** @example new WebhookServer({ profile: 'joai', secret, dedupe: new MemoryDedupe() }) */
export class MemoryDedupe implements DedupeStore {
  readonly #leases = new Map<string, MemoryLease>();
  /** Key to when it is forgotten. */
  readonly #done = new Map<string, number>();
  readonly #keysMax: number;
  readonly #now: () => number;
  #tokens = 0;

  constructor(options: MemoryDedupeOptions = {}) {
    this.#keysMax = options.keysMax ?? 100_000;
    this.#now = options.now ?? Date.now;
  }

  begin(key: string, leaseMs: number): Beginning {
    const nowMs = this.#now();
    this.#forget(nowMs);
    const doneUntilMs = this.#done.get(key);
    if (doneUntilMs !== undefined && doneUntilMs > nowMs) return { kind: 'done' };
    const lease = this.#leases.get(key);
    if (lease !== undefined && lease.untilMs > nowMs) return { kind: 'running', remainingMs: lease.untilMs - nowMs };
    this.#tokens += 1;
    const token = String(this.#tokens);
    this.#lease(key, { token, untilMs: nowMs + leaseMs });
    return { kind: 'leased', token };
  }

  renew(key: string, token: string, leaseMs: number): boolean {
    if (this.#leases.get(key)?.token !== token) return false;
    this.#lease(key, { token, untilMs: this.#now() + leaseMs });
    return true;
  }

  finish(key: string, _token: string, keepMs: number): void {
    this.#leases.delete(key);
    this.#done.delete(key);
    this.#done.set(key, this.#now() + keepMs);
  }

  release(key: string, token: string): void {
    if (this.#leases.get(key)?.token === token) this.#leases.delete(key);
  }

  /** How many keys are held, done or running. */
  get size(): number {
    return this.#done.size + this.#leases.size;
  }

  #lease(key: string, lease: MemoryLease): void {
    this.#leases.delete(key); // so that it stands last
    this.#leases.set(key, lease);
  }

  #forget(nowMs: number): void {
    for (const [key, untilMs] of this.#done) {
      if (untilMs > nowMs && this.#done.size < this.#keysMax) break;
      this.#done.delete(key);
    }
    for (const [key, { untilMs }] of this.#leases) {
      if (untilMs > nowMs) break;
      this.#leases.delete(key);
    }
  }
}
