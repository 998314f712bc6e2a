// Statistics: of all tenants for operators, of a tenant, of its endpoints.

import type { Engine } from '@waxwing/engine';
import type { ErrorCode, Stats } from '@waxwing/protocol';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { ref } from '../schemas/schema.ts';
import { endpointStatsAnswer, endpointStatsExample, endpointStatsQuery, stats, statsExample, statsQuery } from '../schemas/stats.ts';

const TAG = 'Statistics';
const DESCRIPTION =
  'Counted as it happens: an event when it was received, an attempt and a delivery when they ended. What just happened is in it.';
const FROM_READS: readonly ErrorCode[] = ['store_unavailable'];
const ENDPOINT_EXAMPLE: Stats = {
  ...statsExample,
  events: null,
  endpoints: null,
  series: statsExample.series.map((point) => ({ ...point, events: null })),
};

export function statsRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/stats',
      ids: {},
      name: 'getStats',
      tag: TAG,
      summary: 'Statistics of all tenants',
      description: DESCRIPTION,
      need: 'operate',
      query: statsQuery,
      answer: { schema: ref(stats), example: statsExample, statuses: { 200: 'The window, whole and by step.' } },
      errors: FROM_READS,
      handle: async ({ query }) => ({ status: 200, body: await engine.stats.all(query) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/tenants/{tenant}/stats',
      ids: { tenant: 'tenant' },
      name: 'getTenantStats',
      tag: TAG,
      summary: 'Statistics of a tenant',
      description: DESCRIPTION,
      need: 'read',
      query: statsQuery,
      answer: { schema: ref(stats), example: statsExample, statuses: { 200: 'The window, whole and by step.' } },
      errors: ['tenant_not_found', ...FROM_READS],
      handle: async ({ path, query }) => ({ status: 200, body: await engine.stats.tenant(path.tenant, query) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/tenants/{tenant}/endpoints/{id}/stats',
      ids: { tenant: 'tenant', id: 'endpoint' },
      name: 'getEndpointStats',
      tag: TAG,
      summary: 'Statistics of an endpoint',
      description: `${DESCRIPTION} \`events\` and \`endpoints\` are null.`,
      need: 'read',
      query: statsQuery,
      answer: { schema: ref(stats), example: ENDPOINT_EXAMPLE, statuses: { 200: 'The window, whole and by step.' } },
      errors: ['tenant_not_found', 'endpoint_not_found', ...FROM_READS],
      handle: async ({ path, query }) => ({ status: 200, body: await engine.stats.endpoint(path.tenant, path.id, query) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/stats/endpoints',
      ids: {},
      name: 'listEndpointStats',
      tag: TAG,
      summary: 'Statistics of several endpoints in brief',
      description: DESCRIPTION,
      need: 'operate',
      query: endpointStatsQuery,
      answer: { schema: endpointStatsAnswer, example: { data: [endpointStatsExample] }, statuses: { 200: 'In the order asked for.' } },
      errors: FROM_READS,
      handle: async ({ query: { ids, ...options } }) => ({
        status: 200,
        body: { data: await engine.stats.endpoints(null, listOf(ids), options) },
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/tenants/{tenant}/stats/endpoints',
      ids: { tenant: 'tenant' },
      name: 'listTenantEndpointStats',
      tag: TAG,
      summary: "Statistics of several of a tenant's endpoints in brief",
      description: `${DESCRIPTION} Those of other tenants are left out.`,
      need: 'read',
      query: endpointStatsQuery,
      answer: { schema: endpointStatsAnswer, example: { data: [endpointStatsExample] }, statuses: { 200: 'In the order asked for.' } },
      errors: ['tenant_not_found', ...FROM_READS],
      handle: async ({ path, query: { ids, ...options } }) => ({
        status: 200,
        body: { data: await engine.stats.endpoints(path.tenant, listOf(ids), options) },
      }),
    }),
  ];
}

function listOf(ids: string): readonly string[] {
  return ids.split(',').filter((id) => id !== '');
}
