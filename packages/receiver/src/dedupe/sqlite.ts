// Dedupe in SQLite: survives the process, and is shared by the processes of one machine.
//
// 1. WAL with synchronous=FULL: a finish that returned is on the disk, whatever happens to the machine.
// 2. Every verb is one statement, so that processes that ask at once cannot both get a lease.
// 3. `finishWithin` belongs to the handler's own transaction on the same database: what it wrote and that the event is done
//    commit together.

import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { createPrivate } from '../private-file.ts';
import { leaseLost } from './store.ts';
import type { Beginning, DedupeStore, Lease } from './store.ts';

export interface SqliteDedupeOptions {
  /** The clock, epoch milliseconds. */
  readonly now?: () => number;
}

const SCHEMA = `
  create table if not exists waxwing_dedupe (
    key text primary key,
    token text, -- null when done
    until_ms integer not null
  ) strict, without rowid;
  create index if not exists waxwing_dedupe_until on waxwing_dedupe (until_ms);`;

/** What ran out is deleted after this many beginnings. */
const BEGINNINGS_A_SWEEP = 1000;
const BUSY_TIMEOUT_MS = 5000;

/**
 * @example
 * new WebhookServer({ profile: 'joai', secret, dedupe: new SqliteDedupe('dedupe.db') })
 */
export class SqliteDedupe implements DedupeStore {
  readonly #db: DatabaseSync;
  readonly #owned: boolean;
  readonly #now: () => number;
  readonly #begin: StatementSync;
  readonly #read: StatementSync;
  readonly #renew: StatementSync;
  readonly #finish: StatementSync;
  readonly #finishWithin: StatementSync;
  readonly #release: StatementSync;
  readonly #sweep: StatementSync;
  #beginnings = 0;

  /** @param database a file's path, or a database of your own, which you go on owning */
  constructor(database: string | DatabaseSync, options: SqliteDedupeOptions = {}) {
    this.#owned = typeof database === 'string';
    this.#db = typeof database === 'string' ? open(database) : database;
    this.#now = options.now ?? Date.now;
    this.#db.exec(SCHEMA);
    const prepare = (sql: string): StatementSync => this.#db.prepare(sql);
    this.#begin = prepare(`
      insert into waxwing_dedupe (key, token, until_ms) values (:key, :token, :now + :lease)
      on conflict (key) do update set token = excluded.token, until_ms = excluded.until_ms where until_ms <= :now`);
    this.#read = prepare('select token, until_ms as untilMs from waxwing_dedupe where key = :key');
    this.#renew = prepare('update waxwing_dedupe set until_ms = :now + :lease where key = :key and token = :token');
    this.#finish = prepare(`
      insert into waxwing_dedupe (key, token, until_ms) values (:key, null, :now + :keep)
      on conflict (key) do update set token = null, until_ms = excluded.until_ms`);
    this.#finishWithin = prepare('update waxwing_dedupe set token = null, until_ms = :now + :keep where key = :key and token = :token');
    this.#release = prepare('delete from waxwing_dedupe where key = :key and token = :token');
    this.#sweep = prepare('delete from waxwing_dedupe where until_ms <= :now');
  }

  begin(key: string, leaseMs: number): Beginning {
    const nowMs = this.#now();
    this.#beginnings += 1;
    if (this.#beginnings % BEGINNINGS_A_SWEEP === 0) this.#sweep.run({ now: nowMs });
    const token = randomUUID();
    for (;;) {
      if (this.#begin.run({ key, token, now: nowMs, lease: leaseMs }).changes === 1) return { kind: 'leased', token };
      const row = this.#read.get({ key });
      if (row === undefined) continue; // released by another process in between
      if (row['token'] === null) return { kind: 'done' };
      return { kind: 'running', remainingMs: Math.max(0, Number(row['untilMs']) - nowMs) };
    }
  }

  renew(key: string, token: string, leaseMs: number): boolean {
    return this.#renew.run({ key, token, now: this.#now(), lease: leaseMs }).changes === 1;
  }

  finish(key: string, _token: string, keepMs: number): void {
    this.#finish.run({ key, now: this.#now(), keep: keepMs });
  }

  /**
   * Marks the event done inside the handler's own transaction on this database: both commit or neither.
   * @throws WaxwingError `lease_lost` when another process has taken the event over; let it roll the transaction back
   */
  finishWithin(lease: Lease): void {
    const { changes } = this.#finishWithin.run({ key: lease.key, token: lease.token, now: this.#now(), keep: lease.keepMs });
    if (changes === 0) throw leaseLost(lease);
  }

  release(key: string, token: string): void {
    this.#release.run({ key, token });
  }

  /** Closes the file it opened; a database that was handed in stays open. */
  close(): void {
    if (this.#owned) this.#db.close();
  }
}

function open(path: string): DatabaseSync {
  const db = new DatabaseSync(createPrivate(path), { timeout: BUSY_TIMEOUT_MS });
  db.exec('pragma journal_mode = wal; pragma synchronous = full');
  return db;
}
