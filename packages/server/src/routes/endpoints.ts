// Endpoints: creation, edits, status, secrets, tests; of one tenant, and over all of them for operators.

import type { Engine } from '@waxwing/engine';
import type { Endpoint, ErrorCode, Key, Page } from '@waxwing/protocol';
import { endpointFor } from '../header-values.ts';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { deliveryDetail, deliveryDetailExample } from '../schemas/delivery.ts';
import {
  endpoint,
  endpointExample,
  endpointInput,
  endpointInputExample,
  endpointPatch,
  endpointPatchExample,
  endpointWithSecret,
  endpointWithSecretExample,
  rotateInput,
  rotateInputExample,
  testInput,
  testInputExample,
} from '../schemas/endpoint.ts';
import { listQuery } from '../schemas/query.ts';
import { page, ref } from '../schemas/schema.ts';

const TAG = 'Endpoints';
const PATH = '/v1/tenants/{tenant}/endpoints';
const OF_TENANT = { tenant: 'tenant' } as const;
const OF_ENDPOINT = { tenant: 'tenant', id: 'endpoint' } as const;

const FROM_READS: readonly ErrorCode[] = ['store_unavailable'];
const FROM_WRITES: readonly ErrorCode[] = ['overloaded', 'store_unavailable', 'disk_full', 'disk_failing', 'commit_unknown'];
const FROM_SETTINGS: readonly ErrorCode[] = ['url_refused', 'https_required', 'invalid_header', 'invalid_event_types'];
const NOT_FOUND: readonly ErrorCode[] = ['tenant_not_found', 'endpoint_not_found'];

export function endpointRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: PATH,
      ids: OF_TENANT,
      name: 'createEndpoint',
      tag: TAG,
      summary: 'Create an endpoint',
      description:
        "Only `url` is required. With an admin key an unknown tenant is created too. The answer carries the secret: the only one that does, beside rotation's.",
      need: 'manage',
      body: { schema: endpointInput, example: endpointInputExample },
      answer: { schema: ref(endpointWithSecret), example: endpointWithSecretExample, statuses: { 201: 'Created.' } },
      errors: [
        'tenant_not_found',
        'reserved_tenant',
        'unknown_profile',
        'invalid_secret',
        'limit_exceeded',
        ...FROM_SETTINGS,
        ...FROM_WRITES,
      ],
      handle: async ({ path, body, key }) => ({
        status: 201,
        body: await engine.endpoints.create(path.tenant, body, { createTenant: key?.scope === 'admin' }),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: PATH,
      ids: OF_TENANT,
      name: 'listEndpoints',
      tag: TAG,
      summary: "List a tenant's endpoints",
      need: 'read',
      query: listQuery,
      answer: {
        schema: page(endpoint),
        example: { data: [endpointExample], nextCursor: null },
        statuses: { 200: 'One page, newest first.' },
      },
      errors: ['tenant_not_found', 'invalid_cursor', ...FROM_READS],
      handle: async ({ path, query, key }) => ({ status: 200, body: pageFor(key, await engine.endpoints.list(path.tenant, query)) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/endpoints',
      ids: {},
      name: 'listAllEndpoints',
      tag: TAG,
      summary: 'List the endpoints of all tenants',
      need: 'operate',
      query: listQuery,
      answer: {
        schema: page(endpoint),
        example: { data: [endpointExample], nextCursor: null },
        statuses: { 200: 'One page, newest first.' },
      },
      errors: ['invalid_cursor', ...FROM_READS],
      handle: async ({ query, key }) => ({ status: 200, body: pageFor(key, await engine.endpoints.list(null, query)) }),
    }),
    defineRoute({
      method: 'GET',
      path: `${PATH}/{id}`,
      ids: OF_ENDPOINT,
      name: 'getEndpoint',
      tag: TAG,
      summary: 'Get an endpoint',
      need: 'read',
      answer: { schema: ref(endpoint), example: endpointExample, statuses: { 200: 'The endpoint.' } },
      errors: [...NOT_FOUND, ...FROM_READS],
      handle: async ({ path, key }) => ({ status: 200, body: endpointFor(key, await engine.endpoints.get(path.tenant, path.id)) }),
    }),
    defineRoute({
      method: 'PATCH',
      path: `${PATH}/{id}`,
      ids: OF_ENDPOINT,
      name: 'updateEndpoint',
      tag: TAG,
      summary: 'Edit an endpoint',
      description: 'What is left out stays. Applies from the next attempt. The profile cannot change, the secret changes by rotation.',
      need: 'manage',
      body: { schema: endpointPatch, example: endpointPatchExample },
      answer: { schema: ref(endpoint), example: endpointExample, statuses: { 200: 'The endpoint as it is now.' } },
      errors: [...NOT_FOUND, 'immutable_field', ...FROM_SETTINGS, ...FROM_WRITES],
      handle: async ({ path, body }) => ({ status: 200, body: await engine.endpoints.update(path.tenant, path.id, body) }),
    }),
    defineRoute({
      method: 'DELETE',
      path: `${PATH}/{id}`,
      ids: OF_ENDPOINT,
      name: 'deleteEndpoint',
      tag: TAG,
      summary: 'Delete an endpoint',
      description: 'Cancels what is pending. An attempt in flight still leaves its record.',
      need: 'manage',
      answer: { schema: null, example: null, statuses: { 204: 'Deleted.' } },
      errors: [...NOT_FOUND, ...FROM_WRITES],
      handle: async ({ path }) => {
        await engine.endpoints.delete(path.tenant, path.id);
        return { status: 204, body: null };
      },
    }),
    statusRoute('enable', 'Enable an endpoint', 'What was held is due again, spread out.', (tenant, id) =>
      engine.endpoints.enable(tenant, id),
    ),
    statusRoute('disable', 'Disable an endpoint', 'New events are skipped, pending ones held.', (tenant, id) =>
      engine.endpoints.disable(tenant, id),
    ),
    statusRoute('pause', 'Pause an endpoint', 'Everything is held, new deliveries too.', (tenant, id) =>
      engine.endpoints.pause(tenant, id),
    ),
    statusRoute('resume', 'Resume a paused endpoint', 'What was held is due again, spread out.', (tenant, id) =>
      engine.endpoints.resume(tenant, id),
    ),
    defineRoute({
      method: 'POST',
      path: `${PATH}/{id}/secret/rotate`,
      ids: OF_ENDPOINT,
      name: 'rotateSecret',
      tag: TAG,
      summary: 'Rotate the secret',
      description:
        'During the grace receivers accept both: where the signature header can carry several, both sign; where it carries one, the old one signs until the grace ends.',
      need: 'manage',
      body: { schema: rotateInput, example: rotateInputExample, optional: true },
      answer: {
        schema: ref(endpointWithSecret),
        example: { ...endpointWithSecretExample, secretGraceEndsAt: '2026-05-13T15:30:00.000Z' },
        statuses: { 200: 'The endpoint with its new secret.' },
      },
      errors: [...NOT_FOUND, 'invalid_secret', ...FROM_WRITES],
      handle: async ({ path, body }) => ({ status: 200, body: await engine.endpoints.rotateSecret(path.tenant, path.id, body) }),
    }),
    defineRoute({
      method: 'POST',
      path: `${PATH}/{id}/secret/activate`,
      ids: OF_ENDPOINT,
      name: 'activateSecret',
      tag: TAG,
      summary: 'End the grace of a rotation now',
      need: 'manage',
      answer: { schema: ref(endpoint), example: endpointExample, statuses: { 200: 'The endpoint; the new secret alone signs.' } },
      errors: [...NOT_FOUND, 'no_rotation', ...FROM_WRITES],
      handle: async ({ path }) => ({ status: 200, body: await engine.endpoints.activateSecret(path.tenant, path.id) }),
    }),
    defineRoute({
      method: 'POST',
      path: `${PATH}/{id}/test`,
      ids: OF_ENDPOINT,
      name: 'testEndpoint',
      tag: TAG,
      summary: 'Send a sample now',
      description: "Sends the catalogue's sample of an event type at once, once, and answers with the attempt.",
      need: 'manage',
      body: { schema: testInput, example: testInputExample },
      answer: {
        schema: ref(deliveryDetail),
        example: { ...deliveryDetailExample, cause: 'test', state: 'failed', nextAttemptAt: null, finishedAt: '2026-05-12T15:30:00.074Z' },
        statuses: { 200: 'The delivery after its one attempt.' },
      },
      errors: [...NOT_FOUND, 'unknown_event_type', ...FROM_WRITES],
      handle: async ({ path, body }) => ({ status: 200, body: await engine.endpoints.test(path.tenant, path.id, body) }),
    }),
  ];
}

function statusRoute(verb: string, summary: string, description: string, change: (tenant: string, id: string) => Promise<Endpoint>): Route {
  return defineRoute({
    method: 'POST',
    path: `${PATH}/{id}/${verb}`,
    ids: OF_ENDPOINT,
    name: `${verb}Endpoint`,
    tag: TAG,
    summary,
    description,
    need: 'manage',
    answer: { schema: ref(endpoint), example: endpointExample, statuses: { 200: 'The endpoint as it is now.' } },
    errors: [...NOT_FOUND, ...FROM_WRITES],
    handle: async ({ path }) => ({ status: 200, body: await change(path.tenant, path.id) }),
  });
}

function pageFor(key: Key | null, found: Page<Endpoint>): Page<Endpoint> {
  return { ...found, data: found.data.map((one) => endpointFor(key, one)) };
}
