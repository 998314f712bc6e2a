// Membership: this node among the others on the database: its number, its lease, and the end of others' leases.
//
//  1. A lease is a row that its holder renews twice a second, judged by the database's clock alone. Whoever finds one that has
//     run out ends it, after what its holder had under way (sharing-schema.ts); a holder's backend that keeps lying there, as
//     one of a frozen process does, is terminated.
//  2. The holder stops sending by its own monotonic clock, LEASE_MS after it last asked for a renewal that was granted, and
//     a margin earlier. A lease that ran out and that nobody has ended is renewed as if nothing had been.
//  3. A node that lost its connection, or does not know whether its commit was written, goes on under a new epoch: what is
//     left of the former connection is fenced off like another node's.
//  4. All of it goes over one session, one thing at a time. Other nodes' hints come over it too, as far as they come.

import { hostname } from 'node:os';
import { WaxwingError } from '@waxwing/protocol';
import type { Clock, Randomness } from '../../ports.ts';
import { VERSION } from '../../version.ts';
import { integer, integerOrNull, textOrNull } from '../columns.ts';
import { isHeldForMove, isLeaseEnded, LOCK_NOT_AVAILABLE, sqlState } from './failure.ts';
import { Hints } from './hints.ts';
import type { Session } from './session.ts';
import type { Shards } from './shards.ts';
import { LOCK_SPACE, NODE_LOCKS } from './sharing-schema.ts';
import type { StoreClock } from './store-clock.ts';
import { within } from './time-limit.ts';

export const LEASE_MS = 3_000;
/** What is handed to the sender just before the lease ends has this long to leave. */
const MARGIN_MS = 300;
const LOOK_MS = 500;
const RETRY_MS = 250;
/** A holder that could not renew for so long gives its writing session up: whatever waits there would wait for ever. */
const STUCK_MS = 1_000;
/** How long a node's transaction has to end, once its lease has. */
const PATIENCE_MS = 300;
const TERMINATED_MS = 1_500;

export interface MembershipOptions {
  /** A session that no pooler stands before. */
  readonly connect: () => Promise<Session>;
  /** The database has not answered for a long time. */
  readonly stuck: () => void;
  /** How the place is called, for people. */
  readonly place: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly storeClock: StoreClock;
  readonly shards: Shards;
}

export class Membership {
  readonly #options: MembershipOptions;
  readonly #token: string;
  readonly #id: string;
  #no = 0;
  #epoch = 0;
  #deadlineMs = -Infinity;
  /** Until then it ends nobody's lease: the database was away from all, and the others come back too. */
  #patientUntilMs = -Infinity;
  #isLost = false;
  #isLeaving = false;
  #others = 0;
  #session: Session | null = null;
  #running = false;
  /** The end of what goes over the session in order. */
  #last: Promise<unknown> = Promise.resolve();
  #lookWaits = false;
  #cancelTimer: (() => void) | null = null;
  readonly #hints: Hints;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#hints = new Hints(options.clock, (hinted) => {
      if (hinted === 'nodes') this.look();
      else for (const watcher of options.shards.watchers) watcher.hinted?.();
    });
    this.#token = Buffer.from(options.randomness.bytes(16)).toString('hex');
    this.#id = `${hostname()}-${process.pid}-${this.#token.slice(0, 4)}`;
  }

  /** Its number. */
  get no(): number {
    return this.#no;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get isHeld(): boolean {
    return !this.#isLost && this.#options.clock.monotonicMs() < this.#deadlineMs;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Joins the others, and takes what shards are free of its share. Throws `data_folder_in_use` while a move into the database is under way. */
  join(): Promise<void> {
    return this.#inTurn(async () => {
      const [node = {}] = await this.#asNode((session) => session.rows({ text: JOIN }, [this.#token, this.#id, VERSION]));
      this.#no = integer(node, 'node_no');
      this.#epoch = integer(node, 'node_epoch');
      this.#isLost = false;
      this.#isLeaving = false;
      this.#options.shards.clear();
      this.#running = true;
      while (await this.#tend());
      this.#hints.ofNodes();
      this.#later(LOOK_MS);
    });
  }

  /** Goes on under a new epoch, after the former one's transaction has ended. Throws `data_folder_in_use` when another has ended its lease. */
  resume(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isLost || this.#epoch === 0) throw this.#lostError();
      const [row = {}] = await this.#asNode((session) =>
        this.#patiently(session, this.#no, (waitMs) =>
          within(this.#options.clock, LEASE_MS, session.rows({ text: RESUME }, [this.#no, this.#token, this.#epoch, waitMs])),
        ),
      );
      this.#epoch = integer(row, 'epoch');
      this.#running = true;
      while (await this.#tend());
      this.#later(LOOK_MS);
    });
  }

  /** Ends its own lease: others take what it had at once. Never rejects. */
  async end(): Promise<void> {
    const wasRunning = this.#running;
    this.#halt();
    await this.#inTurn(async () => {
      if (!wasRunning) return;
      const session = await this.#connected();
      const [row = {}] = await this.#patiently(session, this.#no, (waitMs) =>
        within(this.#options.clock, TERMINATED_MS, session.rows({ text: END }, [this.#no, this.#epoch, null, waitMs])),
      );
      this.#epoch = integerOrNull(row, 'epoch') ?? this.#epoch;
      this.#hints.ofNodes();
    }).catch(() => this.#session?.abandon());
    this.#options.shards.clear();
    await this.#session?.end();
    this.#session = null;
  }

  leave(): void {
    this.#isLeaving = true;
    this.look();
  }

  /** Looks now: renews, frees what was given up, takes what is free. */
  look(): void {
    if (!this.#running || this.#lookWaits) return;
    this.#lookWaits = true;
    this.#cancelTimer?.();
    void this.#inTurn(async () => {
      this.#lookWaits = false;
      if (this.#running) this.#later(await this.#lookOnce());
    });
  }

  /** A commit was refused under this epoch. */
  refused(epoch: number): void {
    if (epoch === this.#epoch) this.#lose();
  }

  /** Tells others, where there are any, that there is something for them. */
  hint(): void {
    if (this.#others > 0) this.#hints.ofCommit();
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #later(ms: number): void {
    if (!this.#running) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(ms, () => this.look());
  }

  #halt(): void {
    this.#running = false;
    this.#deadlineMs = -Infinity;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** How long to wait before the next look. Never rejects. */
  async #lookOnce(): Promise<number> {
    try {
      while (await this.#tend());
      return LOOK_MS;
    } catch (error) {
      if (isLeaseEnded(error)) this.#lose();
      else this.#session?.abandon();
      const { clock, stuck } = this.#options;
      if (this.#running && clock.monotonicMs() > this.#deadlineMs + STUCK_MS) stuck();
      return RETRY_MS;
    }
  }

  /** Renews, frees, takes, and ends one lease that has run out. Whether there is more to do at once. */
  async #tend(): Promise<boolean> {
    const { clock, shards, storeClock } = this.#options;
    const session = await this.#connected();
    const freed = shards.given;
    const askedMs = clock.monotonicMs();
    const asked = session.rows({ text: TEND }, [this.#no, this.#epoch, LEASE_MS, this.#isLeaving, freed]);
    const [row = {}] = await within(clock, LEASE_MS, asked);
    if (!this.#running) return false;
    storeClock.looked(Number(row['ms']), askedMs, clock.monotonicMs());
    this.#others = integer(row, 'others');
    const owned = textOrNull(row, 'owned');
    shards.seen(owned === null ? [] : owned.split(',').map(Number), integer(row, 'share'), freed);
    if (this.#deadlineMs + MARGIN_MS < askedMs) this.#patientUntilMs = clock.monotonicMs() + LEASE_MS; // it joins, or comes back
    this.#extend(askedMs);
    const ended = integerOrNull(row, 'ended_no');
    if (ended === null || clock.monotonicMs() < this.#patientUntilMs) return shards.given.length > 0;
    return this.#patiently(session, ended, (waitMs) =>
      session.rows({ text: END }, [ended, integer(row, 'ended_epoch'), LEASE_MS, waitMs]),
    ).then(
      () => true,
      () => false, // it is tried again with the next look
    );
  }

  /** Asks for a node's lock with little patience first; then its backends are terminated. */
  async #patiently<R>(session: Session, no: number, ask: (waitMs: number) => Promise<R>): Promise<R> {
    try {
      return await ask(PATIENCE_MS);
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
      await session.run({ text: TERMINATE }, [LOCK_SPACE, NODE_LOCKS + no]);
      return ask(TERMINATED_MS);
    }
  }

  async #asNode<R>(work: (session: Session) => Promise<R>): Promise<R> {
    try {
      return await work(await this.#connected());
    } catch (error) {
      if (isHeldForMove(error))
        throw new WaxwingError('data_folder_in_use', `A move into the database at ${this.#options.place} is under way.`, { cause: error });
      if (!isLeaseEnded(error)) {
        this.#session?.abandon(); // it may be this connection that fails
        throw error;
      }
      this.#lose();
      throw this.#lostError();
    }
  }

  async #connected(): Promise<Session> {
    if (this.#session !== null && !this.#session.lost) return this.#session;
    const session = await this.#options.connect();
    this.#hints.over(session);
    this.#session = session;
    return session;
  }

  #extend(askedMs: number): void {
    const isFirst = this.#deadlineMs === -Infinity;
    const wasHeld = this.isHeld;
    this.#deadlineMs = askedMs + LEASE_MS - MARGIN_MS;
    if (!wasHeld && !isFirst) for (const watcher of this.#options.shards.watchers) watcher.resumed();
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#halt();
    this.#options.shards.clear();
    for (const watcher of this.#options.shards.watchers) watcher.lost();
  }

  #lostError(): WaxwingError {
    return new WaxwingError(
      'data_folder_in_use',
      `Other nodes have taken over from this one on the database at ${this.#options.place}: its lease had run out.`,
    );
  }
}

const JOIN = 'SELECT * FROM waxwing.join_nodes($1, $2, $3)';
const RESUME = 'SELECT waxwing.resume_node($1, $2, $3, $4) AS epoch';
const TEND = 'SELECT * FROM waxwing.tend_node($1, $2, $3, $4, $5)';
const END = 'SELECT waxwing.end_node($1, $2, $3, $4) AS epoch';
const TERMINATE = `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
  AND classid = $1::bigint::oid AND objid = $2::bigint::oid AND objsubid = 2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
