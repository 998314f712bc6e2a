// An event as it was published: integers beyond 2^53, which the client's parser would change, keep their digits where the
// browser can (JSON source text access).

import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import type { EventDetail } from '@waxwing/protocol';
import { useConsole } from '../../data/surroundings.tsx';
import { consoleFetch } from '../../data/api.ts';

interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context?: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}

/** The data as JSON text; asked for only where the event that the client parsed may not be exact. */
export function useExactData(event: EventDetail | undefined): UseQueryResult<string> {
  const { mode } = useConsole();
  const token = mode.kind === 'portal' ? mode.token : null;
  return useQuery({
    queryKey: ['exact-data', event?.tenant, event?.id],
    queryFn: async ({ signal }) => {
      const path = `/v1/tenants/${encodeURIComponent(event?.tenant ?? '')}/events/${encodeURIComponent(event?.id ?? '')}`;
      const answer = await consoleFetch(token)(path, { signal });
      return exactData(await answer.text()) ?? JSON.stringify(event?.data);
    },
    enabled: event !== undefined && holdsLargeInteger(event.data),
    staleTime: Infinity,
  });
}

function exactData(text: string): string | null {
  const json: object = JSON;
  if (!readsSource(json)) return null;
  const detail = json.parse(text, (_key, value, context) => {
    const source = context?.source;
    return typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
      ? json.rawJSON(source)
      : value;
  });
  return typeof detail === 'object' && detail !== null && 'data' in detail ? JSON.stringify(detail.data) : null;
}

function readsSource(json: object): json is JsonWithSource {
  return 'rawJSON' in json;
}

function holdsLargeInteger(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsLargeInteger);
}
