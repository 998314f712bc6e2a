// Intercom: `sha1=` and the HMAC-SHA1 of the body under the app's client secret.

import type { Scheme } from '../scheme.ts';

export const intercom: Scheme<'intercom'> = {
  name: 'intercom',
  page: 'https://developers.intercom.com/docs/references/webhooks/webhook-models',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha1',
    header: 'X-Hub-Signature',
    form: { kind: 'whole', prefix: 'sha1=' },
    encoding: 'hex',
    content: '{body}',
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: '/id', type: '/topic', timestamp: { at: '/created_at', form: 'seconds' }, data: '/data' },
};
