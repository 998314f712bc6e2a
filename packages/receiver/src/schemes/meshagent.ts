// MeshAgent: `Bearer` and a JWT whose claim is the hash of the body, or of what Python prints of it. The sender's own data.

import { printPython } from '@waxwing/protocol/print-python';
import { MESHAGENT_SCHEME } from '@waxwing/protocol/schemes';
import type { Scheme } from '../scheme.ts';
import { jwtReader } from '../verify/jwt.ts';

export const meshagent: Scheme<'meshagent'> = {
  name: 'meshagent',
  page: 'https://docs.meshagent.com/',
  signature: MESHAGENT_SCHEME,
  reader: () => jwtReader(MESHAGENT_SCHEME, printPython),
  toleranceSeconds: 300,
  event: { id: 'webhook-id', type: '/event', timestamp: null, data: '/data' },
};
