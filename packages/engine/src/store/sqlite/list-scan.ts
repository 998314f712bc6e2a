// List scan: one page of a list, newest first, by bounded work. See history.ts for the ways in which it stops.
//
// A scope says which index leads to the rows: one that begins with the block, walked block by block; one that holds few
// rows, walked whole; or the table itself. What a scope does not say is a filter. Filters by time cost no looking: the
// block tables lead past what cannot match.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { PageQuery, RowPage } from '../store.ts';
import { integer, integerOrNull, type SqlRow } from '../columns.ts';
import { BLOCK_BITS } from './schema.ts';

export interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** `sql` is given the name by which the statement calls the listed table. */
export type Scope =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'block' | 'index';
      readonly index: string;
      readonly sql: (row: string) => string;
      readonly values: readonly SQLInputValue[];
    };

export interface ListedTable {
  readonly table: 'events' | 'deliveries';
  readonly blocks: 'event_blocks' | 'delivery_blocks';
  readonly msColumn: string;
  /** The column whose size counts, when its text is searched. */
  readonly bytesColumn: string | null;
}

export const ROWS_LOOKED_AT = 20_000;
const BYTES_SEARCHED = 32 * 1_048_576;
/** A tenant that is rarely heard of is sought in this many blocks (8 million rows) a page. */
const BLOCKS_LOOKED_AT = 2_000;
const BLOCK_ROWS = 2 ** BLOCK_BITS;

/** A stretch of rows, from `low` to `high`, both included. */
interface Stretch {
  readonly low: number;
  readonly high: number;
}

export class ListScan {
  readonly #db: DatabaseSync;
  readonly #table: ListedTable;

  constructor(db: DatabaseSync, table: ListedTable) {
    this.#db = db;
    this.#table = table;
  }

  /**
   * One page.
   * @param select the statement up to its WHERE, given the index clause; the listed table is called `alias` in it and in `filters`
   */
  page<R extends { readonly seq: number }>(
    query: PageQuery,
    scope: Scope,
    filters: readonly Condition[],
    select: (index: string) => string,
    alias: string,
    read: (row: SqlRow) => R,
  ): RowPage<R> {
    const bounded = filters.length > 0;
    const within = this.#within(query, alias);
    const where = [scopeSql(scope, alias), `${alias}.seq BETWEEN ? AND ?`, within.sql, ...filters.map((f) => f.sql)].join(' AND ');
    const index = scope.kind === 'all' ? '' : `INDEXED BY ${scope.index}`;
    const statement = this.#db.prepare(`${select(index)} WHERE ${where} ORDER BY ${alias}.seq DESC LIMIT ?`);
    const filterValues = filters.flatMap((f) => f.values);
    const look = bounded ? new Look(this.#db, this.#table, scopeSql(scope, 'r'), index) : null;

    const rows: R[] = [];
    let blocks = 0;
    for (const stretch of this.#stretches(query, scope)) {
      if (++blocks > BLOCKS_LOOKED_AT) return { rows, next: stretch.high + 1 };
      const inScope = scopeValues(scope, stretch);
      const stoppedAt = look === null ? null : look.at(inScope, stretch);
      const low = stoppedAt ?? stretch.low;
      const found = statement.all(...inScope, low, stretch.high, ...within.values, ...filterValues, query.limit + 1 - rows.length);
      for (const row of found) rows.push(read(row));
      if (rows.length > query.limit) {
        rows.length = query.limit;
        return { rows, next: rows.at(-1)?.seq ?? null };
      }
      if (stoppedAt !== null) return { rows, next: stoppedAt };
    }
    return { rows, next: null };
  }

  /** Blocks that can hold what is asked for, newest first; one stretch over all of them where the scope is walked whole. */
  *#stretches(query: PageQuery, scope: Scope): Generator<Stretch> {
    const below = query.before ?? Number.MAX_SAFE_INTEGER;
    const conditions = ['block <= ?'];
    const values: SQLInputValue[] = [Math.floor((below - 1) / BLOCK_ROWS)];
    if (query.fromMs !== null) {
      conditions.push('max_ms >= ?');
      values.push(query.fromMs);
    }
    if (query.toMs !== null) {
      conditions.push('min_ms < ?');
      values.push(query.toMs);
    }
    const from = `FROM ${this.#table.blocks} WHERE ${conditions.join(' AND ')}`;
    if (scope.kind === 'index') {
      const span = this.#db.prepare(`SELECT min(block) AS low, max(block) AS high ${from}`).get(...values) ?? {};
      const high = integerOrNull(span, 'high');
      if (high !== null) yield { low: integer(span, 'low') * BLOCK_ROWS, high: Math.min(below - 1, (high + 1) * BLOCK_ROWS - 1) };
      return;
    }
    for (const row of this.#db.prepare(`SELECT block ${from} ORDER BY block DESC LIMIT ${BLOCKS_LOOKED_AT + 1}`).all(...values)) {
      const low = integer(row, 'block') * BLOCK_ROWS;
      yield { low, high: Math.min(below - 1, low + BLOCK_ROWS - 1) };
    }
  }

  #within(query: PageQuery, alias: string): Condition {
    return {
      sql: `${alias}.${this.#table.msColumn} >= ? AND ${alias}.${this.#table.msColumn} < ?`,
      values: [query.fromMs ?? Number.MIN_SAFE_INTEGER, query.toMs ?? Number.MAX_SAFE_INTEGER],
    };
  }
}

/** Counts off what a filter will look at, and says where it must stop. */
class Look {
  readonly #statement: StatementSync;
  readonly #hasBytes: boolean;
  #rowsLeft = ROWS_LOOKED_AT;
  #bytesLeft = BYTES_SEARCHED;

  constructor(db: DatabaseSync, table: ListedTable, inScope: string, index: string) {
    this.#hasBytes = table.bytesColumn !== null;
    // octet_length reads a row's header only, not the text.
    const bytes = table.bytesColumn === null ? '' : `, octet_length(r.${table.bytesColumn}) AS bytes`;
    this.#statement = db.prepare(
      `SELECT r.seq${bytes} FROM ${table.table} r ${index} WHERE ${inScope} AND r.seq BETWEEN ? AND ? ORDER BY r.seq DESC`,
    );
  }

  /** The lowest seq of the stretch that may still be looked at, or null when all of it may. */
  at(inScope: readonly SQLInputValue[], stretch: Stretch): number | null {
    for (const row of this.#statement.iterate(...inScope, stretch.low, stretch.high)) {
      this.#rowsLeft -= 1;
      if (this.#hasBytes) this.#bytesLeft -= integer(row, 'bytes');
      if (this.#rowsLeft <= 0 || this.#bytesLeft <= 0) return integer(row, 'seq');
    }
    return null;
  }
}

function scopeSql(scope: Scope, row: string): string {
  switch (scope.kind) {
    case 'all':
      return 'TRUE';
    case 'index':
      return scope.sql(row);
    case 'block':
      return `(${row}.seq >> ${BLOCK_BITS}) = ? AND ${scope.sql(row)}`;
    default:
      return scope satisfies never;
  }
}

function scopeValues(scope: Scope, stretch: Stretch): readonly SQLInputValue[] {
  switch (scope.kind) {
    case 'all':
      return [];
    case 'index':
      return scope.values;
    case 'block':
      return [stretch.low / BLOCK_ROWS, ...scope.values];
    default:
      return scope satisfies never;
  }
}
