// Ownership: which endpoints this node works for. Alone, all of them; among others, those of the shards that it has taken up.
//
// What an endpoint's deliveries need (order, rate, health) lives in its owner's memory. Rooms that would keep something of an
// endpoint ask here first; a node that does not own it leaves it to the owner, who hears of it from the store.

import { shardOf, UPKEEP_SHARD } from '../store/sharing.ts';

export class Ownership {
  /** When each was taken up; null: all are its own, and always were. */
  readonly #shards: Map<number, number> | null;

  /** @param isShared whether others work on the store too: then nothing is owned at first */
  constructor(isShared: boolean) {
    this.#shards = isShared ? new Map() : null;
  }

  get isShared(): boolean {
    return this.#shards !== null;
  }

  /** Those taken up. */
  get shards(): readonly number[] {
    return [...(this.#shards?.keys() ?? [])];
  }

  owns(endpointSeq: number): boolean {
    return this.#shards === null || this.#shards.has(shardOf(endpointSeq));
  }

  has(shard: number): boolean {
    return this.#shards === null || this.#shards.has(shard);
  }

  /** Whether it does what is done once for all nodes. */
  get doesUpkeep(): boolean {
    return this.has(UPKEEP_SHARD);
  }

  /** Until when another node may have sent to an endpoint of its own; null where none ever did. */
  gainedMs(endpointSeq: number): number | null {
    return this.#shards?.get(shardOf(endpointSeq)) ?? null;
  }

  take(shards: readonly number[], nowMs: number): void {
    for (const shard of shards) if (this.#shards?.has(shard) === false) this.#shards.set(shard, nowMs);
  }

  leave(shards: readonly number[]): void {
    for (const shard of shards) this.#shards?.delete(shard);
  }
}
