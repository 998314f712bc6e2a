// Outstanding: what replays have made and what has not had its first attempt yet, by endpoint.
//
// From it follows how many more an endpoint may be given just now: so many that replays take at most half of its slots,
// and only while nothing else of it waits. What is lost from sight (cancelled by hand, ended by retention, its endpoint
// deleted) is found by asking the store now and then.

import type { Dispatcher } from '../lane/dispatcher.ts';
import type { Clock } from '../ports.ts';
import type { Store } from '../store/store.ts';

/** While live traffic never lets up, a replay still gets one delivery in this often. */
const YIELD_MS = 1_000;
const SWEEP_MS = 5_000;

export class Outstanding {
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #dispatcher: Dispatcher;
  readonly #changed: () => void;
  readonly #byEndpoint = new Map<number, Set<number>>();
  readonly #lastMadeMs = new Map<number, number>();
  #cancelSweep: (() => void) | null = null;
  #stopped = false;

  /** @param changed told when there may be room again */
  constructor(clock: Clock, store: Store, dispatcher: Dispatcher, changed: () => void) {
    this.#clock = clock;
    this.#store = store;
    this.#dispatcher = dispatcher;
    this.#changed = changed;
  }

  /** How many deliveries an endpoint may be given now; null when it is gone. */
  room(endpointSeq: number): number | null {
    const pace = this.#dispatcher.pace(endpointSeq);
    if (pace === null) return null;
    if (pace.held) return 0;
    const out = this.#byEndpoint.get(endpointSeq)?.size ?? 0;
    const most = Math.max(1, Math.floor(pace.slots / 2));
    if (!pace.behind) return out > most / 2 ? 0 : most - out; // a few at once, rather than one by one
    const waitedMs = this.#clock.nowMs() - (this.#lastMadeMs.get(endpointSeq) ?? 0);
    return out === 0 && waitedMs >= YIELD_MS ? 1 : 0;
  }

  add(endpointSeq: number, seq: number): void {
    const set = this.#byEndpoint.get(endpointSeq);
    if (set === undefined) this.#byEndpoint.set(endpointSeq, new Set([seq]));
    else set.add(seq);
    this.#lastMadeMs.set(endpointSeq, this.#clock.nowMs());
    this.#sweepLater();
  }

  /** A delivery has had an attempt, or has ended. */
  remove(endpointSeq: number, seq: number): void {
    const set = this.#byEndpoint.get(endpointSeq);
    if (set === undefined || !set.delete(seq)) return;
    if (set.size === 0) this.#byEndpoint.delete(endpointSeq);
    this.#changed();
  }

  /** Forgets when endpoints were last given something: no replay runs. */
  rest(): void {
    this.#lastMadeMs.clear();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelSweep?.();
  }

  #sweepLater(): void {
    if (this.#stopped) return;
    this.#cancelSweep ??= this.#clock.after(SWEEP_MS, () => {
      this.#cancelSweep = null;
      void this.#sweep()
        .catch(() => undefined) // asked again with the next one
        .then(() => {
          if (this.#byEndpoint.size > 0) this.#sweepLater();
        });
    });
  }

  async #sweep(): Promise<void> {
    const seqs = [...this.#byEndpoint.values()].flatMap((set) => [...set]);
    const waiting = new Set((await this.#store.load(seqs)).filter(({ attempts }) => attempts === 0).map(({ seq }) => seq));
    for (const [endpointSeq, set] of this.#byEndpoint)
      for (const seq of set) if (seqs.includes(seq) && !waiting.has(seq)) this.remove(endpointSeq, seq);
  }
}
