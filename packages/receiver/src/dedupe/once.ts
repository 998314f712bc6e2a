// Once: handles an event that was not handled before, under a lease that is renewed for as long as the handler runs.
//
// 1. Done is written after the handlers have finished, so that a crash in between makes the event run again.
// 2. Only what was handled is done: a handler that throws, or answers with a result, frees the key for the next try.
// 3. A store that cannot be asked handles nothing (the sender tries again); one that fails after the handlers have
//    finished changes no answer, since the event was handled.

import type { ReceivedEvent } from '../event.ts';
import type { Handling } from '../handling.ts';
import type { EventKey } from './event-key.ts';
import type { DedupeStore, Lease } from './store.ts';

export interface DedupeOptions {
  readonly store: DedupeStore;
  /** How long after a crash the event can run again. Default 60 s. Handlers may take longer: the lease is renewed. */
  readonly leaseMs?: number;
  /** How long a handled event is remembered. Default 7 days: longer than senders go on trying. */
  readonly keepMs?: number;
  /** By what events are told apart, where the default does not serve. Null: not at all, every delivery is handled. */
  readonly key?: EventKey;
}

export const DEDUPE_DEFAULTS: { readonly leaseMs: number; readonly keepMs: number } = { leaseMs: 60_000, keepMs: 7 * 86_400_000 };

export class Once {
  readonly key: EventKey;
  readonly #store: DedupeStore;
  readonly #leaseMs: number;
  readonly #keepMs: number;
  readonly #failed: (error: unknown) => void;

  /** @param failed is told what the store threw */
  constructor(options: DedupeStore | DedupeOptions, defaultKey: EventKey, failed: (error: unknown) => void) {
    const settings: DedupeOptions = 'store' in options ? options : { store: options };
    this.#store = settings.store;
    this.#leaseMs = settings.leaseMs ?? DEDUPE_DEFAULTS.leaseMs;
    this.#keepMs = settings.keepMs ?? DEDUPE_DEFAULTS.keepMs;
    this.key = settings.key ?? defaultKey;
    this.#failed = failed;
  }

  /** Never rejects, as long as `handle` does not. */
  async run(event: ReceivedEvent, handle: (lease: Lease | null) => Promise<Handling>): Promise<Handling> {
    let key: string;
    let token: string;
    try {
      const found = await this.key(event);
      if (found === null) return handle(null);
      key = found;
      const beginning = await this.#store.begin(key, this.#leaseMs);
      if (beginning.kind === 'done') return { kind: 'duplicate' };
      if (beginning.kind === 'running') return beginning;
      token = beginning.token;
    } catch (error) {
      this.#failed(error);
      return { kind: 'store_failed' };
    }
    const renewal = setInterval(() => void this.#try(() => this.#store.renew(key, token, this.#leaseMs)), this.#leaseMs / 3);
    try {
      const handling = await handle({ key, token, keepMs: this.#keepMs });
      const done = handling.kind === 'handled';
      await this.#try(() => (done ? this.#store.finish(key, token, this.#keepMs) : this.#store.release(key, token)));
      return handling;
    } finally {
      clearInterval(renewal);
    }
  }

  async #try(ask: () => unknown): Promise<void> {
    try {
      await ask();
    } catch (error) {
      this.#failed(error);
    }
  }
}
