// Deliveries with every attempt in full, retry and cancel; of one tenant, and over all of them for operators.

import type { Engine } from '@waxwing/engine';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { delivery, deliveryDetail, deliveryDetailExample, deliveryExample } from '../schemas/delivery.ts';
import { deliveryQuery } from '../schemas/query.ts';
import { page, ref } from '../schemas/schema.ts';

const TAG = 'Deliveries';
const PATH = '/v1/tenants/{tenant}/deliveries';
const OF_DELIVERY = { tenant: 'tenant', id: 'delivery' } as const;

export function deliveryRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: PATH,
      ids: { tenant: 'tenant' },
      name: 'listDeliveries',
      tag: TAG,
      summary: "List a tenant's deliveries",
      need: 'read',
      query: deliveryQuery,
      answer: {
        schema: page(delivery),
        example: { data: [deliveryExample], nextCursor: null },
        statuses: { 200: 'One page, newest first.' },
      },
      errors: ['tenant_not_found', 'invalid_cursor', 'store_unavailable'],
      handle: async ({ path, query }) => ({ status: 200, body: await engine.deliveries.list(path.tenant, query) }),
    }),
    defineRoute({
      method: 'GET',
      path: `${PATH}/{id}`,
      ids: OF_DELIVERY,
      name: 'getDelivery',
      tag: TAG,
      summary: 'Get a delivery with every attempt',
      need: 'read',
      answer: { schema: ref(deliveryDetail), example: deliveryDetailExample, statuses: { 200: 'The delivery.' } },
      errors: ['tenant_not_found', 'delivery_not_found', 'store_unavailable'],
      handle: async ({ path }) => ({ status: 200, body: await engine.deliveries.get(path.tenant, path.id) }),
    }),
    defineRoute({
      method: 'POST',
      path: `${PATH}/{id}/retry`,
      ids: OF_DELIVERY,
      name: 'retryDelivery',
      tag: TAG,
      summary: 'Retry a delivery',
      description: 'A final delivery stays as it is and a new one is made, linked to it; a pending one is due now.',
      need: 'manage',
      answer: {
        schema: ref(delivery),
        example: { ...deliveryExample, cause: 'retry', origin: 'dlv_01jv2q8w5e7r9t1y3v5b7n9m0k', outcome: null, attempts: 0 },
        statuses: { 200: 'The pending delivery, due now.', 201: 'The new delivery.' },
      },
      errors: [
        'tenant_not_found',
        'delivery_not_found',
        'event_not_found',
        'endpoint_deleted',
        'overloaded',
        'store_unavailable',
        'disk_full',
        'disk_failing',
        'commit_unknown',
      ],
      handle: async ({ path }) => {
        const retried = await engine.deliveries.retry(path.tenant, path.id);
        return { status: retried.created ? 201 : 200, body: retried.delivery };
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${PATH}/{id}/cancel`,
      ids: OF_DELIVERY,
      name: 'cancelDelivery',
      tag: TAG,
      summary: 'Cancel a pending delivery',
      need: 'manage',
      answer: {
        schema: ref(delivery),
        example: {
          ...deliveryExample,
          state: 'cancelled',
          stateReason: 'cancelled by hand',
          nextAttemptAt: null,
          finishedAt: '2026-05-12T15:30:01.000Z',
        },
        statuses: { 200: 'The delivery, cancelled.' },
      },
      errors: [
        'tenant_not_found',
        'delivery_not_found',
        'delivery_final',
        'overloaded',
        'store_unavailable',
        'disk_full',
        'disk_failing',
        'commit_unknown',
      ],
      handle: async ({ path }) => ({ status: 200, body: await engine.deliveries.cancel(path.tenant, path.id) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/deliveries',
      ids: {},
      name: 'listAllDeliveries',
      tag: TAG,
      summary: 'List the deliveries of all tenants',
      need: 'operate',
      query: deliveryQuery,
      answer: {
        schema: page(delivery),
        example: { data: [deliveryExample], nextCursor: null },
        statuses: { 200: 'One page, newest first.' },
      },
      errors: ['invalid_cursor', 'store_unavailable'],
      handle: async ({ query }) => ({ status: 200, body: await engine.deliveries.list(null, query) }),
    }),
  ];
}
