// Test delivery: sends an event type's sample to one endpoint at once, past its order, hold and schedule, and answers with
// the attempt. A real event and a real delivery (cause `test`), signed and recorded like any other; one attempt, no retries.

import {
  isEventTypeName,
  nearestName,
  OPERATIONAL_EVENT_TYPES,
  OPERATIONAL_TENANT,
  scanJson,
  WaxwingError,
  type DeliveryDetail,
} from '@waxwing/protocol';
import { newDelivery, pending } from '../new-delivery.ts';
import type { EndpointEntry } from '../registry.ts';
import type { DeliveryRow, EventRow } from '../store/rows.ts';
import type { Insert } from '../store/store.ts';
import type { ServiceContext } from './context.ts';
import { deliveryDetail } from './delivery-detail.ts';

export async function sendTest(context: ServiceContext, entry: EndpointEntry, eventType: string): Promise<DeliveryDetail> {
  const { committer, dispatcher, settler } = context;
  const sample = scanJson(JSON.stringify(sampleOf(context, entry, eventType)));
  const { event, delivery } = testRows(context, entry, eventType, sample.text, sample.hasUnsafeInteger);
  let recorded: Promise<void> | undefined;
  committer.admit(entry.row.tenant, sample.text.length);
  await new Promise<void>((resolve, reject) => {
    const insert: Insert = { kind: 'event', event, deliveries: [delivery], expansion: null, idempotency: null, deliveryCount: 1 };
    committer.submit({
      kind: 'group',
      tenant: entry.row.tenant,
      rows: 2,
      bytes: sample.text.length,
      prepare: () => {
        if (context.registry.endpoint(entry.row.seq) === undefined)
          throw new WaxwingError('endpoint_not_found', 'The endpoint was deleted meanwhile.');
        return { inserts: [insert] };
      },
      done: () => {
        dispatcher.made(entry.row.seq); // it counts as pending until its attempt is on record
        if (dispatcher.sendNow(pending(delivery, event))) {
          recorded = settler.recorded(delivery.seq);
          resolve();
        } else reject(new WaxwingError('shutting_down', 'The engine is shutting down; the test is sent after the next start.'));
      },
      failed: reject,
    });
  });
  await recorded;
  return deliveryDetail(context, entry.row.tenant, delivery.id);
}

function testRows(
  context: ServiceContext,
  entry: EndpointEntry,
  type: string,
  data: string,
  hasUnsafeInteger: boolean,
): { readonly event: EventRow; readonly delivery: DeliveryRow } {
  const { clock, ids, seqs } = context;
  const nowMs = clock.nowMs();
  const event: EventRow = {
    seq: seqs.event++,
    id: ids.mint('evt'),
    tenant: entry.row.tenant,
    type,
    timestampMs: nowMs,
    receivedMs: nowMs,
    data,
    hasUnsafeInteger,
  };
  const delivery = newDelivery({
    seq: seqs.delivery++,
    id: ids.mint('dlv'),
    event,
    endpointSeq: entry.row.seq,
    facts: entry.facts,
    skippedReason: null,
    nowMs,
  });
  return { event, delivery: { ...delivery, cause: 'test' } };
}

/** The catalogue's sample: the endpoint's profile's, else one added by hand; an open catalogue has a small one for any name. */
function sampleOf(context: ServiceContext, { profile, row }: EndpointEntry, type: string): unknown {
  const { catalogue, registry } = context;
  const operational = row.tenant === OPERATIONAL_TENANT ? OPERATIONAL_EVENT_TYPES.get(type) : undefined;
  const sample = operational?.sample ?? catalogue.ofProfile(profile, type)?.sample ?? registry.eventTypes.get(type)?.sample;
  if (sample !== undefined) return sample;
  if (!profile.definition.catalogueClosed && isEventTypeName(type)) return { test: true };
  const near = nearestName(type, [...profile.definition.eventTypes.map((known) => known.name), ...registry.eventTypes.keys()]);
  throw new WaxwingError(
    'unknown_event_type',
    `${JSON.stringify(type)} has no sample in profile ${profile.definition.name}${near === null ? '' : `; did you mean ${near}?`}`,
    {
      fields: [{ path: '/eventType', message: 'not in the catalogue' }],
    },
  );
}
