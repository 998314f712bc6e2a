// Whether this page is the console or a portal: by its path, with the portal's token from the fragment.
//
// The token is read once and held in memory. It stays in the fragment, which browsers send nowhere, so that a frame that is
// loaded anew still works.

import type { Mode } from '../data/surroundings.tsx';

export function modeOf(location: { readonly pathname: string; readonly hash: string }): Mode {
  const link = /^\/portal\/([^/]+)/.exec(location.pathname)?.[1];
  if (link === undefined) return { kind: 'console' };
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  // A token that no header can carry is no token: the page then says that the link is not good.
  return { kind: 'portal', link: decodeURIComponent(link), token: /^[\x21-\x7e]+$/.test(token) ? token : 'none' };
}
