// Store time: the time that all nodes share, for the engine and for its sending threads; and the beat that keeps these to it.

import type { Clock } from '../ports.ts';
import { keepTime, newSharedTime } from '../send/sending-clock.ts';
import type { Sharing } from '../store/store.ts';

const BEAT_MS = 50;
/** Less than what a lease has left when its holder stops sending by itself: who was frozen finds it past. */
const START_WITHIN_MS = 250;

export class StoreTime {
  readonly #sharing: Sharing | null;
  readonly #own: Clock;
  /** What the engine goes by. */
  readonly clock: Clock;
  /** What its sending threads go by; absent where the machine's own clock counts. */
  readonly memory: SharedArrayBuffer | undefined;
  #cancel: (() => void) | null = null;

  constructor(sharing: Sharing | null, own: Clock) {
    this.#sharing = sharing;
    this.#own = own;
    if (sharing === null) {
      this.clock = own;
      return;
    }
    this.memory = newSharedTime();
    this.clock = {
      nowMs: () => sharing.nowMs(),
      monotonicMs: () => own.monotonicMs(),
      after: (delayMs, run) => own.after(delayMs, run),
    };
  }

  start(): void {
    const [sharing, memory] = [this.#sharing, this.memory];
    if (sharing === null || memory === undefined) return;
    keepTime(memory, sharing.nowMs(), sharing.isHeld ? START_WITHIN_MS : 0);
    this.#cancel = this.#own.after(BEAT_MS, () => this.start());
  }

  stop(): void {
    this.#cancel?.();
  }
}
