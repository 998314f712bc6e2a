// Zendesk: the HMAC-SHA256 of timestamp and body in base64; the timestamp is ISO 8601. The page names no tolerance;
// five minutes is ours.

import type { Scheme } from '../scheme.ts';

export const zendesk: Scheme<'zendesk'> = {
  name: 'zendesk',
  page: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'X-Zendesk-Webhook-Signature',
    form: { kind: 'whole', prefix: '' },
    encoding: 'base64',
    content: '{timestamp}{body}',
    time: { in: 'header', name: 'X-Zendesk-Webhook-Signature-Timestamp', form: 'iso' },
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: '/id', type: '/type', timestamp: { at: '/time', form: 'iso' }, data: '' },
};
