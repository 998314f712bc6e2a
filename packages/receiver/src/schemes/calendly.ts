// Calendly: `t=…,v1=…` over `{t}.{body}`, three minutes tolerated. An event has no id.

import type { Scheme } from '../scheme.ts';

export const calendly: Scheme<'calendly'> = {
  name: 'calendly',
  page: 'https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'Calendly-Webhook-Signature',
    form: { kind: 'fields', separator: ',', signature: 'v1', timestamp: 't' },
    encoding: 'hex',
    content: '{timestamp}.{body}',
    time: { in: 'signature', form: 'seconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 180,
  event: { id: null, type: '/event', timestamp: { at: '/created_at', form: 'iso' }, data: '/payload' },
};
