// Slack: `v0=` and the HMAC-SHA256 of `v0:{timestamp}:{body}`, for events, commands and interactions alike.

import type { Scheme } from '../scheme.ts';

export const slack: Scheme<'slack'> = {
  name: 'slack',
  page: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'X-Slack-Signature',
    form: { kind: 'whole', prefix: 'v0=' },
    encoding: 'hex',
    content: 'v0:{timestamp}:{body}',
    time: { in: 'header', name: 'X-Slack-Request-Timestamp', form: 'seconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: '/event_id', type: '/event/type', timestamp: { at: '/event_time', form: 'seconds' }, data: '/event' },
  challenges: [{ kind: 'echo', when: [{ at: '/type', is: 'url_verification' }], echo: '/challenge' }],
};
