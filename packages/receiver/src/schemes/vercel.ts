// Vercel: the HMAC-SHA1 of the body, under the webhook's secret or the integration's client secret.

import type { Scheme } from '../scheme.ts';

export const vercel: Scheme<'vercel'> = {
  name: 'vercel',
  page: 'https://vercel.com/docs/webhooks/webhooks-api',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha1',
    header: 'x-vercel-signature',
    form: { kind: 'whole', prefix: '' },
    encoding: 'hex',
    content: '{body}',
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: '/id', type: '/type', timestamp: { at: '/createdAt', form: 'milliseconds' }, data: '/payload' },
};
