// GitLab: by default it only repeats a secret token, which proves who calls and not what is said. With a signing token
// (`whsec_…`) it signs as Standard Webhooks do: use `gitlab-signed` then. The event's name stands in X-Gitlab-Event.

import type { EventPlaces, Scheme, SharedToken } from '../scheme.ts';
import { tokenReader } from '../verify/token.ts';

const page = 'https://docs.gitlab.com/user/project/integrations/webhooks/';
const places: Omit<EventPlaces, 'id'> = { type: 'X-Gitlab-Event', timestamp: null, data: '' };

const SIGNATURE: SharedToken = { kind: 'shared-token', header: 'X-Gitlab-Token' };

export const gitlab: Scheme<'gitlab'> = {
  name: 'gitlab',
  page,
  signature: SIGNATURE,
  reader: () => tokenReader(SIGNATURE),
  toleranceSeconds: 300,
  event: { id: 'Idempotency-Key', ...places },
};

export const gitlabSigned: Scheme<'gitlab-signed'> = {
  name: 'gitlab-signed',
  page,
  signature: { kind: 'standard-webhooks' },
  toleranceSeconds: 300,
  event: { id: 'webhook-id', ...places },
};
