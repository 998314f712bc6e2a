// An endpoint: what creation, edit, rotation and test take, what the API answers. Limits that depend on the profile
// (time-out, retries) are the engine's to judge; here stands only what is absurd for every profile.

import Type from 'typebox';
import { ENDPOINT_STATUSES } from '@waxwing/protocol';
import type { Endpoint, EndpointCall, EndpointInput, EndpointPatch, EndpointWithSecret, Ordering, Reactions } from '@waxwing/protocol';
import { anyObject, closed, exactly, id, mapOf, named, nullable, open, string, text, time, timeOrNull, word } from './schema.ts';
import type { NamedSchema, Schema } from './schema.ts';

const ORDERINGS = ['none', 'fifo'] as const satisfies readonly Ordering[];

const reactionProperties = {
  goneDisables: Type.Boolean({ description: '410 Gone disables the endpoint.' }),
  retryAfterHonoured: Type.Boolean({ description: '`Retry-After` on a failure moves the next attempt, at most 24 h.' }),
  overloadSlows: Type.Boolean({ description: '429, 502 and 504 slow the endpoint down.' }),
  disableAfterSeconds: nullable<number>(
    Type.Integer({ minimum: 60, description: 'Seconds of nothing but failure after which the endpoint is disabled; null for never.' }),
  ),
};

export const reactions: Schema<Reactions> = exactly<Reactions>()(open(reactionProperties));

const reactionsInput = exactly<Partial<Reactions>>()(
  closed({
    goneDisables: Type.Optional(reactionProperties.goneDisables),
    retryAfterHonoured: Type.Optional(reactionProperties.retryAfterHonoured),
    overloadSlows: Type.Optional(reactionProperties.overloadSlows),
    disableAfterSeconds: Type.Optional(reactionProperties.disableAfterSeconds),
  }),
);

const call = nullable<EndpointCall>(
  exactly<EndpointCall>()(
    closed({ payload: anyObject('Merged into the data of each event, member by member; at most 8,192 bytes as JSON.') }),
  ),
);

const settings = {
  name: Type.Optional(text(200, "What people call it. Defaults to the URL's host.")),
  description: Type.Optional(text(2_000)),
  eventTypes: Type.Optional(
    Type.Array(text(256), {
      maxItems: 1_000,
      description: 'Which event types it receives: exact names, `prefix.*` (any depth below), `*`. Defaults to `["*"]`.',
    }),
  ),
  status: Type.Optional(word(['active', 'paused', 'disabled'])),
  headers: Type.Optional(
    mapOf(text(4_096), {
      maxProperties: 50,
      description: 'Sent with every attempt as given. Cannot replace signing, framing or hop-by-hop headers.',
    }),
  ),
  verifyTls: Type.Optional(Type.Boolean({ description: 'Whether the certificate is verified. Defaults to true.' })),
  timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, description: 'For the whole exchange.' })),
  maxRetries: Type.Optional(Type.Integer({ minimum: 0 })),
  retryScheduleSeconds: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 604_800 }), {
      minItems: 1,
      maxItems: 50,
      description: 'Seconds before each retry, from the previous failure; the last one repeats.',
    }),
  ),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, description: 'Most attempts in flight at once.' })),
  rateLimitPerSecond: Type.Optional(
    nullable<number>(Type.Number({ minimum: 0.01, maximum: 10_000, description: 'Most attempts a second; null for no limit.' })),
  ),
  ordering: Type.Optional(word(ORDERINGS)),
  reactions: Type.Optional(reactionsInput),
  call: Type.Optional(
    Type.Unsafe<EndpointCall | null>({
      ...call,
      description:
        'For the profile meshagent: each event arrives as a `room.call`. Null for an endpoint that is told of events, the default.',
    }),
  ),
};

const url = text(4_096, 'Where to deliver: `https://…`.');
const secret = text(512, 'The signing secret. One is made when none is given.');

export const endpointInput: NamedSchema<EndpointInput> = named(
  'EndpointInput',
  exactly<EndpointInput>()(
    closed({
      url,
      profile: Type.Optional(text(64, "The wire convention. Defaults to the tenant's; cannot change later.")),
      secret: Type.Optional(secret),
      ...settings,
    }),
  ),
);

/** What an edit takes. A profile is let through to the engine, which says why it cannot change. */
export interface PatchBody extends EndpointPatch {
  readonly profile?: string;
}

export const endpointPatch: NamedSchema<PatchBody> = named(
  'EndpointPatch',
  exactly<PatchBody>()(closed({ url: Type.Optional(url), profile: Type.Optional(text(64, 'Cannot change: refused.')), ...settings })),
);

const endpointProperties = {
  id: id<Endpoint['id']>('ep'),
  tenant: string(),
  name: string(),
  description: string(),
  url: string(),
  profile: string(),
  eventTypes: Type.Array(string()),
  status: word(ENDPOINT_STATUSES),
  statusReason: nullable<string>(string()),
  statusChangedAt: timeOrNull(),
  headers: mapOf(string()),
  verifyTls: Type.Boolean(),
  timeoutSeconds: Type.Number(),
  maxRetries: Type.Integer(),
  retryScheduleSeconds: Type.Array(Type.Number()),
  concurrency: Type.Integer(),
  rateLimitPerSecond: nullable<number>(Type.Number()),
  ordering: word(ORDERINGS),
  reactions,
  call,
  secretGraceEndsAt: timeOrNull("When the old secret's grace ends, while a rotation is under way."),
  lastTriggeredAt: timeOrNull('When its latest attempt started.'),
  createdAt: time(),
  updatedAt: time(),
};

export const endpoint: NamedSchema<Endpoint> = named('Endpoint', exactly<Endpoint>()(open(endpointProperties)));

export const endpointWithSecret: NamedSchema<EndpointWithSecret> = named(
  'EndpointWithSecret',
  exactly<EndpointWithSecret>()(
    open({
      ...endpointProperties,
      secret: string('Shown in this answer only.'),
      publicKey: Type.Optional(string('The public key (`whpk_…`), when the secret is an ed25519 pair.')),
      warning: Type.Optional(string('What to mind, such as a short secret.')),
    }),
  ),
);

/** What rotation takes. */
export interface RotateInput {
  readonly secret?: string;
  readonly graceSeconds?: number;
}

export const rotateInput: NamedSchema<RotateInput> = named(
  'RotateInput',
  exactly<RotateInput>()(
    closed({
      secret: Type.Optional(secret),
      graceSeconds: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 2_592_000, description: 'How long receivers have to accept both. Defaults to 24 hours.' }),
      ),
    }),
  ),
);

/** What a test takes. */
export interface TestInput {
  readonly eventType: string;
}

export const testInput: NamedSchema<TestInput> = named(
  'TestInput',
  exactly<TestInput>()(closed({ eventType: text(256, 'The event type whose sample from the catalogue is sent.') })),
);

export const endpointExample: Endpoint = {
  id: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  tenant: 'acme',
  name: 'Production',
  description: '',
  url: 'https://api.acme.example/webhooks',
  profile: 'standard',
  eventTypes: ['meeting.*'],
  status: 'active',
  statusReason: null,
  statusChangedAt: null,
  headers: { 'x-team': 'core' },
  verifyTls: true,
  timeoutSeconds: 15,
  maxRetries: 3,
  retryScheduleSeconds: [5, 300, 1800],
  concurrency: 16,
  rateLimitPerSecond: null,
  ordering: 'none',
  reactions: { goneDisables: true, retryAfterHonoured: true, overloadSlows: true, disableAfterSeconds: 432_000 },
  call: null,
  secretGraceEndsAt: null,
  lastTriggeredAt: '2026-05-12T15:30:00.000Z',
  createdAt: '2026-05-12T15:30:00.000Z',
  updatedAt: '2026-05-12T15:30:00.000Z',
};

export const endpointInputExample: EndpointInput = { url: 'https://api.acme.example/webhooks', eventTypes: ['meeting.*'] };
export const endpointPatchExample: PatchBody = { name: 'Production', maxRetries: 3, retryScheduleSeconds: [5, 300, 1800] };
export const endpointWithSecretExample: EndpointWithSecret = { ...endpointExample, secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' };
export const rotateInputExample: RotateInput = { graceSeconds: 86_400 };
export const testInputExample: TestInput = { eventType: 'meeting.completed' };
