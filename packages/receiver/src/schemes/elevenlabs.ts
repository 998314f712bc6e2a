// ElevenLabs: `t=…,v0=…` over `{t}.{body}`, half an hour tolerated.

import type { Scheme } from '../scheme.ts';

export const elevenlabs: Scheme<'elevenlabs'> = {
  name: 'elevenlabs',
  page: 'https://elevenlabs.io/docs/overview/administration/webhooks',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'ElevenLabs-Signature',
    form: { kind: 'fields', separator: ',', signature: 'v0', timestamp: 't' },
    encoding: 'hex',
    content: '{timestamp}.{body}',
    time: { in: 'signature', form: 'seconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 1800,
  event: { id: null, type: '/type', timestamp: { at: '/event_timestamp', form: 'seconds' }, data: '/data' },
};
