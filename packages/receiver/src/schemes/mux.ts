// Mux: `t=…,v1=…` over `{t}.{body}`.

import type { Scheme } from '../scheme.ts';

export const mux: Scheme<'mux'> = {
  name: 'mux',
  page: 'https://www.mux.com/docs/core/verify-webhook-signatures',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'Mux-Signature',
    form: { kind: 'fields', separator: ',', signature: 'v1', timestamp: 't' },
    encoding: 'hex',
    content: '{timestamp}.{body}',
    time: { in: 'signature', form: 'seconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: '/id', type: '/type', timestamp: { at: '/created_at', form: 'iso' }, data: '/data' },
};
