// A notice: what Waxwing told, and what became of its email.

import Type from 'typebox';
import { NOTICE_KINDS } from '@waxwing/protocol';
import type { Notice, NoticeEmail } from '@waxwing/protocol';
import { anyObject, exactly, id, named, nullable, open, string, time, timeOrNull, word } from './schema.ts';
import type { NamedSchema } from './schema.ts';

const EMAILS = ['none', 'pending', 'sent', 'unsent'] as const satisfies readonly NoticeEmail[];

export const notice: NamedSchema<Notice> = named(
  'Notice',
  exactly<Notice>()(
    open({
      id: id<Notice['id']>('ntc'),
      kind: word(NOTICE_KINDS),
      tenant: string('The tenant that it is about.'),
      endpoint: nullable<NonNullable<Notice['endpoint']>>(id('ep')),
      createdAt: time(),
      event: nullable<string>(string('The operational event, of the tenant `waxwing`; null while failures are still being counted.')),
      data: anyObject('What the operational event says.'),
      email: word(EMAILS),
      emailTo: Type.Array(string()),
      emailError: nullable<string>(string('What went wrong with the email last.')),
      emailNextAt: timeOrNull('When the email is tried next.'),
    }),
  ),
);

export const noticeExample: Notice = {
  id: 'ntc_01jv2q8w5e7r9t1y3v5b7n9m6k',
  kind: 'endpoint.failing',
  tenant: 'acme',
  endpoint: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  createdAt: '2026-05-12T15:30:00.000Z',
  event: 'evt_01jv2q8w5e7r9t1y3v5b7n9m7k',
  data: {
    tenant: 'acme',
    endpoint: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
    endpointName: 'Production',
    endpointUrl: 'https://hooks.acme.example/waxwing',
    reason: 'a delivery failed after 8 attempts: answered 500',
  },
  email: 'pending',
  emailTo: ['ops@acme.example'],
  emailError: 'connect ECONNREFUSED 192.0.2.1:587',
  emailNextAt: '2026-05-12T15:40:00.000Z',
};
