// Access: what each scope of key may do. Pure: (key, need, tenant) → yes or no.
//
//   admin    everything
//   read     every GET over the deployment
//   publish  publishing to any tenant
//   tenant   its actions (publish, manage, read) over its own tenant; nothing of any other, nor whether it exists
//
// Any valid key may read the catalogue (profiles and event types): every customer needs it and it holds no secret.

import type { Key } from '@waxwing/protocol';

/** What a route asks of a key. The first three are about the tenant in the path. */
export type Need = 'publish' | 'manage' | 'read' | 'catalogue' | 'operate' | 'administer';

/** Whether a key may do this. `tenant` is the tenant in the path, or null where there is none. */
export function permits(key: Key, need: Need, tenant: string | null): boolean {
  switch (key.scope) {
    case 'admin':
      return true;
    case 'read':
      return need === 'read' || need === 'operate' || need === 'catalogue';
    case 'publish':
      return need === 'publish' || need === 'catalogue';
    case 'tenant':
      return need === 'catalogue' || (isAction(need) && tenant !== null && key.tenant === tenant && key.actions.includes(need));
    default:
      return key.scope satisfies never;
  }
}

function isAction(need: Need): need is 'publish' | 'manage' | 'read' {
  return need === 'publish' || need === 'manage' || need === 'read';
}

const REFUSALS: { readonly [N in Need]: string } = {
  publish: 'publish to this tenant',
  manage: "change this tenant's endpoints and deliveries",
  read: 'read this tenant',
  catalogue: 'read the catalogue',
  operate: 'read over all tenants: that takes a key of scope admin or read',
  administer: 'administer the deployment: that takes a key of scope admin',
};

/** What to tell the holder of a key that may not. Says the same whether or not the tenant exists. */
export function refusal(need: Need): string {
  return `This key may not ${REFUSALS[need]}.`;
}
