// Store road: the way from a process to the disk and back. Calls are served one after another, a reader's beside them, and
// all take time. What is on its way out goes on while the process is frozen; what comes back waits for it.

import type { StoreError } from '../src/store/store.ts';
import type { Dice } from './dice.ts';
import type { Host, Scene } from './scene.ts';
import { onTheWay, within, type Owner } from './virtual-time.ts';

/** The process that has it open. */
export interface StoreHost extends Owner, Host {
  readonly frozen: boolean;
  readonly aheadMs: number;
  readonly cutOff: boolean;
}

/** Of a commit it is lost what came of it where its answer is; a beat is asked again and again, whatever happens. */
type CallKind = 'commit' | 'question' | 'beat';

export interface StoreRoadParts {
  readonly scene: Scene;
  readonly dice: Dice;
  readonly host: StoreHost;
  /** `delayMs`: longest time a call takes, each way. */
  readonly weather: { readonly delayMs: number };
  /** What a commit comes to whose answer is lost. */
  readonly unknown: () => StoreError;
}

export class StoreRoad {
  readonly #parts: StoreRoadParts;
  readonly #outward: Owner;
  readonly #inward: Owner;
  #freeAtMs = 0;
  #waiting = 0;
  /** Nothing is waited for any more. */
  isClosed = false;

  constructor(parts: StoreRoadParts) {
    this.#parts = parts;
    this.#outward = onTheWay(parts.host);
    this.#inward = within(parts.host);
  }

  /** In turn with every other call. */
  served<T>(effect: () => Promise<T>, kind: CallKind = 'question'): Promise<T> {
    if (this.isClosed) return effect();
    const { time } = this.#parts.scene;
    const startMs = Math.max(time.nowMs, this.#freeAtMs);
    const beforeMs = this.#lag();
    const afterMs = this.#lag();
    this.#freeAtMs = startMs + beforeMs + afterMs;
    if (beforeMs + afterMs > 0) this.#parts.scene.tallies.count('store: slow');
    const inTurn = this.#waiting > 0 || this.#freeAtMs > time.nowMs;
    this.#waiting += 1;
    const over = (): void => {
      this.#waiting -= 1;
    };
    return this.#taking(inTurn ? startMs - time.nowMs + beforeMs : null, inTurn ? afterMs : null, effect, over, kind);
  }

  /** Beside every other call: a reader. */
  async aside<T>(effect: () => Promise<T>): Promise<T> {
    const beforeMs = this.#lag();
    const afterMs = this.#lag();
    const late = beforeMs + afterMs > 0;
    return this.#taking(late ? beforeMs : null, late ? afterMs : null, effect, () => undefined, 'question');
  }

  /** Waits, takes effect, waits, answers. Null waits not even for a turn. Of a dead process nothing comes any more. */
  async #taking<T>(
    beforeMs: number | null,
    afterMs: number | null,
    effect: () => Promise<T>,
    over: () => void,
    kind: CallKind,
  ): Promise<T> {
    const { host } = this.#parts;
    if (!host.alive) return never();
    const isBeat = kind === 'beat';
    if (!isBeat) host.storeCalls += 1;
    try {
      if (beforeMs !== null) await this.#wait(this.#outward, beforeMs, isBeat);
      if (!host.alive) return await never();
      const result = await effect();
      if (afterMs !== null) await this.#wait(this.#inward, afterMs, isBeat);
      if (host.cutOff && kind === 'commit') throw this.#parts.unknown();
      return result;
    } catch (error) {
      if (afterMs !== null) await this.#wait(this.#inward, afterMs, isBeat);
      throw error;
    } finally {
      over();
      if (!host.alive) await never();
      if (!isBeat) host.storeCalls -= 1;
    }
  }

  #wait(owner: Owner, ms: number, isBeat: boolean): Promise<void> {
    const { scene } = this.#parts;
    return new Promise((resolve) => scene.time.after(owner, ms, resolve, isBeat));
  }

  #lag(): number {
    const { weather, dice } = this.#parts;
    return weather.delayMs === 0 ? 0 : dice.chance(0.3) ? 0 : dice.whole(0, weather.delayMs);
  }
}

/** Of a dead process nothing comes any more. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
