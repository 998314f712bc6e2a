// A lane: one endpoint's queue in memory and its order. How fast it goes is pace.ts's.
//
// Invariants:
//  1. Every pending delivery of the endpoint at or before `#horizon` is in the book (queued, in flight or settling); what lies
//     after it may be in the store alone. No horizon: all are in the book.
//  2. A delivery is in the book at most once, so it is never sent twice at the same time.
//  3. Memory is bounded: at most `capacity` queued deliveries, and fewer the worse the endpoint does, so that a dead
//     endpoint holds next to nothing; none at all while it is held. What does not fit stays in the store, furthest due first.
//  4. FIFO: one in flight, the earliest published first; it keeps its turn while it retries, and its slot until its settle is durable.

import type { PendingDelivery } from '../store/rows.ts';
import { Heap } from './heap.ts';
import {
  NEAR_MS,
  QUEUED_LEAST,
  QUEUED_PER_SLOT,
  QUEUED_SUSPECT,
  REFILL_AGAIN_MS,
  REFILL_ROWS_MAX,
  REFILL_ROWS_MIN,
} from './lane-bounds.ts';
import type { LaneSettings, Readiness } from './lane-settings.ts';
import { Pace } from './pace.ts';
import { before, byDue, bySeq, type ComparePositions, type Position } from './position.ts';

const READY: Readiness = { kind: 'ready' };
const WAITING: Readiness = { kind: 'waiting' };

const START: Position = { dueMs: -1, seq: -1 };

export class Lane {
  readonly endpointSeq: number;
  readonly tenant: string;
  readonly #isShared: boolean;
  #settings: LaneSettings;
  #compare: ComparePositions;
  #queue: Heap<PendingDelivery>;
  /** `sending` holds a slot; `settling` does not any more. */
  readonly #book = new Map<number, 'queued' | 'sending' | 'settling'>();
  /** Null: everything pending is in the book. */
  #horizon: Position | null;
  /** No stored delivery beyond the horizon is due before this; under FIFO, the first of them is not, where that is known (else -1). */
  #storedDueMs: number;
  #refilling = false;
  /** The first place left to the store while a refill is under way: the refill may not have seen it. */
  #leftMeanwhile: Position | null = null;
  #refillRows = REFILL_ROWS_MIN;
  #inFlight = 0;
  #pace: Pace;

  /**
   * @param stored what the store holds for this lane already: its nearest due time; null for nothing
   * @param isShared whether others publish to it too: what they published before its own may become known after it, so FIFO
   *   is then read from the store's first one each time. What one read shows is in order, and complete in time.
   */
  constructor(
    endpointSeq: number,
    tenant: string,
    settings: LaneSettings,
    stored: { readonly nextDueMs: number } | null,
    isShared = false,
  ) {
    this.#isShared = isShared;
    this.endpointSeq = endpointSeq;
    this.tenant = tenant;
    this.#settings = settings;
    this.#compare = settings.fifo ? bySeq : byDue;
    this.#queue = new Heap<PendingDelivery>(this.#compare);
    this.#horizon = stored === null ? null : START;
    this.#storedDueMs = stored === null ? Infinity : settings.fifo ? -1 : stored.nextDueMs;
    this.#pace = new Pace(settings, stored !== null); // a backlog is taken up gently
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Whether it has failed several times running: such lanes share a part of the slots only. */
  get suspect(): boolean {
    return this.#pace.suspect;
  }

  /** Whether it keeps the order of publishing. */
  get isFifo(): boolean {
    return this.#settings.fifo;
  }

  /** Whether forgetting it would lose nothing: no delivery here or in the store, full health, no turn to wait for. */
  isForgettable(nowMs: number): boolean {
    return this.#book.size === 0 && this.#horizon === null && this.#pace.isFresh(nowMs);
  }

  /** Whether its pace is that of a new one. */
  isFresh(nowMs: number): boolean {
    return this.#pace.isFresh(nowMs);
  }

  /** Takes over the pace of the lane that stood here before. */
  goOnAs(earlier: Lane): void {
    this.#pace = earlier.#pace;
    this.#pace.apply(this.#settings);
  }

  /** When the next attempt may start, as far as rate and rest go. */
  get nextStartMs(): number {
    return this.#pace.nextStartMs;
  }

  /** Attempts it may have at once just now. */
  get slots(): number {
    return this.#settings.fifo ? 1 : this.#pace.slots;
  }

  get #capacity(): number {
    const { rateLimitPerSecond: rate } = this.#settings;
    const most = this.suspect ? QUEUED_SUSPECT : QUEUED_PER_SLOT * this.slots;
    return rate === null ? most : Math.min(most, Math.max(QUEUED_LEAST, Math.ceil(rate * (NEAR_MS / 1_000))));
  }

  /** When the earliest delivery that is not in flight was or is due; Infinity for none. Held lanes have none. */
  get oldestDueMs(): number {
    if (this.#settings.held) return Infinity;
    const storedDueMs = this.#horizon === null || this.#storedDueMs < 0 ? Infinity : this.#storedDueMs;
    return Math.min(this.#queue.peek()?.dueMs ?? Infinity, storedDueMs);
  }

  has(seq: number): boolean {
    return this.#book.has(seq);
  }

  /** Applies edited settings. Resuming and enabling start again gently. Returns what no longer fits in memory. */
  apply(settings: LaneSettings): readonly PendingDelivery[] {
    const earlier = this.#settings;
    this.#settings = settings;
    this.#pace.apply(settings);
    if (earlier.held && !settings.held) this.#pace.restart();
    // Under FIFO a slot is held until the settle is durable: also by those that gave theirs back already.
    if (settings.fifo && !earlier.fifo) for (const [seq, place] of this.#book) if (place === 'settling') this.bypass(seq);
    const held = settings.held && this.#queue.size > 0;
    if (earlier.fifo === settings.fifo && !held) return [];
    const dropped = this.#spillFrom(START);
    this.#compare = settings.fifo ? bySeq : byDue;
    this.#queue = new Heap<PendingDelivery>(this.#compare);
    return dropped;
  }

  /**
   * Takes a delivery that the store has. Returns what it does not keep in memory: this one, or others that are due later.
   * @param roomLeft whether the engine as a whole has memory for more
   */
  offer(delivery: PendingDelivery, nowMs: number, roomLeft: boolean): readonly PendingDelivery[] {
    if (this.#book.has(delivery.seq)) return [];
    if (this.#isBeyondHorizon(delivery)) {
      this.#leave(delivery);
      return [delivery];
    }
    if (this.#settings.held || this.#isFar(delivery, nowMs) || !roomLeft) return [delivery, ...this.#spillFrom(delivery)];
    this.#book.set(delivery.seq, 'queued');
    this.#queue.push(delivery);
    return this.#queue.size > this.#capacity ? this.#trim() : [];
  }

  /** What it waits for before it can send. */
  readiness(nowMs: number): Readiness {
    if (this.#settings.held || this.#inFlight >= this.slots) return WAITING;
    const top = this.#queue.peek();
    const storedDueMs =
      this.#refilling || this.#horizon === null || (this.#settings.fifo && top !== undefined) ? Infinity : this.#storedDueMs;
    const dueMs = Math.min(top?.dueMs ?? Infinity, storedDueMs);
    if (dueMs === Infinity) return WAITING;
    const atMs = Math.max(dueMs, this.#pace.nextStartMs);
    if (atMs > nowMs) return { kind: 'at', ms: atMs };
    return top !== undefined && top.dueMs <= nowMs ? READY : WAITING;
  }

  /** Whether the next ones lie in the store and are wanted now. */
  wantsRefill(nowMs: number): boolean {
    if (this.#settings.held || this.#horizon === null || this.#refilling || this.#storedDueMs > nowMs) return false;
    const top = this.#queue.peek();
    // Read from the store's first one, it would find what is under way: it looks again when that has ended.
    if (this.#isShared && this.#settings.fifo && this.#book.size > 0) return false;
    if (top === undefined) return true;
    // Half empty: fetch the next ones while these are sent.
    return !this.#settings.fifo && top.dueMs <= nowMs && this.#queue.size < Math.min(this.#capacity / 2, REFILL_ROWS_MAX);
  }

  /** Takes the next delivery out for an attempt; only when `readiness` said ready. */
  release(nowMs: number): PendingDelivery | undefined {
    const delivery = this.#queue.pop();
    if (delivery === undefined) return undefined;
    this.#book.set(delivery.seq, 'sending');
    this.#inFlight += 1;
    this.#pace.started(nowMs);
    return delivery;
  }

  /** Marks a delivery as being sent that did not come out of the queue: a test, or one under way when the lane was made anew. */
  bypass(seq: number): void {
    this.#book.set(seq, 'sending');
    this.#inFlight += 1;
  }

  /** Sends one that kept its place until now. */
  admit(seq: number, nowMs: number): void {
    this.settled(seq);
    this.bypass(seq);
    this.#pace.started(nowMs);
  }

  /** As `bypass`, for one whose attempt has ended and whose settle is on its way to the store. */
  bypassSettling(seq: number): void {
    if (this.#settings.fifo) this.bypass(seq);
    else this.#book.set(seq, 'settling');
  }

  /** An attempt has ended; its settle is on its way to the store. Learns from the outcome. Returns what it keeps in memory no longer. */
  attempted(seq: number, delivered: boolean, restUntilMs: number): readonly PendingDelivery[] {
    this.#pace.ended(delivered, restUntilMs);
    if (!this.#settings.fifo && this.#book.get(seq) === 'sending') {
      this.#book.set(seq, 'settling');
      this.#inFlight -= 1;
    }
    return this.suspect && this.#queue.size > this.#capacity ? this.#trim() : [];
  }

  /** A settle is durable: the delivery leaves the book. Where it goes on, it is offered again by whoever settled it. */
  settled(seq: number): void {
    if (this.#book.get(seq) === 'sending') this.#inFlight -= 1;
    this.#book.delete(seq);
  }

  /** Notes that a pending delivery stands in the store at this place, and not in the queue. Returns what it keeps out of memory. */
  leave(place: Position): readonly PendingDelivery[] {
    if (this.#book.has(place.seq)) return [];
    if (!this.#isBeyondHorizon(place)) return this.#spillFrom(place);
    this.#leave(place);
    this.#storedDueMs = Math.min(this.#storedDueMs, place.dueMs);
    return [];
  }

  /** Takes a queued delivery out (cancelled, or moved). False when it is not queued here. */
  withdraw(seq: number): PendingDelivery | undefined {
    if (this.#book.get(seq) === 'queued') {
      this.#book.delete(seq);
      return this.#queue.removeWhere((item) => item.seq === seq)[0];
    }
    if (this.#settings.fifo) this.#storedDueMs = Math.min(this.#storedDueMs, -1); // it may have been the first one in the store
    return undefined;
  }

  /** Starts nothing before this time, as far as its rate goes: another node may have sent until now. */
  goOnFrom(nowMs: number): void {
    this.#pace.goOnFrom(nowMs);
  }

  /** Drops everything queued, for an endpoint that is deleted. Returns it. */
  clear(): readonly PendingDelivery[] {
    const dropped = this.#queue.removeWhere(() => true);
    for (const item of dropped) this.#book.delete(item.seq);
    this.#horizon = null;
    this.#storedDueMs = Infinity;
    return dropped;
  }

  /** Starts a refill: from where, how many rows (as many as there is room for at most), in which order. */
  beginRefill(room: number = Infinity): { readonly after: Position | null; readonly rowsMax: number; readonly order: 'due' | 'seq' } {
    this.#refilling = true;
    this.#leftMeanwhile = null;
    const rowsMax = Math.max(1, Math.min(this.#refillRows, this.#capacity - this.#queue.size, room));
    const fromStart = this.#horizon === START || (this.#isShared && this.#settings.fifo);
    return { after: fromStart ? null : this.#horizon, rowsMax, order: this.#settings.fifo ? 'seq' : 'due' };
  }

  /** The store could not be read: it is asked again in a while. */
  refillFailed(nowMs: number): void {
    this.#refilling = false;
    this.#storedDueMs = nowMs + REFILL_AGAIN_MS;
  }

  /**
   * Takes a refill's rows. What is due too far ahead goes back. Returns what was kept out of memory.
   * @param complete whether the store has nothing beyond these rows
   */
  refilled(rows: readonly PendingDelivery[], complete: boolean, order: 'due' | 'seq', nowMs: number): readonly PendingDelivery[] {
    this.#refilling = false;
    if ((order === 'seq') !== this.#settings.fifo || this.#horizon === null) return rows; // edited or cleared meanwhile
    if (this.#settings.held) return rows; // it is read again when it may go on
    const left = this.#leftMeanwhile;
    this.#leftMeanwhile = null;
    const dropped: PendingDelivery[] = [];
    let cut: Position | null = null;
    for (const row of rows) {
      if (this.#book.has(row.seq)) {
        dropped.push(row);
      } else if (cut !== null || this.#isFar(row, nowMs) || (left !== null && this.#compare(row, left) >= 0)) {
        cut ??= row;
        dropped.push(row);
      } else {
        this.#book.set(row.seq, 'queued');
        this.#queue.push(row);
      }
    }
    const last = rows.at(-1);
    // What was left meanwhile bounds the horizon only where the rows reach that far.
    const reachesLeft = left !== null && (complete || last === undefined || this.#compare(last, left) >= 0);
    if (reachesLeft && (cut === null || this.#compare(left, cut) < 0)) cut = left;
    if (cut !== null) {
      this.#horizon = before(cut);
      this.#storedDueMs = cut.dueMs;
      this.#refillRows = Math.max(REFILL_ROWS_MIN, this.#refillRows / 2);
    } else if (complete || last === undefined) {
      this.#horizon = null;
      this.#storedDueMs = Infinity;
    } else {
      this.#horizon = { dueMs: last.dueMs, seq: last.seq };
      this.#storedDueMs = this.#settings.fifo ? -1 : last.dueMs;
      this.#refillRows = Math.min(REFILL_ROWS_MAX, this.#refillRows * 2);
    }
    return this.#queue.size > this.#capacity + REFILL_ROWS_MAX ? [...dropped, ...this.#trim()] : dropped;
  }

  #isBeyondHorizon(delivery: Position): boolean {
    return this.#horizon !== null && this.#compare(delivery, this.#horizon) > 0;
  }

  /** Due so far ahead that it need not be in memory; under FIFO the first one decides for all. */
  #isFar(delivery: Position, nowMs: number): boolean {
    if (delivery.dueMs <= nowMs + NEAR_MS) return false;
    if (!this.#settings.fifo) return true;
    const top = this.#queue.peek();
    return this.#inFlight === 0 && (top === undefined || this.#compare(delivery, top) < 0);
  }

  /** Notes that a delivery at this place is in the store alone. */
  #leave(place: Position): void {
    // Under FIFO the first one in the store decides, and this one stands behind it.
    if (!this.#settings.fifo) this.#storedDueMs = Math.min(this.#storedDueMs, place.dueMs);
    if (this.#refilling && (this.#leftMeanwhile === null || this.#compare(place, this.#leftMeanwhile) < 0)) this.#leftMeanwhile = place;
  }

  /** Gives everything queued at or after a place back to the store. */
  #spillFrom(place: Position): readonly PendingDelivery[] {
    const dropped = this.#queue.removeWhere((item) => this.#compare(item, place) >= 0);
    for (const item of dropped) this.#book.delete(item.seq);
    this.#horizon = place === START ? START : before(place);
    this.#leave(place);
    this.#storedDueMs = place.dueMs; // it is the first one in the store
    return dropped;
  }

  /** Keeps the nearest three quarters of the capacity. */
  #trim(): readonly PendingDelivery[] {
    const keep = Math.ceil(this.#capacity * 0.75);
    const first = this.#queue.sorted()[keep];
    return first === undefined ? [] : this.#spillFrom(first);
  }
}
