// An event: what publishing takes and answers, what lists and details show. `data` is free-form everywhere.
//
// The publish routes do not validate by these schemas (publish-body.ts reads their raw text, so that data is never parsed
// and printed again); the tests hold the two to the same verdicts.

import Type from 'typebox';
import type { DeliverySummary, EventDetail, EventSummary, PublishResult } from '@waxwing/protocol';
import { anyObject, closed, exactly, named, open, ref, string, text, time } from './schema.ts';
import type { NamedSchema } from './schema.ts';
import { delivery, deliveryExample } from './delivery.ts';

/** What publishing takes. */
export interface PublishBody {
  readonly type: string;
  readonly data: { readonly [member: string]: unknown };
  readonly id?: string;
  readonly timestamp?: string;
}

export const publishBody: NamedSchema<PublishBody> = named(
  'PublishInput',
  exactly<PublishBody>()(
    closed({
      type: text(128, "The event type's name."),
      data: anyObject(
        'What happened. Delivered as it is written; refused when it cannot be (duplicate keys, depth over 64, lone surrogates, numbers beyond a double).',
      ),
      id: Type.Optional(
        Type.Unsafe<string>({
          type: 'string',
          pattern: '^[A-Za-z0-9_-]{1,64}$',
          description:
            'Chosen by you. Publishing it again within 7 days with the same content returns the first answer; with other content, 409.',
        }),
      ),
      timestamp: Type.Optional(time('When it happened: ISO 8601. Defaults to now.')),
    }),
  ),
);

export const batchBody: NamedSchema<{ readonly events: readonly PublishBody[] }> = named(
  'BatchInput',
  exactly<{ readonly events: readonly PublishBody[] }>()(
    closed({ events: Type.Unsafe<readonly PublishBody[]>({ type: 'array', items: ref(publishBody), minItems: 1, maxItems: 1_000 }) }),
  ),
);

export const publishResult: NamedSchema<PublishResult> = named(
  'PublishResult',
  exactly<PublishResult>()(
    open({
      id: string(),
      type: string(),
      timestamp: time(),
      receivedAt: time(),
      deliveries: Type.Integer({ description: 'How many deliveries were made, skipped ones included.' }),
      duplicate: Type.Boolean({ description: 'Whether it was published before with the same content; the rest is then the first answer.' }),
      warning: Type.Optional(string('Says when nobody is subscribed.')),
    }),
  ),
);

export const batchResult: NamedSchema<{ readonly data: readonly PublishResult[] }> = named(
  'BatchResult',
  exactly<{ readonly data: readonly PublishResult[] }>()(
    open({
      data: Type.Unsafe<readonly PublishResult[]>({ type: 'array', items: ref(publishResult), description: 'One an event, in order.' }),
    }),
  ),
);

const summaryProperties = {
  id: string(),
  tenant: string(),
  type: string(),
  timestamp: time('When it happened.'),
  receivedAt: time('When it was stored.'),
  data: Type.Unknown({ description: 'As published.' }),
};

export const event: NamedSchema<EventSummary> = named('Event', exactly<EventSummary>()(open(summaryProperties)));

export const eventDetail: NamedSchema<EventDetail> = named(
  'EventDetail',
  exactly<EventDetail>()(
    open({ ...summaryProperties, deliveries: Type.Unsafe<readonly DeliverySummary[]>({ type: 'array', items: ref(delivery) }) }),
  ),
);

export const publishBodyExample: PublishBody = { type: 'meeting.completed', data: { meeting_id: 'mtg_1', status: 'completed' } };
export const batchBodyExample: { readonly events: readonly PublishBody[] } = {
  events: [publishBodyExample, { type: 'meeting.cancelled', data: { meeting_id: 'mtg_2', reason: 'illness' }, id: 'cancel-mtg_2' }],
};

export const publishResultExample: PublishResult = {
  id: 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k',
  type: 'meeting.completed',
  timestamp: '2026-05-12T15:30:00.000Z',
  receivedAt: '2026-05-12T15:30:00.000Z',
  deliveries: 1,
  duplicate: false,
};

export const eventExample: EventSummary = {
  id: 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k',
  tenant: 'acme',
  type: 'meeting.completed',
  timestamp: '2026-05-12T15:30:00.000Z',
  receivedAt: '2026-05-12T15:30:00.000Z',
  data: { meeting_id: 'mtg_1', status: 'completed' },
};

export const eventDetailExample: EventDetail = { ...eventExample, deliveries: [deliveryExample] };
