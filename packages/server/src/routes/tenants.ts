// Tenants: put, get, list, delete.

import type { Engine } from '@waxwing/engine';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { listQuery } from '../schemas/query.ts';
import { page, ref } from '../schemas/schema.ts';
import { tenant, tenantExample, tenantInput, tenantInputExample } from '../schemas/tenant.ts';

const TAG = 'Tenants';

export function tenantRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/tenants',
      ids: {},
      name: 'listTenants',
      tag: TAG,
      summary: 'List the tenants',
      need: 'operate',
      query: listQuery,
      answer: { schema: page(tenant), example: { data: [tenantExample], nextCursor: null }, statuses: { 200: 'One page, newest first.' } },
      errors: ['invalid_cursor', 'store_unavailable'],
      handle: async ({ query }) => ({ status: 200, body: await engine.tenants.list(query) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/tenants/{tenant}',
      ids: { tenant: 'tenant' },
      name: 'putTenant',
      tag: TAG,
      summary: 'Create or replace a tenant',
      need: 'administer',
      body: { schema: tenantInput, example: tenantInputExample, optional: true },
      answer: { schema: ref(tenant), example: tenantExample, statuses: { 200: 'Replaced.', 201: 'Created.' } },
      errors: ['unknown_profile', 'reserved_tenant', 'overloaded', 'store_unavailable', 'disk_full', 'disk_failing', 'commit_unknown'],
      handle: async ({ path, body }) => {
        const put = await engine.tenants.put(path.tenant, body);
        return { status: put.created ? 201 : 200, body: put.tenant };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/tenants/{tenant}',
      ids: { tenant: 'tenant' },
      name: 'getTenant',
      tag: TAG,
      summary: 'Get a tenant',
      need: 'read',
      answer: { schema: ref(tenant), example: tenantExample, statuses: { 200: 'The tenant.' } },
      errors: ['tenant_not_found', 'store_unavailable'],
      handle: async ({ path }) => ({ status: 200, body: await engine.tenants.get(path.tenant) }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/tenants/{tenant}',
      ids: { tenant: 'tenant' },
      name: 'deleteTenant',
      tag: TAG,
      summary: 'Delete a tenant',
      description: 'Refused while it has endpoints.',
      need: 'administer',
      answer: { schema: null, example: null, statuses: { 204: 'Deleted.' } },
      errors: [
        'tenant_not_found',
        'tenant_not_empty',
        'reserved_tenant',
        'overloaded',
        'store_unavailable',
        'disk_full',
        'disk_failing',
        'commit_unknown',
      ],
      handle: async ({ path }) => {
        await engine.tenants.delete(path.tenant);
        return { status: 204, body: null };
      },
    }),
  ];
}
