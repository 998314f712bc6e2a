// Find event: by its id, in every form in which it is shown.

import { WaxwingError } from '@waxwing/protocol';
import type { EventRow } from '../store/rows.ts';
import type { ServiceContext } from './context.ts';

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
