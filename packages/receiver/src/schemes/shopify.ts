// Shopify: the HMAC-SHA256 of the body in base64, under the app's client secret. X-Shopify-Webhook-Id is the same for
// every try.

import type { Scheme } from '../scheme.ts';

export const shopify: Scheme<'shopify'> = {
  name: 'shopify',
  page: 'https://shopify.dev/docs/apps/build/webhooks/subscribe/https',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'X-Shopify-Hmac-Sha256',
    form: { kind: 'whole', prefix: '' },
    encoding: 'base64',
    content: '{body}',
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: 'X-Shopify-Webhook-Id', type: 'X-Shopify-Topic', timestamp: { at: 'X-Shopify-Triggered-At', form: 'iso' }, data: '' },
};
