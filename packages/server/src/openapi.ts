// The contract, generated: OpenAPI 3.1 from the very schemas that validate and serialise, and from each route's own list
// of errors. `complete and true` is held by the tests: every route stands in it, every example validates against its
// schema, every answer that the tests see is one that it documents.

import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { ERRORS } from '@waxwing/protocol';
import type { ErrorCode } from '@waxwing/protocol';
import type { Route } from './route.ts';
import { problem, problemExample } from './schemas/problem.ts';

export interface ContractOptions {
  readonly version: string;
  readonly publicUrl: string | null;
  /** Filled by the time the contract is first asked for. */
  readonly routes: readonly Route[];
}

/** A part of an OpenAPI document, as JSON has it. */
interface Json {
  [member: string]: unknown;
}

const TAGS = [
  { name: 'Publishing', description: 'Events in.' },
  { name: 'Events', description: 'What was published.' },
  { name: 'Deliveries', description: 'What became of it, attempt by attempt.' },
  { name: 'Endpoints', description: 'Who receives it.' },
  { name: 'Tenants', description: "The platform's customers." },
  { name: 'Catalogue', description: 'Event types and profiles.' },
  { name: 'Statistics', description: 'How it goes, by step of time.' },
  { name: 'Keys', description: 'Who may do what.' },
  { name: 'Console', description: 'Signing in to the web console.' },
  { name: 'Service', description: 'Health, metrics and this contract.' },
];

const HEADERS: { readonly [code in ErrorCode]?: Json } = {
  unauthorized: { 'WWW-Authenticate': { description: 'How to authenticate.', schema: { type: 'string' } } },
  method_not_allowed: { Allow: { description: 'The methods that the route takes.', schema: { type: 'string' } } },
};

const RETRY_AFTER: Json = { 'Retry-After': { description: 'Seconds until trying again makes sense.', schema: { type: 'integer' } } };

// Served by a plugin, so no route of ours describes it.
const DOCS_PATHS = {
  '/docs': {
    get: {
      operationId: 'docs',
      tags: ['Service'],
      summary: 'This contract, to browse and to try',
      security: [],
      responses: { 200: { description: 'The page.', content: { 'text/html': { schema: { type: 'string' as const } } } } },
    },
  },
};

/** Registers the generator; must come before the routes. */
export async function registerContract(app: FastifyInstance, options: ContractOptions): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Waxwing',
        version: options.version,
        description:
          'Every webhook signed, every webhook delivered: publish an event, and each endpoint that subscribed receives it, durably, signed in its own convention.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: options.publicUrl ?? '/' }],
      tags: TAGS,
      paths: DOCS_PATHS,
      security: [{ key: [] }],
      components: {
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            description: 'A key: for the deployment (`admin`, `read`, `publish`) or for one tenant (`publish`, `manage`, `read`).',
          },
        },
      },
    },
    convertConstToEnum: false,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => (typeof json.$id === 'string' ? json.$id : `schema-${index}`),
    },
    transformObject: (documents) =>
      'openapiObject' in documents ? complete(documents.openapiObject, options.routes) : documents.swaggerObject,
  });
}

/** Adds what a schema cannot say: examples, errors, the publish routes' bodies and headers, what is not JSON. */
function complete<Document extends { paths?: object; components?: object }>(document: Document, routes: readonly Route[]): Document {
  const codes = new Set<ErrorCode>(['route_not_found', 'method_not_allowed']);
  const paths: Json = { ...document.paths };
  for (const route of routes) {
    const item = { ...asJson(paths[route.path]) };
    const method = route.method.toLowerCase();
    item[method] = operation(asJson(item[method]), route);
    paths[route.path] = item;
    for (const code of route.errors) codes.add(code);
  }
  const examples = Object.fromEntries([...codes].map((code) => [code, { summary: ERRORS[code].title, value: problemExample(code) }]));
  return { ...document, paths, components: { ...document.components, examples } };
}

function operation(generated: Json, route: Route): Json {
  const responses: Json = {};
  for (const status of Object.keys(route.answer.statuses))
    responses[status] = answered(asJson(asJson(generated['responses'])[status]), route);
  for (const [status, codes] of byStatus(route.errors)) responses[status] = refused(codes);
  const parameters = [
    ...(Array.isArray(generated['parameters']) ? generated['parameters'] : []),
    ...(route.idempotent
      ? [
          {
            in: 'header',
            name: 'Idempotency-Key',
            required: false,
            description: 'Repeating the request with the same key and content within 7 days returns the first answer.',
            schema: { type: 'string', minLength: 1, maxLength: 255 },
          },
        ]
      : []),
  ];
  return {
    ...generated,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === null
      ? {}
      : {
          requestBody: {
            required: !route.body.optional,
            content: { 'application/json': { schema: { $ref: `#/components/schemas/${route.body.name}` }, example: route.body.example } },
          },
        }),
    responses,
  };
}

function answered(generated: Json, route: Route): Json {
  const description = generated['description'];
  if (route.answer.schema === null) return { description };
  const content = asJson(generated['content']);
  return {
    description,
    content: Object.fromEntries(
      Object.entries(content).map(([media, body]) => [media, { schema: asJson(body)['schema'], example: route.answer.example }]),
    ),
  };
}

function refused(codes: readonly ErrorCode[]): Json {
  const status = codes[0] === undefined ? 0 : ERRORS[codes[0]].status;
  const headers: Json = status === 503 || status === 429 ? { ...RETRY_AFTER } : {};
  for (const code of codes) Object.assign(headers, HEADERS[code]);
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: {
      'application/problem+json': {
        schema: { $ref: `#/components/schemas/${problem.name}` },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

function byStatus(codes: Iterable<ErrorCode>): ReadonlyMap<string, readonly ErrorCode[]> {
  const groups = new Map<string, ErrorCode[]>();
  for (const code of codes) {
    const status = String(ERRORS[code].status);
    const group = groups.get(status);
    if (group === undefined) groups.set(status, [code]);
    else group.push(code);
  }
  return new Map([...groups].sort(([a], [b]) => a.localeCompare(b)));
}

function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
