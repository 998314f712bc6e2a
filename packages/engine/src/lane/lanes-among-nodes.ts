// Lanes among nodes: what it means for the lanes that other nodes work on the same store.
//
// A lane is its endpoint's owner's. What others publish, retry or end by hand comes in here, and whole lanes come and go with
// the shards. How something is now the store says: what may have changed since it was told is only noted, and read again.

import type { Ownership } from '../cluster/ownership.ts';
import { shardOf } from '../store/sharing.ts';
import type { PendingDelivery } from '../store/rows.ts';
import type { StoreSnapshot } from '../store/store.ts';
import type { LaneParts } from './dispatcher.ts';
import type { Lane } from './lane.ts';

export interface LaneWays {
  readonly made: (endpointSeq: number) => void;
  readonly offer: (delivery: PendingDelivery) => void;
  readonly leave: (endpointSeq: number, seq: number, dueMs: number) => void;
  readonly withdraw: (endpointSeq: number, seq: number) => void;
  readonly sendNow: (delivery: PendingDelivery) => void;
  /** The attempt under way leads to nothing more. */
  readonly endsWithAttempt: (seq: number) => void;
}

export class LanesAmongNodes {
  readonly #parts: LaneParts;
  readonly #ownership: Ownership;
  readonly #ways: LaneWays;
  /** Settled since the store was last asked what arrived: what it says of these may be old. */
  #settled: Set<number> | null = null;
  /** Shards of which something was read from the store since others were heard of last. */
  readonly #read = new Set<number>();
  /** Told of since there was more to tell than came at once. */
  readonly #told = new Set<number>();
  /** Shards whose count of pending deliveries may be wrong: what others do by hand does not say how it was before. */
  readonly #miscounted = new Set<number>();

  constructor(parts: LaneParts, ownership: Ownership, ways: LaneWays) {
    this.#parts = parts;
    this.#ownership = ownership;
    this.#ways = ways;
  }

  /** Takes over what the store holds of shards that are this node's from now on, or that it counts again: arrivals do not tell of it any more. */
  adopt(shards: readonly number[], backlog: StoreSnapshot['backlog']): void {
    const { board, memory, pending: book } = this.#parts;
    const isOf = (endpointSeq: number): boolean => shards.includes(shardOf(endpointSeq));
    for (const shard of shards) this.#miscounted.delete(shard);
    for (const endpointSeq of book.endpoints()) if (isOf(endpointSeq)) book.forget(endpointSeq);
    for (const { endpointSeq, pending, nextDueMs } of backlog) {
      if (!isOf(endpointSeq)) continue;
      const lane = board.find(endpointSeq);
      if (lane !== undefined) memory.drop(lane.leave({ seq: 0, dueMs: nextDueMs }));
      else if (board.make(endpointSeq, { nextDueMs }) === undefined) continue;
      book.add(endpointSeq, pending);
    }
    this.#keepUnderWay(isOf);
    for (const lane of board.all()) if (isOf(lane.endpointSeq)) board.look(lane);
  }

  /** What is under way keeps its slot, also in a lane that was made anew. */
  #keepUnderWay(isOf: (endpointSeq: number) => boolean): void {
    const { board, inFlight, settling, ending } = this.#parts;
    const lacks = (endpointSeq: number, seq: number): Lane | null => {
      const lane = isOf(endpointSeq) ? board.open(endpointSeq) : undefined;
      return lane === undefined || lane.has(seq) ? null : lane;
    };
    for (const { endpointSeq, seq } of inFlight.values()) lacks(endpointSeq, seq)?.bypass(seq);
    for (const { endpointSeq, seq } of settling.values()) lacks(endpointSeq, seq)?.bypassSettling(seq);
    for (const [seq, endpointSeq] of ending) lacks(endpointSeq, seq)?.bypassSettling(seq);
  }

  /** The shards that are to be counted again. */
  miscounted(): readonly number[] {
    return [...this.#miscounted];
  }

  /** The store is asked what others did: what is settled from now on, its answer may not know. */
  listen(): void {
    this.#settled = new Set();
  }

  /** A lane was read from the store: among it may be what others did and this node was not told of yet. */
  read(endpointSeq: number): void {
    this.#read.add(shardOf(endpointSeq));
  }

  /** Others did something. */
  heard(): void {
    for (const shard of this.#read) if (this.#ownership.has(shard)) this.#miscounted.add(shard);
    this.#read.clear();
  }

  /** A settle is durable. */
  settled(seq: number): void {
    this.#settled?.add(seq);
  }

  /** Forgets the lanes of endpoints that are another node's from now on. What is under way of them goes on to its end. */
  disown(): void {
    const { board, memory, pending } = this.#parts;
    for (const lane of board.all()) {
      if (this.#ownership.owns(lane.endpointSeq)) continue;
      memory.drop(lane.clear());
      board.remove(lane);
    }
    for (const endpointSeq of pending.endpoints()) if (!this.#ownership.owns(endpointSeq)) pending.forget(endpointSeq);
  }

  /** Whether something of such an endpoint is being sent, or is on its way to being recorded. */
  isUnderWay(of: (endpointSeq: number) => boolean): boolean {
    const { inFlight, settling } = this.#parts;
    for (const { endpointSeq } of inFlight.values()) if (of(endpointSeq)) return true;
    for (const { endpointSeq } of settling.values()) if (of(endpointSeq)) return true;
    return false;
  }

  /**
   * Others have made these, or made them due at another time. Call `pump` when all are in.
   * @param more whether the store has more to tell at once: it may tell of the same deliveries again, by their event and by themselves
   */
  arrived(deliveries: readonly PendingDelivery[], more: boolean): void {
    const { board, inFlight, settling } = this.#parts;
    for (const delivery of deliveries) {
      const { endpointSeq, seq, dueMs } = delivery;
      const isKnown = board.find(endpointSeq)?.has(seq) === true;
      if (isKnown && (inFlight.has(seq) || settling.has(seq))) continue; // its attempt decides how it goes on
      const isNew = !isKnown && delivery.attempts === 0 && this.#settled?.has(seq) !== true && !this.#told.has(seq);
      if (isKnown) this.#ways.withdraw(endpointSeq, seq);
      if (isNew) this.#ways.made(endpointSeq);
      if (isNew && delivery.cause === 'test') this.#ways.sendNow(delivery);
      else if (isNew && isFresh(delivery)) this.#ways.offer(delivery);
      else {
        // How it is now, the store says.
        this.#miscounted.add(shardOf(endpointSeq));
        this.#ways.leave(endpointSeq, seq, dueMs);
      }
    }
    if (!more) this.#told.clear();
    else for (const { seq } of deliveries) this.#told.add(seq);
  }

  /** Another node has ended a delivery. */
  ended(endpointSeq: number, seq: number): void {
    const { inFlight, settling, pending, gone } = this.#parts;
    if (!this.#ownership.owns(endpointSeq) || gone.has(seq)) return;
    this.#miscounted.add(shardOf(endpointSeq));
    pending.remove(endpointSeq);
    if (inFlight.has(seq)) this.#ways.endsWithAttempt(seq);
    if (inFlight.has(seq) || settling.has(seq)) gone.add(seq);
    else this.#ways.withdraw(endpointSeq, seq);
  }
}

/** Whether it stands as publishing made it: this is told once. */
function isFresh({ cause, attempts, dueMs, event }: PendingDelivery): boolean {
  return cause === 'publish' && attempts === 0 && dueMs === event.receivedMs;
}
