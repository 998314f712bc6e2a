// JoAi: `/agents/{agent}/webhooks`. The agent is the tenant, answers stand in `data`, and the secret is in creation's only.
//
// Facts: the webhooks page (names and limits of the settings) and JoAi's published n8n node (paths, bodies, the list of
// triggers). Its errors are Laravel's, the framework that its answers show: `{message, errors: {field: [sentence]}}`, 422.
// PUT and PATCH both change what they are given and leave the rest.

import Type from 'typebox';
import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import type { Endpoint, EndpointPatch } from '@waxwing/protocol';
import { exactly, mapOf, named, nullable, string, text, word } from '../schemas/schema.ts';
import type { NamedSchema, Schema } from '../schemas/schema.ts';
import type { ErrorShape, PlainError, WrongField } from './errors.ts';
import { deletion, FROM_SETTINGS, managementRoute } from './route.ts';
import type { ManagementApi, ManagementRoute } from './route.ts';
import { given, isActive, statusFor, timeAs, url } from './settings.ts';

interface JoaiSettings {
  readonly name?: string;
  readonly url?: string;
  readonly trigger?: string | readonly string[];
  readonly active?: boolean | null;
  readonly headers?: { readonly [name: string]: string } | null;
  readonly description?: string | null;
  readonly verifySsl?: boolean | null;
  readonly timeout?: number | null;
  readonly maxRetries?: number | null;
}

interface JoaiInput extends JoaiSettings {
  readonly name: string;
  readonly url: string;
  readonly trigger: string | readonly string[];
}

interface JoaiWebhook {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly trigger: string | readonly string[];
  readonly active: boolean;
  readonly status: 'active' | 'disabled';
  readonly headers: { readonly [name: string]: string };
  readonly description: string;
  readonly verifySsl: boolean;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly last_triggered: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** In the answer to creation only. */
  readonly secret?: string;
}

const trigger = (description: string): Schema<string | readonly string[]> =>
  Type.Unsafe<string | readonly string[]>({
    anyOf: [
      { type: 'string', maxLength: 256 },
      { type: 'array', items: { type: 'string', maxLength: 256 }, minItems: 1, maxItems: 1_000 },
    ],
    description,
  });
const name = text(200, 'A descriptive name.');
const optional = {
  active: Type.Optional(nullable<boolean>(Type.Boolean({ description: 'Whether it receives. Defaults to true.' }))),
  headers: Type.Optional(nullable(mapOf(text(4_096), { maxProperties: 50, description: 'Sent with every request, and given back.' }))),
  description: Type.Optional(nullable<string>(text(2_000))),
  verifySsl: Type.Optional(nullable<boolean>(Type.Boolean({ description: 'Whether certificates are verified. Defaults to true.' }))),
  timeout: Type.Optional(nullable<number>(Type.Integer({ minimum: 1, maximum: 300, description: 'Seconds. Defaults to 30.' }))),
  maxRetries: Type.Optional(nullable<number>(Type.Integer({ minimum: 0, maximum: 10, description: 'Defaults to 3.' }))),
};
const triggerIn = trigger('The event type it receives, or several.');

const input: NamedSchema<JoaiInput> = named(
  'JoaiWebhookInput',
  exactly<JoaiInput>()(Type.Object({ name, url, trigger: triggerIn, ...optional })),
);
const patch: NamedSchema<JoaiSettings> = named(
  'JoaiWebhookChanges',
  exactly<JoaiSettings>()(
    Type.Object({ name: Type.Optional(name), url: Type.Optional(url), trigger: Type.Optional(triggerIn), ...optional }),
  ),
);
const webhookSchema: Schema<JoaiWebhook> = exactly<JoaiWebhook>()(
  Type.Object({
    id: string(),
    name: string(),
    url: string(),
    trigger: trigger('One event type, or the list that was given.'),
    active: Type.Boolean(),
    status: word(['active', 'disabled']),
    headers: mapOf(string()),
    description: string(),
    verifySsl: Type.Boolean(),
    timeout: Type.Number(),
    maxRetries: Type.Integer(),
    last_triggered: nullable<string>(string('When its latest request was sent.')),
    created_at: string(),
    updated_at: string(),
    secret: Type.Optional(string('In the answer to creation only.')),
  }),
);

interface One {
  readonly data: JoaiWebhook;
}
interface Many {
  readonly data: readonly JoaiWebhook[];
}
interface Triggers {
  readonly data: { readonly events: readonly { readonly type: { readonly value: string; readonly label: string } }[] };
}

const one: NamedSchema<One> = named('JoaiWebhook', exactly<One>()(Type.Object({ data: webhookSchema })));
const many: NamedSchema<Many> = named('JoaiWebhooks', exactly<Many>()(Type.Object({ data: Type.Array(webhookSchema) })));
const triggers: NamedSchema<Triggers> = named(
  'JoaiTriggers',
  exactly<Triggers>()(
    Type.Object({
      data: Type.Object({ events: Type.Array(Type.Object({ type: Type.Object({ value: string(), label: string() }) })) }),
    }),
  ),
);

/** `agent.action` → `Agent Action`. */
const TRIGGERS: Triggers = {
  data: {
    events: (BUILT_IN_PROFILES.get('joai')?.definition.eventTypes ?? []).map(({ name: value }) => ({
      type: { value, label: value.replaceAll('.', ' ').replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()) },
    })),
  },
};

function toWebhook(endpoint: Endpoint): JoaiWebhook {
  const [first = '', ...others] = endpoint.eventTypes;
  return {
    id: endpoint.id,
    name: endpoint.name,
    url: endpoint.url,
    trigger: others.length === 0 ? first : endpoint.eventTypes,
    active: isActive(endpoint.status),
    status: isActive(endpoint.status) ? 'active' : 'disabled',
    headers: endpoint.headers,
    description: endpoint.description,
    verifySsl: endpoint.verifyTls,
    timeout: endpoint.timeoutSeconds,
    maxRetries: endpoint.maxRetries,
    last_triggered: endpoint.lastTriggeredAt === null ? null : timeAs('joai', endpoint.lastTriggeredAt),
    created_at: timeAs('joai', endpoint.createdAt),
    updated_at: timeAs('joai', endpoint.updatedAt),
  };
}

function toPatch(settings: JoaiSettings): EndpointPatch {
  return given({
    name: settings.name,
    url: settings.url,
    eventTypes: typeof settings.trigger === 'string' ? [settings.trigger] : settings.trigger,
    headers: settings.headers,
    description: settings.description,
    verifyTls: settings.verifySsl,
    timeoutSeconds: settings.timeout,
    maxRetries: settings.maxRetries,
  });
}

const example: JoaiWebhook = {
  id: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  name: 'Production Messages',
  url: 'https://api.acme.example/webhooks',
  trigger: 'agent.message',
  active: true,
  status: 'active',
  headers: { 'x-team': 'core' },
  description: '',
  verifySsl: true,
  timeout: 30,
  maxRetries: 3,
  last_triggered: null,
  created_at: '2024-01-15T11:45:00.000000Z',
  updated_at: '2024-01-15T11:45:00.000000Z',
};
const inputExample: JoaiInput = { name: example.name, url: example.url, trigger: 'agent.message', headers: example.headers, timeout: 30 };

const OF_AGENT = '/agents/{agent}/webhooks';

function change(method: 'PUT' | 'PATCH'): ManagementRoute {
  return managementRoute<unknown, JoaiSettings, One>({
    method,
    path: `${OF_AGENT}/{id}`,
    name: method === 'PUT' ? 'updateWebhook' : 'changeWebhook',
    summary: 'Change a webhook, enable it or disable it',
    description: 'What is not given stays. `active` enables and disables.',
    need: 'manage',
    body: { schema: patch, example: { active: false, timeout: 60 } },
    answer: { status: 200, description: 'Changed.', schema: one, example: { data: { ...example, timeout: 60 } } },
    errors: FROM_SETTINGS,
    handle: async ({ webhooks, id, body }) => {
      const { status } = await webhooks.get(id);
      return { data: toWebhook(await webhooks.update(id, { ...toPatch(body), ...statusFor(body.active, status) })) };
    },
  });
}

const routes: readonly ManagementRoute[] = [
  managementRoute<unknown, undefined, Triggers>({
    method: 'GET',
    path: '/webhooks/events',
    name: 'listTriggers',
    summary: 'List the event types that webhooks can be for',
    need: 'catalogue',
    answer: { status: 200, description: 'All of them.', schema: triggers, example: TRIGGERS },
    errors: [],
    handle: async () => TRIGGERS,
  }),
  managementRoute<unknown, undefined, Many>({
    method: 'GET',
    path: OF_AGENT,
    name: 'listWebhooks',
    summary: 'List an agent’s webhooks',
    need: 'read',
    answer: { status: 200, description: 'All of them, newest first.', schema: many, example: { data: [example] } },
    errors: [],
    handle: async ({ webhooks }) => ({ data: (await webhooks.list()).map(toWebhook) }),
  }),
  managementRoute<unknown, JoaiInput, One>({
    method: 'POST',
    path: OF_AGENT,
    name: 'createWebhook',
    summary: 'Create a webhook',
    description: 'The answer carries the secret: the only one that does.',
    need: 'manage',
    body: { schema: input, example: inputExample },
    answer: { status: 201, description: 'Created.', schema: one, example: { data: { ...example, secret: 'tO9Qm2Xk7c1Vw8Rz4Hs6' } } },
    errors: [...FROM_SETTINGS, 'limit_exceeded', 'reserved_tenant'],
    handle: async ({ webhooks, body }) => {
      const made = await webhooks.create({ ...toPatch(body), url: body.url, ...statusFor(body.active, null) });
      return { data: { ...toWebhook(made), secret: made.secret } };
    },
  }),
  managementRoute<unknown, undefined, One>({
    method: 'GET',
    path: `${OF_AGENT}/{id}`,
    name: 'getWebhook',
    summary: 'Read a webhook',
    need: 'read',
    answer: { status: 200, description: 'The webhook.', schema: one, example: { data: example } },
    errors: [],
    handle: async ({ webhooks, id }) => ({ data: toWebhook(await webhooks.get(id)) }),
  }),
  change('PUT'),
  change('PATCH'),
  deletion(`${OF_AGENT}/{id}`),
];

const errors: ErrorShape = {
  status: (error) => (error.status === 400 && error.code !== 'invalid_json' ? 422 : error.status),
  body: ({ code, message, fields }: PlainError) => ({
    message: code === 'unauthorized' ? 'Unauthenticated.' : message,
    ...(fields.length === 0 ? {} : { errors: messagesByField(fields) }),
  }),
  schema: Type.Unsafe<unknown>(
    Type.Object({
      message: string(),
      errors: Type.Optional(Type.Unsafe<unknown>({ type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } })),
    }),
  ),
};

function messagesByField(fields: readonly WrongField[]): { readonly [field: string]: readonly string[] } {
  const messages: { [field: string]: string[] } = {};
  for (const { field, message } of fields) (messages[field] ??= []).push(message);
  return messages;
}

export const joai: ManagementApi = {
  name: 'joai',
  title: 'JoAi',
  description: 'JoAi’s webhook management over Waxwing: an agent is a tenant. Its clients work when their base URL is this server.',
  paths: /^\/(?:agents\/|webhooks\/events(?:$|[/?]))/,
  fieldNames: { timeoutSeconds: 'timeout', verifyTls: 'verifySsl', eventTypes: 'trigger' },
  errors,
  routes,
};
