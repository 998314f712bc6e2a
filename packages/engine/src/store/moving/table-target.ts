// Writing a table's rows to PostgreSQL, each part with the place that it ends at in one transaction, and reading them back.

import { integer, type SqlRow } from '../columns.ts';
import { readFacts, storedFacts } from '../postgres/facts.ts';
import { readFact } from '../postgres/database.ts';
import type { Session, SqlValue } from '../postgres/session.ts';
import type { Row, Value } from './table-source.ts';
import type { ColumnType, MovedTable } from './tables.ts';

const ROWS_AT_ONCE = 2_000;

export class TableTarget {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async count({ name }: MovedTable): Promise<number> {
    const [row = {}] = await this.#session.rows({ text: `SELECT count(*) AS n FROM waxwing.${name}` });
    return integer(row, 'n');
  }

  /** The key of the last row that was written; null before the first. */
  async place({ name }: MovedTable): Promise<Row | null> {
    const text = await readFact(this.#session, placeName(name));
    if (text === null) return null;
    const place: Row = JSON.parse(text);
    return place;
  }

  async write(table: MovedTable, rows: readonly Row[]): Promise<void> {
    const columns = Object.entries(table.columns);
    const arrays = columns.map(([, type], index) => rows.map((row) => stored(type, row[index] ?? null)));
    const names = columns.map(([name]) => `"${name}"`).join(', ');
    const casts = columns.map(([, type], index) => `$${index + 1}::${sqlType(type)}[]`).join(', ');
    const last = keyOf(table, rows.at(-1) ?? []);
    const insert = `INSERT INTO waxwing.${table.name} (${names}) SELECT * FROM unnest(${casts})`;
    const place = `INSERT INTO waxwing.store_facts VALUES ($${columns.length + 1}, $${columns.length + 2})
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
    const values: SqlValue[] = [...arrays, placeName(table.name), JSON.stringify(last)];
    await this.#session.run({ text: `WITH moved AS (${insert}) ${place}` }, values);
  }

  /** All rows, in the key's order, as the embedded store has them. */
  async *rows(table: MovedTable): AsyncGenerator<Row> {
    const columns = Object.entries(table.columns);
    const names = columns.map(([name]) => `"${name}"`).join(', ');
    const keyNames = table.key.map((name) => `"${name}"`).join(', ');
    const keyValues = table.key.map((name, index) => `$${index + 1}::${sqlType(table.columns[name] ?? 'text')}`).join(', ');
    for (let after: Row | null = null; ;) {
      const where: string = after === null ? '' : `WHERE (${keyNames}) > (${keyValues})`;
      const text: string = `SELECT ${names} FROM waxwing.${table.name} ${where} ORDER BY ${keyNames} LIMIT ${ROWS_AT_ONCE}`;
      const found: readonly SqlRow[] = await this.#session.rows({ text }, after ?? []);
      for (const row of found) yield (after = columns.map(([name, type]) => asRead(type, row[name])));
      if (found.length < ROWS_AT_ONCE || after === null) return;
      after = keyOf(table, after);
    }
  }
}

function placeName(table: string): string {
  return `move.${table}`;
}

export function keyOf({ columns, key }: MovedTable, row: Row): Row {
  const names = Object.keys(columns);
  return key.map((name) => row[names.indexOf(name)] ?? null);
}

function sqlType(type: ColumnType): string {
  return type === 'facts' ? 'text' : type;
}

function stored(type: ColumnType, value: Value): string | number | boolean | null {
  if (type === 'boolean') return value === null ? null : value === 1;
  return type === 'facts' && typeof value === 'string' ? storedFacts(value) : value;
}

function asRead(type: ColumnType, value: unknown): Value {
  if (type === 'boolean') return value === null ? null : Number(value === 't' || value === true);
  if (value !== null && typeof value !== 'string' && typeof value !== 'number') throw new TypeError(`a column holds a ${typeof value}`);
  return type === 'facts' && typeof value === 'string' ? readFacts(value) : value;
}
