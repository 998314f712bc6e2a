// A list that grows at its head while it is looked at: its pages from the API, and what the stream brings put before them.
//
//  1. Nothing is lost and nothing stands twice: rows are known by their key, and when the stream comes to stand (again), the
//     first page is asked for once more, for what happened before it stood.
//  2. What is being read does not move. While the tail is held (paused, or the reader is somewhere within it), new rows
//     wait and are counted; rows that are shown already are still brought up to date.
//  3. Memory is bounded: past a bound the tail begins anew from its first page.

import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import type { InfiniteData } from '@tanstack/react-query';
import type { Page, StreamKind, StreamMessage } from '@waxwing/protocol';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLiveMessages } from '../data/live.tsx';
import type { ListState } from '../data/queries.ts';

export interface TailSource<Row> {
  /** Names the list with all its filters. */
  readonly key: readonly unknown[];
  readonly kind: StreamKind;
  readonly fetchPage: (options: { readonly limit: number; readonly cursor?: string }, signal?: AbortSignal) => Promise<Page<Row>>;
  readonly rowOf: (message: StreamMessage) => Row | null;
  readonly keyOf: (row: Row) => string;
  /** When it was made: ISO 8601. Lists are ordered by it. */
  readonly timeOf: (row: Row) => string;
  /** Whether the filters take it. */
  readonly matches: (row: Row) => boolean;
}

export interface Tail<Row> extends ListState<Row> {
  /** How many new rows wait. */
  readonly waiting: number;
  /** Lets those in that wait. */
  readonly letIn: () => void;
}

interface Grown<Row> {
  /** The list that it belongs to; of another one it counts for nothing. */
  readonly of: string;
  /** Newest first. */
  readonly fresh: readonly Row[];
  readonly waiting: readonly Row[];
  /** Rows of the pages as they have become since. */
  readonly changed: ReadonlyMap<string, Row>;
}

const PAGE_ROWS = 100;
const FRESH_MAX = 20_000;
const WAITING_MAX = 5_000;
/** Pages that a list keeps when it is left: they are asked for anew when one comes back. */
const KEPT_PAGES = 3;

/** @param held while true, new rows wait */
export function useTail<Row>(source: TailSource<Row>, held: boolean): Tail<Row> {
  const { key, keyOf, matches, timeOf } = source;
  const queries = useQueryClient();
  const name = JSON.stringify(key);
  const queryKey = useMemo(() => ['tail', ...key], [name]);
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      source.fetchPage({ limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) }, signal),
    initialPageParam: noCursor(),
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const base = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data]);
  const known = useMemo(() => new Set(base.map(keyOf)), [base]);
  const [grown, setGrown] = useState<Grown<Row>>(() => nothing(name));
  const current = grown.of === name ? grown : nothing<Row>(name);

  const beginAnew = useCallback(() => {
    setGrown(nothing(name));
    queries.setQueryData<InfiniteData<Page<Row>, string | null>>(queryKey, (data) => trimmed(data, 1));
    void queries.invalidateQueries({ queryKey });
  }, [queries, queryKey, name]);

  // A row further down than what is loaded comes with its page; so does one of the very moment of the last row (a batch).
  const last = base.at(-1);
  const oldest = last === undefined || !query.hasNextPage ? '' : timeOf(last);
  const take = (rows: readonly Row[]): void => {
    setGrown((before) => {
      const state = before.of === name ? before : nothing<Row>(name);
      const [fresh, waiting, changed] = [[...state.fresh], [...state.waiting], new Map(state.changed)];
      const arrived: Row[] = []; // newest last, as they came
      for (const row of rows) {
        const id = keyOf(row);
        if (known.has(id)) changed.set(id, row);
        else if (replaced(fresh, row, keyOf) || replaced(waiting, row, keyOf) || replaced(arrived, row, keyOf)) continue;
        else if (matches(row) && timeOf(row) > oldest) arrived.push(row);
      }
      const newestFirst = arrived.toReversed();
      return held
        ? { of: name, fresh, waiting: [...newestFirst, ...waiting].slice(0, WAITING_MAX + 1), changed }
        : { of: name, fresh: [...newestFirst, ...fresh], waiting, changed };
    });
  };

  const catchUp = async (): Promise<void> => {
    if (query.data === undefined || query.isPlaceholderData) return;
    const page = await source.fetchPage({ limit: PAGE_ROWS });
    const joins = page.nextCursor === null || page.data.some((row) => known.has(keyOf(row)));
    if (joins) take(page.data.toReversed());
    else beginAnew();
  };

  useLiveMessages([source.kind], (messages) => {
    if (messages.some(({ kind }) => kind === 'reset')) beginAnew();
    const rows = messages.map(source.rowOf).filter((row) => row !== null);
    if (rows.length > 0) take(rows);
    if (messages.some(({ kind }) => kind === 'ready')) void catchUp().catch(() => undefined); // the next one tries again
  });

  const letIn = useCallback(() => {
    if (current.waiting.length > WAITING_MAX) beginAnew();
    else setGrown((state) => (state.of === name ? { ...state, fresh: [...state.waiting, ...state.fresh], waiting: [] } : state));
  }, [beginAnew, current.waiting.length, name]);
  useEffect(() => {
    if (!held && current.waiting.length > 0) letIn();
  }, [held, current.waiting.length, letIn]);
  useEffect(() => {
    if (!held && current.fresh.length > FRESH_MAX) beginAnew();
  }, [held, current.fresh.length, beginAnew]);

  // What is left is forgotten down to a few pages, so that coming back asks for no more than those.
  const left = useRef(queryKey);
  left.current = queryKey;
  useEffect(
    () => () => void queries.setQueryData<InfiniteData<Page<Row>, string | null>>(left.current, (data) => trimmed(data, KEPT_PAGES)),
    [queries],
  );

  const rows = useMemo(() => {
    const { fresh, changed } = current;
    const arrived = fresh.filter((row) => !known.has(keyOf(row)) && matches(row));
    const loaded = changed.size === 0 ? base : base.flatMap((row) => standing(row, changed.get(keyOf(row)), matches));
    return arrived.length === 0 ? loaded : merged(arrived, loaded, timeOf);
  }, [current.fresh, current.changed, base, known]);

  return {
    rows,
    isLoading: query.isPending,
    isLoadingMore: query.isFetchingNextPage,
    error: query.error,
    more: query.hasNextPage && !query.isPlaceholderData ? () => void query.fetchNextPage() : undefined,
    retry: () => void query.refetch(),
    waiting: current.waiting.filter((row) => matches(row)).length,
    letIn,
  };
}

function nothing<Row>(of: string): Grown<Row> {
  return { of, fresh: [], waiting: [], changed: new Map() };
}

function noCursor(): string | null {
  return null;
}

/** A row as it stands now: gone, where the filters take it no longer. */
function standing<Row>(row: Row, changed: Row | undefined, matches: (row: Row) => boolean): readonly Row[] {
  if (changed === undefined) return [row];
  return matches(changed) ? [changed] : [];
}

/** What arrived, put among what was loaded by when it was made; of the same moment, what arrived goes first. */
function merged<Row>(arrived: readonly Row[], loaded: readonly Row[], timeOf: (row: Row) => string): readonly Row[] {
  const coming = arrived.toSorted((a, b) => Date.parse(timeOf(b)) - Date.parse(timeOf(a)));
  const rows: Row[] = [];
  let next = 0;
  for (const row of loaded) {
    for (let one = coming[next]; one !== undefined && timeOf(one) >= timeOf(row); one = coming[++next]) rows.push(one);
    rows.push(row);
  }
  return [...rows, ...coming.slice(next)];
}

/** Puts the row in the place of the one with its key; says whether there was one. */
function replaced<Row>(rows: Row[], row: Row, keyOf: (row: Row) => string): boolean {
  const id = keyOf(row);
  const index = rows.findIndex((one) => keyOf(one) === id);
  if (index < 0) return false;
  rows[index] = row;
  return true;
}

function trimmed<Data extends { readonly pages: unknown[]; readonly pageParams: unknown[] } | undefined>(data: Data, pages: number): Data {
  return data === undefined || data.pages.length <= pages
    ? data
    : { ...data, pages: data.pages.slice(0, pages), pageParams: data.pageParams.slice(0, pages) };
}
