// Why an endpoint did or did not get an event.

import Type from 'typebox';
import { EXPLANATION_REASONS } from '@waxwing/protocol';
import type { DeliverySummary, Explanation } from '@waxwing/protocol';
import { delivery, deliveryExample } from './delivery.ts';
import { closed, exactly, id, named, nullable, open, ref, string, text, word } from './schema.ts';
import type { NamedSchema, Schema } from './schema.ts';

/** Which endpoint is meant. */
export interface ExplainQuery {
  readonly endpoint: string;
}

export const explainQuery: Schema<ExplainQuery> = exactly<ExplainQuery>()(
  closed({ endpoint: text(64, "The endpoint's id; it may have been deleted.") }),
);

export const explanation: NamedSchema<Explanation> = named(
  'Explanation',
  exactly<Explanation>()(
    open({
      event: string("The event's id."),
      eventType: string(),
      endpoint: id<Explanation['endpoint']>('ep'),
      reason: word(EXPLANATION_REASONS),
      sentence: string('The reason in a sentence, with its times and names.'),
      notes: Type.Unsafe<readonly string[]>({ type: 'array', items: { type: 'string' }, description: 'More that helps.' }),
      delivery: Type.Unsafe<DeliverySummary | null>({
        anyOf: [ref(delivery), { type: 'null' }],
        description: 'The latest delivery of this event to this endpoint.',
      }),
      lastError: nullable<string>(string('What went wrong in the latest attempt, in plain words.')),
      behind: nullable<NonNullable<Explanation['behind']>>(
        Type.Unsafe<NonNullable<Explanation['behind']>>({ type: 'string', description: 'The delivery that goes first (`fifo_wait`).' }),
      ),
    }),
  ),
);

export const explanationExample: Explanation = {
  event: 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k',
  eventType: 'meeting.completed',
  endpoint: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  reason: 'retrying',
  sentence: 'Attempt 1 failed; the next attempt is on 2026-05-12T15:30:05.000Z. The receiver failed while it handled the message.',
  notes: [],
  delivery: deliveryExample,
  lastError: 'The receiver failed while it handled the message.',
  behind: null,
};
