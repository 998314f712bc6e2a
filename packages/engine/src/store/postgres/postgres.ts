// The PostgreSQL store, behind the store's one interface: where one machine is not enough, or a database is there already.
//
// Everything that must keep its order (commit, refill, load) goes through one queue on one session, which holds the tenure
// (tenure.ts); people's reads use a small pool. A session that is lost is opened again by the next thing that needs it,
// which then is refused as `unavailable` until the server answers, or for good when another has taken over meanwhile.

import { WaxwingError } from '@waxwing/protocol';
import { Pool } from 'pg';
import type { Clock, Randomness } from '../../ports.ts';
import { systemClock, systemRandomness } from '../../system-ports.ts';
import type { SqlRow } from '../columns.ts';
import type { PendingDelivery } from '../rows.ts';
import { StoreError } from '../store.ts';
import type { Batch, BatchResult, OpenOptions, Outbox, RefillQuery, Store, StoreReader, StoreSnapshot, Tenure } from '../store.ts';
import { writeBatch } from './batch-writer.ts';
import { limitWaits, migrate, openingError, placeOf, prepareSession, readFact, readMeta, refuseHalfMoved, writeFact } from './database.ts';
import { rolledBack } from './failure.ts';
import { FeedNumbers } from './feed-numbers.ts';
import type { Ask } from './list-scan.ts';
import { PostgresOutbox } from './outbox.ts';
import { load, refill } from './pending-reader.ts';
import { storeReader } from './readers.ts';
import { clientConfig, Session } from './session.ts';
import { readSnapshot } from './snapshot.ts';
import { PostgresTenure } from './tenure.ts';

export interface PostgresOptions {
  /** Most connections for people's reads, beside the writer's and the lease's. Default 4. */
  readonly readersMax?: number;
  /**
   * Called when another program has the database: this one then waits, and opens once the other has closed, died, or
   * stopped renewing its lease. Without it, opening is refused with `data_folder_in_use`.
   */
  readonly onStandby?: (reason: string) => void;
  /** The ports that the lease needs. */
  readonly clock?: Clock;
  readonly randomness?: Randomness;
}

const READERS_MAX = 4;
/** How often a standby looks whether it may take over. */
const STANDBY_MS = 200;
/** The counts of one writer are its own; with one writer at a time, one name is enough. */
const WRITER = 'one';

/**
 * A store in a PostgreSQL database (15 or later), in the schema `waxwing`, which is created where it does not exist. Opens nothing yet.
 * @param url `postgres://user:password@host:port/database`
 * @example const engine = await createEngine({ store: postgres('postgres://localhost/platform'), masterKey });
 */
export function postgres(url: string, options: PostgresOptions = {}): Store {
  return new PostgresStore(url, options);
}

class PostgresStore implements Store {
  readonly kind = 'postgres';
  readonly folder = null;
  readonly read: StoreReader;
  readonly outbox: Outbox;
  readonly #url: string;
  readonly #place: string;
  readonly #options: PostgresOptions;
  readonly #tenure: PostgresTenure;
  readonly #clock: Clock;
  #session: Session | null = null;
  #feed: FeedNumbers | null = null;
  #pool: Pool | null = null;
  #isOpen = false;
  /** Ends a wait for the tenure. */
  #waiting: (() => void) | null = null;
  /** The end of the queue. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(url: string, options: PostgresOptions) {
    this.#url = url;
    this.#place = placeOf(url);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const ask: Ask = (statement, values) => this.#ask(statement.text, values);
    this.read = storeReader(ask, (work) => this.#together(work));
    this.outbox = new PostgresOutbox(ask);
    this.#tenure = new PostgresTenure({
      connect: (name) => this.#connect(name),
      ask,
      stuck: () => this.#session?.abandon(),
      place: this.#place,
      clock: this.#clock,
      randomness: options.randomness ?? systemRandomness,
    });
  }

  get tenure(): Tenure {
    return this.#tenure;
  }

  open({ inspect = () => undefined, continues = false }: OpenOptions = {}): Promise<StoreSnapshot> {
    return this.#inTurn(async () => {
      if (this.#isOpen && this.#session?.lost === false)
        throw new WaxwingError('data_folder_in_use', `The store at ${this.#place} is open already.`);
      try {
        await this.#session?.end();
        this.#session = await this.#connect('waxwing');
        await migrate(this.#session);
        await refuseHalfMoved(this.#session);
        inspect(await readMeta(this.#session));
        this.#session = await this.#claimed(this.#session, continues);
        const session = this.#session;
        const cleanStop = (await readFact(session, 'stop')) !== 'open';
        this.#feed = await FeedNumbers.read(session);
        const snapshot = await readSnapshot(session, cleanStop);
        await writeFact(session, 'stop', 'open');
        await limitWaits(session);
        this.#pool ??= this.#newPool();
        this.#isOpen = true;
        return snapshot;
      } catch (error) {
        await this.#tenure.stop();
        await this.#session?.end();
        this.#session = null;
        throw openingError(error, this.#place);
      }
    });
  }

  commit(batch: Batch): Promise<BatchResult> {
    return this.#inTurn(async () => {
      const session = await this.#writing();
      this.#feed ??= await FeedNumbers.read(session).catch(refused);
      return writeBatch(session, WRITER, this.#feed, batch);
    });
  }

  refill(query: RefillQuery): Promise<readonly PendingDelivery[]> {
    return this.#inTurn(async () => refill(await this.#writing(), query).catch(refused));
  }

  load(seqs: readonly number[]): Promise<readonly PendingDelivery[]> {
    return this.#inTurn(async () => load(await this.#writing(), seqs).catch(refused));
  }

  /** Never rejects: what was committed is durable already, and a stop that could not be marked counts as unclean. */
  close(): Promise<void> {
    this.#waiting?.();
    return this.#inTurn(async () => {
      const session = this.#session;
      const pool = this.#pool;
      const wasOpen = this.#isOpen;
      this.#session = null;
      this.#pool = null;
      this.#isOpen = false;
      if (session !== null && wasOpen && !session.lost) await writeFact(session, 'stop', 'clean').catch(() => undefined);
      await this.#tenure.release(session);
      await session?.end();
      await pool?.end().catch(() => undefined);
    });
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** The writer's session, opened again when it was lost. Throws StoreError `unavailable`. */
  async #writing(): Promise<Session> {
    if (!this.#isOpen || this.#session === null) throw new StoreError('unavailable', 'the store is not open');
    if (this.#tenure.isLost) throw new StoreError('unavailable', `another process has taken over the database at ${this.#place}`);
    if (!this.#session.lost) return this.#session;
    let session: Session | null = null;
    try {
      session = await this.#connect('waxwing');
      if ((await this.#tenure.claim(session, true)) === null) throw new Error('the former session has not ended yet');
      await limitWaits(session);
      this.#session = session;
      this.#feed = null;
      return session;
    } catch (error) {
      await session?.end();
      throw new StoreError('unavailable', `the database cannot be reached: ${String(error)}`, error);
    }
  }

  async #connect(name: string): Promise<Session> {
    const session = await Session.connect(clientConfig(this.#url, name));
    await prepareSession(session);
    return session;
  }

  /** A session that holds the tenure: this one, or, where it was lost while waiting, another. */
  async #claimed(first: Session, continues: boolean): Promise<Session> {
    let session = first;
    let hasWaited = false;
    for (;;) {
      try {
        if (session.lost) session = this.#session = await this.#connect('waxwing');
        const leftMs = await this.#tenure.claim(session, continues);
        if (leftMs !== null) {
          await this.#pause(leftMs);
          return session;
        }
      } catch (error) {
        if (!hasWaited || error instanceof WaxwingError) throw error;
        session.abandon(); // the server went while this one stood by: it stands by for the server too
      }
      if (continues) throw new StoreError('unavailable', 'the former session has not ended yet');
      if (this.#options.onStandby === undefined)
        throw new WaxwingError('data_folder_in_use', `Another Waxwing process has the database at ${this.#place}. Stop that one first.`);
      if (!hasWaited) this.#options.onStandby(`standing by: another node is active on the database at ${this.#place}`);
      hasWaited = true;
      await this.#pause(STANDBY_MS);
    }
  }

  /** Rejects with `shutting_down` when the store is closed meanwhile. */
  async #pause(ms: number): Promise<void> {
    if (ms <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const cancel = this.#clock.after(ms, resolve);
      this.#waiting = () => {
        cancel();
        reject(new WaxwingError('shutting_down', 'The store was closed while it waited for its turn.'));
      };
    }).finally(() => (this.#waiting = null));
  }

  #newPool(): Pool {
    const pool = new Pool({ ...clientConfig(this.#url, 'waxwing-reader'), max: this.#options.readersMax ?? READERS_MAX });
    pool.on('error', () => undefined); // an idle connection that ended is replaced when one is needed
    return pool;
  }

  async #ask(text: string, values: readonly unknown[]): Promise<readonly SqlRow[]> {
    if (this.#pool === null) throw new StoreError('unavailable', 'the store is not open');
    try {
      return (await this.#pool.query<SqlRow>(text, [...values])).rows;
    } catch (error) {
      return refused(error);
    }
  }

  /** Reads that see one moment of the database. */
  async #together<R>(work: (ask: Ask) => Promise<R>): Promise<R> {
    if (this.#pool === null) throw new StoreError('unavailable', 'the store is not open');
    const client = await this.#pool.connect().catch(refused);
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const result = await work(async ({ text }, values) => (await client.query<SqlRow>(text, [...values])).rows);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      return refused(error);
    }
  }
}

function refused(error: unknown): never {
  const { message, cause } = rolledBack(error);
  throw new StoreError('unavailable', message, cause);
}
