// The lane board: every lane there is, and where each waits: for its turn, for its time, or for the store.
//
// A lane is looked at when something of it changed or its time has come; sending never scans all lanes. A lane that
// nothing would be lost with is taken off the board.

import type { Ownership } from '../cluster/ownership.ts';
import type { Clock, Log } from '../ports.ts';
import type { Registry } from '../registry.ts';
import type { Store } from '../store/store.ts';
import type { InFlight } from './in-flight.ts';
import { laneSettings } from './lane-settings.ts';
import { Lane } from './lane.ts';
import type { MemoryBook } from './memory-book.ts';
import { Refiller, type RefillLimits } from './refiller.ts';
import { Turns } from './turns.ts';
import { WakeQueue } from './wake-queue.ts';

export interface LaneBoardOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly registry: Registry;
  readonly ownership: Ownership;
  readonly memory: MemoryBook;
  readonly limits: RefillLimits;
  /** An endpoint's deliveries were read from the store. */
  readonly onRead: (endpointSeq: number) => void;
  /** Something may be ready now. */
  readonly onReady: () => void;
}

export class LaneBoard {
  readonly #clock: Clock;
  readonly #registry: Registry;
  readonly #ownership: Ownership;
  readonly #lanes = new Map<number, Lane>();
  readonly #ready = new Turns();
  readonly #suspects = new Turns();
  readonly #refills: Refiller;
  readonly #wakes: WakeQueue;
  #closed = false;

  constructor(options: LaneBoardOptions) {
    const { clock, log, store, registry, ownership, memory, limits, onReady, onRead } = options;
    this.#clock = clock;
    this.#registry = registry;
    this.#ownership = ownership;
    this.#refills = new Refiller({
      clock,
      log,
      store,
      limits,
      memory,
      isCurrent: (lane) => this.#lanes.get(lane.endpointSeq) === lane,
      onRefilled: (lane) => {
        if (this.#closed) return;
        onRead(lane.endpointSeq);
        if (this.#lanes.get(lane.endpointSeq) === lane) this.look(lane);
        onReady();
      },
    });
    this.#wakes = new WakeQueue(clock, (lanes) => {
      for (const lane of lanes) this.look(lane);
      onReady();
    });
  }

  /** Due time of the oldest delivery that is due and waits; null when none does. Looks at every lane. */
  get oldestDueMs(): number | null {
    let oldest = Infinity;
    for (const lane of this.#lanes.values()) oldest = Math.min(oldest, lane.oldestDueMs);
    return oldest <= this.#clock.nowMs() ? oldest : null;
  }

  /** Whether no lane is ready and none is being read. */
  get isIdle(): boolean {
    return this.#ready.size === 0 && this.#suspects.size === 0 && this.#refills.isIdle;
  }

  /** The endpoint's lane, where it has one. */
  find(endpointSeq: number): Lane | undefined {
    return this.#lanes.get(endpointSeq);
  }

  /** The endpoint's lane, made if need be; undefined when there is no such endpoint, or it is another node's. */
  open(endpointSeq: number): Lane | undefined {
    return this.#lanes.get(endpointSeq) ?? this.make(endpointSeq, null);
  }

  /** A new lane for an endpoint, in place of any it has. */
  make(endpointSeq: number, stored: { readonly nextDueMs: number } | null): Lane | undefined {
    const entry = this.#registry.endpoint(endpointSeq);
    if (entry === undefined || !this.#ownership.owns(endpointSeq)) return undefined;
    const lane = new Lane(
      endpointSeq,
      entry.row.tenant,
      laneSettings(entry.row, this.#registry.isAway(entry.row)),
      stored,
      this.#ownership.isShared,
    );
    const gainedMs = this.#ownership.gainedMs(endpointSeq);
    if (gainedMs !== null) lane.goOnFrom(gainedMs);
    this.#lanes.set(endpointSeq, lane);
    return lane;
  }

  /** Sees what a lane waits for, and puts it where that will be noticed. */
  look(lane: Lane): void {
    const nowMs = this.#clock.nowMs();
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

  /** Takes out the lane whose turn it is, of those that there is room for. */
  next(inFlight: InFlight): Lane | undefined {
    const allowed = (tenant: string): boolean => inFlight.hasRoomFor(tenant);
    return this.#ready.next(allowed) ?? (inFlight.hasRoomForSuspects ? this.#suspects.next(allowed) : undefined);
  }

  /** Reads on for the lanes that want it, as far as memory allows. */
  refill(): void {
    this.#refills.pump();
  }

  /** Takes a lane off the board. */
  remove(lane: Lane): void {
    this.#ready.remove(lane);
    this.#suspects.remove(lane);
    this.#refills.remove(lane);
    this.#wakes.clear(lane);
    if (this.#lanes.get(lane.endpointSeq) === lane) this.#lanes.delete(lane.endpointSeq);
  }

  /** Every lane, as the board stands now. */
  all(): readonly Lane[] {
    return [...this.#lanes.values()];
  }

  /** Nothing is woken or read any more. */
  close(): void {
    this.#closed = true;
    this.#wakes.close();
  }
}
