// Events as they were published: of one tenant, and over all of them for operators.

import type { Engine } from '@waxwing/engine';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { event, eventDetail, eventDetailExample, eventExample } from '../schemas/event.ts';
import { explainQuery, explanation, explanationExample } from '../schemas/explanation.ts';
import { eventQuery } from '../schemas/query.ts';
import { page, ref } from '../schemas/schema.ts';

const TAG = 'Events';

export function eventRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/tenants/{tenant}/events',
      ids: { tenant: 'tenant' },
      name: 'listEvents',
      tag: TAG,
      summary: "List a tenant's events",
      need: 'read',
      query: eventQuery,
      answer: {
        schema: page(event),
        example: { data: [eventExample], nextCursor: null },
        statuses: { 200: 'One page, newest received first.' },
      },
      errors: ['tenant_not_found', 'invalid_cursor', 'store_unavailable'],
      handle: async ({ path, query }) => ({ status: 200, body: await engine.events.list(path.tenant, query) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/tenants/{tenant}/events/{id}',
      ids: { tenant: 'tenant', id: 'event' },
      name: 'getEvent',
      tag: TAG,
      summary: 'Get an event with its deliveries',
      need: 'read',
      answer: { schema: ref(eventDetail), example: eventDetailExample, statuses: { 200: 'The event.' } },
      errors: ['tenant_not_found', 'event_not_found', 'store_unavailable'],
      handle: async ({ path }) => ({ status: 200, body: await engine.events.get(path.tenant, path.id) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/tenants/{tenant}/events/{id}/explain',
      ids: { tenant: 'tenant', id: 'event' },
      name: 'explainEvent',
      tag: TAG,
      summary: 'Why an endpoint did or did not get this event',
      need: 'read',
      query: explainQuery,
      answer: { schema: ref(explanation), example: explanationExample, statuses: { 200: 'The reason.' } },
      errors: ['tenant_not_found', 'event_not_found', 'endpoint_not_found', 'store_unavailable'],
      handle: async ({ path, query }) => ({ status: 200, body: await engine.events.explain(path.tenant, path.id, query.endpoint) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/events',
      ids: {},
      name: 'listAllEvents',
      tag: TAG,
      summary: 'List the events of all tenants',
      need: 'operate',
      query: eventQuery,
      answer: {
        schema: page(event),
        example: { data: [eventExample], nextCursor: null },
        statuses: { 200: 'One page, newest received first.' },
      },
      errors: ['invalid_cursor', 'store_unavailable'],
      handle: async ({ query }) => ({ status: 200, body: await engine.events.list(null, query) }),
    }),
  ];
}
