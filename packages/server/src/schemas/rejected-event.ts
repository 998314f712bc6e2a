// A rejected event: what was published, and why it was not accepted.

import Type from 'typebox';
import type { RejectedEvent } from '@waxwing/protocol';
import { exactly, named, nullable, open, string, time } from './schema.ts';
import type { NamedSchema } from './schema.ts';

export const rejectedEvent: NamedSchema<RejectedEvent> = named(
  'RejectedEvent',
  exactly<RejectedEvent>()(
    open({
      no: Type.Integer({ description: 'Its number in the outbox.' }),
      tenant: string(),
      type: string(),
      eventId: nullable<string>(string('The id that was given.')),
      idempotencyKey: nullable<string>(string('The key that was given.')),
      code: Type.Unsafe<RejectedEvent['code']>({ type: 'string', description: 'An error code, as in problems.' }),
      message: string(),
      fields: Type.Array(open({ path: string('JSON Pointer.'), message: string() })),
      data: string('JSON text, as it was given.'),
      rejectedAt: time(),
    }),
  ),
);

export const rejectedEventExample: RejectedEvent = {
  no: 4711,
  tenant: 'acme',
  type: 'meeting.completed',
  eventId: null,
  idempotencyKey: null,
  code: 'schema_mismatch',
  message: 'The data of meeting.completed does not match its schema: /data/meeting_id is required.',
  fields: [{ path: '/data/meeting_id', message: 'is required' }],
  data: '{"status": "completed"}',
  rejectedAt: '2026-05-12T15:30:00.000Z',
};
