// Who asks: the key of a request, from its Authorization header (RFC 6750) or the console's session, before its body is read.
//
// The header goes first: who sends one means it, whatever cookies the browser adds. A session changes something only when
// the console itself asks for it.

import type { IncomingHttpHeaders } from 'node:http';
import type { Engine } from '@waxwing/engine';
import { WaxwingError } from '@waxwing/protocol';
import type { Key } from '@waxwing/protocol';
import { permits, refusal } from './access.ts';
import type { Need } from './access.ts';
import { sessionOf } from './console/cookie.ts';
import { isFromConsole } from './console/same-origin.ts';
import type { Sessions } from './console/sessions.ts';

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/** What stands behind keys and sessions. */
export interface Authority {
  readonly keys: Engine['keys'];
  /** Takes in what other nodes changed: a key may be new. Whether there was anything. */
  readonly refresh: () => Promise<boolean>;
  readonly sessions: Sessions;
  /** Where people reach the server, when that is not where it listens. */
  readonly publicUrl: string | null;
}

/**
 * The key that a request carries, when it may do what the route needs.
 * @throws WaxwingError `unauthorized` without a valid key, `forbidden` with one that does not permit it
 */
export function authenticate(
  authority: Authority,
  request: { readonly method: string; readonly headers: IncomingHttpHeaders },
  need: Need,
  tenant: string | null,
): Key {
  const key = keyOf(authority, request);
  if (!permits(key, need, tenant)) throw new WaxwingError('forbidden', refusal(need));
  return key;
}

/** Whether no usable key came with a request. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof WaxwingError && error.code === 'unauthorized';
}

/** As `authenticate`, looking again where another node may have made the key just now. */
export async function authenticateFresh(...asked: Parameters<typeof authenticate>): Promise<Key> {
  try {
    return authenticate(...asked);
  } catch (error) {
    if (!isUnauthorized(error) || !(await asked[0].refresh())) throw error;
    return authenticate(...asked);
  }
}

function keyOf(authority: Authority, { method, headers }: { readonly method: string; readonly headers: IncomingHttpHeaders }): Key {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const text = BEARER.exec(authorization)?.[1];
    if (text === undefined) throw new WaxwingError('unauthorized', 'The Authorization header must be "Bearer" and a key.');
    const key = authority.keys.authenticate(text);
    if (key === null) throw new WaxwingError('unauthorized', 'The key is unknown, expired or revoked.');
    return key;
  }
  const session = sessionOf(headers.cookie);
  if (session === null) throw new WaxwingError('unauthorized', 'Send a key: Authorization: Bearer <key>.');
  const key = authority.sessions.keyOf(session);
  if (key === null) throw new WaxwingError('unauthorized', 'The sign-in has ended: sign in again.');
  if (method !== 'GET' && method !== 'HEAD' && !isFromConsole(headers, authority.publicUrl))
    throw new WaxwingError('forbidden', 'A sign-in of the console changes something only when the console itself asks for it.');
  return key;
}
