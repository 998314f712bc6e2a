// Stripe: `t=…,v1=…` over `{t}.{body}`. While a secret is rolled, `v1` comes once for each; `v0` is a test scheme and
// never counts. The secret is used whole, `whsec_` included.

import type { Scheme } from '../scheme.ts';

export const stripe: Scheme<'stripe'> = {
  name: 'stripe',
  page: 'https://docs.stripe.com/webhooks/signature',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'Stripe-Signature',
    form: { kind: 'fields', separator: ',', signature: 'v1', timestamp: 't' },
    encoding: 'hex',
    content: '{timestamp}.{body}',
    time: { in: 'signature', form: 'seconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: '/id', type: '/type', timestamp: { at: '/created', form: 'seconds' }, data: '/data' },
};
