// The dispatcher: turns lanes that are ready into orders for the sender, in fair turns and under the caps.
//
// Invariants:
//  1. Nothing leaves past the caps of in-flight.ts.
//  2. Memory is bounded in deliveries and bytes. What does not fit stays in the store and is read back by refiller.ts.
//  3. What is handed to the sender stands in the flight log. What was in flight at an unclean stop goes by quarantine.ts.

import type { Ownership } from '../cluster/ownership.ts';
import type { FlightLog } from '../flight/flight-log.ts';
import { Quarantine } from '../flight/quarantine.ts';
import type { Clock, Log } from '../ports.ts';
import type { Registry } from '../registry.ts';
import type { AttemptReport, Sender, SendOrder } from '../send/order.ts';
import { noListenerReport, relayedAttempt } from '../send/relay-attempt.ts';
import { isRelayUrl } from '../send/relay-url.ts';
import type { PendingDelivery } from '../store/rows.ts';
import type { Store, StoreSnapshot } from '../store/store.ts';
import { InFlight } from './in-flight.ts';
import { laneSettings, type LanePace } from './lane-settings.ts';
import { LaneBoard } from './lane-board.ts';
import type { Lane } from './lane.ts';
import type { DispatcherLimits } from './limits.ts';
import { LanesAmongNodes } from './lanes-among-nodes.ts';
import { MemoryBook } from './memory-book.ts';
import { PendingBook } from './pending-book.ts';
import { keepPlace, suspectsDoor } from './suspects-door.ts';

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly sender: Sender;
  readonly registry: Registry;
  readonly ownership: Ownership;
  readonly limits: DispatcherLimits;
  readonly flights: FlightLog;
  /** Whether this program acts on the store: asked before anything is handed to the sender. */
  readonly mayAct: () => boolean;
  /** Whether a hand has ended the delivery meanwhile; asked once, of one that comes back untried. */
  readonly wasEnded: (delivery: PendingDelivery) => boolean;
  /** Another node has ended a delivery whose attempt is under way. */
  readonly endsWithAttempt: (seq: number) => void;
  /** Takes each attempt's end, once. */
  readonly settle: (delivery: PendingDelivery, report: AttemptReport) => void;
}

/** What stands behind the dispatcher's doors. */
export interface LaneParts {
  readonly board: LaneBoard;
  readonly inFlight: InFlight;
  readonly memory: MemoryBook;
  readonly pending: PendingBook;
  /** Attempts that have ended and are not on record yet. */
  readonly settling: Map<number, PendingDelivery>;
  /** Deliveries that a hand is about to end, and whose they are. */
  readonly ending: Map<number, number>;
  /** Deliveries under way that are not pending any more, and so do not count. */
  readonly gone: Set<number>;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #board: LaneBoard;
  readonly #inFlight: InFlight;
  readonly #memory: MemoryBook;
  readonly #pending = new PendingBook();
  /** Attempts that have ended and are not on record yet. */
  readonly #settling = new Map<number, PendingDelivery>();
  /** Deliveries that a hand is about to end, and whose they are. */
  readonly #ending = new Map<number, number>();
  /** Deliveries under way that are not pending any more, and so do not count. */
  readonly #gone = new Set<number>();
  readonly #parts: LaneParts;
  readonly quarantine: Quarantine;
  /** What other nodes do, and which endpoints are theirs. */
  readonly amongNodes: LanesAmongNodes;
  #stopped = false;
  #holding = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { clock, log, store, registry, ownership, limits } = options;
    this.#inFlight = new InFlight(limits.inFlightMax);
    this.#memory = new MemoryBook(limits);
    this.#board = new LaneBoard({
      clock,
      log,
      store,
      registry,
      ownership,
      limits,
      memory: this.#memory,
      onReady: () => this.pump(),
      onRead: (endpointSeq) => this.amongNodes.read(endpointSeq),
    });
    this.#parts = {
      board: this.#board,
      inFlight: this.#inFlight,
      memory: this.#memory,
      pending: this.#pending,
      settling: this.#settling,
      ending: this.#ending,
      gone: this.#gone,
    };
    this.quarantine = new Quarantine({
      clock,
      log,
      flights: options.flights,
      inFlight: () => this.#inFlight.size,
      ...suspectsDoor(this.#parts, options, {
        leave: (endpointSeq, seq, dueMs) => this.leave(endpointSeq, seq, dueMs),
        order: (delivery, lane) => this.#order(delivery, lane),
        hand: (order) => this.#hand([order]),
      }),
      pump: () => this.pump(),
    });
    this.amongNodes = new LanesAmongNodes(this.#parts, options.ownership, {
      made: (endpointSeq) => this.made(endpointSeq),
      offer: (delivery) => this.offer([delivery]),
      leave: (endpointSeq, seq, dueMs) => this.leave(endpointSeq, seq, dueMs),
      withdraw: (endpointSeq, seq) => this.withdraw(endpointSeq, seq),
      sendNow: (delivery) => this.sendNow(delivery),
      endsWithAttempt: (seq) => options.endsWithAttempt(seq),
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

  /** Those of one endpoint. */
  pendingOf(endpointSeq: number): number {
    return this.#pending.of(endpointSeq);
  }

  /** Due time of the oldest delivery that is due and waits; null when none does. Looks at every lane. */
  get oldestDueMs(): number | null {
    return this.#board.oldestDueMs;
  }

  /** Takes new deliveries that the store has just taken. */
  received(deliveries: readonly PendingDelivery[]): void {
    for (const { endpointSeq } of deliveries) this.made(endpointSeq);
    this.offer(deliveries);
  }

  /** The store has taken a new delivery, which comes to its lane by `offer` or `leave`. */
  made(endpointSeq: number): void {
    const { registry, ownership } = this.#options;
    if (registry.endpoint(endpointSeq) !== undefined && ownership.owns(endpointSeq)) this.#pending.add(endpointSeq, 1);
  }

  /**
   * A hand is about to end a delivery: until `ended` or `spared` it keeps its place, and is not sent. False when its attempt is
   * on its way to being recorded, or when another hand is at it.
   */
  beginEnding(endpointSeq: number, seq: number): boolean {
    if (this.#ending.has(seq) || this.#settling.has(seq)) return false;
    this.#ending.set(seq, endpointSeq);
    if (this.#inFlight.has(seq) || this.quarantine.has(seq)) return true;
    this.withdraw(endpointSeq, seq);
    this.#board.open(endpointSeq)?.bypassSettling(seq);
    return true;
  }

  /** The end that a hand began is durable; `underWay`: it leaves when its attempt is on record. */
  ended(endpointSeq: number, seq: number, underWay: boolean): void {
    this.#ending.delete(seq);
    if (underWay) return;
    this.#count(endpointSeq, seq);
    this.quarantine.drop(seq);
    const lane = this.#board.find(endpointSeq);
    lane?.settled(seq);
    if (lane !== undefined) this.#board.look(lane);
  }

  /** The end that a hand began was not written. */
  spared(endpointSeq: number, seq: number, dueMs: number): void {
    if (!this.#ending.delete(seq) || this.#inFlight.has(seq) || this.#settling.has(seq)) return;
    if (this.quarantine.has(seq)) this.quarantine.stir();
    else {
      this.#board.find(endpointSeq)?.settled(seq);
      this.leave(endpointSeq, seq, dueMs);
    }
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
    const before = this.#board.all();
    for (const lane of before) {
      this.#memory.drop(lane.clear());
      this.#board.remove(lane);
    }
    for (const { endpointSeq, nextDueMs, pending } of backlog)
      if (this.#board.make(endpointSeq, { nextDueMs }) !== undefined) this.#pending.add(endpointSeq, pending);
    // Rates, rests and what was learnt of an endpoint hold also when the store is opened anew.
    for (const lane of before) if (!lane.isFresh(this.#options.clock.nowMs())) this.#board.open(lane.endpointSeq)?.goOnAs(lane);
    // What is under way keeps its slot, also where its endpoint has nothing else.
    for (const { endpointSeq, seq } of this.#inFlight.values()) this.#board.open(endpointSeq)?.bypass(seq);
    for (const { endpointSeq, seq } of this.#settling.values()) this.#board.open(endpointSeq)?.bypassSettling(seq);
    for (const [seq, endpointSeq] of this.#ending) {
      const lane = this.#board.open(endpointSeq);
      if (lane?.has(seq) === false) lane.bypassSettling(seq);
    }
    for (const { seq, endpointSeq } of this.quarantine.waiting()) keepPlace(this.#board, endpointSeq, seq);
    for (const lane of this.#board.all()) this.#board.look(lane);
  }

  /** A pending delivery stands in the store, due then, and is read from there. Call `pump` when all are in. */
  leave(endpointSeq: number, seq: number, dueMs: number): void {
    if (this.quarantine.has(seq)) return this.quarantine.moved(seq, dueMs);
    const lane = this.#board.open(endpointSeq);
    if (lane === undefined) return;
    this.#memory.drop(lane.leave({ seq, dueMs }));
    this.#board.look(lane);
  }

  /** Takes deliveries that the store has. Call `pump` when all are in. */
  offer(deliveries: readonly PendingDelivery[]): void {
    const nowMs = this.#options.clock.nowMs();
    for (const delivery of deliveries) {
      const lane = this.#board.open(delivery.endpointSeq);
      if (lane === undefined || lane.has(delivery.seq)) continue;
      if (lane.isFifo && this.#options.ownership.isShared) {
        // What another node published before it may not be here yet: the store says whose turn it is.
        this.leave(delivery.endpointSeq, delivery.seq, delivery.dueMs);
        continue;
      }
      this.#memory.take(delivery);
      this.#memory.drop(lane.offer(delivery, nowMs, this.#memory.hasRoom && lane.queued < this.#memory.share));
      this.#board.look(lane);
    }
  }

  /** Sends one at once, past its lane's order, hold and limits: a test. False when its endpoint is gone. */
  sendNow(delivery: PendingDelivery): boolean {
    const lane = this.#stopped ? undefined : this.#board.open(delivery.endpointSeq);
    if (lane !== undefined && !this.#options.mayAct()) {
      this.leave(delivery.endpointSeq, delivery.seq, delivery.dueMs); // in its turn, once the lease holds again
      return true;
    }
    const order = lane === undefined ? undefined : this.#order(delivery, lane);
    if (lane === undefined || order === undefined) return false;
    this.#memory.take(delivery);
    lane.bypass(delivery.seq);
    this.#hand([order]);
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

  /** Orders come back that were never tried: their deliveries stand as they did before. */
  returned(seqs: readonly number[]): void {
    const { settle, clock, wasEnded } = this.#options;
    for (const seq of seqs) {
      const delivery = this.#inFlight.take(seq);
      if (delivery === undefined) continue;
      const { endpointSeq } = delivery;
      if (delivery.cause === 'test') {
        this.#settling.set(seq, delivery);
        settle(delivery, noListenerReport(delivery, clock.nowMs()));
        continue;
      }
      this.#memory.drop([delivery]);
      const lane = this.#board.find(endpointSeq);
      lane?.settled(seq);
      if (wasEnded(delivery)) this.#count(endpointSeq, seq);
      else this.leave(endpointSeq, seq, delivery.dueMs);
      if (lane !== undefined) this.#board.look(lane);
    }
    this.pump();
  }

  /** What an attempt's outcome means for its lane. */
  attempted(delivery: PendingDelivery, delivered: boolean, restUntilMs: number): void {
    const lane = this.#board.find(delivery.endpointSeq);
    if (lane === undefined) return;
    this.#memory.drop(lane.attempted(delivery.seq, delivered, restUntilMs));
    this.#board.look(lane);
  }

  /** A settle is durable. With a next place, the delivery goes back to its lane. */
  settled(delivery: PendingDelivery, next: PendingDelivery | null): void {
    this.#memory.drop([delivery]);
    this.#settling.delete(delivery.seq);
    this.amongNodes.settled(delivery.seq);
    this.#options.flights.ended(delivery.seq);
    if (this.#gone.has(delivery.seq)) next = null; // a hand, or another node, has ended it meanwhile
    const kept = this.quarantine.settled(delivery.seq, next);
    if (next === null) this.#count(delivery.endpointSeq, delivery.seq);
    const lane = this.#board.find(delivery.endpointSeq);
    if (lane === undefined) return;
    lane.settled(delivery.seq);
    if (kept) lane.bypassSettling(delivery.seq);
    else if (next !== null) this.offer([next]);
    this.#board.look(lane);
  }

  /** Takes a delivery out of its queue, if it waits there: to be placed anew. */
  withdraw(endpointSeq: number, seq: number): void {
    const lane = this.#board.find(endpointSeq);
    if (lane === undefined) return;
    const withdrawn = lane.withdraw(seq);
    if (withdrawn !== undefined) this.#memory.drop([withdrawn]);
    this.#board.look(lane);
  }

  /** How an endpoint's lane does just now; null when the endpoint is not there. */
  pace(endpointSeq: number): LanePace | null {
    const entry = this.#options.registry.endpoint(endpointSeq);
    if (entry === undefined) return null;
    const { held, fifo, concurrency } = laneSettings(entry.row, this.#options.registry.isAway(entry.row));
    const lane = this.#board.find(endpointSeq);
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
    const lane = this.#board.find(endpointSeq);
    const entry = this.#options.registry.endpoint(endpointSeq);
    if (lane === undefined || entry === undefined) return;
    this.#memory.drop(lane.apply(laneSettings(entry.row, this.#options.registry.isAway(entry.row))));
    this.#board.look(lane);
    this.quarantine.stir();
  }

  /** An endpoint was deleted. */
  removed(endpointSeq: number): void {
    this.#pending.forget(endpointSeq);
    const lane = this.#board.find(endpointSeq);
    if (lane === undefined) return;
    this.#memory.drop(lane.clear());
    this.#board.remove(lane);
  }

  /** Holds everything back while the store cannot be written, so that what is sent can also be settled. */
  hold(holding: boolean): void {
    this.#holding = holding;
    if (!holding) this.pump();
  }

  /** Sends what is ready, as far as the caps allow. */
  pump(): void {
    if (this.#stopped || this.#holding || !this.#options.mayAct()) return;
    const orders: SendOrder[] = [];
    while (this.#inFlight.hasRoom && !this.quarantine.isQuiet) {
      const lane = this.#board.next(this.#inFlight);
      if (lane === undefined) break;
      this.#release(lane, orders);
    }
    this.#hand(orders);
    this.#board.refill();
    this.quarantine.look(this.#board.isIdle);
  }

  /** Stops sending; resolves when nothing is in flight any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#board.close();
    this.quarantine.stop();
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
    this.#board.look(lane);
  }

  #order(delivery: PendingDelivery, lane: Lane): SendOrder | undefined {
    const entry = this.#options.registry.endpoint(delivery.endpointSeq);
    if (entry === undefined) return undefined;
    this.#inFlight.add(delivery, lane.suspect);
    const relayed = isRelayUrl(entry.row.url);
    if (!relayed) this.#options.flights.begun(delivery.seq, delivery.attempts); // what a listener has cannot stop this process
    return {
      delivery: delivery.seq,
      target: this.#options.registry.target(entry, this.#options.clock.nowMs()),
      event: delivery.event,
      facts: delivery.facts,
      ...(relayed ? { relayed: relayedAttempt(delivery) } : {}),
    };
  }

  /** Notes what is on its way, then lets it go. */
  #hand(orders: readonly SendOrder[]): void {
    this.#options.flights.write();
    if (orders.length > 0) this.#options.sender.send(orders);
  }

  /** One pending delivery less. */
  #count(endpointSeq: number, seq: number): void {
    if (!this.#gone.delete(seq)) this.#pending.remove(endpointSeq);
  }
}
