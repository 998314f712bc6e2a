// Echoes: some receivers answer with what they were sent (a debugging service, a proxy's error page, a redirect to a login).
// The values of an endpoint's own headers may be credentials, so they are not kept from an answer either.
//
// Found as they stand, as JSON writes them and percent-encoded. A value that the receiver has written in yet another way,
// or one of a few characters, which would hide words that merely look like it, is kept.

import type { AttemptRecord } from './order.ts';

type Response = NonNullable<AttemptRecord['response']>;

const LENGTH_MIN = 8;
const HIDDEN = '(hidden)';

/** What takes the values of these headers out of a text; null where there is nothing to hide. */
export function echoHider(own: readonly (readonly [name: string, value: string])[]): ((text: string) => string) | null {
  const values = own.map(([, value]) => value).filter((value) => value.length >= LENGTH_MIN);
  if (values.length === 0) return null;
  const spellings = new Set(
    values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), encodeURI(value)]),
  );
  return (text) => [...spellings].reduce((shown, spelling) => shown.replaceAll(spelling, HIDDEN), text);
}

/** An answer as it is kept. */
export function withoutEchoes(response: Response, hide: (text: string) => string): Response {
  const headers = response.headers.map(([name, value]) => [name, hide(value)] as const);
  if (response.bodyEncoding === 'utf8') return { ...response, headers, body: hide(response.body) };
  const bytes = Buffer.from(response.body, 'base64').toString('latin1');
  return { ...response, headers, body: Buffer.from(hide(bytes), 'latin1').toString('base64') };
}
