// A management API's own contract: OpenAPI 3.1 from its routes, whose schemas are the ones that validate and serialise.

import { ERRORS, WaxwingError } from '@waxwing/protocol';
import type { ErrorCode } from '@waxwing/protocol';
import type { NamedSchema } from '../schemas/schema.ts';
import { plainError } from './errors.ts';
import type { ManagementApi, ManagementRoute } from './route.ts';

interface Json {
  [member: string]: unknown;
}

const ERROR = 'Error';

/** The document of one API. */
export function managementContract(api: ManagementApi, options: { readonly version: string; readonly publicUrl: string | null }): Json {
  const paths: { [path: string]: Json } = {};
  const schemas: Json = { [ERROR]: plain({ ...api.errors.schema, title: ERROR }) };
  const keep = ({ name, schema }: NamedSchema<unknown>): Json => {
    schemas[name] = plain(schema);
    return { $ref: `#/components/schemas/${name}` };
  };
  for (const route of api.routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(api, route, keep);
  return {
    openapi: '3.1.0',
    info: { title: `Waxwing as ${api.title}`, version: options.version, description: api.description },
    servers: [{ url: options.publicUrl ?? '/' }],
    tags: [{ name: 'Webhooks', description: 'Who receives what.' }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key of this server for one tenant, or an admin key.' } },
      schemas,
    },
  };
}

function operation(api: ManagementApi, { path, spec, errors }: ManagementRoute, keep: (schema: NamedSchema<unknown>) => Json): Json {
  const { answer, body } = spec;
  const responses: Json = {
    [answer.status]: {
      description: answer.description,
      ...(api.headers === undefined ? {} : { headers: headersOf(api) }),
      ...(answer.schema === null ? {} : { content: { 'application/json': { schema: keep(answer.schema), example: answer.example } } }),
    },
  };
  for (const [status, codes] of byStatus(api, errors)) responses[status] = refused(api, codes);
  return {
    operationId: spec.name,
    tags: ['Webhooks'],
    summary: spec.summary,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    parameters: [...pathParameters(path), ...queryParameters(plain(spec.query ?? {}))],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: keep(body.schema), example: body.example } } } }),
    responses,
  };
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    in: 'path',
    name,
    required: true,
    description: name === 'id' ? 'The webhook’s id.' : `The ${name}’s id: the tenant.`,
    schema: { type: 'string' },
  }));
}

function queryParameters({ properties }: Json): readonly Json[] {
  const members: Json = typeof properties === 'object' ? { ...properties } : {};
  return Object.entries(members).map(([name, schema]) => ({ in: 'query', name, required: false, schema }));
}

function byStatus(api: ManagementApi, codes: readonly ErrorCode[]): ReadonlyMap<number, readonly ErrorCode[]> {
  const groups = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const status = api.errors.status(new WaxwingError(code, ''));
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return new Map([...groups].toSorted(([a], [b]) => a - b));
}

function refused(api: ManagementApi, codes: readonly ErrorCode[]): Json {
  const status = codes[0] === undefined ? 0 : api.errors.status(new WaxwingError(codes[0], ''));
  const retries = status === 429 || status === 503;
  return {
    description: codes.map((code) => `${ERRORS[code].title}.`).join(' '),
    headers: {
      ...headersOf(api),
      ...(retries ? { 'Retry-After': { description: 'Seconds until trying again makes sense.', schema: { type: 'integer' } } } : {}),
    },
    content: {
      'application/json': {
        schema: { $ref: `#/components/schemas/${ERROR}` },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(api, code) }])),
      },
    },
  };
}

function exampleOf(api: ManagementApi, code: ErrorCode): Json {
  const fields = code === 'invalid_request' ? [{ path: '/url', message: 'is required' }] : [];
  return { ...api.errors.body(plainError(new WaxwingError(code, `${ERRORS[code].title}.`, { fields }), api.errors, api.fieldNames)) };
}

function headersOf(api: ManagementApi): Json {
  return Object.fromEntries(Object.keys(api.headers?.(null) ?? {}).map((name) => [name, { schema: { type: 'string' } }]));
}

/** A schema as JSON has it: without its maker's marks and without the name that Fastify knows it by. */
function plain(schema: object): Json {
  const { $id: _id, ...rest }: Json = JSON.parse(JSON.stringify(schema));
  return rest;
}
