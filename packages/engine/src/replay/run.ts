// One replay's run: counts, makes deliveries in small steps, waits for them to end, and says so.
//
// Each endpoint that has something to be replayed is a stream of its own, oldest delivery first, so that one that is
// paused, slow or dead holds up no other. A step takes a few of every stream that has room and commits them together with
// how far each stream has come. Whatever goes wrong, the run goes on from what the store says.

import type { IdMint } from '@waxwing/protocol';
import { commitWrites } from '../commit/change.ts';
import type { Committer } from '../commit/committer.ts';
import { untold, type Writes } from '../commit/items.ts';
import type { Dispatcher } from '../lane/dispatcher.ts';
import type { Clock, Log } from '../ports.ts';
import { together } from '../notices/writing.ts';
import type { Numbers } from '../cluster/numbers.ts';
import type { Registry } from '../registry.ts';
import type { DeliveryRow, ReplayRow } from '../store/rows.ts';
import type { DeliveryListRow, GroupResult, SelectedDelivery, Store } from '../store/store.ts';
import type { Outstanding } from './outstanding.ts';
import { Picker, type Step } from './picker.ts';

export interface ReplayRunOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly ids: IdMint;
  readonly numbers: Numbers;
  readonly store: Store;
  readonly registry: Registry;
  readonly committer: Committer;
  readonly dispatcher: Dispatcher;
  readonly outstanding: Outstanding;
  /** Ends pending deliveries; answers how many. */
  readonly endPending: (deliveries: readonly DeliveryListRow[]) => Promise<number>;
  /** What tells that it has completed, to be written with that. */
  readonly tell: (replay: ReplayRow) => Writes;
}

/** How long it waits for room before it looks again unasked: twice as long each time it finds none; longer where all it waits for is paused or disabled. */
const LOOK_AGAIN_MS_MIN = 500;
const LOOK_AGAIN_MS_MAX = 4_000;
const HELD_AGAIN_MS = 10_000;
/** How long it waits for what it made to end before it looks again: twice as long each time. */
const ENDED_AGAIN_MS_MIN = 1_000;
const ENDED_AGAIN_MS_MAX = 30_000;
const FAILED_AGAIN_MS = 1_000;
/** How long an attempt that has just come back is given to reach the store. */
const SETTLING_MS = 20;
const CANCELLED_AT_ONCE = 500;

export class ReplayRun {
  readonly #options: ReplayRunOptions;
  readonly #picker: Picker;
  #row: ReplayRow;
  #endedAgainMs = ENDED_AGAIN_MS_MIN;
  #lookAgainMs = LOOK_AGAIN_MS_MIN;
  /** A commit's result may be unknown: the store is asked before anything else. */
  #stale = false;
  #stopped = false;
  #cancelling: PromiseWithResolvers<void> | null = null;
  #wake: (() => void) | null = null;
  #woken = false;

  constructor(options: ReplayRunOptions, row: ReplayRow) {
    this.#options = options;
    this.#picker = new Picker(options.store, options.dispatcher, options.outstanding);
    this.#row = row;
  }

  /** As last committed. */
  get row(): ReplayRow {
    return this.#row;
  }

  /** What it waits for, in words; null when it waits for nothing but its turn. */
  get note(): string | null {
    const { held } = this.#picker;
    if (this.#row.finishedMs !== null || this.#row.streams.length === 0 || held === 0) return null;
    const endpoints = held === 1 ? '1 endpoint that is' : `${held} endpoints that are`;
    return `waits for ${endpoints} paused or disabled`;
  }

  /** Goes on until it has ended or is stopped; answers whether it has ended. */
  async run(): Promise<boolean> {
    while (!this.#stopped && this.#row.finishedMs === null) {
      try {
        if (this.#stale) await this.#readAnew();
        else if (this.#cancelling !== null) await this.#cancelNow();
        else if (this.#row.state === 'counting') await this.#count();
        else await this.#advance();
      } catch (error) {
        this.#options.log.warn('a replay was interrupted; it goes on', { replay: this.#row.id, error: String(error) });
        this.#stale = true;
        await this.#rest(FAILED_AGAIN_MS);
      }
    }
    // Ended meanwhile, or left to the next start: whoever waits looks at what it has become.
    this.#cancelling?.resolve();
    return this.#row.finishedMs !== null;
  }

  /** The row may have been changed by another hand. */
  readAgain(): void {
    this.#stale = true;
    this.wake();
  }

  /** There may be room again. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  /** Ends it by hand: nothing more is made, and what it made and is pending is cancelled. Resolves when durable, or when it ended otherwise. */
  cancel(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#cancelling ??= Promise.withResolvers();
    this.wake();
    return this.#cancelling.promise;
  }

  async #cancelNow(): Promise<void> {
    const { store, clock, endPending } = this.#options;
    const cancelling = this.#cancelling;
    try {
      let pending = await store.read.replayPending(this.#row.seq, CANCELLED_AT_ONCE);
      while (pending.length > 0) {
        if (this.#stopped) return;
        if ((await endPending(pending)) < pending.length) await this.#rest(SETTLING_MS);
        pending = await store.read.replayPending(this.#row.seq, CANCELLED_AT_ONCE);
      }
      const counts = await store.read.replayCounts(this.#row.seq);
      await this.#put(() => ({ ...this.#row, ...progressOf(counts), state: 'cancelled', streams: [], finishedMs: clock.nowMs() }));
    } catch (error) {
      this.#stale = true;
      this.#cancelling = null;
      cancelling?.reject(error);
    }
  }

  async #count(): Promise<void> {
    const { store } = this.#options;
    const { tenant, filter, upToSeq } = this.#row;
    const counts = new Map<number, number>();
    for (let after: number | null = 0; after !== null;) {
      if (this.#stopped || this.#cancelling !== null) return;
      const part = await store.read.selectionCounts({ tenant, filter, after, upToSeq, limit: 0 });
      for (const { endpointSeq, deliveries } of part.counts) counts.set(endpointSeq, (counts.get(endpointSeq) ?? 0) + deliveries);
      after = part.next;
    }
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const streams = [...counts.keys()].map((endpointSeq) => ({ endpointSeq, after: 0 }));
    await this.#put(() => ({ ...this.#row, state: 'running', total, streams }));
  }

  async #advance(): Promise<void> {
    if (this.#row.streams.length === 0) return this.#end();
    this.#woken = false;
    const step = await this.#picker.pick(this.#row);
    if (step.deliveries.length > 0) await this.#make(step);
    else if (step.streams.length < this.#row.streams.length) await this.#put(() => ({ ...this.#row, streams: step.streams }));
    else if (!this.#woken) return this.#rest(step.held === step.streams.length ? HELD_AGAIN_MS : this.#roomAgainMs());
    this.#lookAgainMs = LOOK_AGAIN_MS_MIN;
  }

  #roomAgainMs(): number {
    const ms = this.#lookAgainMs;
    this.#lookAgainMs = Math.min(ms * 2, LOOK_AGAIN_MS_MAX);
    return ms;
  }

  /** Commits a step, and tells the lanes, which read their deliveries from the store. */
  async #make(step: Step): Promise<void> {
    const { committer, dispatcher, outstanding, registry } = this.#options;
    let rows: readonly DeliveryRow[] = [];
    const result = await new Promise<GroupResult>((resolve, reject) =>
      committer.submit({
        kind: 'group',
        tenant: this.#row.tenant,
        rows: step.deliveries.length,
        bytes: 0,
        prepare: () => {
          // An endpoint may have been deleted since they were picked; what it had pending is cancelled by now.
          const standing = step.deliveries.filter(({ endpointSeq }) => registry.endpoint(endpointSeq) !== undefined);
          rows = standing.map((from) => this.#delivery(from));
          const replay = this.#moved(rows.length, step);
          return { inserts: [{ kind: 'replay', replay, deliveries: rows }] };
        },
        done: (committed) => {
          if (committed.kind === 'stored') {
            this.#row = this.#moved(rows.length, step);
            for (const { endpointSeq, seq, dueMs } of rows) {
              outstanding.add(endpointSeq, seq);
              dispatcher.made(endpointSeq);
              dispatcher.leave(endpointSeq, seq, dueMs);
            }
          }
          resolve(committed);
        },
        failed: reject,
      }),
    );
    // Cancelled meanwhile, or an event went with its retention: the store is asked again.
    if (result.kind !== 'stored') await this.#readAnew();
  }

  /** What was pending when it was counted may have ended since, as the filter wants it: then it makes more than it counted. */
  #moved(rows: number, { streams }: Step): ReplayRow {
    const made = this.#row.made + rows;
    return { ...this.#row, made, total: Math.max(this.#row.total ?? 0, made), streams };
  }

  #delivery(from: SelectedDelivery): DeliveryRow {
    const { numbers, ids, clock } = this.#options;
    const nowMs = clock.nowMs();
    return {
      seq: numbers.take('delivery'),
      id: ids.mint('dlv'),
      tenant: this.#row.tenant,
      eventSeq: from.eventSeq,
      endpointSeq: from.endpointSeq,
      cause: 'replay',
      origin: from.id,
      replaySeq: this.#row.seq,
      state: 'pending',
      stateReason: null,
      outcome: null,
      attempts: 0,
      dueMs: nowMs,
      facts: from.facts,
      createdMs: nowMs,
      finishedMs: null,
    };
  }

  /** Everything is made: completed once everything has ended. */
  async #end(): Promise<void> {
    const { store, clock, log, tell } = this.#options;
    const waiting = await store.read.replayPending(this.#row.seq, 1);
    if (waiting.length > 0) {
      this.#endedAgainMs = Math.min(this.#endedAgainMs * 2, ENDED_AGAIN_MS_MAX);
      return this.#rest(this.#endedAgainMs);
    }
    const counts = await store.read.replayCounts(this.#row.seq);
    const { done, failed } = progressOf(counts);
    const completed = (): ReplayRow => ({ ...this.#row, state: 'completed', done, failed, finishedMs: clock.nowMs() });
    const ended = await this.#put(completed, tell);
    if (ended) log.info('a replay has completed', { replay: this.#row.id, tenant: this.#row.tenant, made: this.#row.made, failed });
  }

  /** Commits a new row; false where it had ended meanwhile. */
  async #put(next: () => ReplayRow, tell: (row: ReplayRow) => Writes = () => untold([])): Promise<boolean> {
    const { committer, registry } = this.#options;
    let row = this.#row;
    const [touched] = await commitWrites(committer, registry, `replay:${row.id}`, () => {
      if (this.#row.finishedMs !== null) return untold([]);
      row = next();
      return together(untold([{ kind: 'putReplay', replay: row }]), tell(row));
    });
    if (touched === 1) this.#row = row;
    else await this.#readAnew();
    return touched === 1;
  }

  /** Takes what the store says: a commit's result may be unknown, or the replay ended by another hand. */
  async #readAnew(): Promise<void> {
    this.#stale = true; // until it is read: going on from an old place would make deliveries twice
    this.#picker.forget();
    const row = await this.#options.store.read.replay(this.#row.id);
    if (row !== null) this.#row = row;
    this.#stale = false;
  }

  /** Waits, or until there may be room. */
  async #rest(ms: number): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = null;
  }
}

/** How many have ended, and how many of these undelivered. */
export function progressOf(counts: {
  readonly delivered: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
}): { readonly done: number; readonly failed: number } {
  const failed = counts.failed + counts.cancelled + counts.skipped;
  return { done: counts.delivered + failed, failed };
}
