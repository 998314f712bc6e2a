// The console's sign-in: a key or a one-time code becomes a session behind a cookie; asked who it is; signed out.

import { WaxwingError } from '@waxwing/protocol';
import type { Key } from '@waxwing/protocol';
import type { IncomingHttpHeaders } from 'node:http';
import type { Authority } from '../authenticate.ts';
import { sessionCookie, sessionOf } from '../console/cookie.ts';
import type { OpenedSession } from '../console/sessions.ts';
import { isFromConsole } from '../console/same-origin.ts';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { consoleSession, consoleSessionExample, signIn } from '../schemas/console-session.ts';
import type { ConsoleSession } from '../schemas/console-session.ts';
import { ref } from '../schemas/schema.ts';

const TAG = 'Console';
const PATH = '/console/session';

export function consoleSessionRoutes(authority: Authority, version: string): readonly Route[] {
  const { sessions, publicUrl, refresh } = authority;
  const openByKey = async (key: string): Promise<OpenedSession | null> =>
    sessions.openByKey(key) ?? ((await refresh()) ? sessions.openByKey(key) : null);

  function checkOrigin(headers: IncomingHttpHeaders): void {
    if (!isFromConsole(headers, publicUrl))
      throw new WaxwingError('forbidden', 'Only the console itself signs in and out: programs send their key with each request.');
  }

  /** A cookie that is only sent over TLS, wherever the browser came over TLS. */
  const isSecure = (headers: IncomingHttpHeaders): boolean =>
    publicUrl?.startsWith('https:') === true || headers.origin?.startsWith('https:') === true;

  return [
    defineRoute({
      method: 'GET',
      path: PATH,
      ids: {},
      name: 'getConsoleSession',
      tag: TAG,
      summary: 'Who is signed in',
      description: 'What the session’s key, or the key in Authorization, may do.',
      need: 'catalogue',
      answer: { schema: ref(consoleSession), example: consoleSessionExample, statuses: { 200: 'What it may do.' } },
      errors: [],
      handle: ({ key }) => ({ status: 200, body: describe(key, version) }),
    }),
    defineRoute({
      method: 'POST',
      path: PATH,
      ids: {},
      name: 'createConsoleSession',
      tag: TAG,
      summary: 'Sign in to the console',
      description:
        'With a key, or with the one-time code that `serve` prints. Sets an HttpOnly cookie, which `/v1` then takes in place of Authorization; whatever changes something needs the header `x-waxwing-console: 1` and the console’s own origin beside it.',
      need: null,
      body: { schema: signIn, example: { key: 'wxw_EXAMPLE' } },
      answer: { schema: null, example: null, statuses: { 204: 'Signed in: the cookie is set.' } },
      errors: ['unauthorized', 'forbidden'],
      handle: async ({ body, headers }) => {
        checkOrigin(headers);
        const opened = 'key' in body ? await openByKey(body.key) : sessions.openByCode(body.code);
        if (opened === null)
          throw new WaxwingError(
            'unauthorized',
            'key' in body ? 'The key is unknown, expired or revoked.' : 'The link was used before or is too old: sign in with a key.',
          );
        const before = sessionOf(headers.cookie);
        if (before !== null) sessions.close(before);
        return {
          status: 204,
          body: null,
          headers: { 'set-cookie': sessionCookie(opened.id, opened.maxAgeSeconds, isSecure(headers)) },
        };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: PATH,
      ids: {},
      name: 'deleteConsoleSession',
      tag: TAG,
      summary: 'Sign out of the console',
      need: null,
      answer: { schema: null, example: null, statuses: { 204: 'Signed out.' } },
      errors: ['forbidden'],
      handle: ({ headers }) => {
        checkOrigin(headers);
        const session = sessionOf(headers.cookie);
        if (session !== null) sessions.close(session);
        return { status: 204, body: null, headers: { 'set-cookie': sessionCookie('', 0, isSecure(headers)) } };
      },
    }),
  ];
}

function describe(key: Key | null, version: string): ConsoleSession {
  if (key === null) throw new TypeError('The route takes a key');
  return { scope: key.scope, tenant: key.tenant, actions: key.actions, keyName: key.name, expiresAt: key.expiresAt, version };
}
