// Wake queue: which lane to look at when. One timer for all of them, whatever their number.

import type { Clock } from '../ports.ts';
import { Heap } from './heap.ts';
import type { Lane } from './lane.ts';

interface Wake {
  readonly atMs: number;
  readonly lane: Lane;
}

export class WakeQueue {
  readonly #clock: Clock;
  readonly #onDue: (lanes: readonly Lane[]) => void;
  readonly #heap = new Heap<Wake>((a, b) => a.atMs - b.atMs);
  /** The time each lane is to be woken at; entries of the heap that say otherwise are stale. */
  readonly #wakeMs = new Map<Lane, number>();
  #timerMs = Infinity;
  #cancelTimer: (() => void) | null = null;
  #closed = false;

  constructor(clock: Clock, onDue: (lanes: readonly Lane[]) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Wakes a lane at a time, and not at any other it was set for before. */
  set(lane: Lane, atMs: number): void {
    if (this.#closed || this.#wakeMs.get(lane) === atMs) return;
    this.#wakeMs.set(lane, atMs);
    this.#heap.push({ atMs, lane });
    this.#arm();
  }

  clear(lane: Lane): void {
    this.#wakeMs.delete(lane);
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#heap.removeWhere(() => true);
    this.#wakeMs.clear();
  }

  #arm(): void {
    const first = this.#heap.peek();
    if (first === undefined || first.atMs >= this.#timerMs) return;
    this.#cancelTimer?.();
    this.#timerMs = first.atMs;
    this.#cancelTimer = this.#clock.after(Math.max(0, first.atMs - this.#clock.nowMs()), () => this.#fire());
  }

  #fire(): void {
    this.#timerMs = Infinity;
    this.#cancelTimer = null;
    const nowMs = this.#clock.nowMs();
    const due: Lane[] = [];
    for (let first = this.#heap.peek(); first !== undefined && first.atMs <= nowMs; first = this.#heap.peek()) {
      this.#heap.pop();
      if (this.#wakeMs.get(first.lane) !== first.atMs) continue;
      this.#wakeMs.delete(first.lane);
      due.push(first.lane);
    }
    this.#arm();
    if (due.length > 0) this.#onDue(due);
  }
}
