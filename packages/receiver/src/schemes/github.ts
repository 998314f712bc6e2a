// GitHub: `sha256=` and the HMAC-SHA256 of the body. No time is signed; X-GitHub-Delivery stays the same when a
// delivery is redelivered.

import type { Scheme } from '../scheme.ts';

export const github: Scheme<'github'> = {
  name: 'github',
  page: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'X-Hub-Signature-256',
    form: { kind: 'whole', prefix: 'sha256=' },
    encoding: 'hex',
    content: '{body}',
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: 'X-GitHub-Delivery', type: 'X-GitHub-Event', timestamp: null, data: '' },
};
