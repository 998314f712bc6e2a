// Reading a table of the embedded store in parts, by its key: the rows as plain values, the same whichever side they are on.

import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { ATTEMPT_NUMBER_BITS } from '../sqlite/wire.ts';
import type { MovedTable } from './tables.ts';

export type Value = string | number | null;
export type Row = readonly Value[];

/** Rows of one part; what they hold bounds it too. */
const ROWS_AT_ONCE = 2_000;
const BYTES_AT_ONCE = 4 * 1_048_576;

export class TableSource {
  readonly #db: DatabaseSync;

  /** @param path of a store that is held open elsewhere, so that nothing changes */
  constructor(path: string) {
    this.#db = new DatabaseSync(path, { readOnly: true });
  }

  count({ name }: MovedTable): number {
    const row = this.#db.prepare(`SELECT count(*) AS n FROM ${name}`).get();
    return Number(row?.['n'] ?? 0);
  }

  /** The rows after a key, in the key's order, in parts. */
  *parts(table: MovedTable, after: Row | null): Generator<readonly Row[]> {
    const names = Object.keys(table.columns);
    const key = keyIn(table);
    const selected = names.map((name) => `${table.expressions?.[name] ?? `"${name}"`} AS "${name}"`).join(', ');
    const where = after === null ? '' : ` WHERE ${key.where}`;
    const statement = this.#db.prepare(`SELECT ${selected} FROM ${table.name}${where} ORDER BY ${key.order}`);
    statement.setReturnArrays(true);
    let part: Row[] = [];
    let bytes = 0;
    for (const found of statement.iterate(...(after === null ? [] : key.values(after)))) {
      const row = Object.values(found).map(plain);
      part.push(row);
      for (const value of row) bytes += typeof value === 'string' ? value.length : 8;
      if (part.length < ROWS_AT_ONCE && bytes < BYTES_AT_ONCE) continue;
      yield part;
      part = [];
      bytes = 0;
    }
    if (part.length > 0) yield part;
  }

  close(): void {
    this.#db.close();
  }
}

interface Key {
  readonly order: string;
  readonly where: string;
  readonly values: (after: Row) => SQLInputValue[];
}

/** Attempts have one number for a key, which is in the order of the two. */
function keyIn({ name, key }: MovedTable): Key {
  if (name === 'attempts') {
    const whole = ([deliverySeq, number]: Row): number => Number(deliverySeq) * 2 ** ATTEMPT_NUMBER_BITS + Number(number);
    return { order: 'key', where: 'key > ?', values: (after) => [whole(after)] };
  }
  const names = key.map((column) => `"${column}"`).join(', ');
  return { order: names, where: `(${names}) > (${key.map(() => '?').join(', ')})`, values: (after) => [...after] };
}

function plain(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError(`a column holds a ${typeof value}`);
}
