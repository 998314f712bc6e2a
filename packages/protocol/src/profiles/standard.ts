// Standard Webhooks 1.0: the default convention. https://www.standardwebhooks.com
//
// `webhook-id`, `webhook-timestamp` and `webhook-signature`, the data as its publisher wrote it, an open catalogue.

import type { ProfileDefinition } from '../profile.ts';
import { STANDARD_SCHEME } from '../schemes.ts';
import { eventType, TEXT } from './catalogue.ts';
import { STANDARD_REACTIONS, STANDARD_SCHEDULE, TIMEOUT_SECONDS_MAX } from './defaults.ts';

export const standard: ProfileDefinition = {
  name: 'standard',
  title: 'Standard Webhooks',
  description: 'Standard Webhooks 1.0: HMAC-SHA256 (v1) or ed25519 (v1a) over id, timestamp and body.',
  envelope: { type: '{type}', timestamp: '{timestamp}', data: '{data}' },
  timestampForm: 'iso',
  print: 'raw',
  eventIdPrefix: null,
  headers: {},
  signature: STANDARD_SCHEME,
  secret: { prefix: 'whsec_', form: 'standard', minBytes: 24, maxBytes: 64, warnBelowBytes: 24 },
  schedule: STANDARD_SCHEDULE,
  timeoutSecondsDefault: 15,
  timeoutSecondsMax: TIMEOUT_SECONDS_MAX,
  httpsRequired: false,
  reactions: STANDARD_REACTIONS,
  failingWord: 'failing',
  catalogueClosed: false,
  eventTypes: [
    eventType('webhook.test', 'Sent by hand, to see that an endpoint receives and verifies.', { message: TEXT }, [], {
      message: 'If you can read this and its signature holds, your endpoint works.',
    }),
  ],
};
