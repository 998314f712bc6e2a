// MeshAgent: `/accounts/projects/{project}/webhooks`. The project is the tenant; `action: "call"` turns each event that a
// webhook takes into a `room.call` with `payload` merged in.
//
// Facts: its published clients (npm and PyPI), which send every field on each PUT: null or absent leaves `action` and
// `payload` as they are, `""` ends the calls. Older clients send an empty payload as `""`, the Dart one an object as text.
// No client can give a secret at creation, so the answer to it carries the one that was made. Clients show an error's body
// as it comes: `{error, fields?}`.

import Type from 'typebox';
import { WaxwingError } from '@waxwing/protocol';
import type { Endpoint, EndpointCall } from '@waxwing/protocol';
import { anyObject, exactly, named, nullable, string, text, time, word } from '../schemas/schema.ts';
import type { NamedSchema, Schema } from '../schemas/schema.ts';
import type { ErrorShape } from './errors.ts';
import { deletion, FROM_SETTINGS, managementRoute } from './route.ts';
import type { ManagementApi, ManagementRoute } from './route.ts';
import { events, given, secretText, statusWord, url } from './settings.ts';

type Payload = { readonly [member: string]: unknown };
type Action = '' | 'call';

interface MeshAgentInput {
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly description?: string | null;
  readonly action?: Action | null;
  readonly payload?: Payload | string | null;
  readonly secret?: string;
}

interface MeshAgentWebhook {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly action: Action;
  readonly payload: Payload;
  readonly status: string;
  readonly created_at: string;
  readonly updated_at: string;
  /** In the answer to creation only. */
  readonly secret?: string;
}

interface Many {
  readonly webhooks: readonly MeshAgentWebhook[];
}

const input: NamedSchema<MeshAgentInput> = named(
  'MeshAgentWebhookInput',
  exactly<MeshAgentInput>()(
    Type.Object({
      name: text(200),
      url,
      events,
      description: Type.Optional(nullable<string>(text(2_000))),
      action: Type.Optional(nullable(word(['', 'call'], '`call` turns each event into a `room.call`; empty tells of events.'))),
      payload: Type.Optional(
        Type.Unsafe<Payload | string | null>({
          type: ['object', 'string', 'null'],
          description: 'With `call`: merged into the data of each event, such as `room_name`, `token`, `arguments` (an object).',
        }),
      ),
      secret: Type.Optional(secretText),
    }),
  ),
);
const webhookSchema: Schema<MeshAgentWebhook> = exactly<MeshAgentWebhook>()(
  Type.Object({
    id: string(),
    name: string(),
    description: string(),
    url: string(),
    events: Type.Array(string()),
    action: word(['', 'call']),
    payload: anyObject(),
    status: string('`active`, `failing`, `paused` or `disabled`.'),
    created_at: time(),
    updated_at: time(),
    secret: Type.Optional(string('In the answer to creation only.')),
  }),
);
const one: NamedSchema<MeshAgentWebhook> = named('MeshAgentWebhook', webhookSchema);
const many: NamedSchema<Many> = named('MeshAgentWebhooks', exactly<Many>()(Type.Object({ webhooks: Type.Array(webhookSchema) })));

function toWebhook(endpoint: Endpoint): MeshAgentWebhook {
  return {
    id: endpoint.id,
    name: endpoint.name,
    description: endpoint.description,
    url: endpoint.url,
    events: endpoint.eventTypes,
    action: endpoint.call === null ? '' : 'call',
    payload: endpoint.call?.payload ?? {},
    status: statusWord(endpoint),
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
  };
}

function toSettings(
  body: MeshAgentInput,
  before: EndpointCall | null,
): {
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly call: EndpointCall | null;
  readonly name?: string;
  readonly description?: string;
} {
  const name = body.name === '' ? undefined : body.name;
  return { url: body.url, eventTypes: body.events, call: toCall(body, before), ...given({ name, description: body.description }) };
}

/** What action and payload come to, over what stood before. A payload without a call is nothing, and is not kept. */
function toCall({ action, payload }: MeshAgentInput, before: EndpointCall | null): EndpointCall | null {
  const calls = action === undefined || action === null ? before !== null : action === 'call';
  return calls ? { payload: toPayload(payload) ?? before?.payload ?? {} } : null;
}

function toPayload(payload: Payload | string | null | undefined): Payload | null {
  if (payload === undefined || payload === null || payload === '') return null;
  if (typeof payload !== 'string') return payload;
  try {
    const parsed: unknown = JSON.parse(payload);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Said below, as any other text that is no object.
  }
  throw new WaxwingError('invalid_request', 'The payload is no JSON object.', {
    fields: [{ path: '/payload', message: 'must be an object, or the text of one' }],
  });
}

const example: MeshAgentWebhook = {
  id: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  name: 'Adder',
  description: '',
  url: 'https://agents.acme.example/webhook',
  events: ['room.started'],
  action: 'call',
  payload: { token: 'a-participant-token', arguments: {} },
  status: 'active',
  created_at: '2026-05-12T15:30:00.000Z',
  updated_at: '2026-05-12T15:30:00.000Z',
};
const inputExample: MeshAgentInput = {
  name: example.name,
  description: '',
  url: example.url,
  events: example.events,
  action: 'call',
  payload: example.payload,
};

const OF_PROJECT = '/accounts/projects/{project}/webhooks';

const routes: readonly ManagementRoute[] = [
  managementRoute<unknown, undefined, Many>({
    method: 'GET',
    path: OF_PROJECT,
    name: 'listWebhooks',
    summary: 'List a project’s webhooks',
    need: 'read',
    answer: { status: 200, description: 'All of them, newest first.', schema: many, example: { webhooks: [example] } },
    errors: [],
    handle: async ({ webhooks }) => ({ webhooks: (await webhooks.list()).map(toWebhook) }),
  }),
  managementRoute<unknown, MeshAgentInput, MeshAgentWebhook>({
    method: 'POST',
    path: OF_PROJECT,
    name: 'createWebhook',
    summary: 'Create a webhook',
    description: 'The answer carries the secret, which is made when none is given: every request is signed.',
    need: 'manage',
    body: { schema: input, example: inputExample },
    answer: { status: 201, description: 'Created.', schema: one, example: { ...example, secret: 'tO9Qm2Xk7c1Vw8Rz4Hs6' } },
    errors: [...FROM_SETTINGS, 'limit_exceeded', 'reserved_tenant'],
    handle: async ({ webhooks, body }) => {
      const made = await webhooks.create({ ...toSettings(body, null), ...given({ secret: body.secret }) });
      return { ...toWebhook(made), secret: made.secret };
    },
  }),
  managementRoute<unknown, MeshAgentInput, MeshAgentWebhook>({
    method: 'PUT',
    path: `${OF_PROJECT}/{id}`,
    name: 'updateWebhook',
    summary: 'Change a webhook',
    description: 'A `secret` signs from the next attempt on. `action` and `payload` stay when they are null.',
    need: 'manage',
    body: { schema: input, example: inputExample },
    answer: { status: 200, description: 'Changed.', schema: one, example },
    errors: FROM_SETTINGS,
    handle: async ({ webhooks, id, body }) => {
      const { call } = await webhooks.get(id);
      return toWebhook(await webhooks.update(id, toSettings(body, call), body.secret));
    },
  }),
  deletion(`${OF_PROJECT}/{id}`),
];

const errors: ErrorShape = {
  status: (error) => error.status,
  body: ({ message, fields }) => ({ error: message, ...(fields.length === 0 ? {} : { fields }) }),
  schema: Type.Unsafe<unknown>(
    Type.Object({
      error: string(),
      fields: Type.Optional(Type.Array(Type.Object({ field: string(), message: string() }))),
    }),
  ),
};

export const meshagent: ManagementApi = {
  name: 'meshagent',
  title: 'MeshAgent',
  description: 'MeshAgent’s webhook management over Waxwing: a project is a tenant. Its clients work when their base URL is this server.',
  paths: /^\/accounts\//,
  // `/call/payload/token` is the payload's `token` to MeshAgent's clients.
  fieldNames: { eventTypes: 'events', call: '' },
  errors,
  routes,
};
