// Whether a request that changes something comes from a page of this server (cross-site request forgery).
//
// The cookie is SameSite=Strict, which other ports of the same host still pass; so a change by cookie needs a header that
// only a page of this origin can set (there is no CORS here), and the browser's own word on where the page is from.

import type { IncomingHttpHeaders } from 'node:http';

/** The header that the console sends with every request. */
export const CONSOLE_HEADER = 'x-waxwing-console';

/** Whether the request was made by the console itself. */
export function isFromConsole(headers: IncomingHttpHeaders, publicUrl: string | null): boolean {
  if (headers[CONSOLE_HEADER] !== '1') return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  // Browsers leave Sec-Fetch-Site out on plain http, save on localhost; Origin is always there when something is changed.
  const { origin, host } = headers;
  if (origin === undefined) return false;
  const from = URL.parse(origin);
  return from !== null && (from.host === host || (publicUrl !== null && from.origin === URL.parse(publicUrl)?.origin));
}
