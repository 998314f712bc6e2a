// Keys: create, list, revoke.

import type { Engine } from '@waxwing/engine';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { key, keyExample, keyInput, keyInputExample, keyWithSecret, keyWithSecretExample } from '../schemas/key.ts';
import { listQuery } from '../schemas/query.ts';
import { page, ref } from '../schemas/schema.ts';

const TAG = 'Keys';

export function keyRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/keys',
      ids: {},
      name: 'createKey',
      tag: TAG,
      summary: 'Create a key',
      description: 'The answer carries the key itself, the only one that does.',
      need: 'administer',
      body: { schema: keyInput, example: keyInputExample },
      answer: { schema: ref(keyWithSecret), example: keyWithSecretExample, statuses: { 201: 'Created.' } },
      errors: ['overloaded', 'store_unavailable', 'disk_full', 'disk_failing', 'commit_unknown'],
      handle: async ({ body }) => ({ status: 201, body: await engine.keys.create(body) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/keys',
      ids: {},
      name: 'listKeys',
      tag: TAG,
      summary: 'List the keys',
      need: 'operate',
      query: listQuery,
      answer: { schema: page(key), example: { data: [keyExample], nextCursor: null }, statuses: { 200: 'One page, newest first.' } },
      errors: ['invalid_cursor', 'store_unavailable'],
      handle: async ({ query }) => ({ status: 200, body: await engine.keys.list(query) }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/keys/{id}',
      ids: { id: 'key' },
      name: 'revokeKey',
      tag: TAG,
      summary: 'Revoke a key',
      description: 'At once. It stays in the list, marked.',
      need: 'administer',
      answer: { schema: null, example: null, statuses: { 204: 'Revoked.' } },
      errors: ['key_not_found', 'overloaded', 'store_unavailable', 'disk_full', 'disk_failing', 'commit_unknown'],
      handle: async ({ path }) => {
        await engine.keys.revoke(path.id);
        return { status: 204, body: null };
      },
    }),
  ];
}
