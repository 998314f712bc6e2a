// Virtual time: one queue of everything that is going to happen, for the world and for the processes in it.
//
// Time moves only from one entry to the next; entries of the same millisecond come in the order they were set. An entry
// belongs to an owner: when a process dies, what it had set never happens.

import { Heap } from '../src/lane/heap.ts';
import type { Clock } from '../src/ports.ts';

/** Who has set a timer. */
export interface Owner {
  readonly alive: boolean;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly owner: Owner;
  run: (() => void) | null;
}

const START_MS = Date.UTC(2026, 0, 1);

export class VirtualTime {
  #nowMs = START_MS;
  #order = 0;
  readonly #entries = new Heap<Entry>((a, b) => a.atMs - b.atMs || a.order - b.order);

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Milliseconds since the simulation began. */
  get elapsedMs(): number {
    return this.#nowMs - START_MS;
  }

  /** Sets a timer; gives what cancels it. */
  after(owner: Owner, delayMs: number, run: () => void): () => void {
    const entry: Entry = { atMs: this.#nowMs + Math.max(0, Math.ceil(delayMs)), order: this.#order++, owner, run };
    this.#entries.push(entry);
    return () => {
      entry.run = null;
    };
  }

  /** When the next thing happens; null when nothing ever does. */
  get nextMs(): number | null {
    return this.#peek()?.atMs ?? null;
  }

  /** Moves to the next thing and lets it happen. False when there is none. */
  step(): boolean {
    const entry = this.#peek();
    if (entry === undefined) return false;
    this.#entries.pop();
    this.#nowMs = Math.max(this.#nowMs, entry.atMs);
    entry.run?.();
    return true;
  }

  /** Moves on to a time before which nothing happens. */
  rest(untilMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Timers that a process has set and not cancelled. */
  timersOf(owner: Owner): number {
    return this.#entries.sorted().filter((entry) => entry.owner === owner && entry.run !== null).length;
  }

  #peek(): Entry | undefined {
    for (let entry = this.#entries.peek(); entry !== undefined; entry = this.#entries.peek()) {
      if (entry.run !== null && entry.owner.alive) return entry;
      this.#entries.pop();
    }
    return undefined;
  }
}

/** Someone of a process, who dies with it and keeps timers of his own. */
export function within(process: Owner): Owner {
  return {
    get alive() {
      return process.alive;
    },
  };
}

/** Time as one process sees it. */
export function clockOf(time: VirtualTime, owner: Owner): Clock {
  return {
    nowMs: () => time.nowMs,
    monotonicMs: () => time.elapsedMs,
    after: (delayMs, run) => time.after(owner, delayMs, run),
  };
}

/** Lets everything happen that needs no time: all promises settle before the next turn of the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
