// Operational events: what Waxwing itself tells, to endpoints of a tenant that is reserved for it.
//
// Nobody else publishes there, and nothing is ever told of that tenant's own deliveries. Field names are the API's own.
// Schemas are open: more fields may come.

import type { EventTypeDefinition } from './profile.ts';
import { openObject, TEXT, type Schema } from './profiles/catalogue.ts';

/** The tenant that operational events belong to. It is always there; its profile is `standard`. */
export const OPERATIONAL_TENANT = 'waxwing';

/** Every kind of notice, each the name of its operational event. */
export const NOTICE_KINDS = ['endpoint.failing', 'endpoint.recovered', 'endpoint.disabled', 'delivery.failed', 'replay.completed'] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Told without a notice: nobody is mailed. */
const REJECTED = 'event.rejected';

const WHOLE: Schema = { type: 'integer' };
const TIME: Schema = { type: 'string', format: 'date-time' };
const TEXT_OR_NULL: Schema = { type: ['string', 'null'] };

/** What every notice of an endpoint says. */
const ENDPOINT = { tenant: TEXT, endpoint: TEXT, endpointName: TEXT, endpointUrl: TEXT };
const OF_ENDPOINT = ['tenant', 'endpoint', 'endpointName', 'endpointUrl'];
const SAMPLE_ENDPOINT = {
  tenant: 'acme',
  endpoint: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  endpointName: 'Production',
  endpointUrl: 'https://hooks.acme.example/waxwing',
};
const SAMPLE_DELIVERY = {
  delivery: 'dlv_01jv2q8w5e7r9t1y3v5b7n9m3k',
  event: 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k',
  eventType: 'meeting.completed',
};
const SAMPLE_ERROR = 'The receiver answered 500 Internal Server Error: it took the request and failed. Its own log says why.';

const DEFINITIONS: { readonly [K in NoticeKind | typeof REJECTED]: Omit<EventTypeDefinition, 'name' | 'group'> } = {
  'endpoint.failing': {
    description: 'A delivery to this endpoint failed for good. It goes on being delivered to. Told once until something succeeds.',
    schema: openObject({ ...ENDPOINT, reason: TEXT, lastError: TEXT_OR_NULL, delivery: TEXT, event: TEXT, eventType: TEXT }, [
      ...OF_ENDPOINT,
      'reason',
    ]),
    sample: {
      ...SAMPLE_ENDPOINT,
      reason: 'a delivery failed after 8 attempts: answered 500',
      lastError: SAMPLE_ERROR,
      ...SAMPLE_DELIVERY,
    },
  },
  'endpoint.recovered': {
    description: 'An endpoint that was failing took a delivery.',
    schema: openObject({ ...ENDPOINT, failingSince: TIME, delivery: TEXT, event: TEXT, eventType: TEXT }, OF_ENDPOINT),
    sample: { ...SAMPLE_ENDPOINT, failingSince: '2026-05-12T15:30:00.000Z', ...SAMPLE_DELIVERY },
  },
  'endpoint.disabled': {
    description: 'Waxwing disabled an endpoint: its receiver answered 410 Gone, or nothing has succeeded for days.',
    schema: openObject({ ...ENDPOINT, reason: TEXT, lastError: TEXT_OR_NULL, delivery: TEXT, event: TEXT, eventType: TEXT }, [
      ...OF_ENDPOINT,
      'reason',
    ]),
    sample: { ...SAMPLE_ENDPOINT, reason: 'the receiver answered 410 Gone', lastError: SAMPLE_ERROR, ...SAMPLE_DELIVERY },
  },
  'delivery.failed': {
    description: 'Deliveries to an endpoint failed for good: the latest of them, and how many. At most one every five minutes an endpoint.',
    schema: openObject(
      {
        ...ENDPOINT,
        count: WHOLE,
        firstAt: TIME,
        lastAt: TIME,
        reason: TEXT,
        lastError: TEXT_OR_NULL,
        delivery: TEXT,
        event: TEXT,
        eventType: TEXT,
      },
      [...OF_ENDPOINT, 'count', 'firstAt', 'lastAt', 'delivery'],
    ),
    sample: {
      ...SAMPLE_ENDPOINT,
      count: 3,
      firstAt: '2026-05-12T15:30:00.000Z',
      lastAt: '2026-05-12T15:34:10.000Z',
      reason: 'schedule exhausted',
      lastError: SAMPLE_ERROR,
      ...SAMPLE_DELIVERY,
    },
  },
  'replay.completed': {
    description: 'Everything that a replay made has ended.',
    schema: openObject(
      { tenant: TEXT, replay: TEXT, endpoint: TEXT_OR_NULL, total: WHOLE, made: WHOLE, failed: WHOLE, createdAt: TIME, finishedAt: TIME },
      ['tenant', 'replay', 'made', 'failed'],
    ),
    sample: {
      tenant: 'acme',
      replay: 'rpl_01jv2q8w5e7r9t1y3v5b7n9m5k',
      endpoint: SAMPLE_ENDPOINT.endpoint,
      total: 120,
      made: 120,
      failed: 2,
      createdAt: '2026-05-12T15:30:00.000Z',
      finishedAt: '2026-05-12T15:34:10.000Z',
    },
  },
  'event.rejected': {
    description:
      'Events that were published within database transactions could not be accepted: the latest of them, and how many. At most one every minute a tenant.',
    schema: openObject({ tenant: TEXT, count: WHOLE, no: WHOLE, eventType: TEXT, code: TEXT, message: TEXT }, [
      'tenant',
      'count',
      'code',
      'message',
    ]),
    sample: {
      tenant: 'acme',
      count: 1,
      no: 4711,
      eventType: 'meeting.completed',
      code: 'schema_mismatch',
      message: '/data/meeting_id is required',
    },
  },
};

/** The catalogue of operational events, by name. */
export const OPERATIONAL_EVENT_TYPES: ReadonlyMap<string, EventTypeDefinition> = new Map(
  ([...NOTICE_KINDS, REJECTED] as const).map((name) => [name, { name, group: 'operational', ...DEFINITIONS[name] }]),
);
