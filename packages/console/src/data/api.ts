// The client of the API as the browser uses it: the session's cookie in the console, the link's token in the portal.

import { Waxwing } from '@waxwing/client';

/** Says to the server that the console itself asks; pages of other origins cannot set it. */
const CONSOLE_HEADER = 'x-waxwing-console';

/** `token` is a portal link's; null signs requests by the session's cookie. */
export function createApi(token: string | null): Waxwing {
  return new Waxwing({
    url: location.origin,
    fetch: consoleFetch(token),
    retry: { attemptsMax: 2, timeMaxMs: 5_000 },
    ...(token === null ? {} : { key: token }),
  });
}

/** fetch with what every request of the console carries. In the portal no cookie goes along, whoever else is signed in. */
export function consoleFetch(token: string | null): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set(CONSOLE_HEADER, '1');
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    return fetch(input, { ...init, headers, credentials: token === null ? 'same-origin' : 'omit' });
  };
}
