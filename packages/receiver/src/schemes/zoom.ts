// Zoom: `v0=` and the HMAC-SHA256 of `v0:{timestamp}:{body}` under the app's secret token. The page names no
// tolerance; five minutes is ours.

import type { Scheme } from '../scheme.ts';

export const zoom: Scheme<'zoom'> = {
  name: 'zoom',
  page: 'https://developers.zoom.us/docs/api/webhooks/',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'x-zm-signature',
    form: { kind: 'whole', prefix: 'v0=' },
    encoding: 'hex',
    content: 'v0:{timestamp}:{body}',
    time: { in: 'header', name: 'x-zm-request-timestamp', form: 'seconds' },
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: null, type: '/event', timestamp: { at: '/event_ts', form: 'milliseconds' }, data: '/payload' },
  challenges: [
    {
      kind: 'signed-token',
      when: [{ at: '/event', is: 'endpoint.url_validation' }],
      token: '/payload/plainToken',
      members: ['plainToken', 'encryptedToken'],
    },
  ],
};
