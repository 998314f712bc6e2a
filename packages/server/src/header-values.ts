// Header values: an endpoint's own headers may be credentials of its receiver. Whoever edits the endpoint sees their values;
// whoever only reads sees their names.

import type { Endpoint, Key } from '@waxwing/protocol';
import { permits } from './access.ts';

/** What stands for a value that is not shown. */
const HIDDEN = '(hidden)';

/** An endpoint as this key may see it. */
export function endpointFor<Shown extends Endpoint>(key: Key | null, endpoint: Shown): Shown {
  if (key !== null && permits(key, 'manage', endpoint.tenant)) return endpoint;
  return { ...endpoint, headers: Object.fromEntries(Object.keys(endpoint.headers).map((name) => [name, HIDDEN])) };
}
