// The dispatcher: turns lanes that are ready into orders for the sender, in fair turns and under the caps.
//
// Invariants:
//  1. Nothing leaves past the caps of in-flight.ts.
//  2. A lane is looked at when something of it changed or its time has come; sending never scans all lanes.
//  3. Memory is bounded in deliveries and bytes. What does not fit stays in the store and is read back by refiller.ts.

import type { Clock, Log } from '../ports.ts';
import type { Registry } from '../registry.ts';
import type { AttemptReport, Sender, SendOrder } from '../send/order.ts';
import type { PendingDelivery } from '../store/rows.ts';
import type { Store, StoreSnapshot } from '../store/store.ts';
import { InFlight } from './in-flight.ts';
import { Lane, type LaneSettings } from './lane.ts';
import { MemoryBook, type MemoryLimits } from './memory-book.ts';
import { PendingBook } from './pending-book.ts';
import { Refiller, type RefillLimits } from './refiller.ts';
import { Turns } from './turns.ts';
import { WakeQueue } from './wake-queue.ts';

export interface DispatcherLimits extends MemoryLimits, RefillLimits {
  /** Most attempts at once, over all endpoints. */
  readonly inFlightMax: number;
}

export const DISPATCHER_LIMITS: DispatcherLimits = {
  inFlightMax: 1_024,
  deliveriesMax: 50_000,
  bytesMax: 64 * 1024 * 1024,
  refillsMax: 4,
  refillBytesMax: 4 * 1024 * 1024,
};

/** What others may know of a lane. */
export interface LanePace {
  /** Paused or disabled. */
  readonly held: boolean;
  /** Attempts it may have at once. */
  readonly slots: number;
  readonly inFlight: number;
  /** Whether something is due and waits. */
  readonly behind: boolean;
  /** When its next attempt may start, by its rate or the rest that its receiver asked for. */
  readonly nextStartMs: number;
}

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly sender: Sender;
  readonly registry: Registry;
  readonly limits: DispatcherLimits;
  /** Takes each attempt's end, once. */
  readonly settle: (delivery: PendingDelivery, report: AttemptReport) => void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #lanes = new Map<number, Lane>();
  readonly #inFlight: InFlight;
  readonly #memory: MemoryBook;
  readonly #ready = new Turns();
  readonly #suspects = new Turns();
  readonly #refills: Refiller;
  readonly #wakes: WakeQueue;
  readonly #pending = new PendingBook();
  /** Attempts that have ended and are not on record yet. */
  readonly #settling = new Map<number, PendingDelivery>();
  /** Deliveries that a hand is about to end, and whose they are. */
  readonly #ending = new Map<number, number>();
  /** Deliveries under way that are not pending any more, and so do not count. */
  readonly #gone = new Set<number>();
  #stopped = false;
  #holding = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { clock, log, store, limits } = options;
    this.#inFlight = new InFlight(limits.inFlightMax);
    this.#memory = new MemoryBook(limits);
    this.#refills = new Refiller({
      clock,
      log,
      store,
      limits,
      memory: this.#memory,
      isCurrent: (lane) => this.#lanes.get(lane.endpointSeq) === lane,
      onRefilled: (lane) => {
        if (this.#stopped) return;
        if (this.#lanes.get(lane.endpointSeq) === lane) this.#look(lane);
        this.pump();
      },
    });
    this.#wakes = new WakeQueue(clock, (lanes) => {
      for (const lane of lanes) this.#look(lane);
      this.pump();
    });
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get inMemory(): number {
    return this.#memory.deliveries;
  }

  /** Pending deliveries, in memory and in the store. */
  get pending(): number {
    return this.#pending.total;
  }

  /** Due time of the oldest delivery that is due and waits; null when none does. Looks at every lane. */
  get oldestDueMs(): number | null {
    let oldest = Infinity;
    for (const lane of this.#lanes.values()) oldest = Math.min(oldest, lane.oldestDueMs);
    return oldest <= this.#options.clock.nowMs() ? oldest : null;
  }

  /** Takes new deliveries that the store has just taken. */
  received(deliveries: readonly PendingDelivery[]): void {
    for (const { endpointSeq } of deliveries) this.made(endpointSeq);
    this.offer(deliveries);
  }

  /** The store has taken a new delivery, which comes to its lane by `offer` or `leave`. */
  made(endpointSeq: number): void {
    if (this.#options.registry.endpoint(endpointSeq) !== undefined) this.#pending.add(endpointSeq, 1);
  }

  /**
   * A hand is about to end a delivery: until `ended` or `spared` it keeps its place, and is not sent. False when its attempt is
   * on its way to being recorded, or when another hand is at it.
   */
  beginEnding(endpointSeq: number, seq: number): boolean {
    if (this.#ending.has(seq) || this.#settling.has(seq)) return false;
    this.#ending.set(seq, endpointSeq);
    if (this.#inFlight.has(seq)) return true;
    this.withdraw(endpointSeq, seq);
    this.#lane(endpointSeq)?.bypassSettling(seq);
    return true;
  }

  /** The end that a hand began is durable; `underWay`: it leaves when its attempt is on record. */
  ended(endpointSeq: number, seq: number, underWay: boolean): void {
    this.#ending.delete(seq);
    if (underWay) return;
    this.#count(endpointSeq, seq);
    const lane = this.#lanes.get(endpointSeq);
    lane?.settled(seq);
    if (lane !== undefined) this.#look(lane);
  }

  /** The end that a hand began was not written. */
  spared(endpointSeq: number, seq: number, dueMs: number): void {
    if (!this.#ending.delete(seq) || this.#inFlight.has(seq) || this.#settling.has(seq)) return;
    this.#lanes.get(endpointSeq)?.settled(seq);
    this.leave(endpointSeq, seq, dueMs);
  }

  /** Deliveries that are under way: being sent, or on their way to being recorded. */
  get underWay(): readonly number[] {
    return [...this.#inFlight.values(), ...this.#settling.values()].map(({ seq }) => seq);
  }

  /**
   * Makes the lanes of what a store holds already; each is read from its beginning when its time comes.
   * @param gone which of those under way the store does not hold as pending
   */
  resume(backlog: StoreSnapshot['backlog'], gone: readonly number[] = []): void {
    this.#pending.clear();
    this.#gone.clear();
    for (const seq of gone) this.#gone.add(seq);
    for (const lane of this.#lanes.values()) {
      this.#memory.drop(lane.clear());
      this.#forgetLane(lane);
    }
    this.#lanes.clear();
    for (const { endpointSeq, nextDueMs, pending } of backlog) {
      const entry = this.#options.registry.endpoint(endpointSeq);
      if (entry === undefined) continue;
      this.#pending.add(endpointSeq, pending);
      const lane = new Lane(endpointSeq, entry.row.tenant, laneSettings(entry.row), { nextDueMs });
      for (const delivery of this.#inFlight.values()) if (delivery.endpointSeq === endpointSeq) lane.bypass(delivery.seq);
      for (const delivery of this.#settling.values()) if (delivery.endpointSeq === endpointSeq) lane.bypassSettling(delivery.seq);
      for (const [seq, owner] of this.#ending) if (owner === endpointSeq && !lane.has(seq)) lane.bypassSettling(seq);
      this.#lanes.set(endpointSeq, lane);
      this.#look(lane);
    }
  }

  /** A pending delivery stands in the store, due then, and is read from there. Call `pump` when all are in. */
  leave(endpointSeq: number, seq: number, dueMs: number): void {
    const lane = this.#lane(endpointSeq);
    if (lane === undefined) return;
    this.#memory.drop(lane.leave({ seq, dueMs }));
    this.#look(lane);
  }

  /** Takes deliveries that the store has. Call `pump` when all are in. */
  offer(deliveries: readonly PendingDelivery[]): void {
    const nowMs = this.#options.clock.nowMs();
    for (const delivery of deliveries) {
      const lane = this.#lane(delivery.endpointSeq);
      if (lane === undefined || lane.has(delivery.seq)) continue;
      this.#memory.take(delivery);
      this.#memory.drop(lane.offer(delivery, nowMs, this.#memory.hasRoom));
      this.#look(lane);
    }
  }

  /** Sends one at once, past its lane's order, hold and limits: a test. False when its endpoint is gone. */
  sendNow(delivery: PendingDelivery): boolean {
    const lane = this.#stopped ? undefined : this.#lane(delivery.endpointSeq);
    const order = lane === undefined ? undefined : this.#order(delivery, lane);
    if (lane === undefined || order === undefined) return false;
    this.#memory.take(delivery);
    lane.bypass(delivery.seq);
    this.#options.sender.send([order]);
    return true;
  }

  /** Takes the sender's reports. */
  reported(reports: readonly AttemptReport[]): void {
    for (const report of reports) {
      const delivery = this.#inFlight.take(report.delivery);
      if (delivery === undefined) continue;
      this.#settling.set(delivery.seq, delivery);
      this.#options.settle(delivery, report);
    }
    this.pump();
  }

  /** What an attempt's outcome means for its lane. */
  attempted(delivery: PendingDelivery, delivered: boolean, restUntilMs: number): void {
    const lane = this.#lanes.get(delivery.endpointSeq);
    if (lane === undefined) return;
    lane.attempted(delivery.seq, delivered, restUntilMs);
    this.#look(lane);
  }

  /** A settle is durable. With a next place, the delivery goes back to its lane. */
  settled(delivery: PendingDelivery, next: PendingDelivery | null): void {
    this.#memory.drop([delivery]);
    this.#settling.delete(delivery.seq);
    if (next === null) this.#count(delivery.endpointSeq, delivery.seq);
    const lane = this.#lanes.get(delivery.endpointSeq);
    if (lane === undefined) return;
    lane.settled(delivery.seq);
    if (next !== null) this.offer([next]);
    this.#look(lane);
  }

  /** Takes a delivery out of its queue, if it waits there: to be placed anew. */
  withdraw(endpointSeq: number, seq: number): void {
    const lane = this.#lanes.get(endpointSeq);
    if (lane === undefined) return;
    const withdrawn = lane.withdraw(seq);
    if (withdrawn !== undefined) this.#memory.drop([withdrawn]);
    this.#look(lane);
  }

  /** How an endpoint's lane does just now; null when the endpoint is not there. */
  pace(endpointSeq: number): LanePace | null {
    const entry = this.#options.registry.endpoint(endpointSeq);
    if (entry === undefined) return null;
    const { held, fifo, concurrency } = laneSettings(entry.row);
    const lane = this.#lanes.get(endpointSeq);
    if (lane === undefined) return { held, slots: fifo ? 1 : concurrency, inFlight: 0, behind: false, nextStartMs: 0 };
    const behind = lane.oldestDueMs <= this.#options.clock.nowMs();
    return { held, slots: lane.slots, inFlight: lane.inFlight, behind, nextStartMs: lane.nextStartMs };
  }

  /** Whether a delivery's attempt has come back and its settle is not durable yet. */
  isSettling(seq: number): boolean {
    return this.#settling.has(seq);
  }

  isInFlight(seq: number): boolean {
    return this.#inFlight.has(seq);
  }

  /** An endpoint was edited. */
  edited(endpointSeq: number): void {
    const lane = this.#lanes.get(endpointSeq);
    const entry = this.#options.registry.endpoint(endpointSeq);
    if (lane === undefined || entry === undefined) return;
    this.#memory.drop(lane.apply(laneSettings(entry.row)));
    this.#look(lane);
  }

  /** An endpoint was deleted. */
  removed(endpointSeq: number): void {
    this.#pending.forget(endpointSeq);
    const lane = this.#lanes.get(endpointSeq);
    if (lane === undefined) return;
    this.#memory.drop(lane.clear());
    this.#forgetLane(lane);
    this.#lanes.delete(endpointSeq);
  }

  /** Holds everything back while the store cannot be written, so that what is sent can also be settled. */
  hold(holding: boolean): void {
    this.#holding = holding;
    if (!holding) this.pump();
  }

  /** Sends what is ready, as far as the caps allow. */
  pump(): void {
    if (this.#stopped || this.#holding) return;
    const orders: SendOrder[] = [];
    const allowed = (tenant: string): boolean => this.#inFlight.hasRoomFor(tenant);
    while (this.#inFlight.hasRoom) {
      const lane = this.#ready.next(allowed) ?? (this.#inFlight.hasRoomForSuspects ? this.#suspects.next(allowed) : undefined);
      if (lane === undefined) break;
      this.#release(lane, orders);
    }
    if (orders.length > 0) this.#options.sender.send(orders);
    this.#refills.pump();
  }

  /** Stops sending; resolves when nothing is in flight any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wakes.close();
    await this.#inFlight.none();
  }

  #release(lane: Lane, orders: SendOrder[]): void {
    const nowMs = this.#options.clock.nowMs();
    if (lane.readiness(nowMs).kind === 'ready') {
      const delivery = lane.release(nowMs);
      const order = delivery === undefined ? undefined : this.#order(delivery, lane);
      if (order !== undefined) orders.push(order);
      else if (delivery !== undefined) this.#memory.drop([delivery]); // its endpoint is being deleted
    }
    this.#look(lane);
  }

  #order(delivery: PendingDelivery, lane: Lane): SendOrder | undefined {
    const entry = this.#options.registry.endpoint(delivery.endpointSeq);
    if (entry === undefined) return undefined;
    this.#inFlight.add(delivery, lane.suspect);
    return {
      delivery: delivery.seq,
      target: this.#options.registry.target(entry, this.#options.clock.nowMs()),
      event: delivery.event,
      facts: delivery.facts,
    };
  }

  /** Sees what a lane waits for, and puts it where that will be noticed. */
  #look(lane: Lane): void {
    const nowMs = this.#options.clock.nowMs();
    if (lane.wantsRefill(nowMs)) this.#refills.add(lane);
    const readiness = lane.readiness(nowMs);
    this.#ready.remove(lane);
    this.#suspects.remove(lane);
    switch (readiness.kind) {
      case 'ready':
        (lane.suspect ? this.#suspects : this.#ready).add(lane);
        return;
      case 'at':
        this.#wakes.set(lane, readiness.ms);
        return;
      case 'waiting':
        this.#wakes.clear(lane);
        if (lane.isForgettable(nowMs)) this.#lanes.delete(lane.endpointSeq);
        return;
      default:
        readiness satisfies never;
    }
  }

  /** One pending delivery less. */
  #count(endpointSeq: number, seq: number): void {
    if (!this.#gone.delete(seq)) this.#pending.remove(endpointSeq);
  }

  #lane(endpointSeq: number): Lane | undefined {
    let lane = this.#lanes.get(endpointSeq);
    if (lane === undefined) {
      const entry = this.#options.registry.endpoint(endpointSeq);
      if (entry === undefined) return undefined;
      lane = new Lane(endpointSeq, entry.row.tenant, laneSettings(entry.row), null);
      this.#lanes.set(endpointSeq, lane);
    }
    return lane;
  }

  #forgetLane(lane: Lane): void {
    this.#ready.remove(lane);
    this.#suspects.remove(lane);
    this.#refills.remove(lane);
    this.#wakes.clear(lane);
  }
}

function laneSettings(row: {
  readonly concurrency: number;
  readonly ordering: 'none' | 'fifo';
  readonly status: string;
  readonly rateLimitPerSecond: number | null;
}): LaneSettings {
  return {
    concurrency: row.concurrency,
    fifo: row.ordering === 'fifo',
    held: row.status === 'paused' || row.status === 'disabled',
    rateLimitPerSecond: row.rateLimitPerSecond,
  };
}
