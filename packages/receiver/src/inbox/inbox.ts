// The inbox: events are answered as soon as they are on the disk, and handled after, until it succeeds.
//
// 1. `accept` resolves after the commit. Arrivals and settlements that wait share one commit, made as soon as the loop turns.
// 2. A message is handled by this process alone, at least once; done is written after its handlers have finished, so that
//    kill -9 in between runs it again, and a finished one never runs twice.
// 3. Memory is bounded: past so many messages held, the rest wait on the disk and are claimed when there is room.
// 4. A message that fails waits longer each time, then is kept as failed until someone, or the sender, tries it again.
// 5. `stop` handles what is due, for a bounded time; what is left waits for the next start.

import { WaxwingError } from '@waxwing/protocol/errors';
import { DEDUPE_DEFAULTS } from '../dedupe/once.ts';
import type { Handling } from '../handling.ts';
import { InboxFile } from './inbox-file.ts';
import type { Arrival, FailedMessage, Settlement } from './inbox-file.ts';
import type { EventInbox, InboxMessage, InboxOwner, KeptMessage } from './message.ts';
import { nextDelayMs, RETRY_DEFAULTS } from './retry.ts';
import type { InboxRetry } from './retry.ts';
import { settle } from './settle.ts';

export interface InboxOptions {
  /** How many events are handled at a time. Default 16. Their order is not kept beyond 1. */
  readonly concurrency?: number;
  readonly retry?: InboxRetry;
  /** How long a handled event is remembered, so that it is not handled again. Default 7 days. */
  readonly keepMs?: number;
  /** Unhandled events beyond this are answered 503. Default 1,000,000. */
  readonly waitingMax?: number;
  /** Default 10 s. How long `stop` goes on handling what is due. */
  readonly drainTimeoutMs?: number;
  /** The clock, epoch milliseconds. */
  readonly now?: () => number;
}

/** Messages that wait in memory at most, and their bytes; the rest waits on the disk. */
const READY_MAX = 1000;
const READY_BYTES_MAX = 16 * 1_048_576;
/** How often the file is rid of what it may forget. */
const SWEEP_EVERY_MS = 60_000;
/** A commit that failed is tried again after this. */
const COMMIT_RETRY_MS = 1000;
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * A durable inbox in one file. Give each receiver one of its own.
 * @throws WaxwingError `data_folder_in_use` at start when another process has the file, `invalid_setting` when it cannot be written
 * @example
 * const server = new WebhookServer({ profile: 'joai', secret, inbox: openInbox('webhooks.db') });
 */
export function openInbox(path: string, options: InboxOptions = {}): Inbox {
  return new Inbox(path, options);
}

interface WaitingArrival {
  readonly message: InboxMessage;
  readonly kept: (result: 'accepted' | 'duplicate') => void;
  readonly lost: (error: unknown) => void;
}

export class Inbox implements EventInbox {
  readonly #path: string;
  readonly #options: InboxOptions;
  readonly #retry: Required<InboxRetry>;
  readonly #concurrency: number;
  readonly #keepMs: number;
  readonly #now: () => number;
  #file: InboxFile | null = null;
  #owner: InboxOwner | null = null;
  #arrivals: WaitingArrival[] = [];
  #settlements: Settlement[] = [];
  #commitDue: NodeJS.Immediate | null = null;
  #commitAgain: NodeJS.Timeout | null = null;
  /** Claimed and not begun. */
  #ready: KeptMessage[] = [];
  #readyBytes = 0;
  #running = 0;
  /** Waiting, claimed or running: what is not done. */
  #unhandled = 0;
  /** Whether the file may hold messages that are due. */
  #moreDue = false;
  #dueTimer: NodeJS.Timeout | null = null;
  #sweptMs = 0;
  #stopping: Promise<void> | null = null;
  #idle: (() => void) | null = null;
  #halted = false;

  constructor(path: string, options: InboxOptions = {}) {
    this.#path = path;
    this.#options = options;
    this.#retry = { ...RETRY_DEFAULTS, ...options.retry };
    this.#concurrency = options.concurrency ?? 16;
    this.#keepMs = options.keepMs ?? DEDUPE_DEFAULTS.keepMs;
    this.#now = options.now ?? Date.now;
  }

  start(owner: InboxOwner): void {
    if (this.#owner !== null && this.#owner !== owner) {
      throw new WaxwingError('invalid_setting', `The inbox ${this.#path} belongs to another receiver already. Give each one of its own.`);
    }
    if (this.#file !== null) return;
    const file = new InboxFile(this.#path);
    const nowMs = this.#now();
    file.recover((attempts) => {
      const delayMs = nextDelayMs(this.#retry, attempts);
      return delayMs === null ? null : nowMs + delayMs;
    });
    this.#owner = owner;
    this.#file = file;
    this.#halted = false;
    this.#unhandled = file.counts().waiting;
    this.#moreDue = true;
    this.#pump();
  }

  async accept(message: InboxMessage): Promise<'accepted' | 'duplicate'> {
    if (this.#file === null) throw new WaxwingError('shutting_down', 'The inbox is closed.');
    if (this.#unhandled + this.#arrivals.length >= (this.#options.waitingMax ?? 1_000_000)) {
      throw new WaxwingError('overloaded', `${this.#unhandled} events wait to be handled, which is the inbox's limit.`);
    }
    return new Promise((kept, lost) => {
      this.#arrivals.push({ message, kept, lost });
      this.#commitSoon();
    });
  }

  stop(): Promise<void> {
    if (this.#file === null) return Promise.resolve();
    this.#stopping ??= this.#drain(this.#file);
    return this.#stopping;
  }

  /** How many wait or are being handled, and how many were given up. The inbox must be started. */
  counts(): { readonly waiting: number; readonly failed: number } {
    return this.#started().counts();
  }

  /** Events that were given up, oldest first. */
  failed(limit = 100): readonly FailedMessage[] {
    return this.#started().failed(limit);
  }

  /** Has every event that was given up handled again. Answers how many. */
  retryFailed(): number {
    const count = this.#started().retryFailed(this.#now());
    this.#unhandled += count;
    this.#moreDue = true;
    this.#pump();
    return count;
  }

  #started(): InboxFile {
    if (this.#file === null) throw new WaxwingError('shutting_down', 'The inbox is closed: start its receiver first.');
    return this.#file;
  }

  #commitSoon(): void {
    this.#commitDue ??= setImmediate(() => this.#commit());
  }

  #commit(): void {
    if (this.#commitDue !== null) clearImmediate(this.#commitDue);
    this.#commitDue = null;
    if (this.#file === null || (this.#arrivals.length === 0 && this.#settlements.length === 0)) return;
    const arrivals = this.#arrivals;
    const settlements = this.#settlements;
    this.#arrivals = [];
    this.#settlements = [];
    const written = this.#claimWhatFits(arrivals);
    const nowMs = this.#now();
    let places: readonly (number | null)[];
    try {
      places = this.#file.write(written, settlements, nowMs);
    } catch (error) {
      this.#notKept(arrivals, settlements, error);
      return;
    }
    for (const [index, { kept }] of arrivals.entries()) {
      const seq = places[index] ?? null;
      const arrival = written[index];
      kept(seq === null ? 'duplicate' : 'accepted');
      if (seq === null || arrival === undefined) continue;
      this.#unhandled += 1;
      if (arrival.claimed) this.#makeReady({ ...arrival.message, seq, attempt: 1 });
      else this.#moreDue = true;
    }
    for (const { to } of settlements) {
      if (to === 'waiting') this.#moreDue = true;
      else this.#unhandled -= 1;
    }
    this.#sweep(this.#file, nowMs);
    this.#pump();
  }

  #claimWhatFits(arrivals: readonly WaitingArrival[]): readonly Arrival[] {
    let count = this.#ready.length;
    let bytes = this.#readyBytes;
    return arrivals.map(({ message }): Arrival => {
      count += 1;
      bytes += message.body.length;
      return { message, claimed: count <= READY_MAX && bytes <= READY_BYTES_MAX };
    });
  }

  #makeReady(message: KeptMessage): void {
    this.#ready.push(message);
    this.#readyBytes += message.body.length;
  }

  #nextReady(): KeptMessage | null {
    const message = this.#ready.shift();
    if (message === undefined) return null;
    this.#readyBytes -= message.body.length;
    return message;
  }

  /** Senders are told to come again; what was handled is written with the next commit. */
  #notKept(arrivals: readonly WaitingArrival[], settlements: readonly Settlement[], error: unknown): void {
    for (const { lost } of arrivals) lost(error);
    this.#settlements.unshift(...settlements);
    if (settlements.length === 0) return;
    this.#owner?.notice({ kind: 'store_failed', store: 'inbox', error });
    this.#commitAgain ??= setTimeout(() => {
      this.#commitAgain = null;
      this.#commit();
    }, COMMIT_RETRY_MS).unref();
  }

  #pump(): void {
    if (this.#file === null || this.#owner === null || this.#halted) return;
    while (this.#running < this.#concurrency) {
      const message = this.#nextReady() ?? this.#claimed(this.#file);
      if (message === null) break;
      void this.#run(this.#owner, message);
    }
    if (this.#running === 0 && this.#settlements.length === 0 && this.#arrivals.length === 0) this.#idle?.();
  }

  /** The next due message of the file; sets the timer for the first that is not due yet. */
  #claimed(file: InboxFile): KeptMessage | null {
    if (!this.#moreDue) return null;
    const limit = 2 * this.#concurrency;
    const nowMs = this.#now();
    const [first, ...others] = file.claim(limit, nowMs);
    for (const message of others) this.#makeReady(message);
    this.#moreDue = others.length + 1 === limit;
    if (!this.#moreDue) this.#wakeAt(file.nextDueMs(), nowMs);
    return first ?? null;
  }

  #wakeAt(dueMs: number | null, nowMs: number): void {
    if (this.#dueTimer !== null) clearTimeout(this.#dueTimer);
    this.#dueTimer = null;
    if (dueMs === null || this.#stopping !== null) return;
    const delayMs = Math.min(TIMER_MAX_MS, Math.max(1, dueMs - nowMs));
    this.#dueTimer = setTimeout(() => {
      this.#moreDue = true;
      this.#pump();
    }, delayMs).unref();
  }

  async #run(owner: InboxOwner, message: KeptMessage): Promise<void> {
    this.#running += 1;
    const handling = await owner.handle(message).catch((): Handling => ({ kind: 'failed' }));
    this.#running -= 1;
    if (this.#file === null) return; // stopped without waiting any longer: the next start runs it again
    const settlement = settle(message, handling, { retry: this.#retry, keepMs: this.#keepMs, nowMs: this.#now() });
    if (settlement.to === 'failed') owner.notice({ kind: 'given_up', key: message.key, attempts: message.attempt, why: settlement.error });
    this.#settlements.push(settlement);
    this.#commitSoon();
    this.#pump();
  }

  #sweep(file: InboxFile, nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return;
    this.#sweptMs = nowMs;
    file.sweep(nowMs);
  }

  async #drain(file: InboxFile): Promise<void> {
    if (this.#dueTimer !== null) clearTimeout(this.#dueTimer);
    const { promise: idle, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    const timer = setTimeout(resolve, this.#options.drainTimeoutMs ?? 10_000);
    this.#commit();
    this.#pump();
    await idle;
    clearTimeout(timer);
    this.#idle = null;
    this.#halted = true;
    const dueMs = this.#now();
    for (const { seq } of this.#ready) this.#settlements.push({ seq, to: 'waiting', dueMs });
    this.#ready = [];
    this.#readyBytes = 0;
    this.#commit();
    if (this.#commitAgain !== null) clearTimeout(this.#commitAgain);
    this.#commitAgain = null;
    this.#file = null;
    this.#stopping = null;
    file.close();
  }
}
