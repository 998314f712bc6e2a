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
  type DeliveryId,
  type ScannedJson,
} from '@waxwing/protocol';
import { newDelivery, pending } from '../new-delivery.ts';
import type { EndpointEntry } from '../registry.ts';
import type { DeliveryRow, EventRow } from '../store/rows.ts';
import type { Insert } from '../store/store.ts';
import type { ServiceContext } from './context.ts';
import { deliveryDetail } from './delivery-detail.ts';

/** How often the store is asked for the attempt of an endpoint that another node works for, and how long beyond its time-out. */
const LOOK_MS = 50;
const LOOK_ON_MS = 10_000;

export async function sendTest(context: ServiceContext, entry: EndpointEntry, eventType: string): Promise<DeliveryDetail> {
  const { committer, dispatcher, settler, ownership } = context;
  const { seq: endpointSeq, tenant } = entry.row;
  const sample = scanJson(JSON.stringify(sampleOf(context, entry, eventType)));
  let recorded: Promise<void> | undefined;
  let id: DeliveryId | undefined;
  committer.admit(tenant, sample.text.length);
  await new Promise<void>((resolve, reject) => {
    let rows: TestRows | undefined;
    committer.submit({
      kind: 'group',
      tenant,
      rows: 2,
      bytes: sample.text.length,
      prepare: () => {
        if (context.registry.endpoint(endpointSeq) === undefined)
          throw new WaxwingError('endpoint_not_found', 'The endpoint was deleted meanwhile.');
        rows = testRows(context, entry, eventType, sample);
        const { event, delivery } = rows;
        const insert: Insert = { kind: 'event', event, deliveries: [delivery], expansion: null, idempotency: null, deliveryCount: 1 };
        return { inserts: [insert] };
      },
      done: () => {
        if (rows === undefined) return;
        const { event, delivery } = rows;
        id = delivery.id;
        if (!ownership.owns(endpointSeq)) return resolve(); // its owner hears of it from the store
        dispatcher.made(endpointSeq); // it counts as pending until its attempt is on record
        if (dispatcher.sendNow(pending(delivery, event))) {
          recorded = settler.recorded(delivery.seq);
          resolve();
        } else reject(new WaxwingError('shutting_down', 'The engine is shutting down; the test is sent after the next start.'));
      },
      failed: reject,
    });
  });
  if (id === undefined) throw new WaxwingError('internal', 'The test was not made.');
  if (recorded === undefined) await recordedElsewhere(context, entry, id);
  else await recorded;
  return deliveryDetail(context, tenant, id);
}

/** Resolves when another node has put the attempt on record, or has had long enough for it. */
async function recordedElsewhere({ store, waits, clock }: ServiceContext, { row }: EndpointEntry, id: DeliveryId): Promise<void> {
  const untilMs = clock.monotonicMs() + row.timeoutSeconds * 1_000 + LOOK_ON_MS;
  while (clock.monotonicMs() < untilMs) {
    await waits.wait(LOOK_MS);
    if (((await store.read.delivery(id))?.state ?? 'cancelled') !== 'pending') return;
  }
}

interface TestRows {
  readonly event: EventRow;
  readonly delivery: DeliveryRow;
}

function testRows(context: ServiceContext, entry: EndpointEntry, type: string, sample: ScannedJson): TestRows {
  const { clock, ids, numbers } = context;
  const nowMs = clock.nowMs();
  const event: EventRow = {
    seq: numbers.take('event'),
    id: ids.mint('evt'),
    tenant: entry.row.tenant,
    type,
    timestampMs: nowMs,
    receivedMs: nowMs,
    data: sample.text,
    hasUnsafeInteger: sample.hasUnsafeInteger,
  };
  const delivery = newDelivery({
    seq: numbers.take('delivery'),
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
