// What a group of stream messages does to what is shown: the rows that changed are replaced where they stand; lists that
// may have gained a row, and details that hold more than the stream tells, are asked for anew, once a group.

import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { DeliverySummary, Endpoint, Page, StreamMessage } from '@waxwing/protocol';

/** Brings the queries up to date with what happened. */
export function bringUpToDate(queries: QueryClient, messages: readonly StreamMessage[]): void {
  const stale = new Map<string, readonly unknown[]>();
  const refresh = (...key: readonly unknown[]): void => void stale.set(JSON.stringify(key), key);
  for (const message of messages) {
    switch (message.kind) {
      case 'endpoint': {
        const endpoint = message.data;
        if ('deleted' in endpoint) {
          refresh('endpoints');
          refresh('endpoint', endpoint.tenant, endpoint.id);
        } else {
          // Its headers' values are hidden in the stream, so the whole one is asked for where it is shown.
          refresh('endpoint', endpoint.tenant, endpoint.id);
          const known = replaceRow<Endpoint>(queries, 'endpoints', endpoint.id, (row) => ({ ...endpoint, headers: row.headers }));
          if (!known) refresh('endpoints');
        }
        break;
      }
      case 'attempt': {
        const { delivery } = message.data;
        const known = replaceRow<DeliverySummary>(queries, 'deliveries', delivery.id, () => delivery);
        if (!known) refresh('deliveries');
        refresh('delivery', delivery.tenant, delivery.id);
        refresh('event', delivery.tenant, delivery.event);
        break;
      }
      case 'event':
      case 'ready':
      case 'reset':
        break; // tails add events by themselves; a reset asks for everything
      default:
        message satisfies never;
    }
  }
  for (const queryKey of stale.values()) void queries.invalidateQueries({ queryKey });
}

/** Replaces a row in every list of this name; says whether any had it. */
function replaceRow<Row extends { readonly id: string }>(queries: QueryClient, list: string, id: string, next: (row: Row) => Row): boolean {
  let found = false;
  queries.setQueriesData<InfiniteData<Page<Row>>>({ queryKey: [list] }, (data) => {
    if (data === undefined || !data.pages.some((page) => page.data.some((row) => row.id === id))) return data;
    found = true;
    return { ...data, pages: data.pages.map((page) => ({ ...page, data: page.data.map((row) => (row.id === id ? next(row) : row)) })) };
  });
  return found;
}
