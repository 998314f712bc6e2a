// Anthropic (Claude Managed Agents): Standard Webhooks, as its packages verify them; its page names the one header
// X-Webhook-Signature, which they do not read.

import type { Scheme } from '../scheme.ts';

export const anthropic: Scheme<'anthropic'> = {
  name: 'anthropic',
  page: 'https://platform.claude.com/docs/en/managed-agents/webhooks',
  signature: { kind: 'standard-webhooks' },
  toleranceSeconds: 300,
  event: { id: '/id', type: '/data/type', timestamp: { at: '/created_at', form: 'iso' }, data: '/data' },
};
