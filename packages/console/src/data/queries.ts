// What pages read, by name: each query's key says what it holds, so that the live stream knows what to bring up to date.
//
// Keys: ['endpoints', tenant|null, …], ['endpoint', tenant, id], ['event', …], ['deliveries', …], ['delivery', …],
// ['replays', …], ['replay', …], ['stats', …], ['catalogue', …], ['tenants'], ['keys'].

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import type { DeliveryFilter } from '@waxwing/client';
import type {
  DeliveryDetail,
  DeliverySummary,
  Endpoint,
  EndpointStats,
  EventDetail,
  EventType,
  Page,
  ProfileResource,
  Stats,
  StatsWindow,
  Tenant,
} from '@waxwing/protocol';
import { useMemo } from 'react';
import { useConsole } from './surroundings.tsx';

/** Pages of a list as they come in; `more` is there while there are more. */
export interface ListState<Row> {
  readonly rows: readonly Row[];
  readonly isLoading: boolean;
  readonly isLoadingMore: boolean;
  readonly error: Error | null;
  readonly more: (() => void) | undefined;
  readonly retry: () => void;
}

const PAGE_ROWS = 100;
const STATS_EVERY_MS = 5_000;

/** Any list of the API, page by page. */
export function useList<Row>(
  key: readonly unknown[],
  fetchPage: (options: { readonly limit: number; readonly cursor?: string }, signal: AbortSignal) => Promise<Page<Row>>,
): ListState<Row> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchPage({ limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) }, signal),
    initialPageParam: initialCursor(),
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data]);
  return {
    rows,
    isLoading: query.isPending,
    isLoadingMore: query.isFetchingNextPage,
    error: query.error,
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    retry: () => void query.refetch(),
  };
}

function initialCursor(): string | null {
  return null;
}

export function useEndpoints(): ListState<Endpoint> {
  const { api, tenant } = useConsole();
  return useList(['endpoints', tenant], (options, signal) =>
    (tenant === null ? api.everywhere.endpoints(options, { signal }) : api.tenant(tenant).endpoints.list(options, { signal })).page(),
  );
}

export function useEndpoint(tenant: string, id: string): UseQueryResult<Endpoint> {
  const { of } = useConsole();
  return useQuery({ queryKey: ['endpoint', tenant, id], queryFn: ({ signal }) => of(tenant).endpoints.get(id, { signal }) });
}

export function useEvent(tenant: string, id: string): UseQueryResult<EventDetail> {
  const { of } = useConsole();
  return useQuery({ queryKey: ['event', tenant, id], queryFn: ({ signal }) => of(tenant).events.get(id, { signal }) });
}

/** `tenant` is the chosen one unless given (a detail page's own). */
export function useDeliveries(filter: DeliveryFilter, ofTenant?: string): ListState<DeliverySummary> {
  const { api, tenant: chosen } = useConsole();
  const tenant = ofTenant ?? chosen;
  return useList(['deliveries', tenant, filter], (options, signal) => {
    const asked = { ...filter, ...options };
    return (tenant === null ? api.everywhere.deliveries(asked, { signal }) : api.tenant(tenant).deliveries.list(asked, { signal })).page();
  });
}

export function useDelivery(tenant: string, id: string): UseQueryResult<DeliveryDetail> {
  const { of } = useConsole();
  return useQuery({ queryKey: ['delivery', tenant, id], queryFn: ({ signal }) => of(tenant).deliveries.get(id, { signal }) });
}

/** Of all tenants or the chosen one; asked for anew every few seconds. */
export function useStats(window: StatsWindow): UseQueryResult<Stats> {
  const { api, tenant } = useConsole();
  return useQuery({
    queryKey: ['stats', tenant, window],
    queryFn: ({ signal }) => (tenant === null ? api.stats({ window }, { signal }) : api.tenant(tenant).stats({ window }, { signal })),
    refetchInterval: STATS_EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

export function useEndpointStats(tenant: string, id: string, window: StatsWindow): UseQueryResult<Stats> {
  const { of } = useConsole();
  return useQuery({
    queryKey: ['stats', tenant, id, window],
    queryFn: ({ signal }) => of(tenant).endpoints.stats(id, { window }, { signal }),
    refetchInterval: STATS_EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

const SPARKLINES_MAX = 100;

/** The sparklines of the endpoints named (at most the first hundred), by id. */
export function useSparklines(ids: readonly string[], window: StatsWindow): ReadonlyMap<string, EndpointStats> {
  const { api, tenant } = useConsole();
  const asked = ids.slice(0, SPARKLINES_MAX);
  const { data } = useQuery({
    queryKey: ['stats', tenant, 'sparklines', window, asked],
    queryFn: ({ signal }) =>
      tenant === null ? api.endpointStats(asked, { window }, { signal }) : api.tenant(tenant).endpointStats(asked, { window }, { signal }),
    enabled: asked.length > 0,
    refetchInterval: STATS_EVERY_MS * 3,
    placeholderData: keepPreviousData,
  });
  return useMemo(() => new Map((data ?? []).map((one) => [one.endpoint, one])), [data]);
}

export function useTenants(): ListState<Tenant> {
  const { api } = useConsole();
  return useList(['tenants'], (options, signal) => api.tenants.list({ ...options, limit: 250 }, { signal }).page());
}

/** Every profile: there are few. */
export function useProfiles(): UseQueryResult<readonly ProfileResource[]> {
  const { api } = useConsole();
  return useQuery({
    queryKey: ['catalogue', 'profiles'],
    queryFn: ({ signal }) => whole(api.profiles.list({ limit: 250 }, { signal })),
    staleTime: 60_000,
  });
}

/** Every event type of a profile (all when null). */
export function useEventTypes(profile: string | null): UseQueryResult<readonly EventType[]> {
  const { api } = useConsole();
  return useQuery({
    queryKey: ['catalogue', 'event-types', profile],
    queryFn: ({ signal }) => whole(api.eventTypes.list({ limit: 250, ...(profile === null ? {} : { profile }) }, { signal })),
    staleTime: 60_000,
  });
}

/** Every row of a short list. */
export async function whole<Row>(list: AsyncIterable<Row>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const row of list) rows.push(row);
  return rows;
}
