// Who asks: the key of a request, from its Authorization header (RFC 6750), before its body is read.

import type { Engine } from '@waxwing/engine';
import { WaxwingError } from '@waxwing/protocol';
import type { Key } from '@waxwing/protocol';
import { permits, refusal } from './access.ts';
import type { Need } from './access.ts';

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/**
 * The key that a request carries, when it may do what the route needs.
 * @throws WaxwingError `unauthorized` without a valid key, `forbidden` with one that does not permit it
 */
export function authenticate(keys: Engine['keys'], authorization: string | undefined, need: Need, tenant: string | null): Key {
  if (authorization === undefined) throw new WaxwingError('unauthorized', 'Send a key: Authorization: Bearer <key>.');
  const text = BEARER.exec(authorization)?.[1];
  if (text === undefined) throw new WaxwingError('unauthorized', 'The Authorization header must be "Bearer" and a key.');
  const key = keys.authenticate(text);
  if (key === null) throw new WaxwingError('unauthorized', 'The key is unknown, expired or revoked.');
  if (!permits(key, need, tenant)) throw new WaxwingError('forbidden', refusal(need));
  return key;
}
