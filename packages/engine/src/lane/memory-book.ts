// The memory book: how many deliveries and bytes of event data the lanes hold. An event shared by many deliveries counts once.

import type { EventRow, PendingDelivery } from '../store/rows.ts';

export interface MemoryLimits {
  readonly deliveriesMax: number;
  readonly bytesMax: number;
}

/** What a delivery costs beside its event's data: row, maps, heap entry. */
const DELIVERY_BYTES = 400;

export class MemoryBook {
  readonly #limits: MemoryLimits;
  readonly #uses = new Map<EventRow, number>();
  #deliveries = 0;
  #reserved = 0;
  #bytes = 0;

  constructor(limits: MemoryLimits) {
    this.#limits = limits;
  }

  get deliveries(): number {
    return this.#deliveries;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many more deliveries there is room for. */
  get room(): number {
    return Math.max(0, this.#limits.deliveriesMax - this.#deliveries - this.#reserved);
  }

  /**
   * How many deliveries one lane may have queued just now: as many as there is room for still. So one lane takes half of
   * the memory at most, and however many take theirs, something is left for a lane that has nothing.
   */
  get share(): number {
    const { deliveriesMax, bytesMax } = this.#limits;
    return Math.min(this.room, Math.floor((1 - this.#bytes / bytesMax) * deliveriesMax));
  }

  get hasRoom(): boolean {
    return this.room > 0 && this.#bytes < this.#limits.bytesMax;
  }

  /** Keeps room for deliveries that are on their way from the store; less than nothing gives it back. */
  reserve(deliveries: number): void {
    this.#reserved += deliveries;
  }

  take(delivery: PendingDelivery): void {
    const uses = this.#uses.get(delivery.event) ?? 0;
    this.#uses.set(delivery.event, uses + 1);
    this.#deliveries += 1;
    this.#bytes += DELIVERY_BYTES + (uses === 0 ? 2 * delivery.event.data.length : 0);
  }

  drop(deliveries: readonly PendingDelivery[]): void {
    for (const { event } of deliveries) {
      const uses = this.#uses.get(event) ?? 0;
      if (uses === 0) continue;
      if (uses === 1) this.#uses.delete(event);
      else this.#uses.set(event, uses - 1);
      this.#deliveries -= 1;
      this.#bytes -= DELIVERY_BYTES + (uses === 1 ? 2 * event.data.length : 0);
    }
  }
}
