// The sharing of a database, joined: each verb and the room that answers it.

import type { Change } from '../store.ts';
import type { Arrivals, NodeRow, ShardContents, Sharing, SharingWatcher } from '../sharing.ts';
import type { RelayPost } from '../relay-post.ts';
import { integer, text, textOrNull } from '../columns.ts';
import { ArrivalReader } from './arrivals.ts';
import { ConfigForgotten, KnownConfig } from './config-log.ts';
import { readContents } from './contents.ts';
import { refused } from './failure.ts';
import { PostgresRelayPost } from './relay-post.ts';
import type { Ask } from './list-scan.ts';
import type { Membership } from './membership.ts';
import type { Session } from './session.ts';
import type { Shards } from './shards.ts';
import type { Together } from './stat-reader.ts';
import type { StoreClock } from './store-clock.ts';

export interface SharingParts {
  readonly membership: Membership;
  readonly shards: Shards;
  readonly storeClock: StoreClock;
  readonly ask: Ask;
  readonly together: Together;
  /** The session that looks for what others did. Rejects with the connection's error. */
  readonly watching: () => Promise<Session>;
  readonly numbers: (count: number) => Promise<number>;
  /** In the order of calls, together with commits and refills. */
  readonly inOrder: <R>(work: () => Promise<R>) => Promise<R>;
}

export class PostgresSharing implements Sharing {
  readonly #parts: SharingParts;
  readonly config: KnownConfig = new KnownConfig();
  readonly reader: ArrivalReader = new ArrivalReader();
  readonly relayPost: RelayPost;
  /** The end of what moves the reader's places on. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: SharingParts) {
    this.#parts = parts;
    const { membership, watching } = parts;
    this.relayPost = new PostgresRelayPost({ entry: () => membership, watching, hint: () => membership.hint() });
  }

  get source(): number {
    return this.#parts.membership.no;
  }

  get isHeld(): boolean {
    return this.#parts.membership.isHeld;
  }

  get isLost(): boolean {
    return this.#parts.membership.isLost;
  }

  get shards(): readonly number[] {
    return this.#parts.shards.owned;
  }

  nowMs(): number {
    return this.#parts.storeClock.nowMs();
  }

  watch(watcher: SharingWatcher): void {
    this.#parts.shards.watch(watcher);
    if (this.isLost) watcher.lost();
  }

  gaveUp(shards: readonly number[]): void {
    this.#parts.shards.gaveUp(shards);
    this.#parts.membership.look();
  }

  leave(): void {
    this.#parts.membership.leave();
  }

  async nodes(): Promise<readonly NodeRow[]> {
    return (await this.#parts.ask({ text: NODES }, [])).map((row) => ({
      id: text(row, 'id'),
      source: integer(row, 'no'),
      version: text(row, 'version'),
      startedMs: integer(row, 'started_ms'),
      shards: (textOrNull(row, 'shards') ?? '').split(',').filter(Boolean).map(Number),
      isLeaving: integer(row, 'leaving') === 1,
    }));
  }

  async pendingOf(endpointSeqs: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const rows = await this.#parts.ask({ text: PENDING_OF }, [endpointSeqs]);
    return new Map(rows.map((row) => [integer(row, 'endpoint_seq'), integer(row, 'pending')]));
  }

  numbers(count: number): Promise<number> {
    return this.#parts.numbers(count);
  }

  catchUp(): Promise<readonly Change[]> {
    return this.config.catchUp(this.#parts.together, (error) => {
      if (error instanceof ConfigForgotten) this.#parts.membership.refused(this.#parts.membership.epoch);
    });
  }

  arrivals(shards: readonly number[]): Promise<Arrivals> {
    return this.#inTurn(async () => {
      const { membership, watching } = this.#parts;
      const known = this.config.version;
      const { arrivals, configVersion, hasFreeShards } = await this.reader.read(await watching(), membership.no, shards);
      if (hasFreeShards && this.#parts.shards.wantsMore) membership.look();
      return { ...arrivals, behind: configVersion > Math.max(known, this.config.version) };
    });
  }

  contents(shards: readonly number[]): Promise<ShardContents> {
    return this.#inTurn(async () => {
      // What this node commits is in there or comes later, never in between: `received` may then ignore the one and take the other.
      const { contents, places } = await this.#parts.inOrder(() => this.#parts.together((ask) => readContents(ask, shards)));
      this.reader.tookUp(shards, places);
      return contents;
    });
  }

  async #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn.catch(refused);
  }
}

const PENDING_OF =
  'SELECT endpoint_seq, count(*) AS pending FROM waxwing.pending WHERE endpoint_seq = ANY($1::bigint[]) GROUP BY endpoint_seq';

const NODES = `SELECT n.no, n.id, n.version, n.started_ms, n.is_leaving::integer AS leaving,
    (SELECT string_agg(s.shard::text, ',' ORDER BY s.shard) FROM waxwing.shards s WHERE s.node = n.no) AS shards
  FROM waxwing.nodes n WHERE NOT n.is_gone ORDER BY n.no`;
