// The committer: groups everything that waits into one durable transaction after another.
//
// Invariants:
//  1. One batch is under way at a time; what arrives meanwhile forms the next: batches grow with the load, a lone event does not wait.
//  2. Nobody is answered before the batch is durable. Items are answered in the order of the batch.
//  3. One bad row never fails its neighbours: a refused batch is halved until the culprit is alone, and reported.
//  4. Settles are never given up: while the store is away they are kept, and written when it is back.
//  5. A commit whose result is unknown is never repeated blindly: publishers hear so, and the store is opened anew.
//  6. Where others have changed the configuration meanwhile, a batch is prepared again with theirs before it is written.

import { WaxwingError } from '@waxwing/protocol';
import { RunTooShort, type Numbers } from '../cluster/numbers.ts';
import type { Clock, Log } from '../ports.ts';
import { StoreError, type BatchResult, type Store } from '../store/store.ts';
import { awayBecause, awayError, unknownError, type Away } from './away.ts';
import { rowsOf, type CommitItem, type SettleItem } from './items.ts';
import { answer, batchOf, prepare, type Prepared } from './prepared.ts';
import { Waiting, type WaitingLimits } from './waiting.ts';

export interface CommitterOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: WaitingLimits;
  readonly numbers: Numbers;
  /** Whether this node's lease holds: what it commits could not be relied on. */
  readonly mayAct: () => boolean;
  /** Takes in what others have changed of the configuration. Rejects with StoreError. */
  readonly catchUp: () => Promise<void>;
  /** Opens the store anew after a commit whose result is unknown, and takes over what it holds. `unsettled`: deliveries whose settles wait. */
  readonly reopen: (unsettled: readonly number[]) => Promise<void>;
  /** Told when the store goes away and when it is back. */
  readonly onAvailable: (available: boolean) => void;
  /** Told once after each batch's items were answered. */
  readonly afterBatch: () => void;
}

const RETRY_MS = 250;
/** How much longer the next run of numbers is where one was too short. */
const RUN_GROWTH = 8;

export class Committer {
  readonly #options: CommitterOptions;
  readonly #waiting: Waiting;
  #running = false;
  #scheduled = false;
  /** Why the store takes no writes; null while it does. */
  #away: Away | null = null;
  #commits = 0;
  #underWay = 0;
  #lastStartMs = -Infinity;
  #idle: (() => void)[] = [];
  #cancelRetry: (() => void) | null = null;
  /** Numbers asked for each row that is expected: how wide events have fanned out of late. */
  #runFactor = 1;
  /** The store must be opened anew before anything else. */
  #unknown = false;
  #closed = false;
  #reopening: Promise<void> | null = null;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#waiting = new Waiting(options.limits);
  }

  get commits(): number {
    return this.#commits;
  }

  get waitingGroups(): number {
    return this.#waiting.groups + this.#underWay;
  }

  get waitingBytes(): number {
    return this.#waiting.bytes;
  }

  get away(): Away | null {
    return this.#away;
  }

  /** Throws `overloaded`, `store_unavailable`, `disk_full` or `disk_failing` when a publish of this size cannot be taken now. */
  admit(tenant: string, bytes: number): void {
    if (this.#closed) throw closed();
    if (this.#away !== null) throw awayError(this.#away);
    if (!this.#options.mayAct()) throw awayError('store_unavailable');
    this.#waiting.admit(tenant, bytes);
  }

  submit(item: CommitItem): void {
    if (this.#closed) {
      item.failed(closed());
      return;
    }
    this.#waiting.add(item);
    if (this.#running || this.#scheduled || this.#cancelRetry !== null) return;
    this.#scheduled = true;
    // To the end of the turn, so that everything the turn brings shares a batch.
    queueMicrotask(() => {
      this.#scheduled = false;
      void this.#run();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drained(): Promise<void> {
    if (!this.#running && this.#waiting.empty) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /**
   * Tries no more; whoever waits still hears so. What was not written of attempts is written after the next start.
   * Resolves when the store is not being opened anew either.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    for (const item of this.#waiting.takeAll()) item.failed(closed());
    for (const resolve of this.#idle.splice(0)) resolve();
    await this.#reopening;
  }

  /** @param asks whether to ask the store, by an empty batch where nothing waits, if it takes writes again */
  async #run(asks = false): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      if (asks && this.#waiting.empty) await this.#commit([]);
      while (!this.#waiting.empty && this.#cancelRetry === null) await this.#commitNext();
    } finally {
      this.#running = false;
    }
    if (this.#waiting.empty) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #commitNext(): Promise<void> {
    if (this.#options.limits.gatherMs > 0) await this.#gather(this.#options.limits.gatherMs);
    const items = this.#waiting.takeBatch();
    this.#underWay = items.length;
    await this.#prepareAndCommit(items);
    this.#underWay = 0;
  }

  async #prepareAndCommit(items: readonly CommitItem[]): Promise<void> {
    let prepared: readonly Prepared[];
    try {
      prepared = await this.#prepared(items);
    } catch (error) {
      if (this.#away === null) this.#options.log.error('the store gives no numbers', { error: String(error) });
      this.#goAway(items, error, awayError(awayBecause(error), error));
      return;
    }
    if (prepared.length > 0 || this.#away !== null) await this.#commit(prepared); // away: asks whether the store is back
  }

  /** Prepares them, with a run of numbers that is long enough. Rejects with StoreError. */
  async #prepared(items: readonly CommitItem[]): Promise<readonly Prepared[]> {
    const { numbers, log } = this.#options;
    if (!numbers.comeInRuns) return prepare(items, log);
    let rows = 0;
    for (const item of items) rows += rowsOf(item);
    if (rows === 0) return prepare(items, log);
    for (;;) {
      await numbers.provide(rows * this.#runFactor);
      try {
        const prepared = prepare(items, log);
        if (numbers.left > rows * this.#runFactor * (1 - 1 / RUN_GROWTH)) this.#runFactor = Math.max(1, this.#runFactor / 2);
        return prepared;
      } catch (error) {
        if (!(error instanceof RunTooShort)) throw error;
        this.#runFactor *= RUN_GROWTH;
      }
    }
  }

  /** Lets company come, when the last batch started only just now. */
  async #gather(gatherMs: number): Promise<void> {
    const { clock } = this.#options;
    const waitMs = this.#lastStartMs + gatherMs - clock.monotonicMs();
    if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    this.#lastStartMs = clock.monotonicMs();
  }

  /** Commits these; halves them when a row is refused. Every item is answered, or put back. */
  async #commit(items: readonly Prepared[]): Promise<void> {
    let result: BatchResult;
    try {
      result = await this.#options.store.commit(batchOf(items));
    } catch (error) {
      await this.#commitFailed(items, error);
      return;
    }
    this.#commits += 1;
    this.#setAway(null);
    answer(items, result, this.#options.log);
    this.#options.afterBatch();
  }

  async #commitFailed(items: readonly Prepared[], error: unknown): Promise<void> {
    const kind = error instanceof StoreError ? error.kind : 'row';
    switch (kind) {
      case 'row': {
        if (items.length > 1) {
          const middle = items.length >> 1;
          await this.#commit(items.slice(0, middle));
          // The store may have gone away over the first half.
          if (this.#cancelRetry === null && !this.#closed) await this.#commit(items.slice(middle));
          else this.#goAway(plain(items.slice(middle)), error, awayError(awayBecause(error), error));
          return;
        }
        this.#options.log.error('a row was refused by the store', { error: String(error), kind: items[0]?.item.kind });
        const refused = new WaxwingError(
          'internal',
          'The store refused this row; nothing of it was kept. This is a defect: the log has the cause.',
          { cause: error },
        );
        items[0]?.item.failed(refused);
        return;
      }
      case 'unavailable':
        if (this.#away === null) this.#options.log.error('the store cannot be written', { error: String(error) });
        this.#goAway(plain(items), error, awayError(awayBecause(error), error));
        return;
      case 'behind':
        await this.#catchUpAndCommit(plain(items));
        return;
      case 'unknown': {
        this.#options.log.error('a commit ended with its result unknown; opening the store anew', { error: String(error) });
        this.#unknown = true;
        this.#goAway(plain(items), error, unknownError(awayBecause(error), error));
        return;
      }
      default:
        kind satisfies never;
    }
  }

  async #catchUpAndCommit(items: readonly CommitItem[]): Promise<void> {
    try {
      await this.#options.catchUp();
    } catch (error) {
      this.#goAway(items, error, awayError(awayBecause(error), error));
      return;
    }
    if (this.#closed) this.#goAway(items, null, closed());
    else await this.#prepareAndCommit(items);
  }

  /** Answers publishers and changers, keeps the settles, and tries again in a while. */
  #goAway(items: readonly CommitItem[], cause: unknown, error: WaxwingError): void {
    this.#setAway(awayBecause(cause));
    const settles: SettleItem[] = [];
    for (const item of items) {
      if (item.kind === 'settle' && !this.#closed) settles.push(item);
      else item.failed(error);
    }
    this.#waiting.putBack(settles);
    this.#retryLater();
  }

  #retryLater(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = this.#closed ? null : this.#options.clock.after(RETRY_MS, () => void this.#retry());
  }

  async #retry(): Promise<void> {
    if (this.#unknown) {
      try {
        const reopening = this.#options.reopen(this.#waiting.settles.map(({ settle }) => settle.deliverySeq));
        this.#reopening = reopening.catch(() => undefined);
        await reopening;
        this.#unknown = false;
      } catch (error) {
        this.#options.log.error('the store could not be opened anew', { error: String(error) });
        this.#setAway(awayBecause(error));
        this.#retryLater();
        return;
      }
    }
    this.#cancelRetry = null;
    if (!this.#closed) await this.#run(true);
  }

  #setAway(away: Away | null): void {
    const turns = (this.#away === null) !== (away === null);
    this.#away = away;
    if (turns) this.#options.onAvailable(away === null);
  }
}

function plain(items: readonly Prepared[]): CommitItem[] {
  return items.map(({ item }) => item);
}

function closed(): WaxwingError {
  return new WaxwingError('shutting_down', 'The engine is shutting down; nothing was accepted. Try again elsewhere or later.', {
    retryAfterSeconds: 5,
  });
}
