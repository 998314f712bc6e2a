// OpenAI: Standard Webhooks.

import type { Scheme } from '../scheme.ts';

export const openai: Scheme<'openai'> = {
  name: 'openai',
  page: 'https://platform.openai.com/docs/guides/webhooks',
  signature: { kind: 'standard-webhooks' },
  toleranceSeconds: 300,
  event: { id: 'webhook-id', type: '/type', timestamp: { at: '/created_at', form: 'seconds' }, data: '/data' },
};
