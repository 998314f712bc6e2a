// The console's sign-in: what it takes, and what a session may do.

import Type from 'typebox';
import type { Key } from '@waxwing/protocol';
import { exactly, named, nullable, open, string, text, timeOrNull, word } from './schema.ts';
import type { NamedSchema } from './schema.ts';

/** What a session may do: its key's rights. */
export interface ConsoleSession extends Pick<Key, 'scope' | 'tenant' | 'actions' | 'expiresAt'> {
  readonly keyName: string;
  /** The server's own version. */
  readonly version: string;
}

export const consoleSession: NamedSchema<ConsoleSession> = named(
  'ConsoleSession',
  exactly<ConsoleSession>()(
    open({
      scope: word(['admin', 'read', 'publish', 'tenant'] as const),
      tenant: nullable<string>(string()),
      actions: Type.Array(word(['publish', 'manage', 'read'] as const)),
      keyName: string(),
      expiresAt: timeOrNull('When the key ends.'),
      version: string('The server’s own.'),
    }),
  ),
);

/** A key, or a code. */
export type SignIn = { readonly key: string } | { readonly code: string };

export const signIn: NamedSchema<SignIn> = named(
  'SignIn',
  Type.Unsafe<SignIn>({
    type: 'object',
    properties: { key: text(200, 'A key’s text.'), code: text(200, 'The one-time code of the link that `serve` prints.') },
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
  }),
);

export const consoleSessionExample: ConsoleSession = {
  scope: 'admin',
  tenant: null,
  actions: [],
  keyName: 'first start',
  expiresAt: null,
  version: '0.1.0',
};
