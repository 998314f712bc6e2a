// Svix, and those who send through it (Clerk, Resend and others): Standard Webhooks under Svix's own header names, or
// the standard ones.

import type { Scheme } from '../scheme.ts';

export const svix: Scheme<'svix'> = {
  name: 'svix',
  page: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
  signature: { kind: 'standard-webhooks', headerPrefixes: ['svix', 'webhook'] },
  toleranceSeconds: 300,
  event: { id: 'svix-id', type: '/type', timestamp: { at: '/timestamp', form: 'iso' }, data: '/data' },
};
