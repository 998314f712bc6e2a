// Retell: `v=…,d=…` over the body and then the time in milliseconds, under the API key that has the webhook badge.

import type { Scheme } from '../scheme.ts';

export const retell: Scheme<'retell'> = {
  name: 'retell',
  page: 'https://docs.retellai.com/features/secure-webhook',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'X-Retell-Signature',
    form: { kind: 'fields', separator: ',', signature: 'd', timestamp: 'v' },
    encoding: 'hex',
    content: '{body}{timestamp}',
    time: { in: 'signature', form: 'milliseconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: null, type: '/event', timestamp: null, data: '/call' },
};
