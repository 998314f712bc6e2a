// The drain: empties the database's outbox, where programs publish within transactions of their own.
//
//  1. One node empties it, when the store says that rows wait (cluster/). One pass at a time: rows are read, each becomes an event or a rejected event, and the next pass begins when all are
//     durable. The row goes in the same transaction, so each is taken once, whatever fails.
//  2. What is wrong with an event is judged by the rules of the API (publish.ts). What is the store's fault, or asks for
//     patience (`Retry-After`), leaves the row where it is.
//  3. Rejections are told by an operational event, at most one a minute and tenant.

import { WaxwingError } from '@waxwing/protocol';
import type { Committer } from '../commit/committer.ts';
import { commitWrites } from '../commit/change.ts';
import type { Clock, Log } from '../ports.ts';
import type { Publisher } from '../publish.ts';
import type { Registry } from '../registry.ts';
import type { Outbox, OutboxRow, RejectedEventRow } from '../store/store.ts';

export interface DrainOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly outbox: Outbox;
  readonly committer: Committer;
  readonly registry: Registry;
  readonly publisher: Publisher;
  readonly mintEventId: () => string;
  /** Whether this node empties the outbox, and may act now. */
  readonly mayAct: () => boolean;
}

const RETRY_MS = 500;
const ROWS_AT_ONCE = 200;
const TOLD_EVERY_MS = 60_000;

export class OutboxDrain {
  readonly #options: DrainOptions;
  /** Per tenant: when its rejections are told again, and how many were not told yet. */
  readonly #untold = new Map<string, { nextMs: number; count: number }>();
  #cancel: (() => void) | null = null;
  #pass: Promise<void> = Promise.resolve();
  #stopped = false;
  /** Passes follow each other until it is empty. */
  #isAtIt = false;
  #taken = 0;
  #rejected = 0;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  get taken(): number {
    return this.#taken;
  }

  get rejected(): number {
    return this.#rejected;
  }

  /** Rows wait in it. */
  look(): void {
    if (this.#isAtIt || !this.#options.mayAct()) return;
    this.#isAtIt = true;
    this.#after(0);
  }

  /** Resolves when no pass is under way. */
  async rest(): Promise<void> {
    await this.#pass;
  }

  /** Resolves when no pass is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#pass;
  }

  #after(ms: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#pass = this.#drain().then((waitMs) => {
        if (waitMs === null) this.#isAtIt = false;
        else this.#after(waitMs);
      });
    });
  }

  /** One pass. How long to wait before the next; null when it is empty, or another node's. Never rejects. */
  async #drain(): Promise<number | null> {
    const { outbox, committer, log, mayAct } = this.#options;
    if (!mayAct()) return null;
    if (committer.away !== null) return RETRY_MS;
    try {
      const rows = await outbox.rows(ROWS_AT_ONCE);
      if (rows.length === 0) return null;
      const taken = await Promise.all(rows.map((row) => this.#take(row)));
      return taken.every(Boolean) ? 0 : RETRY_MS;
    } catch (error) {
      log.warn('the outbox could not be read; it is tried again', { error: String(error) });
      return RETRY_MS;
    }
  }

  /** False when it is to be tried again. */
  async #take(row: OutboxRow): Promise<boolean> {
    try {
      if (await this.#options.publisher.take(row)) this.#taken += 1;
      return true;
    } catch (error) {
      if (!(error instanceof WaxwingError) || error.retryAfterSeconds !== null) return false;
      return this.#reject(row, error);
    }
  }

  async #reject(row: OutboxRow, { code, message, fields }: WaxwingError): Promise<boolean> {
    const { clock, committer, registry, log } = this.#options;
    const { no: seq, tenant, type, data, id: eventId, idempotencyKey } = row;
    const rejectedMs = clock.nowMs();
    const event: RejectedEventRow = { seq, tenant, type, data, eventId, idempotencyKey, code, message, fields, rejectedMs };
    const eventToTell = this.#options.mintEventId();
    const countTold = this.#countToTell(tenant);
    try {
      await commitWrites(committer, registry, `outbox:${seq}`, () => {
        const changes = [{ kind: 'rejectEvent', event } as const];
        if (countTold === null) return { changes, group: null, written: () => {} };
        const told = { tenant, count: countTold, no: seq, eventType: type, code, message };
        const { group, stored } = this.#options.publisher.tell('event.rejected', told, eventToTell);
        return { changes, group, written: stored };
      });
    } catch {
      this.#notTold(tenant, countTold);
      return false; // the store is away: it is judged again
    }
    this.#rejected += 1;
    log.warn('an event out of the outbox was rejected', { no: seq, tenant, type, code, reason: message });
    return true;
  }

  /** How many rejections there were since the last that was told, this one included; null while it is too early to tell. */
  #countToTell(tenant: string): number | null {
    const nowMs = this.#options.clock.monotonicMs();
    let untold = this.#untold.get(tenant);
    if (untold === undefined) {
      if (this.#untold.size >= TENANTS_MAX) this.#untold.clear();
      this.#untold.set(tenant, (untold = { nextMs: nowMs, count: 0 }));
    }
    untold.count += 1;
    if (nowMs < untold.nextMs) return null;
    const { count } = untold;
    untold.nextMs = nowMs + TOLD_EVERY_MS;
    untold.count = 0;
    return count;
  }

  #notTold(tenant: string, count: number | null): void {
    const untold = this.#untold.get(tenant);
    if (untold === undefined) return;
    untold.count += (count ?? 1) - 1; // it is counted anew when it is judged again
    if (count !== null) untold.nextMs = -Infinity;
  }
}

/** Tenants are named by whoever publishes, also ones that do not exist. */
const TENANTS_MAX = 10_000;
