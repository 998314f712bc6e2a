// Twitch EventSub: `sha256=` and the HMAC-SHA256 of message id, timestamp and body. Ten minutes are tolerated.

import type { Scheme } from '../scheme.ts';

export const twitch: Scheme<'twitch'> = {
  name: 'twitch',
  page: 'https://dev.twitch.tv/docs/eventsub/handling-webhook-events/',
  signature: {
    kind: 'signed-template',
    algorithm: 'hmac-sha256',
    header: 'Twitch-Eventsub-Message-Signature',
    form: { kind: 'whole', prefix: 'sha256=' },
    encoding: 'hex',
    content: '{id}{timestamp}{body}',
    idHeader: 'Twitch-Eventsub-Message-Id',
    time: { in: 'header', name: 'Twitch-Eventsub-Message-Timestamp', form: 'iso' },
    secret: 'utf8',
  },
  toleranceSeconds: 600,
  event: {
    id: 'Twitch-Eventsub-Message-Id',
    type: '/subscription/type',
    timestamp: { at: 'Twitch-Eventsub-Message-Timestamp', form: 'iso' },
    data: '/event',
  },
  challenges: [{ kind: 'echo', when: [{ at: 'Twitch-Eventsub-Message-Type', is: 'webhook_callback_verification' }], echo: '/challenge' }],
};
