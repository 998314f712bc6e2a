// The refiller: reads lanes' next deliveries back from the store, a few lanes at a time, in fair turns, while there is memory.

import type { Clock, Log } from '../ports.ts';
import { pendingBytes } from '../store/pending-bytes.ts';
import type { PendingDelivery } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import type { Lane } from './lane.ts';
import type { MemoryBook } from './memory-book.ts';
import { Turns } from './turns.ts';

export interface RefillLimits {
  /** Most lanes that are read at once. */
  readonly refillsMax: number;
  /** Most of one read; several times what one delivery may have. */
  readonly refillBytesMax: number;
}

export interface RefillerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly memory: MemoryBook;
  readonly limits: RefillLimits;
  /** Whether the lane is still the endpoint's. */
  readonly isCurrent: (lane: Lane) => boolean;
  readonly onRefilled: (lane: Lane) => void;
}

export class Refiller {
  readonly #options: RefillerOptions;
  readonly #turns = new Turns();
  #underWay = 0;

  constructor(options: RefillerOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#underWay === 0 && this.#turns.size === 0;
  }

  /** The lane wants its next deliveries. */
  add(lane: Lane): void {
    this.#turns.add(lane);
  }

  remove(lane: Lane): void {
    this.#turns.remove(lane);
  }

  /** Starts as many reads as the limits allow. */
  pump(): void {
    const { limits, memory, clock } = this.#options;
    while (this.#underWay < limits.refillsMax && memory.hasRoom) {
      const lane = this.#turns.next(() => true);
      if (lane === undefined) return;
      if (!lane.wantsRefill(clock.nowMs())) continue;
      if (lane.queued > 0 && lane.queued >= memory.share) continue; // asked again when it is looked at next
      this.#underWay += 1;
      void this.#read(lane);
    }
  }

  async #read(lane: Lane): Promise<void> {
    const { store, limits, log, clock, memory, isCurrent, onRefilled } = this.#options;
    const { after, rowsMax, order } = lane.beginRefill(Math.min(memory.room, Math.max(1, memory.share - lane.queued)));
    memory.reserve(rowsMax);
    try {
      const rows = await store.refill({ endpointSeq: lane.endpointSeq, order, after, rowsMax, bytesMax: limits.refillBytesMax });
      memory.reserve(-rowsMax);
      for (const row of rows) memory.take(row);
      memory.drop(isCurrent(lane) ? lane.refilled(rows, this.#isComplete(rows, rowsMax), order, clock.nowMs()) : rows);
    } catch (error) {
      memory.reserve(-rowsMax);
      lane.refillFailed(clock.nowMs());
      log.error('a lane could not be read from the store', { endpointSeq: lane.endpointSeq, error: String(error) });
    }
    this.#underWay -= 1;
    onRefilled(lane);
  }

  /** Fewer rows than asked for, and not because of their size: there are no more. */
  #isComplete(rows: readonly PendingDelivery[], rowsMax: number): boolean {
    let bytes = 0;
    for (const row of rows) bytes += pendingBytes(row);
    return rows.length < rowsMax && bytes * 4 < this.#options.limits.refillBytesMax;
  }
}
