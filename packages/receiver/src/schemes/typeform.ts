// Typeform: `sha256=` and the HMAC-SHA256 of the body, in base64 despite the prefix.

import type { Scheme } from '../scheme.ts';

export const typeform: Scheme<'typeform'> = {
  name: 'typeform',
  page: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'Typeform-Signature',
    form: { kind: 'whole', prefix: 'sha256=' },
    encoding: 'base64',
    content: '{body}',
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: '/event_id', type: '/event_type', timestamp: { at: '/form_response/submitted_at', form: 'iso' }, data: '/form_response' },
};
