// Square: the HMAC-SHA256 of the notification URL and the body in base64. The URL is the one in the subscription, to
// the letter.

import type { Scheme } from '../scheme.ts';

export const square: Scheme<'square'> = {
  name: 'square',
  page: 'https://developer.squareup.com/docs/webhooks/step3validate',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'x-square-hmacsha256-signature',
    form: { kind: 'whole', prefix: '' },
    encoding: 'base64',
    content: '{url}{body}',
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: '/event_id', type: '/type', timestamp: { at: '/created_at', form: 'iso' }, data: '/data' },
};
