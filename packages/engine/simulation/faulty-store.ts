// Faulty store: the model store behind everything that can go wrong with a real one.
//
// Calls are served one after another and take time; a spell of faults makes some of them fail; a commit can be the last
// thing its process does, written or not. After a commit whose result is unknown nothing works until the store is opened
// anew, as with a file whose fsync failed.

import { WaxwingError } from '@waxwing/protocol';
import { modelStore } from '../src/store/model.ts';
import type { ModelCall } from '../src/store/model-sharing.ts';
import type { PendingDelivery } from '../src/store/rows.ts';
import { shardOf } from '../src/store/sharing.ts';
import {
  StoreError,
  type Batch,
  type BatchResult,
  type OpenOptions,
  type RefillQuery,
  type Sharing,
  type Store,
  type StoreReader,
  type StoreSnapshot,
} from '../src/store/store.ts';
import type { Dice } from './dice.ts';
import type { DiskWatch } from './disk-watch.ts';
import type { Host, Scene } from './scene.ts';
import { never, StoreRoad, type StoreHost } from './store-road.ts';
import { clockOf, type Owner } from './virtual-time.ts';

/** Data that the store refuses to write. */
export const POISON = 'poison';

/** What the world does to the store; outlives processes. */
export interface Weather {
  /** Chance that a call meets a fault. */
  faultRate: number;
  /** Longest time a call takes. */
  delayMs: number;
  /** The process dies at the next commit, just before or just after it is written. */
  deathAtCommit: 'before' | 'after' | null;
  /** Called when it does. */
  readonly die: (how: 'before' | 'after', host: Host) => void;
}

export interface FaultyStoreParts {
  readonly scene: Scene;
  readonly dice: Dice;
  readonly weather: Weather;
  readonly host: StoreHost;
  readonly watch: DiskWatch;
}

export class FaultyStore implements Store {
  readonly kind = 'model';
  readonly folder = null;
  readonly read: StoreReader;
  readonly sharing?: Sharing;
  readonly #parts: FaultyStoreParts;
  readonly #inner: Store;
  readonly #road: StoreRoad;
  #commits = 0;
  #broken = false;
  #opened = false;

  constructor(parts: FaultyStoreParts) {
    const { scene, host } = parts;
    this.#parts = parts;
    this.#road = new StoreRoad({ ...parts, unknown: () => this.#unknown('unknown, written') });
    const wire = <T>(call: ModelCall, effect: () => T): Promise<T> => this.#carried(call, effect);
    // Its beats come by a clock of its own.
    const clock = { ...clockOf(scene.time, host, { aheadMs: host.aheadMs }), after: beats(scene, host) };
    this.#inner = modelStore(scene.disk, scene.isShared ? { shared: { clock, wire } } : {});
    if (this.#inner.sharing !== undefined) this.sharing = this.#inner.sharing;
    // Whatever a reader is asked: beside every other call, with its own delay and its own chance to fail.
    this.read = new Proxy(this.#inner.read, {
      get: (reader, verb) => {
        const answer: unknown = Reflect.get(reader, verb);
        if (typeof answer !== 'function') return answer;
        return (...query: readonly unknown[]): Promise<unknown> => this.#aside(async () => Reflect.apply(answer, reader, query));
      },
    });
  }

  open(options: OpenOptions = {}): Promise<StoreSnapshot> {
    if (this.#opened) this.#parts.scene.tallies.count('engine: store opened anew');
    this.#opened = true;
    this.#road.isClosed = false;
    return this.#road.served(async () => {
      if (this.#fails()) {
        this.#parts.scene.tallies.count('store: open failed');
        throw new WaxwingError('store_unavailable', 'the simulated store cannot be opened');
      }
      const snapshot = await this.#inner.open(options);
      this.#broken = false;
      this.#parts.scene.tell((watcher) => watcher.committed?.()); // what was written without an answer is known now
      return snapshot;
    });
  }

  async commit(batch: Batch): Promise<BatchResult> {
    const { scene, host } = this.#parts;
    this.#commits += 1;
    if (this.#commits > 1 && host.alive) scene.found('one commit at a time', 'a commit was begun while another was under way');
    try {
      const result = await (scene.isShared
        ? this.#inner.commit(batch)
        : this.#road.served(() => this.#write(batch, () => this.#inner.commit(batch))));
      if (host.alive) scene.tell((watcher) => watcher.committed?.());
      return result;
    } finally {
      this.#commits -= 1;
    }
  }

  refill(query: RefillQuery): Promise<readonly PendingDelivery[]> {
    this.#parts.scene.tallies.count('engine: refill');
    return this.#road.served(async () => this.#readOrFail(() => this.#inner.refill(query)));
  }

  load(seqs: readonly number[]): Promise<readonly PendingDelivery[]> {
    return this.#road.served(async () => this.#readOrFail(() => this.#inner.load(seqs)));
  }

  /** In turn, too: what was asked before is done before. */
  close(): Promise<void> {
    return this.#road.served(() => {
      this.#road.isClosed = true;
      return this.#inner.close();
    });
  }

  /** A call of the sharing store, on its way to the disk and back. */
  async #carried<T>(call: ModelCall, effect: () => T): Promise<T> {
    const { host, weather, dice } = this.#parts;
    switch (call.kind) {
      case 'look':
        if (host.cutOff || (weather.faultRate > 0 && dice.chance(weather.faultRate))) throw unreached();
        return effect();
      case 'question':
        return this.#aside(async () => effect());
      case 'arrivals':
        return this.#road.served(() => this.#readOrFail(async () => effect()), 'beat');
      case 'contents':
        return this.#timed(() => this.#road.served(() => this.#readOrFail(async () => effect())));
      case 'commit':
        return this.#road.served(() => this.#write(call.batch, () => effect()), 'commit');
      default:
        return call satisfies never;
    }
  }

  async #timed<T>(asking: () => Promise<T>): Promise<T> {
    const { scene } = this.#parts;
    const askedMs = scene.time.nowMs;
    const answer = await asking();
    scene.slowestContentsMs = Math.max(scene.slowestContentsMs, scene.time.nowMs - askedMs);
    return answer;
  }

  async #write<T>(batch: Batch, write: () => T | Promise<T>): Promise<T> {
    const { scene, weather, watch, dice } = this.#parts;
    const { tallies, trace } = scene;
    if (weather.deathAtCommit === 'before') return this.#die('before');
    const fault = this.#fails() ? dice.pick(['unavailable', 'written', 'not written']) : null;
    if (this.#broken || fault === 'unavailable') {
      tallies.count('store: unavailable');
      trace.say('store', 'unavailable');
      throw new StoreError('unavailable', 'the simulated store takes no writes');
    }
    if (fault === 'not written') throw this.#unknown('unknown, not written');
    if (isPoisoned(batch)) {
      tallies.count('store: row refused');
      if (batch.groups.length + batch.settles.length + batch.changes.length > 1) tallies.count('engine: halved batch');
      throw new StoreError('row', 'the simulated store refuses a row');
    }
    if (batch.groups.some((group) => group.inserts.some((insert) => insert.kind === 'chunk'))) tallies.count('engine: fan-out in chunks');
    const result = await this.#written(batch, write);
    watch.look();
    if (scene.isShared) scene.tell((watcher) => watcher.committed?.()); // others may know of it before its own node does
    if (weather.deathAtCommit === 'after') return this.#die('after');
    if (fault === 'written') throw this.#unknown('unknown, written');
    return result;
  }

  async #written<T>(batch: Batch, write: () => T | Promise<T>): Promise<T> {
    const { scene, host } = this.#parts;
    const { tallies, trace } = scene;
    try {
      const result = await write();
      if (scene.isShared && hasHands(batch, (endpointSeq) => scene.disk.cluster.owners[shardOf(endpointSeq)] === host.sharing?.source))
        scene.handMs = scene.time.nowMs;
      for (const { attempt, endpointSeq, deliverySeq } of batch.settles)
        if (attempt !== null && scene.isShared && scene.disk.cluster.owners[shardOf(endpointSeq)] !== host.sharing?.source)
          scene.found(
            'one owner a shard',
            `${host.name} settles delivery ${deliverySeq} of endpoint ${endpointSeq}, whose shard it does not own`,
          );
      return result;
    } catch (error) {
      if (scene.isShared && error instanceof StoreError && error.kind === 'behind') tallies.count('cluster: commit refused as behind');
      if (scene.isShared && !(error instanceof StoreError)) tallies.count('cluster: commit of an ended node refused');
      trace.say('store', `${host.name}: refused: ${String(error)}`);
      throw error;
    }
  }

  #unknown(kind: 'unknown, written' | 'unknown, not written'): StoreError {
    this.#broken = true;
    this.#parts.scene.tallies.count(`store: ${kind}`);
    this.#parts.scene.trace.say('store', kind);
    return new StoreError('unknown', 'the simulated store lost the answer');
  }

  #die(how: 'before' | 'after'): Promise<never> {
    this.#parts.weather.deathAtCommit = null;
    this.#parts.weather.die(how, this.#parts.host);
    return never();
  }

  #fails(): boolean {
    const { weather, dice } = this.#parts;
    return this.#parts.host.cutOff || (weather.faultRate > 0 && dice.chance(weather.faultRate));
  }

  /** A reader's question. */
  async #aside<T>(effect: () => Promise<T>): Promise<T> {
    return this.#road.isClosed ? effect() : this.#road.aside(() => this.#readOrFail(effect));
  }

  async #readOrFail<T>(read: () => Promise<T>): Promise<T> {
    if (this.#broken || this.#fails()) {
      this.#parts.scene.tallies.count('store: read failed');
      throw new StoreError('unavailable', 'the simulated store cannot be read');
    }
    return read();
  }
}

function beats({ time }: Scene, host: Owner): (delayMs: number, run: () => void) => () => void {
  return (delayMs, run) => time.after(host, delayMs, run, true);
}

function unreached(): StoreError {
  return new StoreError('unavailable', 'the simulated store is not reached');
}

/** Whether a batch does more to others' deliveries than to make new ones by publishing. */
function hasHands({ settles, groups }: Batch, isOwn: (endpointSeq: number) => boolean): boolean {
  if (settles.some(({ endpointSeq }) => !isOwn(endpointSeq))) return true;
  return groups.some(({ inserts }) =>
    inserts.some(({ kind, deliveries }) =>
      deliveries.some(({ endpointSeq, state }) => (kind !== 'event' || state !== 'pending') && !isOwn(endpointSeq)),
    ),
  );
}

function isPoisoned(batch: Batch): boolean {
  return batch.groups.some((group) => group.inserts.some((insert) => insert.kind === 'event' && insert.event.data.includes(POISON)));
}
