// How the statistics of several endpoints are asked for.

import type { EndpointStats, StatsWindow } from '@waxwing/protocol';

import type { CallOptions, Transport } from './transport.ts';

export interface StatsQuery {
  /** Default `1h`. */
  readonly window?: StatsWindow;
}

export async function endpointStats(
  transport: Transport,
  path: string,
  ids: readonly string[],
  query: StatsQuery,
  options: CallOptions,
): Promise<readonly EndpointStats[]> {
  if (ids.length === 0) return [];
  const answer = await transport.json<{ readonly data: readonly EndpointStats[] }>({
    method: 'GET',
    path,
    query: { ids: ids.join(','), ...query },
    ...options,
  });
  return answer.data;
}
