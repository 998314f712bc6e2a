// A route, said once: its path, what it needs, takes and answers, and every error it may answer. From this one object
// Fastify gets the route and its schemas, and OpenAPI its operation; the tests hold every answer they see against it.
//
// Order of checks, each before the next: the key (before the body is read), the ids in the path, the body's form, the
// query's form, then the handler. So nobody without a key learns anything, and bad input changes nothing.

import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { ErrorCode, Key } from '@waxwing/protocol';
import type { Need } from './access.ts';
import { authenticate, authenticateFresh, isUnauthorized } from './authenticate.ts';
import type { Authority } from './authenticate.ts';
import { checkPathId, malformedCode, pathParameter } from './path-ids.ts';
import type { PathIds } from './path-ids.ts';
import { invalidRequest } from './problems.ts';
import { noQuery } from './schemas/query.ts';
import { ref } from './schemas/schema.ts';
import type { NamedSchema, Schema } from './schemas/schema.ts';
import { unknownField } from './validation.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

/** What a handler is given: everything checked. */
export interface RouteRequest<Path extends PathIds, Query, Body> {
  readonly path: { readonly [P in keyof Path]: string };
  readonly query: Query;
  readonly body: Body;
  /** Who asks; null on public routes. */
  readonly key: Key | null;
  /** The Idempotency-Key header as it came. */
  readonly idempotencyKey: string | readonly string[] | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Told once, when the answer is sent or nobody is left to read it. */
  readonly onClose: (then: () => void) => void;
}

/** What a handler answers: one of the route's own statuses. */
export interface Answered<Answer> {
  readonly status: number;
  readonly body: Answer;
  readonly headers?: { readonly [name: string]: string };
}

/** What a route takes as its body. */
export interface RouteBody<Body> {
  readonly schema: NamedSchema<Body>;
  readonly example: Body;
  /** Whether it may be left out; it is then `{}`. */
  readonly optional?: boolean;
  /** Handed over as bytes, unparsed and unvalidated: the publish routes read them themselves. */
  readonly raw?: boolean;
}

/** What a route answers when all is well. */
export interface RouteAnswer<Answer> {
  /** Null for an answer without a body. */
  readonly schema: Schema<Answer> | null;
  readonly example: Answer;
  /** What it is, when not JSON; `schema` is then a string's. */
  readonly media?: string;
  /** Description by status. */
  readonly statuses: { readonly [status: number]: string };
}

export interface RouteSpec<Path extends PathIds, Query, Body, Answer> {
  readonly method: Method;
  /** As OpenAPI writes it: `/v1/tenants/{tenant}`. */
  readonly path: string;
  /** What each part of the path in braces names. */
  readonly ids: Path;
  readonly name: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What it takes to be let in; null for everybody. */
  readonly need: Need | null;
  readonly query?: Schema<Query>;
  readonly body?: RouteBody<Body>;
  readonly answer: RouteAnswer<Answer>;
  /** Every code it may answer beyond the ones that its form brings along. */
  readonly errors: readonly ErrorCode[];
  readonly handle: (request: RouteRequest<Path, Query, Body>) => Promise<Answered<Answer>> | Answered<Answer>;
}

/** A route ready to be registered and documented. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly name: string;
  readonly tag: string;
  readonly need: Need | null;
  readonly answer: RouteAnswer<unknown>;
  readonly body: { readonly name: string; readonly example: unknown; readonly optional: boolean; readonly raw: boolean } | null;
  readonly idempotent: boolean;
  /** Every code it may answer. */
  readonly errors: ReadonlySet<ErrorCode>;
  register(app: FastifyInstance, authority: Authority): void;
}

const FROM_ANY: readonly ErrorCode[] = ['invalid_request', 'headers_too_large', 'request_timeout', 'shutting_down', 'internal'];
const FROM_KEYS: readonly ErrorCode[] = ['unauthorized', 'forbidden'];
const FROM_BODIES: readonly ErrorCode[] = ['invalid_json', 'unsupported_media_type', 'request_too_large'];

/** Makes a route of what was said about it. */
export function defineRoute<const Path extends PathIds, Query = Record<never, never>, Body = undefined, Answer = null>(
  spec: RouteSpec<Path, Query, Body, Answer>,
): Route {
  const { method, path, name, tag, need, answer, body } = spec;
  const errors = new Set<ErrorCode>([
    ...FROM_ANY,
    ...(need === null ? [] : FROM_KEYS),
    ...(method === 'GET' ? [] : FROM_BODIES), // a body that nobody asked for is judged too
    ...Object.values(spec.ids).flatMap((kind): ErrorCode[] => ['invalid_id', malformedCode(kind)]),
    ...spec.errors,
  ]);
  return {
    method,
    path,
    name,
    tag,
    need,
    answer,
    body:
      body === undefined
        ? null
        : { name: body.schema.name, example: body.example, optional: body.optional === true, raw: body.raw === true },
    idempotent: need === 'publish',
    errors,
    register: (app, authority) => register(app, authority, spec),
  };
}

function register<Path extends PathIds, Query, Body, Answer>(
  app: FastifyInstance,
  authority: Authority,
  spec: RouteSpec<Path, Query, Body, Answer>,
): void {
  const { ids, need, body, answer, handle } = spec;
  const parts = Object.entries(ids);
  const checked = body !== undefined && body.raw !== true;
  app.route({
    method: spec.method satisfies HTTPMethods,
    url: spec.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    schema: {
      operationId: spec.name,
      tags: [spec.tag],
      summary: spec.summary,
      ...(spec.description === undefined ? {} : { description: spec.description }),
      ...(need === null ? { security: [] } : {}),
      ...(answer.media === undefined ? {} : { produces: [answer.media] }),
      params: {
        type: 'object',
        properties: Object.fromEntries(parts.map(([part, kind]) => [part, pathParameter(kind)])),
        required: parts.map(([part]) => part),
      },
      querystring: spec.query ?? noQuery,
      ...(checked ? { body: ref(body.schema) } : {}),
      response: Object.fromEntries(
        Object.entries(answer.statuses).map(([status, description]) => [
          status,
          answer.schema === null ? { type: 'null', description } : { ...answer.schema, description },
        ]),
      ),
    },
    onRequest: (request, _reply, done) => {
      const path = typed<{ readonly [part: string]: string | undefined }>(request.params);
      const judge = (key: Key | null): void => {
        if (key !== null) request.key = key;
        for (const [part, kind] of parts) checkPathId(kind, part, path[part] ?? '');
      };
      const passed = (): void => done();
      const failed = (error: unknown): void => done(error instanceof Error ? error : new Error(String(error)));
      try {
        judge(need === null ? null : authenticate(authority, request, need, path['tenant'] ?? null));
      } catch (error) {
        if (need === null || !isUnauthorized(error)) return failed(error);
        authenticateFresh(authority, request, need, path['tenant'] ?? null)
          .then(judge)
          .then(passed, failed);
        return;
      }
      done();
    },
    ...(body?.raw === true ? {} : { preValidation: body === undefined ? refuseBody : body.optional === true ? fillBody : passBody }),
    handler: async (request, reply) => {
      const {
        status,
        body: answered,
        headers,
      } = await handle({
        path: typed<{ readonly [P in keyof Path]: string }>(request.params),
        query: typed<Query>(request.query),
        body: typed<Body>(request.body),
        key: request.key,
        idempotencyKey: request.headers['idempotency-key'],
        headers: request.headers,
        onClose: (then) => reply.raw.once('close', then),
      });
      if (headers !== undefined) reply.headers(headers);
      if (answer.media !== undefined) reply.header('content-type', answer.media);
      return answer.schema === null ? reply.code(status).send() : reply.code(status).send(answered);
    },
  });
}

/**
 * A part of a request with its type. The one place where they take them: the schema that validated the part just now is
 * tied to this very type by `Schema<T>`; parts of the path are the router's, text by name.
 */
function typed<T>(part: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the trust told above
  return part as T;
}

type Done = (error?: Error) => void;

function passBody(_request: FastifyRequest, _reply: FastifyReply, done: Done): void {
  done();
}

function fillBody(request: FastifyRequest, _reply: FastifyReply, done: Done): void {
  if (request.body === undefined) request.body = {};
  done();
}

/** Clients often send `{}` where no body is asked for; anything more would be silently ignored, so it is refused. */
function refuseBody(request: FastifyRequest, _reply: FastifyReply, done: Done): void {
  const { body } = request;
  if (body === undefined) return done();
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return done(invalidRequest([{ path: '', message: 'must be left out: this route takes none' }]));
  const fields = Object.keys(body).map((name) => ({ path: `/${name}`, message: unknownField(name, []) }));
  done(fields.length === 0 ? undefined : invalidRequest(fields));
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on public routes. */
    key: Key | null;
  }
}
