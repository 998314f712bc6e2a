// The PostgreSQL store, behind the store's one interface: where one machine is not enough, or a database is there already.
//
// Any number of nodes work on it at once (postgres-sharing.ts). Everything of one node that must keep its order (commit,
// numbers, refill, load) goes through one queue on one session; its lease has a session (membership.ts), what others did is
// looked for on another, and people's reads use a small pool. A session that is lost is opened again by the next thing that
// needs it, which is refused as `unavailable` until the server answers, or for good when the node's lease was ended meanwhile.

import { WaxwingError } from '@waxwing/protocol';
import type { Clock, Randomness } from '../../ports.ts';
import { systemClock, systemRandomness } from '../../system-ports.ts';
import type { PendingDelivery } from '../rows.ts';
import type { HistoryRanges } from '../history-ranges.ts';
import { StoreError } from '../store.ts';
import type { Batch, BatchResult, OpenOptions, Outbox, RefillQuery, Store, StoreReader, StoreSnapshot } from '../store.ts';
import { integer } from '../columns.ts';
import { writeBatch } from './batch-writer.ts';
import { configUseOf } from './config-log.ts';
import { readPlaces } from './contents.ts';
import { hastenSession, migrate, openingError, placeOf, readMeta, refuseHalfMoved } from './database.ts';
import { isLeaseEnded, refused } from './failure.ts';
import { FeedNumbers } from './feed-numbers.ts';
import type { Ask } from './list-scan.ts';
import { Membership } from './membership.ts';
import { takeNumbers } from './numbers.ts';
import { PostgresOutbox } from './outbox.ts';
import { load, refill } from './pending-reader.ts';
import { PostgresSharing } from './postgres-sharing.ts';
import { PostgresRanges } from './ranges.ts';
import { storeReader } from './readers.ts';
import { ReadingPool } from './reading-pool.ts';
import { clientConfig, Session } from './session.ts';
import { readSnapshot } from './snapshot.ts';
import { Shards } from './shards.ts';
import type { Together } from './stat-reader.ts';
import { StoreClock } from './store-clock.ts';

export interface PostgresOptions {
  /** Most connections for people's reads, beside the node's own, three and up to two more. Default 4. */
  readonly readersMax?: number;
  /**
   * The database's own address, where `url` is that of a pooler in transaction mode: for the lease, and for hints from other
   * nodes. Without it `url` should lead to the database itself.
   */
  readonly directUrl?: string;
  /** The ports that the lease needs. */
  readonly clock?: Clock;
  readonly randomness?: Randomness;
}

const READERS_MAX = 4;
const OWN_READERS_MAX = 2;
/** What the server has not answered by then is taken for lost: its own time limits have passed (sharing-schema.ts). */
const ANSWER_MS = 45_000;

/**
 * A store in a PostgreSQL database (15 or later), in the schema `waxwing`, which is created where it does not exist. Opens nothing yet.
 * Any number of programs may have it open. @param url `postgres://user:password@host:port/database`
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
  readonly history: HistoryRanges;
  readonly sharing: PostgresSharing;
  readonly #url: string;
  readonly #place: string;
  readonly #options: PostgresOptions;
  readonly #membership: Membership;
  #session: Session | null = null;
  /** Looks for what other nodes did, and in the outbox. */
  #watching: Session | null = null;
  #looking: Promise<Session> | null = null;
  #feed: FeedNumbers | null = null;
  /** For people's reads. */
  #readers: ReadingPool | null = null;
  /** For what this node itself must read: it does not wait for people. */
  #ownReaders: ReadingPool | null = null;
  #isOpen = false;
  /** Below every number that is given out from now on. */
  #numbersFrom = 1;
  /** The session on which numbers were given out last. */
  #numberedOn: Session | null = null;
  /** The end of the queue. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(url: string, options: PostgresOptions) {
    this.#url = url;
    this.#place = placeOf(url);
    this.#options = options;
    const { clock = systemClock, randomness = systemRandomness } = options;
    const ask: Ask = async ({ text }, values) => this.#reading(this.#readers).ask(text, values);
    const together: Together = async (work) => this.#reading(this.#readers).together(work);
    const readingOwn: Together = async (work) => this.#reading(this.#ownReaders).together(work);
    const watching = (): Promise<Session> => (this.#looking ??= this.#look().finally(() => (this.#looking = null)));
    const shards = new Shards();
    const storeClock = new StoreClock(clock);
    this.#membership = new Membership({
      connect: () => Session.connect(clientConfig(options.directUrl ?? url, 'waxwing-lease')),
      stuck: () => this.#session?.abandon(),
      place: this.#place,
      clock,
      randomness,
      storeClock,
      shards,
    });
    const numbers = (count: number): Promise<number> => this.#numbers(count);
    const inOrder = <R>(work: () => Promise<R>): Promise<R> => this.#inTurn(work);
    this.sharing = new PostgresSharing({
      membership: this.#membership,
      shards,
      storeClock,
      ask,
      together: readingOwn,
      watching,
      numbers,
      inOrder,
    });
    this.read = storeReader(ask, together);
    this.outbox = new PostgresOutbox(ask, async (statement, values) => (await watching()).rows(statement, values).catch(refused));
    this.history = new PostgresRanges(ask, (work) => this.#alone(work));
  }

  open({ inspect = () => undefined, continues = false }: OpenOptions = {}): Promise<StoreSnapshot> {
    return this.#inTurn(async () => {
      if (!continues && this.#isOpen && this.#session?.lost === false)
        throw new WaxwingError('data_folder_in_use', `The store at ${this.#place} is open already.`);
      this.#session?.abandon(); // what it still has under way is waited for, or fenced off
      try {
        const session = (this.#session = await this.#connect('waxwing', ANSWER_MS));
        await migrate(session);
        await refuseHalfMoved(session);
        inspect(await readMeta(session));
        const [before = {}] = await session.rows({ text: 'SELECT count(*) AS nodes FROM waxwing.nodes WHERE NOT is_gone' });
        await (continues ? this.#membership.resume() : this.#membership.join());
        const snapshot = await this.#snapshot(session, integer(before, 'nodes') === 0);
        this.#readers ??= new ReadingPool(clientConfig(this.#url, 'waxwing-reader'), this.#options.readersMax ?? READERS_MAX);
        this.#ownReaders ??= new ReadingPool(clientConfig(this.#url, 'waxwing-own-reader'), OWN_READERS_MAX);
        this.#isOpen = true;
        return snapshot;
      } catch (error) {
        if (!continues) await this.#membership.end();
        this.#session?.abandon();
        throw openingError(error, this.#place);
      }
    });
  }

  commit(batch: Batch): Promise<BatchResult> {
    const configUse = configUseOf(batch);
    const configVersion = this.sharing.config.version; // which the batch was formed by: not what is known at its turn
    return this.#inTurn(async () => {
      const session = await this.#writing();
      if (configUse !== 'none') this.#refuseLostNumbers(session);
      const { no: source, epoch } = this.#membership;
      this.#feed ??= await FeedNumbers.read(session, source).catch(refused);
      try {
        const result = await writeBatch(session, { source, epoch, configVersion, configUse }, this.#feed, batch);
        if (configUse === 'changes') this.sharing.config.changed(configVersion);
        if (configUse !== 'none' || batch.settles.some(({ attempt }) => attempt === null)) this.#membership.hint();
        return result;
      } catch (error) {
        if (error instanceof StoreError && isLeaseEnded(error.cause)) this.#membership.refused(epoch);
        throw error;
      }
    });
  }

  refill(query: RefillQuery): Promise<readonly PendingDelivery[]> {
    return this.#inTurn(async () => refill(await this.#writing(), query).catch(refused));
  }

  load(seqs: readonly number[]): Promise<readonly PendingDelivery[]> {
    return this.#inTurn(async () => load(await this.#writing(), seqs).catch(refused));
  }

  /** Never rejects: what was committed is durable already, and a node that could not say that it leaves is found gone. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      const [session, watching, readers, ownReaders] = [this.#session, this.#watching, this.#readers, this.#ownReaders];
      this.#session = this.#watching = this.#readers = this.#ownReaders = this.#feed = null;
      this.#isOpen = false;
      await Promise.all([session?.end(), this.#membership.end(), watching?.end(), readers?.end(), ownReaders?.end()]);
    });
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** All that is held in memory, and how far this node knows what others did, as of one moment. */
  async #snapshot(session: Session, cleanStop: boolean): Promise<StoreSnapshot> {
    await session.run({ text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' });
    const [config = {}] = await session.rows({ text: 'SELECT version FROM waxwing.config' });
    const places = await readPlaces((statement, values) => session.rows(statement, values));
    const snapshot = await readSnapshot(session, cleanStop);
    await session.commit();
    this.#feed = await FeedNumbers.read(session, this.#membership.no);
    this.sharing.config.read(integer(config, 'version'));
    this.sharing.reader.begin(places);
    this.#numbersFrom = Math.max(this.#numbersFrom, ...Object.values(snapshot.nextSeq));
    return snapshot;
  }

  /** The writer's session, opened again when it was lost. Throws StoreError `unavailable`. */
  async #writing(): Promise<Session> {
    if (!this.#isOpen || this.#session === null) throw new StoreError('unavailable', 'the store is not open');
    if (this.#membership.isLost) throw new StoreError('unavailable', `another node has ended this one's lease of ${this.#place}`);
    if (!this.#session.lost) return this.#session;
    let session: Session | null = null;
    try {
      session = await this.#connect('waxwing', ANSWER_MS);
      await this.#membership.resume();
      this.#feed = null;
      return (this.#session = session);
    } catch (error) {
      session?.abandon();
      throw new StoreError('unavailable', `the database cannot be reached: ${String(error)}`, error);
    }
  }

  #numbers(count: number): Promise<number> {
    return this.#inTurn(async () => {
      const session = await this.#writing();
      this.#numberedOn = session;
      return takeNumbers(session, count, this.#numbersFrom).catch(refused);
    });
  }

  /** The server may have gone down and forgotten that it gave them out (numbers.ts): they are not used after that. */
  #refuseLostNumbers(session: Session): void {
    if (this.#numberedOn === null || this.#numberedOn === session) return;
    this.#numberedOn = null;
    throw new StoreError('unavailable', 'the connection was lost since the numbers of these rows were given out');
  }

  async #look(): Promise<Session> {
    if (!this.#isOpen) throw new StoreError('unavailable', 'the store is not open');
    if (this.#watching !== null && !this.#watching.lost) return this.#watching;
    const session = await this.#connect('waxwing-watch').catch(refused);
    if (this.#isOpen) return (this.#watching = session);
    await session.end();
    throw new StoreError('unavailable', 'the store is not open');
  }

  async #connect(name: string, answerMs?: number): Promise<Session> {
    const session = await Session.connect(clientConfig(this.#url, name, answerMs));
    // A pooler's sessions are others' too.
    if (this.#options.directUrl === undefined) await hastenSession(session);
    return session;
  }

  /** Work on a session of its own. */
  async #alone<R>(work: (session: Session) => Promise<R>): Promise<R> {
    this.#reading(this.#readers);
    const session = await this.#connect('waxwing-upkeep').catch(refused);
    try {
      return await work(session);
    } finally {
      await session.end();
    }
  }

  #reading(pool: ReadingPool | null): ReadingPool {
    if (pool === null) throw new StoreError('unavailable', 'the store is not open');
    return pool;
  }
}
