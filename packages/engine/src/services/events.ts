// Events: read back, with their deliveries.

import type { Engine, EventFilter } from '../engine.ts';
import type { ServiceContext } from './context.ts';
import { explain } from './explain.ts';
import { findEvent } from './find-event.ts';
import { pageLimit, readSeqCursor, writeCursor } from './paging.ts';
import { presentDelivery, presentEvent } from './present.ts';
import { rejectedEvents } from './rejected-events.ts';
import { find as findTenant } from './tenants.ts';
import { timeRange } from './time-range.ts';

/** Deliveries shown with an event; a wider fan-out is read by the deliveries list. */
const DELIVERIES_SHOWN = 250;

/** @param isExpanding whether an event's deliveries are still being made */
export function eventService(context: ServiceContext, isExpanding: (eventSeq: number) => boolean): Engine['events'] {
  const { store } = context;
  return {
    async get(tenant, id) {
      findTenant(context, tenant);
      const row = await findEvent(context, tenant, id);
      const query = {
        tenant,
        limit: DELIVERIES_SHOWN,
        before: null,
        fromMs: null,
        toMs: null,
        endpointSeq: null,
        type: null,
        state: null,
        outcome: null,
        cause: null,
      };
      const deliveries = await store.read.deliveries({ ...query, eventId: row.id });
      return { ...presentEvent(row), deliveries: deliveries.rows.map(presentDelivery) };
    },

    async list(tenant, filter: EventFilter = {}) {
      if (tenant !== null) findTenant(context, tenant);
      const limit = pageLimit(filter);
      const before = readSeqCursor('events', filter.cursor);
      const page = await store.read.events({
        tenant,
        limit,
        before,
        ...timeRange(filter),
        type: filter.type ?? null,
        text: filter.q ?? null,
      });
      return { data: page.rows.map(presentEvent), nextCursor: page.next === null ? null : writeCursor('events', page.next) };
    },

    rejected: (tenant, options) => rejectedEvents(context, tenant, options),
    explain: (tenant, id, endpoint) => explain(context, tenant, id, endpoint, isExpanding),
  };
}
