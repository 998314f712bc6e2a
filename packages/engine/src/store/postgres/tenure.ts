// Tenure on a database: the one program that writes, and how another takes over from it.
//
//  1. The lock is a session-level advisory lock, taken on the very session that writes. What that session sends it sends
//     as the holder; when it has ended, nothing of it can arrive any more. So no commit needs a fence of its own.
//  2. The lease is a row that the holder renews every second, judged by the database's clock alone. A holder that does not
//     renew (frozen, or cut off) has its writing session ended by whoever waits; its late commits end with it.
//  3. The holder stops sending by its own monotonic clock, LEASE_MS after it last asked for a renewal that was granted. Who
//     takes over waits for as much of the former lease as is left, unless that was given up politely.
//  4. Each taking over raises the epoch. A program that lost its session goes on only if the epoch is still its own.

import { hostname } from 'node:os';
import { WaxwingError } from '@waxwing/protocol';
import type { Clock, Randomness } from '../../ports.ts';
import { VERSION } from '../../version.ts';
import { integer, text } from '../columns.ts';
import type { NodeRow, Tenure, TenureWatcher } from '../tenure.ts';
import { LOCK_SPACE, WRITER_LOCK } from './database.ts';
import type { Ask } from './list-scan.ts';
import type { Session } from './session.ts';

export const LEASE_MS = 3_000;
/** What is handed to the sender just before the lease ends has this long to leave. */
const MARGIN_MS = 300;
const RENEW_MS = 1_000;
const RETRY_MS = 250;
/** A holder that could not renew for so long gives its writing session up: whatever waits there would wait for ever. */
const STUCK_MS = 10_000;
/** Nodes that were not seen for so long are forgotten. */
const NODE_GONE_MS = 10_000;

export interface TenureOptions {
  /** A session of its own, so that a long commit holds no renewal up. */
  readonly connect: (name: string) => Promise<Session>;
  readonly ask: Ask;
  /** The database has not answered for a long time. */
  readonly stuck: () => void;
  /** How the place is called, for people. */
  readonly place: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

export class PostgresTenure implements Tenure {
  readonly #options: TenureOptions;
  readonly #token: string;
  readonly #node: string;
  readonly #startedMs: number;
  #watchers: TenureWatcher[] = [];
  #epoch: number | null = null;
  #deadlineMs = -Infinity;
  #isLost = false;
  #session: Session | null = null;
  #cancelTimer: (() => void) | null = null;
  #renewing: Promise<void> | null = null;
  #running = false;

  constructor(options: TenureOptions) {
    this.#options = options;
    this.#token = Buffer.from(options.randomness.bytes(16)).toString('hex');
    this.#node = `${hostname()}-${process.pid}-${this.#token.slice(0, 4)}`;
    this.#startedMs = options.clock.nowMs();
  }

  get isHeld(): boolean {
    return !this.#isLost && this.#options.clock.monotonicMs() < this.#deadlineMs;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  watch(watcher: TenureWatcher): void {
    this.#watchers.push(watcher);
    if (this.#isLost) watcher.lost();
  }

  async nodes(): Promise<readonly NodeRow[]> {
    const rows = await this.#options.ask({ text: NODES }, [NODE_GONE_MS]);
    return rows.map((row) => ({
      id: text(row, 'id'),
      version: text(row, 'version'),
      startedMs: integer(row, 'started_ms'),
      isActive: integer(row, 'active') === 1,
    }));
  }

  /**
   * Tries to be the one that writes on this session. How many milliseconds the former holder may still act; null when
   * another holds it. Ends the session of one that has stopped renewing. Throws `data_folder_in_use` when it goes on with
   * what another has had since.
   */
  async claim(session: Session, continues: boolean): Promise<number | null> {
    if (this.#isLost && continues) throw this.#supersededError();
    const [lock = {}] = await session.rows({ text: TRY_LOCK }, [LOCK_SPACE, WRITER_LOCK]);
    if (integer(lock, 'taken') !== 1) {
      await session.run({ text: EXPEL }, [LOCK_SPACE, WRITER_LOCK, LEASE_MS, this.#token]);
      await session.run({ text: SEEN_WAITING }, this.#seen());
      return null;
    }
    const [was] = await session.rows({ text: FORMER }, [LEASE_MS]);
    const isOwn = was !== undefined && text(was, 'token') === this.#token && integer(was, 'epoch') === this.#epoch;
    if (continues && !isOwn) {
      this.#lose();
      throw this.#supersededError();
    }
    const sentMs = this.#options.clock.monotonicMs();
    const epoch = was === undefined ? 1 : integer(was, 'epoch') + (continues ? 0 : 1);
    await session.run({ text: TAKE }, [this.#token, epoch]);
    this.#epoch = epoch;
    this.#isLost = false;
    this.#extend(sentMs);
    this.#start();
    return was === undefined || isOwn ? 0 : integer(was, 'left_ms');
  }

  /** Gives it up politely: whoever waits takes over at once. */
  async release(session: Session | null): Promise<void> {
    await this.stop();
    if (session === null || session.lost || this.#epoch === null) return;
    await session.run({ text: RELEASE }, [this.#token, this.#epoch, this.#node]).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#deadlineMs = -Infinity;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    await this.#renewing;
    await this.#session?.end();
    this.#session = null;
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#later(0);
  }

  #later(ms: number): void {
    if (!this.#running) return;
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#renewing = this.#renew().then((renewed) => this.#later(renewed ? RENEW_MS : RETRY_MS));
    });
  }

  /** Never rejects. */
  async #renew(): Promise<boolean> {
    const session = this.#session;
    try {
      this.#session ??= await this.#options.connect('waxwing-lease');
      const sentMs = this.#options.clock.monotonicMs();
      const rows = await within(
        this.#options.clock,
        LEASE_MS,
        this.#session.rows({ text: RENEW }, [...this.#seen(), this.#token, this.#epoch, NODE_GONE_MS]),
      );
      if (!this.#running) return true;
      if (rows.length === 0) {
        this.#running = false;
        this.#lose();
        return false;
      }
      this.#extend(sentMs);
      return true;
    } catch {
      this.#session?.abandon();
      if (this.#session === session) this.#session = null;
      if (this.#running && this.#options.clock.monotonicMs() > this.#deadlineMs + STUCK_MS) this.#options.stuck();
      return false;
    }
  }

  #extend(sentMs: number): void {
    const wasHeld = this.isHeld;
    this.#deadlineMs = sentMs + LEASE_MS - MARGIN_MS;
    if (!wasHeld) for (const watcher of this.#watchers) watcher.resumed();
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    for (const watcher of this.#watchers) watcher.lost();
  }

  #seen(): readonly [string, string, number] {
    return [this.#node, VERSION, this.#startedMs];
  }

  #supersededError(): WaxwingError {
    return new WaxwingError('data_folder_in_use', `Another Waxwing process has taken over the database at ${this.#options.place}.`);
  }
}

async function within<R>(clock: Clock, ms: number, work: Promise<R>): Promise<R> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(new Error(`PostgreSQL did not answer within ${ms} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}

const TRY_LOCK = 'SELECT pg_try_advisory_lock($1, $2)::integer AS taken';

/** A row from the future is one from before the database's clock was set back. */
const EXPEL = `SELECT pg_terminate_backend(t.pid) FROM waxwing.tenure t JOIN pg_locks l ON l.pid = t.pid
  WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (t.token = $4 OR abs(extract(epoch FROM clock_timestamp() - t.renewed_at)) * 1000 > $3::bigint)`;

const FORMER = `SELECT token, epoch, CASE WHEN is_released THEN 0
    ELSE least($1::bigint, greatest(0, $1::bigint - (extract(epoch FROM clock_timestamp() - renewed_at) * 1000)::bigint)) END AS left_ms
  FROM waxwing.tenure WHERE id = 0`;

const TAKE = `INSERT INTO waxwing.tenure VALUES (0, $1, $2, pg_backend_pid(), clock_timestamp(), false)
  ON CONFLICT (id) DO UPDATE SET token = excluded.token, epoch = excluded.epoch, pid = excluded.pid,
    renewed_at = excluded.renewed_at, is_released = false`;

const RENEW = `WITH renewed AS (UPDATE waxwing.tenure SET renewed_at = clock_timestamp() WHERE id = 0 AND token = $4 AND epoch = $5 RETURNING epoch),
  gone AS (DELETE FROM waxwing.nodes WHERE id <> $1 AND seen_at < clock_timestamp() - $6::bigint * interval '1 millisecond'),
  seen AS (INSERT INTO waxwing.nodes SELECT $1, $2, $3::bigint, true, clock_timestamp() FROM renewed
    ON CONFLICT (id) DO UPDATE SET is_active = true, seen_at = excluded.seen_at)
  SELECT epoch FROM renewed`;

const SEEN_WAITING = `INSERT INTO waxwing.nodes VALUES ($1, $2, $3, false, clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET is_active = false, seen_at = excluded.seen_at`;

const RELEASE = `WITH gone AS (DELETE FROM waxwing.nodes WHERE id = $3)
  UPDATE waxwing.tenure SET is_released = true WHERE id = 0 AND token = $1 AND epoch = $2`;

const NODES = `SELECT id, version, started_ms, is_active::integer AS active FROM waxwing.nodes
  WHERE seen_at > clock_timestamp() - $1::bigint * interval '1 millisecond' ORDER BY is_active DESC, started_ms, id`;
