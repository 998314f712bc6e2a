// Retention: what is older than the setting goes, in small steps with pauses, so that publishing never waits behind it.
//
// Invariants:
//  1. Nothing pending is removed: it fails as `expired` first, and then stays a day more for people to see. An attempt
//     under way is waited for.
//  2. A delivery goes with its attempts when it was made before the limit and ended a day ago; an event when it came
//     before the limit and has no deliveries left, a recent retry or replay of it included. A store that keeps its history
//     in ranges (store/history-ranges.ts) drops a whole range at once, when the youngest of it has come to that.
//  3. The feed's batches go before what they tell of: a stream that asks for them is told so.
//  4. After each step comes a pause at least as long as the step took: half of the store's time at most.
//
// A range spans an eighth of the retention, so that history goes at most that much later than row by row, and a database
// has about a dozen partitions of each table: what a statement costs more with each, and what a drop frees, are in balance.

import { change, type ServiceContext } from './services/context.ts';
import { endPending } from './services/end-pending.ts';
import type { PendingDelivery } from './store/rows.ts';
import type { HistoryRanges } from './store/history-ranges.ts';
import type { Change, OldDelivery, OldRows } from './store/store.ts';

const DAY_MS = 24 * 3_600_000;
const ROUND_MS = 15 * 60_000;
const FIRST_ROUND_MS = 60_000;
/** Rows of one step, attempts counted: 4 ms of the writer's time (p99 11 ms), measured beside other work on two cores. */
const STEP_ROWS = 500;
const STEP_BYTES = 4 * 1024 * 1024;
const EVENT_BOUNDS = { rowsMax: STEP_ROWS, bytesMax: STEP_BYTES } as const;
const PAUSE_MS_MIN = 10;
/** A step during which the clock leapt (a machine that slept) does not stop the rest for as long. */
const PAUSE_MS_MAX = 10_000;
const REPLAYS_AT_ONCE = 200;
const NOTICES_AT_ONCE = 200;
const ENDPOINTS_AT_ONCE = 50;
const FEED_AT_ONCE = 500;
const RANGES_A_RETENTION = 8;
const RANGE_DAYS_MAX = 32;
/** Others were using a range that was to go: how often, and after how long, it is tried again within a round. */
const BUSY_TRIES = 5;
const BUSY_PAUSE_MS = 1_000;
/** A batch is written a little after its events came. */
const FEED_LEAD_MS = 60_000;

export interface Removed {
  readonly events: number;
  readonly deliveries: number;
  /** Pending deliveries that failed because they were too old. */
  readonly expired: number;
}

export class Retention {
  readonly #context: ServiceContext;
  readonly #areMailed: boolean;
  readonly #expired: (delivery: PendingDelivery) => void;
  readonly #keptMs: number;
  readonly #removed = { events: 0, deliveries: 0, expired: 0 };
  #cancel: (() => void) | null = null;
  #stopped = false;

  /**
   * @param areMailed whether notices' emails are sent at all: one that waits for a mail server is kept until it is sent
   * @param expired told of each delivery that fails because it is too old, in the turn that says so to the committer
   */
  constructor(context: ServiceContext, areMailed: boolean, expired: (delivery: PendingDelivery) => void) {
    this.#context = context;
    this.#areMailed = areMailed;
    this.#expired = expired;
    this.#keptMs = context.limits.retentionDays * DAY_MS;
  }

  /** What ended stays at least so long to be seen. */
  get #restMs(): number {
    return Math.min(DAY_MS, this.#keptMs);
  }

  /** Since the start. */
  get removed(): Removed {
    return { ...this.#removed };
  }

  start(): void {
    if (this.#keptMs !== Infinity || this.#context.store.history !== undefined) this.#roundAfter(FIRST_ROUND_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #roundAfter(ms: number): void {
    if (this.#stopped) return;
    const { clock, log } = this.#context;
    this.#cancel = clock.after(ms, () => {
      void this.#round()
        .catch((error: unknown) => log.warn('retention was interrupted; it goes on with the next round', { error: String(error) }))
        .then(() => this.#roundAfter(ROUND_MS));
    });
  }

  async #round(): Promise<void> {
    if (!this.#context.ownership.doesUpkeep) return;
    const { history } = this.#context.store;
    await history?.prepare(this.#context.clock.nowMs(), rangeMs(this.#keptMs));
    if (this.#keptMs === Infinity) return;
    const before = this.removed;
    const limitMs = this.#context.clock.nowMs() - this.#keptMs;
    await this.#feed(limitMs);
    if (history === undefined) {
      await this.#deliveries(limitMs);
      await this.#events((after, bounds) => this.#context.store.read.oldEvents({ receivedBeforeMs: limitMs, after, ...bounds }));
    } else {
      await this.#pending(history, limitMs);
      await this.#ranges(history, limitMs);
      await this.#events((after, bounds) => history.leftEvents({ after, ...bounds }));
    }
    await this.#replays(limitMs);
    await this.#notices(limitMs);
    await this.#rejected(limitMs);
    await this.#endpoints(limitMs);
    const { events, deliveries, expired } = this.#removed;
    const counts = { events: events - before.events, deliveries: deliveries - before.deliveries, expired: expired - before.expired };
    if (counts.events + counts.deliveries + counts.expired > 0) this.#context.log.info('removed what was older than its retention', counts);
  }

  /** Before the rows that it lists: who goes on from there hears that it is gone, and misses nothing unheard. */
  async #feed(limitMs: number): Promise<void> {
    const beforeMs = limitMs + FEED_LEAD_MS;
    for (let trimmed = FEED_AT_ONCE; trimmed === FEED_AT_ONCE && !this.#stopped;) {
      await this.#step(async () => {
        [trimmed = 0] = await change(this.#context, 'retention', () => [{ kind: 'trimFeed', beforeMs, limit: FEED_AT_ONCE }]);
      });
    }
  }

  /** What is pending and too old, before the ranges that it lies in go. */
  async #pending(history: HistoryRanges, limitMs: number): Promise<void> {
    for (let after: number | null = 0; after !== null && !this.#stopped;) {
      const part = await history.oldPending(limitMs, after, STEP_ROWS);
      if (part.rows.length > 0) await this.#step(() => this.#expire(part.rows));
      after = part.next;
    }
  }

  async #ranges(history: HistoryRanges, madeBeforeMs: number): Promise<void> {
    const nowMs = this.#context.clock.nowMs();
    let busy = 0;
    for (let goesOn = true; goesOn && !this.#stopped;) {
      await this.#step(async () => {
        const { events, deliveries, state } = await history.removeSome({ madeBeforeMs, nowMs, restMs: this.#restMs });
        this.#removed.events += events;
        this.#removed.deliveries += deliveries;
        busy = state === 'busy' ? busy + 1 : 0;
        goesOn = state === 'more' || (state === 'busy' && busy < BUSY_TRIES);
      });
      if (busy > 0 && goesOn) await this.#pause(BUSY_PAUSE_MS);
    }
  }

  async #deliveries(limitMs: number): Promise<void> {
    const { read } = this.#context.store;
    const endedBeforeMs = this.#context.clock.nowMs() - this.#restMs;
    for (let after: number | null = 0; after !== null && !this.#stopped;) {
      const part = await read.oldDeliveries({ madeBeforeMs: limitMs, endedBeforeMs, after, rowsMax: STEP_ROWS });
      await this.#step(async () => {
        await this.#expire(part.rows.filter(({ state }) => state === 'pending'));
        const seqs = part.rows.filter(({ state }) => state !== 'pending').map(({ seq }) => seq);
        this.#removed.deliveries += await this.#remove({ kind: 'removeDeliveries', seqs });
      });
      after = part.next;
    }
  }

  async #expire(pending: readonly OldDelivery[]): Promise<void> {
    const { dispatcher } = this.#context;
    const resting = pending.filter(({ seq }) => !dispatcher.isInFlight(seq)); // what is under way comes again with the next round
    if (resting.length === 0) return;
    const end = { state: 'failed', reason: 'expired' } as const;
    this.#removed.expired += await endPending(this.#context, resting, end, this.#expired);
  }

  async #events(read: (after: number, bounds: typeof EVENT_BOUNDS) => Promise<OldRows<number>>): Promise<void> {
    for (let after: number | null = 0; after !== null && !this.#stopped;) {
      const part: OldRows<number> = await read(after, EVENT_BOUNDS);
      await this.#step(async () => {
        this.#removed.events += await this.#remove({ kind: 'removeEvents', seqs: part.rows });
      });
      after = part.next;
    }
  }

  async #replays(finishedBeforeMs: number): Promise<void> {
    for (let removed = REPLAYS_AT_ONCE; removed === REPLAYS_AT_ONCE && !this.#stopped;) {
      [removed = 0] = await change(this.#context, 'retention', () => [{ kind: 'removeReplays', finishedBeforeMs, limit: REPLAYS_AT_ONCE }]);
    }
  }

  async #rejected(rejectedBeforeMs: number): Promise<void> {
    if (this.#context.store.outbox === undefined) return;
    for (let removed = NOTICES_AT_ONCE; removed === NOTICES_AT_ONCE && !this.#stopped;) {
      [removed = 0] = await change(this.#context, 'retention', () => [
        { kind: 'removeRejected', rejectedBeforeMs, limit: NOTICES_AT_ONCE },
      ]);
    }
  }

  async #notices(createdBeforeMs: number): Promise<void> {
    const unsentToo = !this.#areMailed;
    for (let removed = NOTICES_AT_ONCE; removed === NOTICES_AT_ONCE && !this.#stopped;) {
      const removal: Change = { kind: 'removeNotices', createdBeforeMs, unsentToo, limit: NOTICES_AT_ONCE };
      [removed = 0] = await change(this.#context, 'retention', () => [removal]);
    }
  }

  /** Rows of deleted endpoints, once everything of theirs is gone. */
  async #endpoints(deletedBeforeMs: number): Promise<void> {
    for (let removed = ENDPOINTS_AT_ONCE; removed === ENDPOINTS_AT_ONCE && !this.#stopped;) {
      await this.#step(async () => {
        [removed = 0] = await change(this.#context, 'retention', () => [
          { kind: 'removeEndpoints', deletedBeforeMs, limit: ENDPOINTS_AT_ONCE },
        ]);
      });
    }
  }

  async #remove(removal: Extract<Change, { readonly kind: 'removeDeliveries' | 'removeEvents' }>): Promise<number> {
    if (removal.seqs.length === 0) return 0;
    const [removed = 0] = await change(this.#context, 'retention', () => [removal]);
    return removed;
  }

  /** Does a step, then leaves the store to others for as long. */
  async #step(work: () => Promise<void>): Promise<void> {
    const { clock } = this.#context;
    const startedMs = clock.monotonicMs();
    await work();
    if (this.#stopped) return;
    await this.#pause(Math.min(Math.max(PAUSE_MS_MIN, clock.monotonicMs() - startedMs), PAUSE_MS_MAX));
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#context.clock.after(ms, resolve);
      this.#cancel = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** How long a range of history is filled. */
function rangeMs(keptMs: number): number {
  return Math.min(Math.max(keptMs / RANGES_A_RETENTION, DAY_MS), RANGE_DAYS_MAX * DAY_MS);
}
