// WorkOS: `t=…, v1=…` over `{t}.{body}`, the time in milliseconds, three minutes tolerated.

import type { Scheme } from '../scheme.ts';

export const workos: Scheme<'workos'> = {
  name: 'workos',
  page: 'https://workos.com/docs/events/data-syncing/webhooks',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'WorkOS-Signature',
    form: { kind: 'fields', separator: ',', signature: 'v1', timestamp: 't' },
    encoding: 'hex',
    content: '{timestamp}.{body}',
    time: { in: 'signature', form: 'milliseconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 180,
  event: { id: '/id', type: '/event', timestamp: { at: '/created_at', form: 'iso' }, data: '/data' },
};
