// Faulty store: the model store behind everything that can go wrong with a real one.
//
// Calls are served one after another and take time; a spell of faults makes some of them fail; a commit can be the last
// thing its process does, written or not. After a commit whose result is unknown nothing works until the store is opened
// anew, as with a file whose fsync failed.

import { WaxwingError } from '@waxwing/protocol';
import type { PendingDelivery } from '../src/store/rows.ts';
import {
  StoreError,
  type Batch,
  type BatchResult,
  type RefillQuery,
  type Store,
  type StoreReader,
  type StoreSnapshot,
} from '../src/store/store.ts';
import type { Dice } from './dice.ts';
import type { DiskWatch } from './disk-watch.ts';
import type { Scene } from './scene.ts';
import type { Owner } from './virtual-time.ts';

/** Data that the store refuses to write. */
export const POISON = 'poison';

/** What the world does to the store; outlives processes. */
export interface Weather {
  /** Chance that a call meets a fault. */
  faultRate: number;
  /** Longest time a call takes. */
  delayMs: number;
  /** The process dies at the next commit, just before or just after it is written. */
  deathAtCommit: 'before' | 'after' | null;
  /** Called when it does. */
  readonly die: (how: 'before' | 'after') => void;
}

export interface FaultyStoreParts {
  readonly scene: Scene;
  readonly dice: Dice;
  readonly weather: Weather;
  readonly process: Owner;
  readonly watch: DiskWatch;
  readonly inner: Store;
}

export class FaultyStore implements Store {
  readonly kind = 'model';
  readonly folder = null;
  readonly read: StoreReader;
  readonly #parts: FaultyStoreParts;
  #freeAtMs = 0;
  #waiting = 0;
  #commits = 0;
  #broken = false;
  #opened = false;
  #closed = false;

  constructor(parts: FaultyStoreParts) {
    this.#parts = parts;
    // Whatever a reader is asked: beside every other call, with its own delay and its own chance to fail.
    this.read = new Proxy(parts.inner.read, {
      get: (reader, verb) => {
        const answer: unknown = Reflect.get(reader, verb);
        if (typeof answer !== 'function') return answer;
        return (...query: readonly unknown[]): Promise<unknown> => this.#aside(async () => Reflect.apply(answer, reader, query));
      },
    });
  }

  open(): Promise<StoreSnapshot> {
    if (this.#opened) this.#parts.scene.tallies.count('engine: store opened anew');
    this.#opened = true;
    this.#closed = false;
    return this.#served(async () => {
      if (this.#fails()) {
        this.#parts.scene.tallies.count('store: open failed');
        throw new WaxwingError('store_unavailable', 'the simulated store cannot be opened');
      }
      const snapshot = await this.#parts.inner.open();
      this.#broken = false;
      this.#parts.scene.tell((watcher) => watcher.committed?.()); // what was written without an answer is known now
      return snapshot;
    });
  }

  async commit(batch: Batch): Promise<BatchResult> {
    const { scene, process } = this.#parts;
    this.#commits += 1;
    if (this.#commits > 1 && process.alive) scene.found('one commit at a time', 'a commit was begun while another was under way');
    try {
      const result = await this.#served(() => this.#write(batch));
      if (process.alive) scene.tell((watcher) => watcher.committed?.());
      return result;
    } finally {
      this.#commits -= 1;
    }
  }

  refill(query: RefillQuery): Promise<readonly PendingDelivery[]> {
    this.#parts.scene.tallies.count('engine: refill');
    return this.#served(async () => this.#readOrFail(() => this.#parts.inner.refill(query)));
  }

  load(seqs: readonly number[]): Promise<readonly PendingDelivery[]> {
    return this.#served(async () => this.#readOrFail(() => this.#parts.inner.load(seqs)));
  }

  /** In turn, too: what was asked before is done before. */
  close(): Promise<void> {
    return this.#served(() => {
      this.#closed = true;
      return this.#parts.inner.close();
    });
  }

  async #write(batch: Batch): Promise<BatchResult> {
    const { scene, weather, inner, watch, dice } = this.#parts;
    const { tallies, trace } = scene;
    if (weather.deathAtCommit === 'before') return this.#die('before');
    const fault = this.#fails() ? dice.pick(['unavailable', 'written', 'not written']) : null;
    if (this.#broken || fault === 'unavailable') {
      tallies.count('store: unavailable');
      trace.say('store', 'unavailable');
      throw new StoreError('unavailable', 'the simulated store takes no writes');
    }
    if (fault === 'not written') throw this.#unknown('unknown, not written');
    if (isPoisoned(batch)) {
      tallies.count('store: row refused');
      if (batch.groups.length + batch.settles.length + batch.changes.length > 1) tallies.count('engine: halved batch');
      throw new StoreError('row', 'the simulated store refuses a row');
    }
    if (batch.groups.some((group) => group.inserts.some((insert) => insert.kind === 'chunk'))) tallies.count('engine: fan-out in chunks');
    const result = await inner.commit(batch);
    watch.look();
    if (weather.deathAtCommit === 'after') return this.#die('after');
    if (fault === 'written') throw this.#unknown('unknown, written');
    return result;
  }

  #unknown(kind: 'unknown, written' | 'unknown, not written'): StoreError {
    this.#broken = true;
    this.#parts.scene.tallies.count(`store: ${kind}`);
    this.#parts.scene.trace.say('store', kind);
    return new StoreError('unknown', 'the simulated store lost the answer');
  }

  #die(how: 'before' | 'after'): Promise<never> {
    this.#parts.weather.deathAtCommit = null;
    this.#parts.weather.die(how);
    return never();
  }

  #fails(): boolean {
    const { weather, dice } = this.#parts;
    return weather.faultRate > 0 && dice.chance(weather.faultRate);
  }

  async #readOrFail<T>(read: () => Promise<T>): Promise<T> {
    if (this.#broken || this.#fails()) {
      this.#parts.scene.tallies.count('store: read failed');
      throw new StoreError('unavailable', 'the simulated store cannot be read');
    }
    return read();
  }

  /** In turn with every other call. */
  #served<T>(effect: () => Promise<T>): Promise<T> {
    if (this.#closed) return effect();
    const { time } = this.#parts.scene;
    const startMs = Math.max(time.nowMs, this.#freeAtMs);
    const beforeMs = this.#lag();
    const afterMs = this.#lag();
    this.#freeAtMs = startMs + beforeMs + afterMs;
    if (beforeMs + afterMs > 0) this.#parts.scene.tallies.count('store: slow');
    const inTurn = this.#waiting > 0 || this.#freeAtMs > time.nowMs;
    this.#waiting += 1;
    return this.#taking(inTurn ? startMs - time.nowMs + beforeMs : null, inTurn ? afterMs : null, effect, () => {
      this.#waiting -= 1;
    });
  }

  /** Beside every other call: a reader. */
  async #aside<T>(effect: () => Promise<T>): Promise<T> {
    if (this.#closed) return effect();
    const beforeMs = this.#lag();
    const afterMs = this.#lag();
    const late = beforeMs + afterMs > 0;
    return this.#taking(
      late ? beforeMs : null,
      late ? afterMs : null,
      () => this.#readOrFail(effect),
      () => undefined,
    );
  }

  /** Waits, takes effect, waits, answers. Null waits not even for a turn. Of a dead process nothing comes any more. */
  async #taking<T>(beforeMs: number | null, afterMs: number | null, effect: () => Promise<T>, over: () => void): Promise<T> {
    const { scene, process } = this.#parts;
    if (!process.alive) return never();
    scene.storeCalls += 1;
    try {
      if (beforeMs !== null) await this.#wait(beforeMs);
      if (!process.alive) return await never();
      return await effect();
    } finally {
      if (afterMs !== null) await this.#wait(afterMs);
      over();
      scene.storeCalls -= 1;
      if (!process.alive) await never();
    }
  }

  #wait(ms: number): Promise<void> {
    const { scene, process } = this.#parts;
    return new Promise((resolve) => scene.time.after(process, ms, resolve));
  }

  #lag(): number {
    const { weather, dice } = this.#parts;
    return weather.delayMs === 0 ? 0 : dice.chance(0.3) ? 0 : dice.whole(0, weather.delayMs);
  }
}

function isPoisoned(batch: Batch): boolean {
  return batch.groups.some((group) => group.inserts.some((insert) => insert.kind === 'event' && insert.event.data.includes(POISON)));
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
