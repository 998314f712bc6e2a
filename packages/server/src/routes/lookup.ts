// Lookup: anything by its id, whoever's it is; for operators.

import type { Engine } from '@waxwing/engine';
import { endpointFor } from '../header-values.ts';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { lookupExample, lookupResult } from '../schemas/lookup.ts';
import { ref } from '../schemas/schema.ts';

export function lookupRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/lookup/{id}',
      ids: { id: 'anything' },
      name: 'lookup',
      tag: 'Service',
      summary: 'Find anything by its id',
      need: 'operate',
      answer: { schema: ref(lookupResult), example: lookupExample, statuses: { 200: 'What has this id.' } },
      errors: ['nothing_found', 'store_unavailable'],
      handle: async ({ path, key }) => {
        const found = await engine.lookup(path.id);
        return { status: 200, body: found.kind === 'endpoint' ? { ...found, resource: endpointFor(key, found.resource) } : found };
      },
    }),
  ];
}
