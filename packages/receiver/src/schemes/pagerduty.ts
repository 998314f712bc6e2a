// PagerDuty, version 3: one or more `v1=` and the HMAC-SHA256 of the body, between commas.

import type { Scheme } from '../scheme.ts';

export const pagerduty: Scheme<'pagerduty'> = {
  name: 'pagerduty',
  page: 'https://developer.pagerduty.com/docs/webhooks/webhook-signatures',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'X-PagerDuty-Signature',
    form: { kind: 'list', separator: ',', prefix: 'v1=' },
    encoding: 'hex',
    content: '{body}',
    secret: 'utf8',
  },
  toleranceSeconds: 300,
  event: { id: '/event/id', type: '/event/event_type', timestamp: { at: '/event/occurred_at', form: 'iso' }, data: '/event/data' },
};
