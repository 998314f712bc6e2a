// Dedupe in PostgreSQL: shared by every process of the database. Time is the database's own.
//
// 1. A key is a row: leased while it has a token, done without one, free once its time is over.
// 2. `finishWithin` runs on the client that holds the handler's own transaction: what the handler wrote and that the event
//    is done commit together, and the event takes effect exactly once.

import { leaseLost } from './store.ts';
import type { Beginning, DedupeStore, Lease } from './store.ts';

/** A `Pool` or `Client` of `pg`, a PGlite, or anything else that answers `{ rows }` to SQL with `$1`. */
export interface PostgresClient {
  query(sql: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

export interface PostgresDedupeOptions {
  /** The table, with its schema if need be. Default `waxwing_dedupe`. */
  readonly table?: string;
}

/** What ran out is deleted after this many beginnings. */
const BEGINNINGS_A_SWEEP = 1000;

/**
 * @example
 * const dedupe = new PostgresDedupe(new Pool());
 * await dedupe.createTable(); // or run PostgresDedupe.sql() among your own migrations
 */
export class PostgresDedupe implements DedupeStore {
  readonly #client: PostgresClient;
  readonly #table: string;
  #beginnings = 0;

  constructor(client: PostgresClient, options: PostgresDedupeOptions = {}) {
    this.#client = client;
    this.#table = quoted(options.table ?? 'waxwing_dedupe');
  }

  /** The statements that make the table, for migrations of your own. They may run again. */
  static sql(table = 'waxwing_dedupe'): readonly string[] {
    return [
      `create table if not exists ${quoted(table)} (key text primary key, token text, until timestamptz not null)`,
      `create index if not exists ${quoted(`${table.split('.').at(-1) ?? table}_until`)} on ${quoted(table)} (until)`,
    ];
  }

  /** Makes the table if it is not there. */
  async createTable(): Promise<void> {
    for (const statement of PostgresDedupe.sql(this.#table.replaceAll('"', ''))) await this.#client.query(statement, []);
  }

  async begin(key: string, leaseMs: number): Promise<Beginning> {
    this.#beginnings += 1;
    if (this.#beginnings % BEGINNINGS_A_SWEEP === 0) await this.sweep();
    const token = crypto.randomUUID();
    for (;;) {
      const leased = await this.#client.query(
        `insert into ${this.#table} as d (key, token, until) values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
         on conflict (key) do update set token = excluded.token, until = excluded.until where d.until <= clock_timestamp()
         returning 1`,
        [key, token, leaseMs],
      );
      if (leased.rows.length === 1) return { kind: 'leased', token };
      const { rows } = await this.#client.query(
        `select token is null as done, extract(epoch from until - clock_timestamp()) * 1000 as "remainingMs" from ${this.#table} where key = $1`,
        [key],
      );
      const [row] = rows;
      if (typeof row !== 'object' || row === null) continue; // released in between
      if ('done' in row && row.done === true) return { kind: 'done' };
      return { kind: 'running', remainingMs: Math.max(0, 'remainingMs' in row ? Number(row.remainingMs) : 0) };
    }
  }

  async renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    const { rows } = await this.#client.query(
      `update ${this.#table} set until = clock_timestamp() + $3 * interval '1 millisecond' where key = $1 and token = $2 returning 1`,
      [key, token, leaseMs],
    );
    return rows.length === 1;
  }

  async finish(key: string, _token: string, keepMs: number): Promise<void> {
    await this.#client.query(
      `insert into ${this.#table} (key, token, until) values ($1, null, clock_timestamp() + $2 * interval '1 millisecond')
       on conflict (key) do update set token = null, until = excluded.until`,
      [key, keepMs],
    );
  }

  /**
   * Marks the event done inside the handler's own transaction: both commit or neither.
   * @param client the one that holds the transaction
   * @throws WaxwingError `lease_lost` when another process has taken the event over; let it roll the transaction back
   * @example
   * server.on('payment.paid', async (event, { lease }) => {
   *   await client.query('begin');
   *   await client.query('insert into payments …');
   *   if (lease) await dedupe.finishWithin(client, lease);
   *   await client.query('commit');
   * });
   */
  async finishWithin(client: PostgresClient, lease: Lease): Promise<void> {
    const { rows } = await client.query(
      `update ${this.#table} set token = null, until = clock_timestamp() + $3 * interval '1 millisecond'
       where key = $1 and token = $2 returning 1`,
      [lease.key, lease.token, lease.keepMs],
    );
    if (rows.length === 0) throw leaseLost(lease);
  }

  async release(key: string, token: string): Promise<void> {
    await this.#client.query(`delete from ${this.#table} where key = $1 and token = $2`, [key, token]);
  }

  /** Deletes what ran out. Happens by itself now and then. */
  async sweep(): Promise<void> {
    await this.#client.query(`delete from ${this.#table} where until <= clock_timestamp()`, []);
  }
}

/** A name as SQL takes it, part by part. */
function quoted(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}
