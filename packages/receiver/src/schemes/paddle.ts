// Paddle Billing: `ts=…;h1=…` over `{ts}:{body}`; `h1` comes more than once while a secret is rotated. Paddle's own
// package tolerates five seconds.

import type { Scheme } from '../scheme.ts';

export const paddle: Scheme<'paddle'> = {
  name: 'paddle',
  page: 'https://developer.paddle.com/webhooks/signature-verification',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'Paddle-Signature',
    form: { kind: 'fields', separator: ';', signature: 'h1', timestamp: 'ts' },
    encoding: 'hex',
    content: '{timestamp}:{body}',
    time: { in: 'signature', form: 'seconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 5,
  event: { id: '/event_id', type: '/event_type', timestamp: { at: '/occurred_at', form: 'iso' }, data: '/data' },
};
