// Rejected events: published within database transactions, and not acceptable.

import type { Engine } from '@waxwing/engine';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { listQuery } from '../schemas/query.ts';
import { rejectedEvent, rejectedEventExample } from '../schemas/rejected-event.ts';
import { page } from '../schemas/schema.ts';

const TAG = 'Events';
const DESCRIPTION =
  'What was published with `select waxwing.publish(…)` within a database transaction and then failed the checks of the API, with the error that publishing it here would have been answered with. Empty where the store is embedded.';

export function rejectedEventRoutes(engine: Engine): readonly Route[] {
  const example = { data: [rejectedEventExample], nextCursor: null };
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/tenants/{tenant}/rejected-events',
      ids: { tenant: 'tenant' },
      name: 'listRejectedEvents',
      tag: TAG,
      summary: "List a tenant's rejected events",
      description: DESCRIPTION,
      need: 'read',
      query: listQuery,
      answer: { schema: page(rejectedEvent), example, statuses: { 200: 'One page, newest first.' } },
      errors: ['tenant_not_found', 'invalid_cursor', 'store_unavailable'],
      handle: async ({ path, query }) => ({ status: 200, body: await engine.events.rejected(path.tenant, query) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/rejected-events',
      ids: {},
      name: 'listAllRejectedEvents',
      tag: TAG,
      summary: 'List the rejected events of all tenants',
      description: `${DESCRIPTION} Those for tenants that do not exist are among them.`,
      need: 'operate',
      query: listQuery,
      answer: { schema: page(rejectedEvent), example, statuses: { 200: 'One page, newest first.' } },
      errors: ['invalid_cursor', 'store_unavailable'],
      handle: async ({ query }) => ({ status: 200, body: await engine.events.rejected(null, query) }),
    }),
  ];
}
