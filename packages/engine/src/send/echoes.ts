// Echoes: some receivers answer with what they were sent (a debugging service, a proxy's error page). The values of an
// endpoint's own headers may be credentials, so they are not kept from an answer either.
//
// Found as they stand. A value that the receiver has written in another way, or one of a few characters, which would
// hide words that merely look like it, is kept.

import type { AttemptRecord } from './order.ts';

type Response = NonNullable<AttemptRecord['response']>;

const LENGTH_MIN = 8;
const HIDDEN = '(hidden)';

/** An answer as it is kept, without the values of these headers. */
export function withoutEchoes(response: Response, own: readonly (readonly [name: string, value: string])[]): Response {
  const values = own.map(([, value]) => value).filter((value) => value.length >= LENGTH_MIN);
  const hide = (text: string): string => values.reduce((shown, value) => shown.replaceAll(value, HIDDEN), text);
  if (values.length === 0) return response;
  const headers = response.headers.map(([name, value]) => [name, hide(value)] as const);
  if (response.bodyEncoding === 'utf8') return { ...response, headers, body: hide(response.body) };
  const bytes = Buffer.from(response.body, 'base64').toString('latin1');
  return { ...response, headers, body: Buffer.from(hide(bytes), 'latin1').toString('base64') };
}
