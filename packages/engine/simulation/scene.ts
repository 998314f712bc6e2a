// Scene: what a run plays on. The disk that outlives processes, the time, the network, and everyone who watches.
//
// Watchers see each attempt leave and end, each row change on the disk, each answer to a user, each step. What one of them
// finds wrong is the run's end: the first finding is kept, since later ones are often its consequences.

import type { Endpoint, PublishResult } from '@waxwing/protocol';
import type { EngineStatus } from '../src/engine-status.ts';
import type { AttemptReport, SendOrder } from '../src/send/order.ts';
import type { ModelDisk } from '../src/store/model-disk.ts';
import type { AttemptRow, DeliveryRow } from '../src/store/rows.ts';
import type { Sharing } from '../src/store/store.ts';
import type { Network } from './network.ts';
import type { Tallies } from './tallies.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What must hold in every run. Each has a watcher, and a mutant that breaks it. */
export const CLAIMS = [
  'an answer means durable',
  'nothing acknowledged is lost',
  'delivered means received',
  'attempts are gapless',
  'final stays final',
  'schedules are kept',
  'one attempt at a time',
  'concurrency is bounded',
  'fifo is kept',
  'held and deleted endpoints are left alone',
  'every subscriber and no other',
  'publishing is idempotent',
  'messages are what was published',
  'pending counts are true',
  'memory is bounded',
  'one commit at a time',
  'no error escapes',
  'rest is quiet',
  'no delivery kills for ever',
  'suspects go alone',
  'rate limits are kept',
  'failures are told',
  'replays make each once',
  'what is young is kept',
  'statistics are the truth',
  'one owner a shard',
  'a lost lease is obeyed',
] as const;

export type Claim = (typeof CLAIMS)[number];

/** An attempt on its way. */
export interface Flight {
  readonly order: SendOrder;
  readonly endpointSeq: number;
  readonly test: boolean;
  readonly startedMs: number;
  /** Which process sends it. */
  readonly host: Host;
  /** Whether the engine has been told how it ended. */
  reported: boolean;
}

/** A publish of one event or several, once it was answered. */
export interface Publication {
  readonly tenant: string;
  readonly events: readonly { readonly type: string; readonly data: string; readonly id?: string; readonly key?: string }[];
  readonly results: readonly PublishResult[];
  readonly calledStep: number;
  readonly calledMs: number;
}

/** How a process ends. One that is stopping may have cut off what was in flight itself. */
export type End = 'stopped' | 'killed' | 'killed while stopping';

export interface Watcher {
  readonly claim: Claim;
  sent?(flight: Flight): void;
  ended?(flight: Flight, report: AttemptReport): void;
  /** A row on the disk is new or other than before. */
  row?(before: DeliveryRow | undefined, after: DeliveryRow): void;
  /** A row is not on the disk any more. */
  removed?(before: DeliveryRow): void;
  attempt?(row: DeliveryRow, attempt: AttemptRow): void;
  /** The store has answered a commit; what it wrote is known to the engine. */
  committed?(): void;
  published?(publication: Publication): void;
  /** A user was answered with an endpoint's new form; null when it was deleted. */
  configured?(id: string, endpoint: Endpoint | null): void;
  /** A process is at its end: what is in flight is in flight still. */
  stopped?(end: End, host: Host): void;
  /** A node's lease is ended against its will; its shards are about to be others'. */
  expelled?(shards: readonly number[]): void;
  step?(): void;
  /** Faults have stopped, receivers are well, and time has passed. */
  end?(): void;
}

/** What is known of a process. */
export interface Host {
  readonly name: string;
  /** How the engine does; null while none runs. */
  status(): EngineStatus | null;
  /** Its side of a store that it shares with others; null for one that it has for itself. */
  readonly sharing: Sharing | null;
  /** Calls of the store that are not answered yet. */
  storeCalls: number;
}

export class Finding extends Error {
  readonly claim: Claim;

  constructor(claim: Claim, detail: string) {
    super(`${claim}: ${detail}`);
    this.name = 'Finding';
    this.claim = claim;
  }
}

export interface SceneParts {
  readonly time: VirtualTime;
  readonly disk: ModelDisk;
  readonly network: Network;
  readonly tallies: Tallies;
  readonly trace: Trace;
}

export class Scene {
  readonly time: VirtualTime;
  readonly disk: ModelDisk;
  readonly network: Network;
  readonly tallies: Tallies;
  readonly trace: Trace;
  /** Attempts under way, and those whose end is not on record yet: by delivery. */
  readonly flights: Map<number, Flight> = new Map();
  /** Attempts of nodes that have lost their lease over them: nobody waits for their ends. */
  readonly strays: Set<Flight> = new Set();
  /** The processes that live. */
  readonly hosts: Set<Host> = new Set();
  /** Whether several processes share the store. */
  readonly isShared: boolean;
  /** How long news of one node may take to another; 0 where there is one process at a time. */
  readonly newsMs: number;
  /** When something was last in the way of the nodes' hearing of each other, since when nothing is; and when that began. */
  #troubles = 0;
  #troubleMs = -Infinity;
  #calmMs = -Infinity;
  /** When a row last changed on the disk, or a shard its owner. */
  changedMs = -Infinity;
  /** When somebody last did something by hand to deliveries that another node works for. */
  handMs = -Infinity;
  /** The longest that a node waited for the contents of shards: the longer it takes, the seldomer it counts again. */
  slowestContentsMs = 0;
  /** What the flight file holds; null where there is none. */
  flightFile: Uint8Array | null = null;
  /** The delivery that killed a process last. */
  killer: number | null = null;
  /** Users who wait for an answer. */
  waitingUsers = 0;
  /** Steps made so far. */
  steps = 0;
  finding: Finding | null = null;
  /** The one claim that is judged; null for all. */
  readonly #only: Claim | null;
  #watchers: readonly Watcher[] = [];

  /** @param newsMs how long news of one node may take to another; null where there is one process at a time */
  constructor(parts: SceneParts, only: Claim | null, newsMs: number | null = null) {
    this.#only = only;
    this.isShared = newsMs !== null;
    this.newsMs = newsMs ?? 0;
    this.time = parts.time;
    this.disk = parts.disk;
    this.network = parts.network;
    this.tallies = parts.tallies;
    this.trace = parts.trace;
  }

  watch(watchers: readonly Watcher[]): void {
    this.#watchers = watchers;
  }

  /** Lets every watcher see something. */
  tell(see: (watcher: Watcher) => void): void {
    for (const watcher of this.#watchers) see(watcher);
  }

  /** Something is not as claimed. */
  found(claim: Claim, detail: string): void {
    if (this.#only !== null && this.#only !== claim) return;
    this.trace.say('FOUND', `${claim}: ${detail}`);
    this.finding ??= new Finding(claim, detail);
  }

  /** Calls of the store that are not answered yet. */
  get storeCalls(): number {
    return [...this.hosts].reduce((sum, { storeCalls }) => sum + storeCalls, 0);
  }

  /** Whether an engine runs. */
  get isAlive(): boolean {
    return [...this.hosts].some((host) => host.status() !== null);
  }

  /** By when everything that was answered must be known to every node. */
  get heardMs(): number {
    if (!this.isShared) return this.time.nowMs;
    const undisturbed = this.#troubles === 0 && this.time.nowMs - this.#calmMs >= this.newsMs;
    return (undisturbed ? this.time.nowMs : this.#troubleMs) - this.newsMs;
  }

  /** Nodes may not hear of each other, until this is called again with the opposite. */
  trouble(begins: boolean): void {
    if (begins && this.#troubles === 0 && this.time.nowMs - this.#calmMs >= this.newsMs) this.#troubleMs = this.time.nowMs;
    this.#troubles += begins ? 1 : -1;
    if (this.#troubles === 0) this.#calmMs = this.time.nowMs;
  }

  /** Since when what others do by hand is no excuse for a count any more that was wrong: by then it has been counted again. */
  get excusedMs(): number {
    return Math.max(this.handMs, this.#calmMs);
  }

  /** How long after a hand a count may be wrong: nodes count again each minute, and commits wait for that a two-hundredth of the time at most. */
  get countedAgainMs(): number {
    return 62_000 + 202 * this.slowestContentsMs;
  }

  get isCalm(): boolean {
    return this.#troubles === 0;
  }

  /** Nobody waits any more for what a process has under way, or for its being on record. */
  stray(host: Host, which: 'under way' | 'reported' | 'all'): void {
    for (const [seq, flight] of this.flights) {
      if (flight.host !== host || which === (flight.reported ? 'under way' : 'reported')) continue;
      this.flights.delete(seq);
      if (!flight.reported) this.strays.add(flight);
    }
  }

  /** A process is gone, and what it had under way. */
  gone(host: Host): void {
    this.hosts.delete(host);
    for (const [seq, flight] of this.flights) if (flight.host === host) this.flights.delete(seq);
    for (const flight of this.strays) if (flight.host === host) this.strays.delete(flight);
  }

  /** Attempts that the network has not ended. */
  inFlight(endpointSeq?: number): readonly Flight[] {
    return [...this.flights.values()].filter(
      (flight) => !flight.reported && (endpointSeq === undefined || flight.endpointSeq === endpointSeq),
    );
  }
}
