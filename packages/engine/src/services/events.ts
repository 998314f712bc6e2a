// Events: read back, with their deliveries.

import { WaxwingError } from '@waxwing/protocol';
import type { Engine, EventFilter } from '../engine.ts';
import type { EventRow } from '../store/rows.ts';
import type { ServiceContext } from './context.ts';
import { pageLimit, readSeqCursor, writeCursor } from './paging.ts';
import { presentDelivery, presentEvent } from './present.ts';
import { find as findTenant } from './tenants.ts';
import { timeRange } from './time-range.ts';

/** Deliveries shown with an event; a wider fan-out is read by the deliveries list. */
const DELIVERIES_SHOWN = 250;

export function eventService(context: ServiceContext): Engine['events'] {
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
  };
}

/** Takes the id as it was published or as a profile shows it (`whevt_…`). Throws `event_not_found`. */
export async function findEvent(context: ServiceContext, tenant: string, id: string): Promise<EventRow> {
  const row = await findEventOrNull(context, tenant, id);
  if (row === null) throw new WaxwingError('event_not_found', `There is no event ${JSON.stringify(id)} of tenant ${tenant}.`);
  return row;
}

/** As `findEvent`; of all tenants when `tenant` is null. */
export async function findEventOrNull(context: ServiceContext, tenant: string | null, id: string): Promise<EventRow | null> {
  for (const form of eventIdForms(id)) {
    const row = await context.store.read.event(tenant, form);
    if (row !== null) return row;
  }
  return null;
}

/** An event's id as given, and as it was published where a profile puts its own prefix in place of `evt_`. */
function eventIdForms(id: string): readonly string[] {
  const shown = /^wh(evt_.+)$/.exec(id)?.[1];
  return shown === undefined ? [id] : [id, shown, shown.slice('evt_'.length)];
}
