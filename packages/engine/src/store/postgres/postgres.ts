// The PostgreSQL store, behind the store's one interface: where one machine is not enough, or a database is there already.
//
// Everything that must keep its order (commit, refill, load) goes through one queue on one session; people's reads use a
// small pool. A session that is lost is opened again by the next thing that needs it, which then is refused as
// `unavailable` until the server answers.

import { WaxwingError } from '@waxwing/protocol';
import { Pool } from 'pg';
import type { PendingDelivery } from '../rows.ts';
import { StoreError } from '../store.ts';
import type { Batch, BatchResult, RefillQuery, Store, StoreReader, StoreSnapshot } from '../store.ts';
import type { SqlRow } from '../sqlite/columns.ts';
import { writeBatch } from './batch-writer.ts';
import { claimWriter, migrate, openingError, prepareSession, readFact, writeFact } from './database.ts';
import { rolledBack } from './failure.ts';
import { FeedNumbers } from './feed-numbers.ts';
import { FeedReader } from './feed-reader.ts';
import { History } from './history.ts';
import type { Ask } from './list-scan.ts';
import { NoticeReader } from './notice-reader.ts';
import { load, refill } from './pending-reader.ts';
import { RecoveryReader } from './recovery-reader.ts';
import { clientConfig, Session } from './session.ts';
import { readSnapshot } from './snapshot.ts';
import { StatReader, type Together } from './stat-reader.ts';

export interface PostgresOptions {
  /** Most connections for people's reads, beside the writer's one. Default 4. */
  readonly readersMax?: number;
}

const READERS_MAX = 4;
/** The counts of one writer are its own; with one writer at a time, one name is enough. */
const WRITER = 'one';

/**
 * A store in a PostgreSQL database (15 or later), in the schema `waxwing`, which is created where it does not exist. Opens nothing yet.
 * @param url `postgres://user:password@host:port/database`
 * @example const engine = await createEngine({ store: postgres('postgres://localhost/platform'), masterKey });
 */
export function postgres(url: string, options: PostgresOptions = {}): Store {
  return new PostgresStore(url, options.readersMax ?? READERS_MAX);
}

class PostgresStore implements Store {
  readonly kind = 'postgres';
  readonly folder = null;
  readonly read: StoreReader;
  readonly #url: string;
  readonly #place: string;
  readonly #readersMax: number;
  #session: Session | null = null;
  #feed: FeedNumbers | null = null;
  #pool: Pool | null = null;
  #isOpen = false;
  /** The end of the queue. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(url: string, readersMax: number) {
    this.#url = url;
    this.#place = placeOf(url);
    this.#readersMax = readersMax;
    const ask: Ask = (statement, values) => this.#ask(statement.text, values);
    const history = new History(ask);
    const recovery = new RecoveryReader(ask);
    const notices = new NoticeReader(ask);
    const together: Together = (work) => this.#together(work);
    const stats = new StatReader(together);
    const feed = new FeedReader(together);
    this.read = {
      events: (query) => history.events(query),
      event: (tenant, id) => history.event(tenant, id),
      deliveries: (query) => history.deliveries(query),
      delivery: (id) => history.delivery(id),
      attempts: (deliverySeq) => history.attempts(deliverySeq),
      endpoint: (seq) => history.endpoint(seq),
      endpointEver: (id) => recovery.endpointEver(id),
      replay: (id) => recovery.replay(id),
      replays: (query) => recovery.replays(query),
      replayCounts: (replaySeq) => recovery.replayCounts(replaySeq),
      replayPending: (replaySeq, limit) => recovery.replayPending(replaySeq, limit),
      selection: (query) => recovery.selection(query),
      selectionCounts: (query) => recovery.selectionCounts(query),
      oldDeliveries: (query) => recovery.oldDeliveries(query),
      oldEvents: (query) => recovery.oldEvents(query),
      notices: (query) => notices.notices(query),
      mailsDue: (limit) => notices.mailsDue(limit),
      counts: () => history.counts(),
      stats: (query) => stats.stats(query),
      endpointStats: (query) => stats.endpointStats(query),
      oldestPending: (endpointSeqs) => stats.oldestPending(endpointSeqs),
      feed: (query) => feed.feed(query),
      feedHead: () => feed.feedHead(),
    };
  }

  open(): Promise<StoreSnapshot> {
    return this.#inTurn(async () => {
      if (this.#isOpen && this.#session?.lost === false)
        throw new WaxwingError('data_folder_in_use', `The store at ${this.#place} is open already.`);
      try {
        await this.#session?.end();
        this.#session = await this.#connect();
        await migrate(this.#session);
        await this.#claim(this.#session);
        const cleanStop = (await readFact(this.#session, 'stop')) !== 'open';
        this.#feed = await FeedNumbers.read(this.#session);
        const snapshot = await readSnapshot(this.#session, cleanStop);
        await writeFact(this.#session, 'stop', 'open');
        this.#pool ??= this.#newPool();
        this.#isOpen = true;
        return snapshot;
      } catch (error) {
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
    return this.#inTurn(async () => {
      const session = this.#session;
      const pool = this.#pool;
      const wasOpen = this.#isOpen;
      this.#session = null;
      this.#pool = null;
      this.#isOpen = false;
      if (session !== null && wasOpen && !session.lost) await writeFact(session, 'stop', 'clean').catch(() => undefined);
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
    if (!this.#session.lost) return this.#session;
    try {
      const session = await this.#connect();
      await this.#claim(session);
      this.#session = session;
      this.#feed = null; // another process may have written meanwhile
      return session;
    } catch (error) {
      throw new StoreError('unavailable', `the database cannot be reached: ${String(error)}`, error);
    }
  }

  async #connect(): Promise<Session> {
    const session = await Session.connect(clientConfig(this.#url, 'waxwing'));
    await prepareSession(session);
    return session;
  }

  async #claim(session: Session): Promise<void> {
    if (await claimWriter(session)) return;
    await session.end();
    throw new WaxwingError('data_folder_in_use', `Another Waxwing process writes to the database at ${this.#place}. Stop that one first.`);
  }

  #newPool(): Pool {
    const pool = new Pool({ ...clientConfig(this.#url, 'waxwing-reader'), max: this.#readersMax });
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

/** Where it is, for people: without user and password. */
function placeOf(url: string): string {
  const { host, pathname } = URL.canParse(url) ? new URL(url) : { host: 'an address that is no URL', pathname: '' };
  return `${host}${pathname}`;
}
