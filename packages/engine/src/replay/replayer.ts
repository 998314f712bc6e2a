// The replayer: runs every replay that has not ended, from where it stands.
//
// Invariants:
//  1. A replay's place is committed with the deliveries that it makes: nothing is made twice or left out, whenever the
//     process stops.
//  2. Live traffic first: replays take at most half of an endpoint's slots, and only while nothing else of it is behind.
//  3. Memory is bounded: a few deliveries in waiting an endpoint, a page of numbers read ahead for each.

import type { IdMint } from '@waxwing/protocol';
import type { Committer } from '../commit/committer.ts';
import type { Writes } from '../commit/items.ts';
import type { Dispatcher } from '../lane/dispatcher.ts';
import type { Clock, Log } from '../ports.ts';
import type { Sequences } from '../publish.ts';
import type { Registry } from '../registry.ts';
import type { PendingDelivery, ReplayRow } from '../store/rows.ts';
import type { DeliveryListRow, Store } from '../store/store.ts';
import { Outstanding } from './outstanding.ts';
import { ReplayRun } from './run.ts';

export interface ReplayerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly ids: IdMint;
  readonly seqs: Sequences;
  readonly store: Store;
  readonly registry: Registry;
  readonly committer: Committer;
  readonly dispatcher: Dispatcher;
  /** Ends pending deliveries of a replay that is cancelled; answers how many. */
  readonly endPending: (deliveries: readonly DeliveryListRow[]) => Promise<number>;
  /** What tells that a replay has completed, to be written with it. */
  readonly tell: (replay: ReplayRow) => Writes;
}

export class Replayer {
  readonly #options: ReplayerOptions;
  readonly #outstanding: Outstanding;
  readonly #runs = new Map<number, ReplayRun>();
  #stopped = false;

  constructor(options: ReplayerOptions) {
    this.#options = options;
    const { clock, store, dispatcher } = options;
    this.#outstanding = new Outstanding(clock, store, dispatcher, () => {
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
    if (this.#stopped) return;
    const run = new ReplayRun({ ...this.#options, outstanding: this.#outstanding }, row);
    this.#runs.set(row.seq, run);
    void run.run().then((ended) => {
      if (!ended) return;
      this.#runs.delete(row.seq);
      if (this.#runs.size === 0) this.#outstanding.rest();
    });
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
