// A route of a platform's management API, said once: registered with Fastify and documented from the same object.
//
// What a platform does not document in a body or a query is ignored, as its own servers do with what newer clients send;
// what it documents is checked whole. Bearer keys only: a console's session never opens these routes.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Engine } from '@waxwing/engine';
import { isTenantId, WaxwingError } from '@waxwing/protocol';
import type { ErrorCode, Key, ManagementName } from '@waxwing/protocol';
import { permits, refusal } from '../access.ts';
import type { Method } from '../route.ts';
import type { NamedSchema, Schema } from '../schemas/schema.ts';
import type { ErrorShape } from './errors.ts';
import { Webhooks } from './webhooks.ts';

type Need = 'read' | 'manage' | 'catalogue';

export interface ManagementRequest<Query, Body> {
  /** The webhook's id in the path; empty where there is none. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
  readonly webhooks: Webhooks;
}

export interface ManagementSpec<Query, Body, Answer> {
  readonly method: Method;
  /** As OpenAPI writes it. `{id}` is a webhook's; another part names the tenant; without one, the key does. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  /** What it takes to be let in; `catalogue` takes any key and is about no tenant. */
  readonly need: Need;
  readonly query?: Schema<Query>;
  readonly body?: { readonly schema: NamedSchema<Body>; readonly example: Body };
  readonly answer: {
    readonly status: number;
    readonly description: string;
    /** Null for an answer without a body. */
    readonly schema: NamedSchema<Answer> | null;
    readonly example: Answer;
  };
  /** Every code it may answer beyond the ones that all do. */
  readonly errors: readonly ErrorCode[];
  readonly handle: (request: ManagementRequest<Query, Body>) => Promise<Answer>;
}

/** A route ready to be registered and documented. */
export interface ManagementRoute {
  readonly method: Method;
  readonly path: string;
  readonly spec: Omit<ManagementSpec<unknown, unknown, unknown>, 'handle'>;
  /** Every code it may answer. */
  readonly errors: readonly ErrorCode[];
  register(app: FastifyInstance, engine: Engine, api: ManagementApi): void;
}

/** One platform's management API. */
export interface ManagementApi {
  readonly name: ManagementName;
  readonly title: string;
  readonly description: string;
  /** Which paths are its own, also those that no route of it takes. */
  readonly paths: RegExp;
  /** The services' names of fields → the platform's. */
  readonly fieldNames: { readonly [field: string]: string };
  readonly errors: ErrorShape;
  readonly routes: readonly ManagementRoute[];
  /** Lets a request in, or throws `rate_limited`. */
  admit?(key: Key): void;
  /** Headers of every answer. The key is null where nobody is known yet. */
  headers?(key: Key | null): { readonly [name: string]: string };
}

const FROM_ANY: readonly ErrorCode[] = ['invalid_request', 'unauthorized', 'forbidden', 'shutting_down', 'internal', 'store_unavailable'];
const FROM_BODIES: readonly ErrorCode[] = ['invalid_json', 'unsupported_media_type', 'request_too_large'];
const FROM_WRITES: readonly ErrorCode[] = ['overloaded', 'commit_unknown', 'disk_full', 'disk_failing'];

/** What a webhook's settings may be refused with. */
export const FROM_SETTINGS: readonly ErrorCode[] = [
  'url_refused',
  'https_required',
  'invalid_header',
  'invalid_event_types',
  'invalid_secret',
];

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/** Makes a route of what was said about it. */
export function managementRoute<Query = unknown, Body = undefined, Answer = null>(
  spec: ManagementSpec<Query, Body, Answer>,
): ManagementRoute {
  const { method, path, body, query } = spec;
  const tenantPart = [...path.matchAll(/\{(\w+)\}/g)].map(([, part]) => part).find((part) => part !== 'id');
  return {
    method,
    path,
    // What describes a route takes nothing and gives nothing: its schemas' types do not matter there.
    spec,
    errors: [
      ...FROM_ANY,
      ...(tenantPart === undefined ? [] : (['tenant_not_found'] as const)),
      ...(path.includes('{id}') ? (['endpoint_not_found'] as const) : []),
      ...(method === 'GET' ? [] : FROM_BODIES), // a body that nobody asked for is read too
      ...(method === 'GET' ? [] : FROM_WRITES),
      ...spec.errors,
    ],
    register: (app, engine, api) => {
      app.route({
        method,
        url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
        schema: {
          hide: true, // it stands in its own contract
          ...(query === undefined ? {} : { querystring: query }),
          ...(body === undefined ? {} : { body: body.schema.schema }),
          ...(spec.answer.schema === null ? {} : { response: { [spec.answer.status]: spec.answer.schema.schema } }),
        },
        onRequest: async (request) => {
          request.key = await bearer(engine, request);
          api.admit?.(request.key);
          tenantOf(request, request.key, spec.need, tenantPart);
        },
        handler: async (request, reply) => {
          const key = request.key ?? (await bearer(engine, request));
          const tenant = tenantOf(request, key, spec.need, tenantPart);
          const answer = await spec.handle({
            id: partOf(request, 'id'),
            query: typed<Query>(request.query),
            body: typed<Body>(request.body),
            webhooks: new Webhooks(engine, tenant, api.name, key),
          });
          reply.code(spec.answer.status);
          if (api.headers !== undefined) reply.headers(api.headers(key));
          return spec.answer.schema === null ? reply.send() : reply.send(answer);
        },
      });
    },
  };
}

/** Deletes a webhook: the same of every platform. */
export function deletion(path: string): ManagementRoute {
  return managementRoute({
    method: 'DELETE',
    path,
    name: 'deleteWebhook',
    summary: 'Delete a webhook',
    need: 'manage',
    answer: { status: 204, description: 'Deleted.', schema: null, example: null },
    errors: [],
    handle: async ({ webhooks, id }) => {
      await webhooks.delete(id);
      return null;
    },
  });
}

async function bearer(engine: Engine, request: FastifyRequest): Promise<Key> {
  const text = BEARER.exec(request.headers.authorization ?? '')?.[1];
  const known = text === undefined ? null : engine.keys.authenticate(text);
  const key = text !== undefined && known === null && (await engine.refresh()) ? engine.keys.authenticate(text) : known;
  if (key !== null) return key;
  throw new WaxwingError('unauthorized', text === undefined ? 'Send a key: Authorization: Bearer <key>.' : 'The API key is not valid.');
}

/** Whose webhooks a request is about. Another tenant's are not there, whether or not it exists. */
function tenantOf(request: FastifyRequest, key: Key, need: Need, part: string | undefined): string {
  if (need === 'catalogue') return '';
  const tenant = part === undefined ? key.tenant : partOf(request, part);
  if (tenant === null)
    throw new WaxwingError('forbidden', 'This key is for the whole deployment and names no tenant: use a key that is for one.');
  if (!isTenantId(tenant) || (key.tenant !== null && key.tenant !== tenant))
    throw new WaxwingError('tenant_not_found', `There is no ${part ?? 'tenant'} ${JSON.stringify(tenant)}.`);
  if (!permits(key, need, tenant)) throw new WaxwingError('forbidden', refusal(need));
  return tenant;
}

function partOf(request: FastifyRequest, part: string): string {
  return typed<{ readonly [part: string]: string | undefined }>(request.params)[part] ?? '';
}

/** A part of a request with its type: the schema that validated it just now is tied to this very type by `Schema<T>`. */
function typed<T>(part: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the trust told above
  return part as T;
}
