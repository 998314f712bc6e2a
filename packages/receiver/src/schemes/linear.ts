// Linear: the HMAC-SHA256 of the body. The time of sending stands in the body itself, and a minute is tolerated.

import type { Scheme } from '../scheme.ts';

export const linear: Scheme<'linear'> = {
  name: 'linear',
  page: 'https://linear.app/developers/webhooks',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'Linear-Signature',
    form: { kind: 'whole', prefix: '' },
    encoding: 'hex',
    content: '{body}',
    time: { in: 'body', pointer: '/webhookTimestamp', form: 'milliseconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 60,
  event: { id: 'Linear-Delivery', type: '/type', timestamp: { at: '/createdAt', form: 'iso' }, data: '/data' },
};
