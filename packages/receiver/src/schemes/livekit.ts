// LiveKit: a JWT (HS256) under the API secret, whose claim `sha256` is the body's hash in base64; ten seconds
// tolerated around its lifetime.

import type { JwtSignature, Scheme } from '../scheme.ts';
import { jwtReader } from '../verify/jwt.ts';

const SIGNATURE: JwtSignature = {
  kind: 'jwt-body-hash',
  header: 'Authorization',
  prefix: '',
  claim: 'sha256',
  digest: 'base64',
  reprinted: false,
};

export const livekit: Scheme<'livekit'> = {
  name: 'livekit',
  page: 'https://docs.livekit.io/home/server/webhooks/',
  signature: SIGNATURE,
  reader: () => jwtReader(SIGNATURE, null),
  toleranceSeconds: 10,
  event: { id: '/id', type: '/event', timestamp: { at: '/createdAt', form: 'seconds' }, data: '' },
};
