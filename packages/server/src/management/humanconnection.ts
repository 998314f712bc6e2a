// HumanConnection: `/api/v0/webhooks`. The tenant is the key's (`keys create --format hc`), names are in snake case, a webhook
// whose deliveries were exhausted has the status `failing`.
//
// Facts: its webhooks page (`url`, `events`, `secret`, the word `failing`) and its base path. The page publishes neither
// answers nor errors: an error is `{error: {code, message, details?}}` here, which the client of the page's shape reads.

import Type from 'typebox';
import type { Endpoint, EndpointPatch } from '@waxwing/protocol';
import { exactly, named, nullable, string, word } from '../schemas/schema.ts';
import type { NamedSchema, Schema } from '../schemas/schema.ts';
import type { ErrorShape } from './errors.ts';
import { deletion, FROM_SETTINGS, managementRoute } from './route.ts';
import type { ManagementApi, ManagementRoute } from './route.ts';
import { events, given, secretText, statusWord, timeAs, url } from './settings.ts';

interface HumanConnectionInput {
  readonly url: string;
  readonly events: readonly string[];
  readonly secret?: string;
}

interface HumanConnectionPatch {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly secret?: string;
  readonly status?: 'active' | 'disabled';
}

interface HumanConnectionWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly status: string;
  readonly last_triggered_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** In the answer to creation only. */
  readonly secret?: string;
}

interface Many {
  readonly data: readonly HumanConnectionWebhook[];
}

const input: NamedSchema<HumanConnectionInput> = named(
  'HumanConnectionWebhookInput',
  exactly<HumanConnectionInput>()(Type.Object({ url, events, secret: Type.Optional(secretText) })),
);
const patch: NamedSchema<HumanConnectionPatch> = named(
  'HumanConnectionWebhookChanges',
  exactly<HumanConnectionPatch>()(
    Type.Object({
      url: Type.Optional(url),
      events: Type.Optional(events),
      secret: Type.Optional(secretText),
      status: Type.Optional(word(['active', 'disabled'], '`active` enables a webhook, and clears `failing`.')),
    }),
  ),
);
const webhookSchema: Schema<HumanConnectionWebhook> = exactly<HumanConnectionWebhook>()(
  Type.Object({
    id: string(),
    url: string(),
    events: Type.Array(string()),
    status: string('`active`, `failing` (its latest delivery was exhausted; it still receives), `paused` or `disabled`.'),
    last_triggered_at: nullable<string>(string('When its latest request was sent.')),
    created_at: string(),
    updated_at: string(),
    secret: Type.Optional(string('In the answer to creation only.')),
  }),
);
const one: NamedSchema<HumanConnectionWebhook> = named('HumanConnectionWebhook', webhookSchema);
const many: NamedSchema<Many> = named('HumanConnectionWebhooks', exactly<Many>()(Type.Object({ data: Type.Array(webhookSchema) })));

function toWebhook(endpoint: Endpoint): HumanConnectionWebhook {
  const time = (isoTime: string): string => timeAs('humanconnection', isoTime);
  return {
    id: endpoint.id,
    url: endpoint.url,
    events: endpoint.eventTypes,
    status: statusWord(endpoint),
    last_triggered_at: endpoint.lastTriggeredAt === null ? null : time(endpoint.lastTriggeredAt),
    created_at: time(endpoint.createdAt),
    updated_at: time(endpoint.updatedAt),
  };
}

function toPatch({ url: to, events: eventTypes, status }: HumanConnectionPatch): EndpointPatch {
  return given({ url: to, eventTypes, status });
}

const example: HumanConnectionWebhook = {
  id: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  url: 'https://your-app.com/webhooks/humanconnection',
  events: ['service.matched', 'meeting.completed'],
  status: 'active',
  last_triggered_at: null,
  created_at: '2026-05-12T15:30:00Z',
  updated_at: '2026-05-12T15:30:00Z',
};
const inputExample: HumanConnectionInput = { url: example.url, events: example.events, secret: 'whsec_your_signing_secret' };

const WEBHOOKS = '/api/v0/webhooks';

function change(method: 'PUT' | 'PATCH'): ManagementRoute {
  return managementRoute<unknown, HumanConnectionPatch, HumanConnectionWebhook>({
    method,
    path: `${WEBHOOKS}/{id}`,
    name: method === 'PUT' ? 'replaceWebhook' : 'updateWebhook',
    summary: 'Change a webhook',
    description: 'What is not given stays. A new secret signs from the next attempt on.',
    need: 'manage',
    body: { schema: patch, example: { events: ['payment.paid'], status: 'active' } },
    answer: { status: 200, description: 'Changed.', schema: one, example: { ...example, events: ['payment.paid'] } },
    errors: FROM_SETTINGS,
    handle: async ({ webhooks, id, body }) => toWebhook(await webhooks.update(id, toPatch(body), body.secret)),
  });
}

const routes: readonly ManagementRoute[] = [
  managementRoute<unknown, undefined, Many>({
    method: 'GET',
    path: WEBHOOKS,
    name: 'listWebhooks',
    summary: 'List the webhooks',
    need: 'read',
    answer: { status: 200, description: 'All of them, newest first.', schema: many, example: { data: [example] } },
    errors: [],
    handle: async ({ webhooks }) => ({ data: (await webhooks.list()).map(toWebhook) }),
  }),
  managementRoute<unknown, HumanConnectionInput, HumanConnectionWebhook>({
    method: 'POST',
    path: WEBHOOKS,
    name: 'createWebhook',
    summary: 'Create a webhook',
    description: 'The secret may be the caller’s own. The answer carries it: the only one that does.',
    need: 'manage',
    body: { schema: input, example: inputExample },
    answer: { status: 201, description: 'Created.', schema: one, example: { ...example, secret: 'whsec_your_signing_secret' } },
    errors: [...FROM_SETTINGS, 'limit_exceeded', 'reserved_tenant'],
    handle: async ({ webhooks, body }) => {
      const made = await webhooks.create({ url: body.url, eventTypes: body.events, ...given({ secret: body.secret }) });
      return { ...toWebhook(made), secret: made.secret };
    },
  }),
  managementRoute<unknown, undefined, HumanConnectionWebhook>({
    method: 'GET',
    path: `${WEBHOOKS}/{id}`,
    name: 'getWebhook',
    summary: 'Read a webhook',
    need: 'read',
    answer: { status: 200, description: 'The webhook.', schema: one, example },
    errors: [],
    handle: async ({ webhooks, id }) => toWebhook(await webhooks.get(id)),
  }),
  change('PATCH'),
  change('PUT'),
  deletion(`${WEBHOOKS}/{id}`),
];

const errors: ErrorShape = {
  status: (error) => error.status,
  body: ({ code, message, fields }) => ({
    error: {
      code: code === 'endpoint_not_found' ? 'webhook_not_found' : code,
      message,
      ...(fields.length === 0 ? {} : { details: fields }),
    },
  }),
  schema: Type.Unsafe<unknown>(
    Type.Object({
      error: Type.Object({
        code: string(),
        message: string(),
        details: Type.Optional(Type.Array(Type.Object({ field: string(), message: string() }))),
      }),
    }),
  ),
};

export const humanconnection: ManagementApi = {
  name: 'humanconnection',
  title: 'HumanConnection',
  description: 'HumanConnection’s webhook management over Waxwing. The tenant is the one that the key (`hc_…`) is for.',
  paths: /^\/api\/v0(?:$|[/?])/,
  fieldNames: { eventTypes: 'events' },
  errors,
  routes,
};
