// Outstanding: what replays have made and what has not had its first attempt yet, by endpoint.
//
// From it follows how many more an endpoint may be given just now: so many that replays take at most half of its slots,
// and only while nothing else of it waits. What is lost from sight (cancelled by hand, ended by retention, its endpoint
// deleted) is found by asking the store now and then; what another node sends, by asking it often.

import type { Ownership } from '../cluster/ownership.ts';
import type { Dispatcher } from '../lane/dispatcher.ts';
import type { Clock } from '../ports.ts';
import type { Store } from '../store/store.ts';

/** While live traffic never lets up, a replay still gets one delivery in this often. */
const YIELD_MS = 1_000;
const SWEEP_MS = 5_000;
/** Another node's attempts are not told of here. */
const ELSEWHERE_MS = 100;
/** So many are asked for at once, in turn. */
const ELSEWHERE_MAX = 200;

export class Outstanding {
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #dispatcher: Dispatcher;
  readonly #ownership: Ownership;
  readonly #changed: () => void;
  readonly #byEndpoint = new Map<number, Set<number>>();
  readonly #lastMadeMs = new Map<number, number>();
  #cancelSweep: (() => void) | null = null;
  #cancelElsewhere: (() => void) | null = null;
  #turn = 0;
  #stopped = false;

  /** @param changed told when there may be room again */
  constructor(clock: Clock, store: Store, dispatcher: Dispatcher, ownership: Ownership, changed: () => void) {
    this.#clock = clock;
    this.#store = store;
    this.#dispatcher = dispatcher;
    this.#ownership = ownership;
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
    if (!this.#ownership.owns(endpointSeq)) this.#lookElsewhereLater();
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
    this.#cancelElsewhere?.();
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
    await this.#lookAt([...this.#byEndpoint].flatMap(([endpointSeq, set]) => [...set].map((seq) => [endpointSeq, seq] as const)));
  }

  #lookElsewhereLater(): void {
    if (this.#stopped) return;
    this.#cancelElsewhere ??= this.#clock.after(ELSEWHERE_MS, () => {
      void this.#lookElsewhere()
        .catch(() => true)
        .then((again) => {
          this.#cancelElsewhere = null;
          if (again) this.#lookElsewhereLater();
        });
    });
  }

  /** Whether there is anything to look at. */
  async #lookElsewhere(): Promise<boolean> {
    const elsewhere = [...this.#byEndpoint]
      .filter(([endpointSeq]) => !this.#ownership.owns(endpointSeq))
      .flatMap(([endpointSeq, set]) => [...set].map((seq) => [endpointSeq, seq] as const));
    if (elsewhere.length === 0) return false;
    const from = this.#turn % elsewhere.length;
    this.#turn = from + ELSEWHERE_MAX;
    await this.#lookAt([...elsewhere.slice(from), ...elsewhere.slice(0, from)].slice(0, ELSEWHERE_MAX));
    return true;
  }

  /** Asks the store which of these still wait for their first attempt. */
  async #lookAt(made: readonly (readonly [endpointSeq: number, seq: number])[]): Promise<void> {
    const found = await this.#store.load(made.map(([, seq]) => seq));
    const waiting = new Set(found.filter(({ attempts }) => attempts === 0).map(({ seq }) => seq));
    for (const [endpointSeq, seq] of made) if (!waiting.has(seq)) this.remove(endpointSeq, seq);
  }
}
