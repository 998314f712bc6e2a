// The replayer: runs every replay that has not ended, from where it stands.
//
// Invariants:
//  1. A replay's place is committed with the deliveries that it makes: nothing is made twice or left out, whenever the
//     process stops.
//  2. Live traffic first: replays take at most half of an endpoint's slots, and only while nothing else of it is behind.
//  3. Memory is bounded: a few deliveries in waiting an endpoint, a page of numbers read ahead for each.

import type { IdMint } from '@waxwing/protocol';
import type { Ownership } from '../cluster/ownership.ts';
import type { Committer } from '../commit/committer.ts';
import type { Writes } from '../commit/items.ts';
import type { Dispatcher } from '../lane/dispatcher.ts';
import type { Clock, Log } from '../ports.ts';
import type { Numbers } from '../cluster/numbers.ts';
import type { Registry } from '../registry.ts';
import type { PendingDelivery, ReplayRow } from '../store/rows.ts';
import type { DeliveryListRow, Store } from '../store/store.ts';
import { Outstanding } from './outstanding.ts';
import { ReplayRun } from './run.ts';

export interface ReplayerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly ids: IdMint;
  readonly numbers: Numbers;
  readonly store: Store;
  readonly registry: Registry;
  readonly committer: Committer;
  readonly dispatcher: Dispatcher;
  readonly ownership: Ownership;
  /** Ends pending deliveries of a replay that is cancelled; answers how many. */
  readonly endPending: (deliveries: readonly DeliveryListRow[]) => Promise<number>;
  /** What tells that a replay has completed, to be written with it. */
  readonly tell: (replay: ReplayRow) => Writes;
}

export class Replayer {
  readonly #options: ReplayerOptions;
  readonly #outstanding: Outstanding;
  readonly #runs = new Map<number, ReplayRun>();
  readonly #running = new Set<Promise<unknown>>();
  #stopped = false;

  constructor(options: ReplayerOptions) {
    this.#options = options;
    const { clock, store, dispatcher, ownership } = options;
    this.#outstanding = new Outstanding(clock, store, dispatcher, ownership, () => {
      for (const run of this.#runs.values()) run.wake();
    });
  }

  /** Replays of a tenant that have not ended. */
  countOf(tenant: string): number {
    let count = 0;
    for (const run of this.#runs.values()) if (run.row.tenant === tenant) count += 1;
    return count;
  }

  /** Takes up a replay that the store has. */
  add(row: ReplayRow): void {
    if (this.#stopped || this.#runs.has(row.seq)) return;
    const run = new ReplayRun({ ...this.#options, outstanding: this.#outstanding }, row);
    this.#runs.set(row.seq, run);
    const running = run.run().then((ended) => {
      this.#running.delete(running);
      if (!ended || this.#runs.get(row.seq) !== run) return;
      this.#runs.delete(row.seq);
      if (this.#runs.size === 0) this.#outstanding.rest();
    });
    this.#running.add(running);
  }

  /** Another node has changed a replay, or made it. */
  changed(row: ReplayRow): void {
    const run = this.#runs.get(row.seq);
    if (run !== undefined) run.readAgain();
    else if (row.finishedMs === null) this.add(row);
  }

  /** Ends a replay by hand that another node runs: that one finds it ended. The row as it then is. */
  async cancelElsewhere(row: ReplayRow): Promise<ReplayRow> {
    const run = new ReplayRun({ ...this.#options, outstanding: this.#outstanding }, row);
    const cancelled = run.cancel();
    await run.run();
    await cancelled;
    return run.row;
  }

  /** Leaves the replays to another node. Resolves when nothing of them is under way. */
  async release(): Promise<void> {
    for (const run of this.#runs.values()) run.stop();
    this.#runs.clear();
    this.#outstanding.rest();
    await Promise.all(this.#running);
  }

  /** The run of a replay that has not ended. */
  running(seq: number): ReplayRun | undefined {
    return this.#runs.get(seq);
  }

  /** A delivery's settle is durable. */
  settled(delivery: PendingDelivery): void {
    if (delivery.cause === 'replay') this.#outstanding.remove(delivery.endpointSeq, delivery.seq);
  }

  /** Leaves what is not made yet to the next start. */
  stop(): void {
    this.#stopped = true;
    this.#outstanding.stop();
    for (const run of this.#runs.values()) run.stop();
  }
}
