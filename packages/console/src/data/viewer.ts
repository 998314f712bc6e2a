// Who looks at the console, and what they may do: a signed-in key, or a portal link's.

import { WaxwingApiError, WaxwingConnectionError } from '@waxwing/client';
import type { Key, Problem, TenantAction } from '@waxwing/protocol';
import { consoleFetch } from './api.ts';

export interface Viewer extends Pick<Key, 'scope' | 'tenant' | 'actions' | 'expiresAt'> {
  readonly keyName: string;
  /** The server's version. */
  readonly version: string;
}

const PATH = '/console/session';

/** Who is signed in, or whom the token stands for. Throws WaxwingApiError 401 when nobody. */
export async function fetchViewer(token: string | null): Promise<Viewer> {
  const viewer: Viewer = await (await ask('GET', token)).json(); // the server's own, of the same release
  return viewer;
}

/** Signs in with a key, or with the code of the link that `serve` prints. */
export async function signIn(by: { readonly key: string } | { readonly code: string }): Promise<void> {
  await ask('POST', null, JSON.stringify(by));
}

export async function signOut(): Promise<void> {
  await ask('DELETE', null);
}

async function ask(method: string, token: string | null, body?: string): Promise<Response> {
  let response: Response;
  try {
    response = await consoleFetch(token)(PATH, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
  } catch (error) {
    throw new WaxwingConnectionError(location.origin, 1, error);
  }
  if (response.ok) return response;
  const problem: Problem = await response.json();
  throw new WaxwingApiError(problem, response.headers.get('x-request-id'), null);
}

/** Whether a viewer may do this to a tenant's things. */
export function may(viewer: Viewer, action: TenantAction): boolean {
  switch (viewer.scope) {
    case 'admin':
      return true;
    case 'read':
      return action === 'read';
    case 'publish':
      return action === 'publish';
    case 'tenant':
      return viewer.actions.includes(action);
    default:
      return viewer.scope satisfies never;
  }
}

/** Whether a viewer sees all tenants. */
export function seesAll(viewer: Viewer): boolean {
  return viewer.scope === 'admin' || viewer.scope === 'read';
}
