// Columns: typed reading of what a database gives back. A column that does not hold what the schema says is a damaged store.

import type { SQLOutputValue } from 'node:sqlite';
import { StoreError } from './store.ts';

export type SqlRow = Readonly<Record<string, SQLOutputValue>>;

export function text(row: SqlRow, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : unexpected(column, value);
}

export function textOrNull(row: SqlRow, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function integer(row: SqlRow, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : unexpected(column, value);
}

export function integerOrNull(row: SqlRow, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

/** An id of ours, by its prefix. */
export function id<P extends string>(row: SqlRow, column: string, prefix: P): `${P}_${string}` {
  const value = text(row, column);
  const isOurs = (candidate: string): candidate is `${P}_${string}` => candidate.startsWith(`${prefix}_`);
  return isOurs(value) ? value : unexpected(column, value);
}

export function idOrNull<P extends string>(row: SqlRow, column: string, prefix: P): `${P}_${string}` | null {
  return row[column] === null ? null : id(row, column, prefix);
}

/** JSON that this store wrote itself, and therefore trusts to have the type that went in. */
export function json<T>(row: SqlRow, column: string): T {
  const value: T = JSON.parse(text(row, column));
  return value;
}

function unexpected(column: string, value: unknown): never {
  throw new StoreError('unavailable', `the store is damaged: column ${column} holds ${typeof value}`);
}
