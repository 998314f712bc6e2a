// How a list of the API is fetched: its filter as the query, its cursor moving from page to page.

import type { Page } from '@waxwing/protocol';

import type { ListFilter } from './filters.ts';
import { listOf } from './list.ts';
import type { List } from './list.ts';
import type { CallOptions, Transport } from './transport.ts';

export function listing<T>(transport: Transport, path: string, filter: ListFilter, options: CallOptions): List<T> {
  const { cursor: firstCursor, ...rest } = filter;
  return listOf<T>((cursor) => transport.json<Page<T>>({ method: 'GET', path, query: { ...rest, cursor }, ...options }), firstCursor);
}
