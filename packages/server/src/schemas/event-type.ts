// An event type of the catalogue: what PUT takes, what the API answers.

import Type from 'typebox';
import type { EventType, EventTypeInput } from '@waxwing/protocol';
import { anyObject, closed, exactly, named, nullable, open, string, text } from './schema.ts';
import type { NamedSchema } from './schema.ts';

export const eventTypeInput: NamedSchema<EventTypeInput> = named(
  'EventTypeInput',
  exactly<EventTypeInput>()(
    closed({
      profile: Type.Optional(nullable<string>(text(64, "The profile it belongs to; null for the deployment's own."))),
      description: Type.Optional(text(2_000)),
      group: Type.Optional(text(200)),
      schema: Type.Optional(anyObject('JSON Schema (2020-12) of `data`.')),
      sample: Type.Optional(anyObject('A sample `data`, valid under the schema.')),
    }),
  ),
);

export const eventType: NamedSchema<EventType> = named(
  'EventType',
  exactly<EventType>()(
    open({
      name: string(),
      profile: nullable<string>(string()),
      description: string(),
      group: string(),
      schema: anyObject('JSON Schema (2020-12) of `data`.'),
      sample: anyObject('A sample `data`.'),
      builtIn: Type.Boolean({ description: 'Whether it came with a built-in profile; those are read-only.' }),
    }),
  ),
);

export const eventTypeInputExample: EventTypeInput = {
  description: 'An invoice was paid.',
  group: 'invoice',
  schema: { type: 'object', required: ['invoice_id'], properties: { invoice_id: { type: 'string' } } },
  sample: { invoice_id: 'inv_1' },
};

export const eventTypeExample: EventType = {
  name: 'invoice.paid',
  profile: null,
  description: 'An invoice was paid.',
  group: 'invoice',
  schema: { type: 'object', required: ['invoice_id'], properties: { invoice_id: { type: 'string' } } },
  sample: { invoice_id: 'inv_1' },
  builtIn: false,
};
