// Meta (Facebook, Instagram, WhatsApp, Messenger): `sha256=` and the HMAC-SHA256 of the body under the app secret. A
// body is a list of entries.

import type { Scheme } from '../scheme.ts';

export const meta: Scheme<'meta'> = {
  name: 'meta',
  page: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'X-Hub-Signature-256',
    form: { kind: 'whole', prefix: 'sha256=' },
    encoding: 'hex',
    content: '{body}',
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: null, type: '/object', timestamp: null, data: '/entry' },
  challenges: [{ kind: 'subscription', token: 'hub.verify_token', challenge: 'hub.challenge' }],
};
