// Anything that has an id, found by it.

import type { DeliverySummary } from './delivery.ts';
import type { Endpoint } from './endpoint.ts';
import type { EventSummary } from './event.ts';
import type { Key } from './key.ts';

/** Anything that has an id, found by it. */
export type LookupResult =
  | { readonly kind: 'event'; readonly tenant: string; readonly resource: EventSummary }
  | { readonly kind: 'delivery'; readonly tenant: string; readonly resource: DeliverySummary }
  | { readonly kind: 'endpoint'; readonly tenant: string; readonly resource: Endpoint }
  | { readonly kind: 'attempt'; readonly tenant: string; readonly resource: DeliverySummary }
  | { readonly kind: 'key'; readonly tenant: string | null; readonly resource: Key };
