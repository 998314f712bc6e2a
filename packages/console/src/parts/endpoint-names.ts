// Endpoints by id, for the lists that name them: of one tenant, or the first thousand of all.

import { useQuery } from '@tanstack/react-query';
import type { Endpoint } from '@waxwing/protocol';
import { useMemo } from 'react';
import { useConsole } from '../data/surroundings.tsx';

const PAGE_ROWS = 250;
const NAMED_MAX = 1_000;

export function useEndpointNames(tenant: string | null): ReadonlyMap<string, Endpoint> {
  const { api, of } = useConsole();
  const { data } = useQuery({
    queryKey: ['endpoint-names', tenant],
    queryFn: async ({ signal }) => {
      const list =
        tenant === null
          ? api.everywhere.endpoints({ limit: PAGE_ROWS }, { signal })
          : of(tenant).endpoints.list({ limit: PAGE_ROWS }, { signal });
      const found: Endpoint[] = [];
      for await (const endpoint of list) {
        found.push(endpoint);
        if (found.length >= NAMED_MAX) break;
      }
      return found;
    },
    staleTime: 30_000,
  });
  return useMemo(() => new Map((data ?? []).map((endpoint) => [endpoint.id, endpoint])), [data]);
}
