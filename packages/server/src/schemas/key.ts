// A key: what creation takes, what the API answers. The key itself is in the answer to its creation only.

import Type from 'typebox';
import { KEY_FORMATS } from '@waxwing/protocol';
import type { Key, KeyInput, KeyScope, KeyWithSecret, TenantAction } from '@waxwing/protocol';
import { closed, exactly, id, named, nullable, open, string, text, time, timeOrNull, word } from './schema.ts';
import type { NamedSchema } from './schema.ts';

const SCOPES = ['admin', 'read', 'publish', 'tenant'] as const satisfies readonly KeyScope[];
const ACTIONS = ['publish', 'manage', 'read'] as const satisfies readonly TenantAction[];

export const keyInput: NamedSchema<KeyInput> = named(
  'KeyInput',
  exactly<KeyInput>()(
    closed({
      name: Type.Optional(text(200)),
      scope: word(SCOPES),
      tenant: Type.Optional(text(64, 'With scope `tenant`: which one.')),
      actions: Type.Optional(Type.Array(word(ACTIONS), { maxItems: 3, description: 'With scope `tenant`: what it may do there.' })),
      expiresAt: Type.Optional(timeOrNull('Null for never.')),
      format: Type.Optional(
        word(
          KEY_FORMATS,
          'What its text begins with: `wxw_`, or what a platform’s clients expect (with scope `tenant`). Defaults to `wxw`.',
        ),
      ),
    }),
  ),
);

const keyProperties = {
  id: id<Key['id']>('key'),
  name: string(),
  scope: word(SCOPES),
  tenant: nullable<string>(string()),
  actions: Type.Array(word(ACTIONS)),
  createdAt: time(),
  expiresAt: timeOrNull(),
  revokedAt: timeOrNull(),
};

export const key: NamedSchema<Key> = named('Key', exactly<Key>()(open(keyProperties)));

export const keyWithSecret: NamedSchema<KeyWithSecret> = named(
  'KeyWithSecret',
  exactly<KeyWithSecret>()(open({ ...keyProperties, key: string('The key itself. Shown in this answer only.') })),
);

export const keyInputExample: KeyInput = { name: "Acme's backend", scope: 'tenant', tenant: 'acme', actions: ['publish', 'read'] };

export const keyExample: Key = {
  id: 'key_01jv2q8w5e7r9t1y3v5b7n9m4k',
  name: "Acme's backend",
  scope: 'tenant',
  tenant: 'acme',
  actions: ['publish', 'read'],
  createdAt: '2026-05-12T15:30:00.000Z',
  expiresAt: null,
  revokedAt: null,
};

export const keyWithSecretExample: KeyWithSecret = { ...keyExample, key: 'wax_EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE' };
