// A delivery, and its attempts in full.

import Type from 'typebox';
import { DELIVERY_CAUSES, DELIVERY_STATES, OUTCOME_KINDS } from '@waxwing/protocol';
import type { Attempt, AttemptResponse, AttemptTimings, DeliveryDetail, DeliverySummary } from '@waxwing/protocol';
import { exactly, headerList, id, named, nullable, open, ref, string, time, timeOrNull, word } from './schema.ts';
import type { NamedSchema, Schema } from './schema.ts';

const summaryProperties = {
  id: id<DeliverySummary['id']>('dlv'),
  tenant: string(),
  event: string("The event's id."),
  eventType: string(),
  endpoint: id<DeliverySummary['endpoint']>('ep'),
  cause: word(DELIVERY_CAUSES),
  origin: nullable<NonNullable<DeliverySummary['origin']>>(
    Type.Unsafe<NonNullable<DeliverySummary['origin']>>({ type: 'string', description: 'The delivery that this one retries or replays.' }),
  ),
  state: word(DELIVERY_STATES),
  stateReason: nullable<string>(string('Why it is in this state, where there is more to say.')),
  outcome: nullable(word(OUTCOME_KINDS)),
  attempts: Type.Integer({ description: 'Attempts made so far.' }),
  nextAttemptAt: timeOrNull('When the next attempt is due; null once final.'),
  createdAt: time(),
  finishedAt: timeOrNull(),
};

export const delivery: NamedSchema<DeliverySummary> = named('Delivery', exactly<DeliverySummary>()(open(summaryProperties)));

const response: Schema<AttemptResponse> = exactly<AttemptResponse>()(
  open({
    status: Type.Integer(),
    headers: headerList(),
    body: string('The kept part: as text when it is valid UTF-8 without NUL, else base64.'),
    bodyEncoding: word(['utf8', 'base64']),
    bodyBytes: Type.Integer({ description: 'How many bytes came.' }),
    bodyTruncated: Type.Boolean(),
  }),
);

const timings: Schema<AttemptTimings> = exactly<AttemptTimings>()(
  open({
    dnsMs: nullable<number>(Type.Number()),
    connectMs: nullable<number>(Type.Number()),
    tlsMs: nullable<number>(Type.Number()),
    firstByteMs: nullable<number>(Type.Number()),
    totalMs: Type.Number(),
  }),
);

/** An object of this schema, or null. The serialiser tells the two apart by `type`, so the schema stays one object. */
function objectOrNull<T>(schema: Schema<T>): Schema<T | null> {
  return Type.Unsafe<T | null>({ ...schema, type: ['object', 'null'] });
}

export const attempt: NamedSchema<Attempt> = named(
  'Attempt',
  exactly<Attempt>()(
    open({
      id: id<Attempt['id']>('att'),
      number: Type.Integer({ description: '1 and up, gapless.' }),
      startedAt: time(),
      outcome: word(OUTCOME_KINDS),
      request: open({ method: word(['POST']), url: string(), headers: headerList(), body: string() }),
      response: objectOrNull(response),
      address: nullable<string>(string('The address that was connected to.')),
      timings,
      error: objectOrNull(
        exactly<NonNullable<Attempt['error']>>()(
          open({ code: string(), message: string(), explanation: string("In words a customer's engineer understands.") }),
        ),
      ),
      nextAttemptAt: timeOrNull('What the attempt led to: when the next one is due, or null when the delivery ended with it.'),
    }),
  ),
);

export const deliveryDetail: NamedSchema<DeliveryDetail> = named(
  'DeliveryDetail',
  exactly<DeliveryDetail>()(
    open({ ...summaryProperties, attemptLog: Type.Unsafe<readonly Attempt[]>({ type: 'array', items: ref(attempt) }) }),
  ),
);

export const deliveryExample: DeliverySummary = {
  id: 'dlv_01jv2q8w5e7r9t1y3v5b7n9m3k',
  tenant: 'acme',
  event: 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k',
  eventType: 'meeting.completed',
  endpoint: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  cause: 'publish',
  origin: null,
  state: 'pending',
  stateReason: null,
  outcome: 'refused',
  attempts: 1,
  nextAttemptAt: '2026-05-12T15:30:05.000Z',
  createdAt: '2026-05-12T15:30:00.000Z',
  finishedAt: null,
};

export const attemptExample: Attempt = {
  id: 'att_01jv2q8w5e7r9t1y3v5b7n9m3k_1',
  number: 1,
  startedAt: '2026-05-12T15:30:00.012Z',
  outcome: 'refused',
  request: {
    method: 'POST',
    url: 'https://api.acme.example/webhooks',
    headers: [
      ['content-type', 'application/json'],
      ['webhook-id', 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k'],
      ['webhook-timestamp', '1778599800'],
      ['webhook-signature', 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4='],
    ],
    body: '{"type":"meeting.completed","timestamp":"2026-05-12T15:30:00.000Z","data":{"meeting_id":"mtg_1"}}',
  },
  response: {
    status: 500,
    headers: [['content-type', 'text/plain']],
    body: 'Internal Server Error',
    bodyEncoding: 'utf8',
    bodyBytes: 21,
    bodyTruncated: false,
  },
  address: '203.0.113.7',
  timings: { dnsMs: 4.1, connectMs: 11.3, tlsMs: 24.8, firstByteMs: 61.2, totalMs: 61.9 },
  error: {
    code: 'status_500',
    message: 'The receiver answered 500.',
    explanation: 'The receiver failed while it handled the message. Its own log says why.',
  },
  nextAttemptAt: '2026-05-12T15:30:05.000Z',
};

export const deliveryDetailExample: DeliveryDetail = { ...deliveryExample, attemptLog: [attemptExample] };
