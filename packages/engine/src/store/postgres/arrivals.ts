// Arrivals: what other nodes have committed since this one last asked, read off their feed rows.
//
//  1. A source's rows are read by a place in that source: its commits come one after another, so none appears before a place.
//  2. What a row of the feed leads to is read as it is now. What has ended meanwhile is told by a later row.
//  3. A shard that was taken up later is told nothing of what its contents held already: each has a place of its own until
//     the common one has come as far.
//  4. Where nobody has committed anything, it is one question with a short answer.

import type { PendingDelivery, ReplayRow } from '../rows.ts';
import { UPKEEP_SHARD, shardOf, type Arrivals } from '../sharing.ts';
import type { Expansion } from '../store.ts';
import { integer, integerOrNull, json, text, textOrNull, type SqlRow } from '../columns.ts';
import { EVENT_SELECTION } from '../event-rows.ts';
import { readMarks } from './feed-marks.ts';
import { PENDING_COLUMNS, pendingOf, spanOf } from './pending-reader.ts';
import type { Session, Statement } from './session.ts';
import { expansionOf, EXPANSIONS } from './snapshot.ts';

/** How far each source was read. */
export type Places = ReadonlyMap<number, number>;

/** Rows of one source that are looked at at once, and numbers that they may span. */
const ROWS_AT_ONCE = 100;
const NUMBERS_AT_ONCE = 2_000;

export interface Looked {
  readonly arrivals: Arrivals;
  readonly configVersion: number;
  /** Whether there are shards that nobody has. */
  readonly hasFreeShards: boolean;
}

interface Batch {
  readonly source: number;
  readonly no: number;
  readonly low: number;
  readonly high: number;
}

export class ArrivalReader {
  #places: Map<number, number> = new Map();
  /** Of shards that were taken up since. */
  readonly #ahead = new Map<number, Places>();

  /** Where reading begins. */
  begin(places: Places): void {
    this.#places = new Map(places);
    this.#ahead.clear();
  }

  /** What these shards held was read when the sources had come so far. */
  tookUp(shards: readonly number[], places: Places): void {
    for (const shard of shards) this.#ahead.set(shard, places);
  }

  async read(session: Session, own: number, shards: readonly number[]): Promise<Looked> {
    const from = [...this.#places];
    const found = await session.rows(LOOK, [from.map(([source]) => source), from.map(([, no]) => no), own]);
    const [first = {}] = found;
    const rows = found.filter((row) => row['source'] !== null);
    const taken = atOnce(rows);
    const read = taken.length === 0 ? NOTHING : await this.#leadTo(session, taken, shards);
    for (const row of taken) this.#places.set(integer(row, 'source'), integer(row, 'no'));
    for (const [shard, places] of this.#ahead)
      if ([...places].every(([source, no]) => source === own || (this.#places.get(source) ?? 0) >= no)) this.#ahead.delete(shard);
    const more = taken.length < rows.length || rows.length >= ROWS_AT_ONCE;
    return {
      arrivals: {
        ...read,
        outbox: integer(first, 'outbox') === 1,
        relay: integer(first, 'relay') === 1,
        behind: false,
        more,
        news: taken.length > 0,
      },
      configVersion: integer(first, 'version'),
      hasFreeShards: integer(first, 'free') === 1,
    };
  }

  async #leadTo(session: Session, rows: readonly SqlRow[], shards: readonly number[]): Promise<Found> {
    const batches: Batch[] = [];
    const named = new Map<number, Batch>();
    const begun = { x: new Set<number>(), r: new Set<number>() };
    for (const row of rows) {
      const low = integerOrNull(row, 'low');
      const batch = { source: integer(row, 'source'), no: integer(row, 'no'), low: low ?? 0, high: integerOrNull(row, 'high') ?? -1 };
      if (low !== null) batches.push(batch);
      for (const mark of readMarks(text(row, 'list'))) if (mark.kind === 'delivery') named.set(mark.deliverySeq, batch);
      for (const mark of (textOrNull(row, 'begun') ?? '').split(',')) {
        if (mark.startsWith('x')) begun.x.add(Number(mark.slice(1)));
        if (mark.startsWith('r')) begun.r.add(Number(mark.slice(1)));
      }
    }
    const isNew = (endpointSeq: number, { source, no }: Pick<Batch, 'source' | 'no'>): boolean =>
      (this.#ahead.get(shardOf(endpointSeq))?.get(source) ?? 0) < no;
    const isNewlyNamed = (row: SqlRow): boolean => {
      const batch = named.get(integer(row, 'seq'));
      return batch !== undefined && isNew(integer(row, 'endpoint_seq'), batch);
    };
    const ask = async (when: boolean, statement: Statement, values: Parameters<Session['rows']>[1]): Promise<readonly SqlRow[]> =>
      when ? session.rows(statement, values) : [];
    const [seqs, isAsked, doesUpkeep] = [[...named.keys()], shards.length > 0, shards.includes(UPKEEP_SHARD)];
    const bounds = spanOf(batches.flatMap(({ low, high }) => [low, high]));
    const columns = (['source', 'no', 'low', 'high'] as const).map((name) => batches.map((batch) => batch[name]));
    // What has ended is asked for first: what is pending then and not later is told by a later row.
    const [ended, stillPending, made, expansions, replays] = await Promise.all([
      ask(isAsked && seqs.length > 0, ENDED, [shards, seqs, ...spanOf(seqs)]),
      ask(isAsked && seqs.length > 0, STILL_PENDING, [shards, seqs, ...spanOf(seqs)]),
      ask(isAsked && batches.length > 0, MADE, [shards, ...columns, ...bounds]),
      ask(doesUpkeep && begun.x.size > 0, SOME_EXPANSIONS, [[...begun.x]]),
      ask(doesUpkeep && begun.r.size > 0, SOME_REPLAYS, [[...begun.r]]),
    ]);
    const pending = new Map<number, PendingDelivery>();
    for (const row of made) {
      const batch = { source: integer(row, 'made_by'), no: integer(row, 'made_in') };
      if (isNew(integer(row, 'endpoint_seq'), batch)) pending.set(integer(row, 'seq'), pendingOf(row));
    }
    for (const row of stillPending) if (isNewlyNamed(row)) pending.set(integer(row, 'seq'), pendingOf(row));
    return {
      pending: [...pending.values()].toSorted((a, b) => a.seq - b.seq),
      ended: ended.filter(isNewlyNamed).map((row) => ({ seq: integer(row, 'seq'), endpointSeq: integer(row, 'endpoint_seq') })),
      expansions: expansions.map(expansionOf),
      replays: replays.map((row) => json<ReplayRow>(row, 'row')),
    };
  }
}

type Found = Pick<Arrivals, 'pending' | 'ended'> & { readonly expansions: readonly Expansion[]; readonly replays: readonly ReplayRow[] };
const NOTHING: Found = { pending: [], ended: [], expansions: [], replays: [] };

/** As many of the rows as may be followed at once; one at least. */
function atOnce(rows: readonly SqlRow[]): readonly SqlRow[] {
  let numbers = 0;
  const end = rows.findIndex((row) => {
    const low = integerOrNull(row, 'low');
    if (numbers > NUMBERS_AT_ONCE) return true;
    numbers += low === null ? 1 : integer(row, 'high') - low + 1;
    return false;
  });
  return end === -1 ? rows : rows.slice(0, Math.max(end, 1));
}

/** `shardOf`, in SQL. */
export function shardSql(endpointSeq: string): string {
  return `(${endpointSeq} % 1000003 * 40503 / 1024 % 64)`;
}

const LOOK: Statement = {
  name: 'waxwing_look',
  text: `SELECT c.version, ((SELECT no FROM waxwing.outbox ORDER BY no LIMIT 1) IS NOT NULL)::integer AS outbox,
    (EXISTS (SELECT 1 FROM waxwing.listeners) OR (SELECT no FROM waxwing.relay_mail ORDER BY no LIMIT 1) IS NOT NULL)::integer AS relay,
    EXISTS (SELECT 1 FROM waxwing.shards WHERE node IS NULL)::integer AS free, f.*
  FROM waxwing.config c LEFT JOIN (
    SELECT l.source, l.no, l.list, l.low, l.high, l.begun
    FROM waxwing.nodes n LEFT JOIN unnest($1::integer[], $2::bigint[]) AS p(source, no) ON p.source = n.no
    CROSS JOIN LATERAL (SELECT * FROM waxwing.feed r WHERE r.source = n.no AND r.no > coalesce(p.no, 0) ORDER BY r.no LIMIT ${ROWS_AT_ONCE}) AS l
    WHERE n.no <> $3) AS f ON true
  ORDER BY f.source, f.no`,
};

const READ_PENDING = `JOIN waxwing.events e ON e.seq = d.event_seq WHERE ${shardSql('p.endpoint_seq')} = ANY($1::integer[])`;

const MADE: Statement = {
  name: 'waxwing_made',
  text: `SELECT ${PENDING_COLUMNS}, ${EVENT_SELECTION}, b.source AS made_by, b.no AS made_in
  FROM unnest($2::integer[], $3::bigint[], $4::bigint[], $5::bigint[]) AS b(source, no, low, high)
  JOIN waxwing.pending p ON p.seq BETWEEN b.low AND b.high AND p.source = b.source AND p.no = b.no
  JOIN waxwing.deliveries d ON d.seq = p.seq AND d.seq BETWEEN $6 AND $7 ${READ_PENDING}`,
};

const STILL_PENDING: Statement = {
  name: 'waxwing_still_pending',
  text: `SELECT ${PENDING_COLUMNS}, ${EVENT_SELECTION} FROM waxwing.pending p
  JOIN waxwing.deliveries d ON d.seq = p.seq AND d.seq BETWEEN $3 AND $4 ${READ_PENDING} AND p.seq = ANY($2::bigint[])`,
};

const ENDED: Statement = {
  name: 'waxwing_ended',
  text: `SELECT d.seq, d.endpoint_seq FROM waxwing.deliveries d WHERE d.seq = ANY($2::bigint[]) AND d.seq BETWEEN $3 AND $4
  AND ${shardSql('d.endpoint_seq')} = ANY($1::integer[]) AND NOT EXISTS (SELECT 1 FROM waxwing.pending p WHERE p.seq = d.seq)`,
};

const SOME_EXPANSIONS: Statement = {
  name: 'waxwing_expanding',
  text: `${EXPANSIONS} WHERE x.event_seq = ANY($1::bigint[]) ORDER BY x.event_seq`,
};
const SOME_REPLAYS: Statement = {
  name: 'waxwing_replaying',
  text: 'SELECT "row" FROM waxwing.replays WHERE seq = ANY($1::bigint[]) ORDER BY seq',
};
