// LiveKit: a JWT (HS256) under the API secret, whose claim `sha256` is the body's hash in base64; ten seconds
// tolerated around its lifetime.

import type { Scheme } from '../scheme.ts';

export const livekit: Scheme<'livekit'> = {
  name: 'livekit',
  page: 'https://docs.livekit.io/home/server/webhooks/',
  signature: { kind: 'jwt-body-hash', header: 'Authorization', prefix: '', claim: 'sha256', digest: 'base64', reprinted: false },
  toleranceSeconds: 10,
  event: { id: '/id', type: '/event', timestamp: { at: '/createdAt', form: 'seconds' }, data: '' },
};
