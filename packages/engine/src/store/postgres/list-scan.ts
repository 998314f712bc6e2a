// List scan: one page of a list, newest first, by bounded work.
//
// A scope says which small table or index leads to the rows; what it does not say is a filter. A page that is filtered
// looks at stretches of rows that grow, until it is full, there is nothing older, or ROWS_LOOKED_AT rows (or
// BYTES_SEARCHED of data) were looked at; the page's `next` then says where to go on. Filters by time cost no looking: the
// block tables lead past what cannot match.

import type { PageQuery, RowPage } from '../store.ts';
import { integer, integerOrNull, type SqlRow } from '../columns.ts';
import { BLOCK_BITS } from './schema.ts';
import type { SqlValue, Statement } from './session.ts';

/** Asks the database for rows. */
export type Ask = (statement: Statement, values: readonly SqlValue[]) => Promise<readonly SqlRow[]>;

export interface Condition {
  /** With `?` for each value. */
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export interface Listing<R> {
  /** The table that leads to the rows; called `l` in `scope`. */
  readonly leading: 'events' | 'deliveries' | 'pending' | 'failures';
  readonly scope: readonly Condition[];
  /** Conditions on the joined rows. */
  readonly filters: readonly Condition[];
  /** `SELECT … FROM … l JOIN …`, up to its WHERE. */
  readonly select: string;
  readonly blocks: 'event_blocks' | 'delivery_blocks';
  /** The listed rows' time. */
  readonly msColumn: string;
  /** Whether the text of `l.data` is searched: its bytes then count. */
  readonly searchesData: boolean;
  readonly read: (row: SqlRow) => R;
}

const STRETCHES = [1_000, 4_000, 15_000];
const BYTES_SEARCHED = 32 * 1_048_576;
const BLOCK_ROWS = 2 ** BLOCK_BITS;

interface Bounds {
  /** Included. */
  readonly low: number;
  /** Not included. */
  readonly before: number;
}

export async function page<R extends { readonly seq: number }>(ask: Ask, query: PageQuery, listing: Listing<R>): Promise<RowPage<R>> {
  const within = await blockBounds(ask, query, listing.blocks);
  if (within === null) return { rows: [], next: null };
  const rows: R[] = [];
  let before = within.before;
  let bytesLeft = BYTES_SEARCHED;
  for (const stretch of listing.filters.length > 0 ? STRETCHES : [null]) {
    const look = stretch === null ? null : await lookedAt(ask, listing, { low: within.low, before }, stretch, bytesLeft);
    const low = look?.stop ?? within.low;
    for (const row of await matching(ask, query, listing, { low, before }, query.limit + 1 - rows.length)) rows.push(row);
    if (rows.length > query.limit) {
      rows.length = query.limit;
      return { rows, next: rows.at(-1)?.seq ?? null };
    }
    if (look?.stop === undefined || look.stop === null) return { rows, next: null };
    before = look.stop;
    bytesLeft -= look.bytes;
    if (bytesLeft <= 0) break;
  }
  return { rows, next: before };
}

/** The numbers that can have the asked times; null when none can. */
async function blockBounds(ask: Ask, { before, fromMs, toMs }: PageQuery, blocks: string): Promise<Bounds | null> {
  const top = before ?? Number.MAX_SAFE_INTEGER;
  if (fromMs === null && toMs === null) return { low: 0, before: top };
  const [span = {}] = await ask(
    { text: `SELECT min(block) AS low, max(block) AS high FROM waxwing.${blocks} WHERE block <= $1 AND max_ms >= $2 AND min_ms < $3` },
    [Math.floor((top - 1) / BLOCK_ROWS), fromMs ?? Number.MIN_SAFE_INTEGER, toMs ?? Number.MAX_SAFE_INTEGER],
  );
  const high = integerOrNull(span, 'high');
  return high === null ? null : { low: integer(span, 'low') * BLOCK_ROWS, before: Math.min(top, (high + 1) * BLOCK_ROWS) };
}

/** How far a stretch of so many rows, or so many bytes, goes: its lowest number, null when it goes to the end; and its bytes. */
async function lookedAt<R>(
  ask: Ask,
  { leading, scope, searchesData }: Listing<R>,
  { low, before }: Bounds,
  rows: number,
  bytesMax: number,
): Promise<{ readonly stop: number | null; readonly bytes: number }> {
  const where = conditions([...scope, { sql: 'l.seq >= ? AND l.seq < ?', values: [low, before] }]);
  // octet_length reads a value's header only, also of one that is stored out of line.
  const bytes = searchesData ? 'octet_length(l.data)' : '0';
  const [row = {}] = await ask(
    {
      text: `SELECT count(*) AS rows, min(seq) AS stop, coalesce(max(bytes), 0)::bigint AS bytes FROM (
        SELECT seq, row_number() OVER w AS n, coalesce(sum(bytes) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before,
          sum(bytes) OVER w AS bytes
        FROM (SELECT l.seq, ${bytes}::bigint AS bytes FROM waxwing.${leading} l WHERE ${where.sql} ORDER BY l.seq DESC LIMIT ${rows}) AS found
        WINDOW w AS (ORDER BY seq DESC)) AS looked WHERE bytes_before < $${where.values.length + 1}`,
    },
    [...where.values, bytesMax],
  );
  const spent = integer(row, 'bytes');
  const reachesEnd = integer(row, 'rows') < rows && spent < bytesMax;
  return { stop: reachesEnd ? null : integerOrNull(row, 'stop'), bytes: spent };
}

async function matching<R>(ask: Ask, query: PageQuery, listing: Listing<R>, { low, before }: Bounds, limit: number): Promise<readonly R[]> {
  const time: Condition[] =
    query.fromMs === null && query.toMs === null
      ? []
      : [
          {
            sql: `${listing.msColumn} >= ? AND ${listing.msColumn} < ?`,
            values: [query.fromMs ?? Number.MIN_SAFE_INTEGER, query.toMs ?? Number.MAX_SAFE_INTEGER],
          },
        ];
  const range: Condition = { sql: 'l.seq >= ? AND l.seq < ?', values: [low, before] };
  const where = conditions([...listing.scope, range, ...time, ...listing.filters]);
  const text = `${listing.select} WHERE ${where.sql} ORDER BY l.seq DESC LIMIT ${limit}`;
  return (await ask({ text }, where.values)).map(listing.read);
}

/** Joins conditions, their `?` made numbered parameters. */
export function conditions(all: readonly Condition[]): Condition {
  let parameter = 0;
  const sql = all.map((condition) => condition.sql.replaceAll('?', () => `$${++parameter}`)).join(' AND ');
  return { sql: sql === '' ? 'TRUE' : sql, values: all.flatMap(({ values }) => values) };
}
