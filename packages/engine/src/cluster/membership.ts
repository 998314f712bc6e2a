// Membership: this node among the others that work on the same store. What they did comes in here, and shards change hands.
//
// Invariants:
//  1. One turn at a time: what has drained is given up, what others committed is taken in, what was gained is taken up. So no
//     arrival falls between what a shard held when it was taken up and what came after.
//  2. A shard is worked on from the moment that its contents are known until others ask for it; it is given up when nothing of
//     it is being sent or on its way to being recorded.
//  3. The store is asked again every `pollMs`, whatever hints say. A hint only makes it sooner.
//  4. Others' changes of the configuration are applied as if they were this node's own.

import type { Committer } from '../commit/committer.ts';
import type { Dispatcher } from '../lane/dispatcher.ts';
import type { Clock, Log } from '../ports.ts';
import { shardOf, UPKEEP_SHARD } from '../store/sharing.ts';
import type { Arrivals, Change, ShardContents, Sharing } from '../store/store.ts';
import type { Ownership } from './ownership.ts';
import type { RelayAmongNodes } from './relay-among-nodes.ts';
import type { StoreTime } from './store-time.ts';

/** What is done once for all nodes, by the one that has the upkeep's shard. */
export interface Upkeep {
  /** It is this node's from now on. */
  begin(contents: ShardContents): void;
  /** Others did something that concerns it. */
  arrived(arrivals: Arrivals): void;
  /** It is to be another's. Resolves when nothing of it is under way. */
  end(): Promise<void>;
}

export interface MembershipLimits {
  /** How often a node asks what others have committed, milliseconds, where no hint comes before. */
  readonly pollMs: number;
}

export const MEMBERSHIP_LIMITS: MembershipLimits = { pollMs: 20 };

export interface MembershipOptions {
  readonly time: StoreTime | null;
  readonly sharing: Sharing;
  readonly clock: Clock;
  readonly log: Log;
  readonly ownership: Ownership;
  readonly dispatcher: Dispatcher;
  readonly committer: Committer;
  readonly relay: RelayAmongNodes;
  readonly upkeep: Upkeep;
  readonly pollMs: number;
  /** Applies a change that another node made. */
  readonly apply: (change: Change) => void;
  /** Endpoints are this node's from now on. */
  readonly takeUp: (contents: ShardContents) => void;
  /** Endpoints are another's from now on. */
  readonly leftEndpoints: () => void;
  /** Others committed something: streams look. */
  readonly news: () => void;
  readonly onLost: () => void;
}

const AGAIN_MS = 250;
/** What others do by hand leaves open how many are pending here: it is counted again, at most this often. */
const COUNT_EVERY_MS = 60_000;
/** Commits wait while it is counted: for a two-hundredth of the time at most. */
const COUNT_SELDOM = 200;
const COUNT_AGAIN_MAX_MS = 15 * 60_000;

export class Membership {
  readonly #options: MembershipOptions;
  /** Gained, and not taken up yet. */
  readonly #gained = new Set<number>();
  /** Asked for, and not given up yet. */
  readonly #asked = new Set<number>();
  #upkeepEnds: Promise<void> | null = null;
  #upkeepEnded = false;
  #turn: Promise<void> | null = null;
  #again = false;
  #cancel: (() => void) | null = null;
  #catchingUp: Promise<boolean> | null = null;
  #countAgainMs = -Infinity;
  #stopped = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** Listeners, and who works for their endpoints. */
  get relay(): RelayAmongNodes {
    return this.#options.relay;
  }

  /** Takes up what this node has, and everything that comes. */
  start(): void {
    const { sharing, dispatcher, onLost, time } = this.#options;
    time?.start();
    sharing.watch({
      resumed: () => dispatcher.pump(),
      gained: (shards) => {
        for (const shard of shards) this.#gained.add(shard);
        this.look();
      },
      asked: (shards) => {
        for (const shard of shards) this.#asked.add(shard);
        this.look();
      },
      hinted: () => this.look(),
      lost: onLost,
    });
    this.look();
  }

  /** The store was opened anew: everything is taken up again. */
  resume(): void {
    for (const shard of this.#options.ownership.shards) if (!this.#asked.has(shard)) this.#gained.add(shard);
    this.look();
  }

  /** Asks the store now. */
  look(): void {
    this.#again = true;
    if (this.#turn !== null || this.#stopped) return;
    this.#cancel?.();
    this.#cancel = null;
    this.#turn = this.#turns().finally(() => {
      this.#turn = null;
    });
  }

  /** Takes in what others have changed of the configuration; whether there was anything. Rejects with StoreError. */
  catchUp(): Promise<boolean> {
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = null;
    });
    return this.#catchingUp;
  }

  /** Others may have its shards: those at once of which nothing is under way, the others as they drain. */
  leave(): void {
    this.#options.sharing.leave();
  }

  /** Asks no more; what comes of a question that is under way is left to whoever works for these shards next. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#options.time?.stop();
  }

  /** Turns, as long as there is something to do. Never rejects. */
  async #turns(): Promise<void> {
    const { clock, log, pollMs, committer } = this.#options;
    let pauseMs = pollMs;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        if (committer.away === null) await this.#takeTurn();
        else pauseMs = AGAIN_MS;
      }
    } catch (error) {
      pauseMs = AGAIN_MS;
      log.warn('what other nodes did could not be read; it is tried again', { error: String(error) });
    }
    if (!this.#stopped) this.#cancel = clock.after(this.#asked.size > 0 ? Math.min(pauseMs, AGAIN_MS) : pauseMs, () => this.look());
  }

  async #takeTurn(): Promise<void> {
    this.#giveUp();
    const { sharing, ownership, dispatcher, clock, relay } = this.#options;
    dispatcher.amongNodes.listen();
    const arrivals = await sharing.arrivals(ownership.shards);
    if (this.#stopped) return;
    if (arrivals.behind) await this.catchUp(); // before what arrived: it may be of an endpoint that is new
    this.#arrived(arrivals);
    if (arrivals.more) this.#again = true;
    let doubtful: readonly number[] = [];
    if (clock.monotonicMs() >= this.#countAgainMs) {
      this.#countAgainMs = clock.monotonicMs() + COUNT_EVERY_MS;
      doubtful = dispatcher.amongNodes.miscounted().filter((shard) => ownership.has(shard) && !this.#gained.has(shard));
    }
    await this.#takeUp(doubtful);
    if (!this.#stopped && (arrivals.relay || relay.isBusy) && (await relay.look())) this.#again = true;
  }

  /** Stops working on what others asked for, and gives up what has drained. */
  #giveUp(): void {
    if (this.#asked.size === 0) return;
    const { sharing, ownership, dispatcher, leftEndpoints } = this.#options;
    const left = [...this.#asked].filter((shard) => ownership.has(shard));
    if (left.includes(UPKEEP_SHARD) && this.#upkeepEnds === null) {
      this.#upkeepEnded = false;
      this.#upkeepEnds = this.#options.upkeep.end().then(() => {
        this.#upkeepEnded = true;
        this.look();
      });
    }
    if (left.length > 0) {
      ownership.leave(left);
      dispatcher.amongNodes.disown();
      leftEndpoints();
    }
    const drained = [...this.#asked].filter(
      (shard) =>
        (shard !== UPKEEP_SHARD || this.#upkeepEnds === null || this.#upkeepEnded) &&
        !dispatcher.amongNodes.isUnderWay((seq) => shardOf(seq) === shard),
    );
    for (const shard of drained) {
      this.#asked.delete(shard);
      this.#gained.delete(shard);
      if (shard === UPKEEP_SHARD) this.#upkeepEnds = null;
    }
    if (drained.length > 0) sharing.gaveUp(drained);
  }

  #arrived(arrivals: Arrivals): void {
    const { dispatcher, ownership, upkeep, news } = this.#options;
    if (arrivals.news) dispatcher.amongNodes.heard();
    for (const { seq, endpointSeq } of arrivals.ended) dispatcher.amongNodes.ended(endpointSeq, seq);
    const own = arrivals.pending.filter(({ endpointSeq }) => ownership.owns(endpointSeq));
    dispatcher.amongNodes.arrived(own, arrivals.more);
    if (own.length > 0) dispatcher.pump();
    if (ownership.doesUpkeep) upkeep.arrived(arrivals);
    if (arrivals.news) news();
  }

  /** @param doubtful shards of its own whose deliveries are to be counted again */
  async #takeUp(doubtful: readonly number[]): Promise<void> {
    const { sharing, ownership, dispatcher, upkeep, takeUp, clock } = this.#options;
    const gained = [...this.#gained].filter((shard) => !this.#asked.has(shard));
    if (gained.length + doubtful.length === 0) return;
    const askedMs = clock.monotonicMs();
    const contents = await sharing.contents([...gained, ...doubtful]);
    if (this.#stopped) return;
    this.#countAgainMs = Math.max(
      this.#countAgainMs,
      clock.monotonicMs() + Math.min(COUNT_SELDOM * (clock.monotonicMs() - askedMs), COUNT_AGAIN_MAX_MS),
    );
    if (doubtful.length > 0) dispatcher.amongNodes.adopt(doubtful, contents.backlog);
    if (gained.length === 0) return dispatcher.pump();
    // What it asks for meanwhile is given up with the next turn.
    for (const shard of gained) this.#gained.delete(shard);
    const beginsUpkeep = gained.includes(UPKEEP_SHARD) && !ownership.doesUpkeep; // where it is taken up again, its work goes on
    ownership.take(gained, clock.nowMs());
    dispatcher.amongNodes.adopt(gained, contents.backlog);
    takeUp(contents);
    if (beginsUpkeep) upkeep.begin(contents);
    dispatcher.pump();
  }

  async #catchUp(): Promise<boolean> {
    const changes = await this.#options.sharing.catchUp();
    for (const change of changes) this.#options.apply(change);
    if (changes.length > 0) this.#options.dispatcher.pump();
    return changes.length > 0;
  }
}
