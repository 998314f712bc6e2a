// A profile: the wire convention as data. What PUT takes is judged whole by the protocol (`invalid_profile`, with a path
// for each problem), so its schema says only which members there are.

import Type from 'typebox';
import type {
  EnvelopeTemplate,
  EventTypeDefinition,
  ProfileDefinition,
  ProfileResource,
  RetrySchedule,
  SecretRules,
  SignatureScheme,
} from '@waxwing/protocol';
import { anyObject, exactly, headerList, mapOf, named, nullable, open, string, word } from './schema.ts';
import type { NamedSchema, Schema } from './schema.ts';
import { reactions } from './endpoint.ts';

/** What PUT takes: a profile's definition, of which only `signature` is required. */
export type ProfileInput = { readonly [member: string]: unknown };

// Exhaustive over the definition: a member that it gains does not compile until it is described.
const MEMBERS: { readonly [M in keyof ProfileDefinition]: string } = {
  name: 'The name in the path, or left out.',
  title: 'What people read.',
  description: 'What it is for.',
  envelope:
    'The body as a JSON object; string leaves may be `{id}`, `{type}`, `{timestamp}`, `{data}`, `{endpoint.id}`, `{endpoint.name}`.',
  timestampForm: '`iso` (milliseconds), `iso-micros` or `iso-seconds`.',
  print: 'How `data` is printed: `raw`, or as `javascript` or `python` would print it back.',
  eventIdPrefix: 'Stands in place of `evt_` where ids are shown; null to show them as they are.',
  headers: 'Fixed headers of every message.',
  signature: 'How messages are signed: header, algorithm, content template, encoding, prefix. Required.',
  secret: 'What secrets look like.',
  schedule: 'When to try again.',
  timeoutSecondsDefault: 'The time-out of an endpoint that names none.',
  timeoutSecondsMax: 'The longest one an endpoint may name.',
  httpsRequired: 'Whether plain HTTP receivers are refused.',
  reactions: 'What the engine does of itself when an endpoint answers badly.',
  failingWord: 'The word for an endpoint whose latest delivery was exhausted.',
  catalogueClosed: 'Whether undeclared event types are refused.',
  eventTypes: 'The catalogue.',
};

export const profileInput: NamedSchema<ProfileInput> = named(
  'ProfileInput',
  Type.Unsafe<ProfileInput>({
    type: 'object',
    additionalProperties: true,
    properties: Object.fromEntries(Object.entries(MEMBERS).map(([member, description]) => [member, { description }])),
  }),
);

const signature: Schema<SignatureScheme> = exactly<SignatureScheme>()(
  Type.Union([
    open({
      kind: word(['hmac-template']),
      header: string(),
      algorithm: word(['sha256', 'sha512', 'sha1']),
      content: string('What is signed: `{id}`, `{timestamp}`, `{body}`.'),
      encoding: word(['hex', 'base64']),
      prefix: string(),
      timestampHeader: nullable<string>(string()),
      secret: word(['utf8', 'base64']),
    }),
    open({ kind: word(['standard-webhooks']) }),
    open({ kind: word(['jwt-body-hash']), header: string(), prefix: string(), claim: string() }),
  ]),
);

const secretRules = exactly<SecretRules>()(
  open({
    prefix: string(),
    form: word(['utf8', 'base64', 'standard']),
    minBytes: Type.Integer(),
    maxBytes: Type.Integer(),
    warnBelowBytes: Type.Integer(),
  }),
);

const schedule = exactly<RetrySchedule>()(
  open({
    delaysSeconds: Type.Array(Type.Number()),
    maxRetriesDefault: Type.Integer(),
    maxRetriesLimit: Type.Integer(),
    jitterRatio: Type.Number(),
  }),
);

const eventTypeDefinition = exactly<EventTypeDefinition>()(
  open({ name: string(), description: string(), group: string(), schema: anyObject(), sample: anyObject() }),
);

const sampleMessage: Schema<ProfileResource['sampleMessage']> = Type.Unsafe<ProfileResource['sampleMessage']>({
  ...exactly<NonNullable<ProfileResource['sampleMessage']>>()(open({ secret: string(), headers: headerList(), body: string() })),
  type: ['object', 'null'],
  description: 'A message of the first sample, signed with a sample secret: what a receiver would get.',
});

export const profile: NamedSchema<ProfileResource> = named(
  'Profile',
  exactly<ProfileResource>()(
    open({
      name: string(MEMBERS.name),
      title: string(),
      description: string(),
      envelope: Type.Unsafe<EnvelopeTemplate>(anyObject(MEMBERS.envelope)),
      timestampForm: word(['iso', 'iso-micros', 'iso-seconds']),
      print: word(['raw', 'javascript', 'python']),
      eventIdPrefix: nullable<string>(string(MEMBERS.eventIdPrefix)),
      headers: mapOf(string()),
      signature,
      secret: secretRules,
      schedule,
      timeoutSecondsDefault: Type.Number(),
      timeoutSecondsMax: Type.Number(),
      httpsRequired: Type.Boolean(),
      reactions,
      failingWord: string(MEMBERS.failingWord),
      catalogueClosed: Type.Boolean({ description: MEMBERS.catalogueClosed }),
      eventTypes: Type.Array(eventTypeDefinition),
      version: Type.Integer({ description: '1 and up. Endpoints keep the version they were made with.' }),
      builtIn: Type.Boolean(),
      sampleMessage,
    }),
  ),
);

export const profileInputExample: ProfileInput = {
  title: 'Acme',
  signature: { header: 'X-Acme-Signature', algorithm: 'sha256', content: '{body}', encoding: 'hex', prefix: 'sha256=' },
  envelope: { id: '{id}', event: '{type}', at: '{timestamp}', data: '{data}' },
  schedule: { delaysSeconds: [10, 60, 600] },
};

export const profileExample: ProfileResource = {
  name: 'acme',
  title: 'Acme',
  description: '',
  envelope: { id: '{id}', event: '{type}', at: '{timestamp}', data: '{data}' },
  timestampForm: 'iso',
  print: 'raw',
  eventIdPrefix: null,
  headers: {},
  signature: {
    kind: 'hmac-template',
    header: 'X-Acme-Signature',
    algorithm: 'sha256',
    content: '{body}',
    encoding: 'hex',
    prefix: 'sha256=',
    timestampHeader: null,
    secret: 'utf8',
  },
  secret: { prefix: 'whsec_', form: 'utf8', minBytes: 8, maxBytes: 256, warnBelowBytes: 16 },
  schedule: { delaysSeconds: [10, 60, 600], maxRetriesDefault: 3, maxRetriesLimit: 20, jitterRatio: 0 },
  timeoutSecondsDefault: 15,
  timeoutSecondsMax: 60,
  httpsRequired: false,
  reactions: { goneDisables: true, retryAfterHonoured: true, overloadSlows: true, disableAfterSeconds: 432_000 },
  failingWord: 'failing',
  catalogueClosed: false,
  eventTypes: [],
  version: 1,
  builtIn: false,
  sampleMessage: null,
};
