// MeetLoyd: `/api/v1/webhooks`. The tenant is the key's (`keys create --format sk_live`); answers are `{data}`, lists
// `{data, pagination}`, errors `{code, message, details}`, and every answer tells of the rate limit and the version.
//
// Facts: its webhooks page (events, the status after six attempts: failed) and the conventions of its API (base path, keys,
// wrapping, statuses: 201, 204, 422 for what is not valid). It publishes no resource of a webhook: the fields are ours, in
// camel case. It keeps to no list of plans here: every key has the highest of the site's limits.

import Type from 'typebox';
import type { Endpoint, EndpointPatch, WaxwingError } from '@waxwing/protocol';
import { exactly, named, nullable, string, text, time, timeOrNull } from '../schemas/schema.ts';
import type { NamedSchema, Schema } from '../schemas/schema.ts';
import type { ErrorShape } from './errors.ts';
import { RateLimit } from './rate-limit.ts';
import { FROM_SETTINGS, managementRoute } from './route.ts';
import type { ManagementApi, ManagementRoute } from './route.ts';
import { events, given, secretText, statusFor, statusWord, url } from './settings.ts';

interface MeetLoydPatch {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly name?: string;
  readonly description?: string | null;
  readonly active?: boolean;
  readonly secret?: string;
}

interface MeetLoydInput extends MeetLoydPatch {
  readonly url: string;
  readonly events: readonly string[];
}

interface MeetLoydWebhook {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly status: string;
  readonly lastTriggeredAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** In the answer to creation only. */
  readonly secret?: string;
}

interface One {
  readonly data: MeetLoydWebhook;
}

interface Many {
  readonly data: readonly MeetLoydWebhook[];
  readonly pagination: { readonly page: number; readonly limit: number; readonly total: number; readonly totalPages: number };
}

interface PageQuery {
  readonly page?: number;
  readonly limit?: number;
}

const optional = {
  name: Type.Optional(text(200)),
  description: Type.Optional(nullable<string>(text(2_000))),
  active: Type.Optional(Type.Boolean({ description: 'Whether it receives. True clears the status `failed`.' })),
  secret: Type.Optional(secretText),
};
const input: NamedSchema<MeetLoydInput> = named(
  'MeetLoydWebhookInput',
  exactly<MeetLoydInput>()(Type.Object({ url, events, ...optional })),
);
const patch: NamedSchema<MeetLoydPatch> = named(
  'MeetLoydWebhookChanges',
  exactly<MeetLoydPatch>()(Type.Object({ url: Type.Optional(url), events: Type.Optional(events), ...optional })),
);
const webhookSchema: Schema<MeetLoydWebhook> = exactly<MeetLoydWebhook>()(
  Type.Object({
    id: string(),
    name: string(),
    description: string(),
    url: string(),
    events: Type.Array(string()),
    status: string('`active`, `failed` (six attempts of one delivery failed; it still receives), `paused` or `disabled`.'),
    lastTriggeredAt: timeOrNull('When its latest request was sent.'),
    createdAt: time(),
    updatedAt: time(),
    secret: Type.Optional(string('In the answer to creation only.')),
  }),
);
const one: NamedSchema<One> = named('MeetLoydWebhook', exactly<One>()(Type.Object({ data: webhookSchema })));
const many: NamedSchema<Many> = named(
  'MeetLoydWebhooks',
  exactly<Many>()(
    Type.Object({
      data: Type.Array(webhookSchema),
      pagination: Type.Object({ page: Type.Integer(), limit: Type.Integer(), total: Type.Integer(), totalPages: Type.Integer() }),
    }),
  ),
);
const pageQuery: Schema<PageQuery> = exactly<PageQuery>()(
  Type.Object({
    page: Type.Optional(Type.Integer({ minimum: 1, description: 'Defaults to 1.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Defaults to 20.' })),
  }),
);

function toWebhook(endpoint: Endpoint): MeetLoydWebhook {
  return {
    id: endpoint.id,
    name: endpoint.name,
    description: endpoint.description,
    url: endpoint.url,
    events: endpoint.eventTypes,
    status: statusWord(endpoint),
    lastTriggeredAt: endpoint.lastTriggeredAt,
    createdAt: endpoint.createdAt,
    updatedAt: endpoint.updatedAt,
  };
}

function toPatch(body: MeetLoydPatch): EndpointPatch {
  return given({ url: body.url, eventTypes: body.events, name: body.name, description: body.description });
}

function pageOf(all: readonly Endpoint[], { page = 1, limit = 20 }: PageQuery): Many {
  const data = all.slice((page - 1) * limit, page * limit).map(toWebhook);
  return { data, pagination: { page, limit, total: all.length, totalPages: Math.ceil(all.length / limit) } };
}

const example: MeetLoydWebhook = {
  id: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  name: 'Production',
  description: '',
  url: 'https://api.acme.example/webhooks',
  events: ['task.completed', 'conversation.completed'],
  status: 'active',
  lastTriggeredAt: null,
  createdAt: '2026-05-12T15:30:00.000Z',
  updatedAt: '2026-05-12T15:30:00.000Z',
};

const WEBHOOKS = '/api/v1/webhooks';

function change(method: 'PUT' | 'PATCH'): ManagementRoute {
  return managementRoute<unknown, MeetLoydPatch, One>({
    method,
    path: `${WEBHOOKS}/{id}`,
    name: method === 'PUT' ? 'replaceWebhook' : 'updateWebhook',
    summary: 'Change a webhook',
    description: 'What is not given stays. A new secret signs from the next attempt on.',
    need: 'manage',
    body: { schema: patch, example: { events: ['workflow.*'], active: true } },
    answer: { status: 200, description: 'Changed.', schema: one, example: { data: { ...example, events: ['workflow.*'] } } },
    errors: [...FROM_SETTINGS, 'rate_limited'],
    handle: async ({ webhooks, id, body }) => {
      const { status } = await webhooks.get(id);
      const revived = body.active === true && status === 'failing' ? ({ status: 'active' } as const) : statusFor(body.active, status);
      return { data: toWebhook(await webhooks.update(id, { ...toPatch(body), ...revived }, body.secret)) };
    },
  });
}

const routes: readonly ManagementRoute[] = [
  managementRoute<PageQuery, undefined, Many>({
    method: 'GET',
    path: WEBHOOKS,
    name: 'listWebhooks',
    summary: 'List the webhooks',
    need: 'read',
    query: pageQuery,
    answer: {
      status: 200,
      description: 'One page, newest first.',
      schema: many,
      example: { data: [example], pagination: { page: 1, limit: 20, total: 1, totalPages: 1 } },
    },
    errors: ['rate_limited'],
    handle: async ({ webhooks, query }) => pageOf(await webhooks.list(), query),
  }),
  managementRoute<unknown, MeetLoydInput, One>({
    method: 'POST',
    path: WEBHOOKS,
    name: 'createWebhook',
    summary: 'Create a webhook',
    description: 'The secret may be the caller’s own. The answer carries it: the only one that does.',
    need: 'manage',
    body: { schema: input, example: { url: example.url, events: example.events } },
    answer: { status: 201, description: 'Created.', schema: one, example: { data: { ...example, secret: 'tO9Qm2Xk7c1Vw8Rz4Hs6' } } },
    errors: [...FROM_SETTINGS, 'limit_exceeded', 'reserved_tenant', 'rate_limited'],
    handle: async ({ webhooks, body }) => {
      const settings = { ...toPatch(body), url: body.url, ...statusFor(body.active, null), ...given({ secret: body.secret }) };
      const made = await webhooks.create(settings);
      return { data: { ...toWebhook(made), secret: made.secret } };
    },
  }),
  managementRoute<unknown, undefined, One>({
    method: 'GET',
    path: `${WEBHOOKS}/{id}`,
    name: 'getWebhook',
    summary: 'Read a webhook',
    need: 'read',
    answer: { status: 200, description: 'The webhook.', schema: one, example: { data: example } },
    errors: ['rate_limited'],
    handle: async ({ webhooks, id }) => ({ data: toWebhook(await webhooks.get(id)) }),
  }),
  change('PATCH'),
  change('PUT'),
  managementRoute({
    method: 'DELETE',
    path: `${WEBHOOKS}/{id}`,
    name: 'deleteWebhook',
    summary: 'Delete a webhook',
    need: 'manage',
    answer: { status: 204, description: 'Deleted.', schema: null, example: null },
    errors: ['rate_limited'],
    handle: async ({ webhooks, id }) => {
      await webhooks.delete(id);
      return null;
    },
  }),
];

/** 422 is what is well-formed and not valid; 400 what cannot be read at all. */
function statusOf(error: WaxwingError): number {
  return error.status === 400 && error.code !== 'invalid_json' ? 422 : error.status;
}

const CODES: { readonly [status: number]: string } = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  422: 'validation_error',
  429: 'rate_limited',
  500: 'internal_error',
};

const errors: ErrorShape = {
  status: statusOf,
  body: ({ code, status, message, fields }) => ({
    code: CODES[status] ?? code,
    message,
    ...(fields.length === 0 ? {} : { details: fields }),
  }),
  schema: Type.Unsafe<unknown>(
    Type.Object({
      code: string(),
      message: string(),
      details: Type.Optional(Type.Array(Type.Object({ field: string(), message: string() }))),
    }),
  ),
};

const PER_MINUTE = 5_000;

/** MeetLoyd's API with counters of its own, one set a server. */
export function meetloyd(nowMs: () => number, perMinute: number = PER_MINUTE): ManagementApi {
  const limit = new RateLimit(perMinute, nowMs);
  return {
    name: 'meetloyd',
    title: 'MeetLoyd',
    description: 'MeetLoyd’s webhook management over Waxwing. The tenant is the one that the key (`sk_live_…`, `sk_test_…`) is for.',
    paths: /^\/api\/v1(?:$|[/?])/,
    fieldNames: { eventTypes: 'events' },
    errors,
    routes,
    admit: (key) => limit.count(key.id),
    headers: (key) => ({ 'x-api-version': 'v1', ...limit.headers(key?.id ?? null) }),
  };
}
