// Paging: opaque cursors, checked limits, and pages of what is in memory.

import { WaxwingError, type Page } from '@waxwing/protocol';
import type { ListOptions } from '../engine.ts';

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 250;

/** 1 to 250, default 50. Throws `invalid_request`. */
export function pageLimit(options: ListOptions): number {
  const limit = options.limit ?? LIMIT_DEFAULT;
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new WaxwingError('invalid_request', `limit must be a whole number from 1 to ${LIMIT_MAX}.`, {
    fields: [{ path: 'query/limit', message: `must be a whole number from 1 to ${LIMIT_MAX}` }],
  });
}

/** A cursor that only the list that made it accepts. */
export function writeCursor(list: string, position: string | number): string {
  return Buffer.from(`${list}:${position}`).toString('base64url');
}

/** The position in a cursor, or null without one. Throws `invalid_cursor`. */
export function readCursor(list: string, cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (text.startsWith(`${list}:`) && writeCursor(list, text.slice(list.length + 1)) === cursor) return text.slice(list.length + 1);
  throw new WaxwingError('invalid_cursor', 'The cursor is not one that this list gave. Start again without it.', {
    fields: [{ path: 'query/cursor', message: 'not a cursor of this list' }],
  });
}

/** As `readCursor`, for positions that are sequence numbers. */
export function readSeqCursor(list: string, cursor: string | undefined): number | null {
  const text = readCursor(list, cursor);
  if (text === null) return null;
  const seq = Number(text);
  if (Number.isSafeInteger(seq) && seq >= 0 && String(seq) === text) return seq;
  throw new WaxwingError('invalid_cursor', 'The cursor is not one that this list gave. Start again without it.', {
    fields: [{ path: 'query/cursor', message: 'not a cursor of this list' }],
  });
}

/** A page of items that stand in memory, sorted by `keyOf` from the last to the first. */
export function pageOf<Item, T>(
  list: string,
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  options: ListOptions,
  present: (item: Item) => T,
): Page<T> {
  const limit = pageLimit(options);
  const after = readCursor(list, options.cursor);
  const keyed = [...items].map((item) => ({ key: keyOf(item), item }));
  keyed.sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0));
  const rest = after === null ? keyed : keyed.filter((entry) => entry.key < after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map((entry) => present(entry.item)),
    nextCursor: last !== undefined && rest.length > limit ? writeCursor(list, last.key) : null,
  };
}

/** A sort key of a number: as text it sorts like the number. */
export function sortable(value: number): string {
  return String(value).padStart(16, '0');
}
