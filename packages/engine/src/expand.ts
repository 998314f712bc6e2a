// Expand: makes the deliveries of a very wide fan-out in chunks, after its event is durable.
//
// The event was committed with its match set, so nothing is lost when the process stops in between: the store keeps how
// far it came, and the rest is made at the next start. One chunk of one event at a time, so that other tenants' batches
// are not held up by a hundred thousand rows.

import type { DeliveryId, IdMint } from '@waxwing/protocol';
import type { Committer } from './commit/committer.ts';
import type { Clock, Log } from './ports.ts';
import { newDelivery, pending } from './new-delivery.ts';
import type { Numbers } from './cluster/numbers.ts';
import type { Registry } from './registry.ts';
import type { DeliveryRow, PendingDelivery } from './store/rows.ts';
import type { Expansion } from './store/store.ts';

export interface ExpanderOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly ids: IdMint;
  readonly numbers: Numbers;
  readonly registry: Registry;
  readonly committer: Committer;
  readonly handOver: (deliveries: readonly PendingDelivery[]) => void;
  /** Most deliveries made in one chunk. */
  readonly chunkMax: number;
}

const AGAIN_MS = 500;

export class Expander {
  readonly #options: ExpanderOptions;
  #queue: Expansion[] = [];
  /** Rises when the store was opened anew: a chunk of an earlier round is stale. */
  #round = 0;
  #running = false;
  /** The event whose chunks are being made. */
  #current: number | null = null;
  #stopped = false;
  #cancelAgain: (() => void) | null = null;
  /** A chunk that is on its way to the store. */
  #underWay: PromiseWithResolvers<void> | null = null;

  constructor(options: ExpanderOptions) {
    this.#options = options;
  }

  add(expansion: Expansion): void {
    this.#queue.push(expansion);
    if (!this.#running) this.#next();
  }

  /** Takes over what the store holds; anything held before is forgotten. */
  resume(expansions: readonly Expansion[]): void {
    this.#round += 1;
    this.#queue = [...expansions];
    this.#next();
  }

  /** Leaves what is not made yet to another node. Resolves when nothing of it is under way. */
  async release(): Promise<void> {
    this.#round += 1;
    this.#queue = [];
    this.#running = false;
    this.#current = null;
    this.#cancelAgain?.();
    await this.#underWay?.promise;
  }

  /** Whether deliveries of an event are still being made. */
  isExpanding(eventSeq: number): boolean {
    return this.#current === eventSeq || this.#queue.some(({ event }) => event.seq === eventSeq);
  }

  /** Leaves what is not made yet to the next start. */
  stop(): void {
    this.#stopped = true;
    this.#cancelAgain?.();
  }

  #next(): void {
    const expansion = this.#queue.shift();
    this.#running = expansion !== undefined;
    this.#current = expansion?.event.seq ?? null;
    if (expansion !== undefined && !this.#stopped) this.#chunk(expansion);
  }

  #chunk(expansion: Expansion): void {
    const { committer, clock, log, handOver, chunkMax } = this.#options;
    const end = Math.min(expansion.done + chunkMax, expansion.matches.length);
    const round = this.#round;
    let rows: DeliveryRow[] = [];
    const underWay = Promise.withResolvers<void>();
    this.#underWay = underWay;
    committer.submit({
      kind: 'group',
      tenant: expansion.event.tenant,
      rows: end - expansion.done,
      bytes: 0,
      prepare: () => {
        if (round !== this.#round) return { inserts: [] };
        rows = this.#rows(expansion, end);
        return { inserts: [{ kind: 'chunk', eventSeq: expansion.event.seq, deliveries: rows, done: end }] };
      },
      done: (result) => {
        underWay.resolve();
        if (round !== this.#round) return;
        if (result.kind === 'stored') {
          handOver(rows.filter((row) => row.state === 'pending').map((row) => pending(row, expansion.event)));
          if (end < expansion.matches.length && !this.#stopped) this.#chunk({ ...expansion, done: end });
          else this.#next();
        } else {
          log.error('an event’s fan-out is gone from the store', { event: expansion.event.id });
          this.#next();
        }
      },
      failed: (error) => {
        underWay.resolve();
        if (round !== this.#round || this.#stopped) return;
        log.error('a chunk of a fan-out could not be stored; trying again', { event: expansion.event.id, error: String(error) });
        this.#cancelAgain = clock.after(AGAIN_MS, () => {
          if (round === this.#round && !this.#stopped) this.#chunk(expansion);
        });
      },
    });
  }

  #rows(expansion: Expansion, end: number): DeliveryRow[] {
    const { clock, ids, numbers, registry } = this.#options;
    return expansion.matches.slice(expansion.done, end).map((match) => {
      const id: DeliveryId = ids.mint('dlv');
      const deleted = registry.endpoint(match.endpointSeq) === undefined;
      const skippedReason = match.skippedReason ?? (deleted ? 'the endpoint was deleted' : null);
      return newDelivery({
        seq: numbers.take('delivery'),
        id,
        event: expansion.event,
        endpointSeq: match.endpointSeq,
        facts: match.facts,
        skippedReason,
        nowMs: clock.nowMs(),
      });
    });
  }
}
