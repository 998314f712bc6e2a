// Discord: ed25519 over timestamp and body, under the application's public key in hex. The places are those of
// webhook events; an interaction has its own form, in `payload`.

import type { Scheme } from '../scheme.ts';

export const discord: Scheme<'discord'> = {
  name: 'discord',
  page: 'https://docs.discord.com/developers/interactions/overview',
  signature: {
    kind: 'signed-template',
    algorithm: 'ed25519',
    header: 'X-Signature-Ed25519',
    form: { kind: 'whole', prefix: '' },
    encoding: 'hex',
    content: '{timestamp}{body}',
    time: { in: 'header', name: 'X-Signature-Timestamp', form: 'seconds' },
    secret: 'hex',
  },
  toleranceSeconds: 300,
  event: { id: null, type: '/event/type', timestamp: { at: '/event/timestamp', form: 'iso' }, data: '/event/data' },
  challenges: [
    // An interaction's PING has type 1 and no event; a webhook event has type 1 and an event, its PING type 0.
    {
      kind: 'fixed',
      when: [
        { at: '/type', is: 1 },
        { at: '/event', is: null },
      ],
      status: 200,
      body: '{"type":1}',
    },
    { kind: 'fixed', when: [{ at: '/type', is: 0 }], status: 204, body: '' },
  ],
};
