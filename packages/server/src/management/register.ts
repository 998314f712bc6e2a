// The management APIs that a server was told to speak, registered: routes, errors in each platform's shape, each its own
// contract (`/openapi/<name>.json`) and browsable page (`/docs/<name>`).

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Engine } from '@waxwing/engine';
import { WaxwingError } from '@waxwing/protocol';
import type { ManagementName } from '@waxwing/protocol';
import { registerDocsPage } from '../docs-page.ts';
import { plainError } from './errors.ts';
import { humanconnection } from './humanconnection.ts';
import { joai } from './joai.ts';
import { meetloyd } from './meetloyd.ts';
import { meshagent } from './meshagent.ts';
import { managementContract } from './openapi.ts';
import type { ManagementApi } from './route.ts';

export interface ManagementOptions {
  readonly engine: Engine;
  readonly version: string;
  readonly publicUrl: string | null;
}

/** The API of a platform. */
export function managementApi(name: ManagementName): ManagementApi {
  switch (name) {
    case 'joai':
      return joai;
    case 'humanconnection':
      return humanconnection;
    case 'meshagent':
      return meshagent;
    case 'meetloyd':
      return meetloyd(Date.now);
    default:
      return name satisfies never;
  }
}

/** The API whose path this is; undefined for the server's own. */
export function apiOf(apis: readonly ManagementApi[], url: string): ManagementApi | undefined {
  return apis.find((api) => api.paths.test(url));
}

/** Registers them in a scope whose parser of JSON stands. */
export async function registerManagement(app: FastifyInstance, apis: readonly ManagementApi[], options: ManagementOptions): Promise<void> {
  for (const api of apis) {
    for (const route of api.routes) route.register(app, options.engine, api);
    const contract = managementContract(api, options);
    app.get(`/openapi/${api.name}.json`, { schema: { hide: true } }, () => contract);
    await app.register(async (scope) => registerDocsPage(scope, { path: `/docs/${api.name}`, title: `Waxwing as ${api.title}`, contract }));
  }
}

/** Answers with an error as the platform's clients expect it. Headers that every error has are set by the caller. */
export function sendPlatformError(api: ManagementApi, error: WaxwingError, request: FastifyRequest, reply: FastifyReply): void {
  // A part of the path that no id can be is one that nothing has.
  const told = error.code === 'invalid_id' ? new WaxwingError('endpoint_not_found', error.message) : error;
  const plain = plainError(told, api.errors, api.fieldNames);
  if (api.headers !== undefined) reply.headers(api.headers(request.key));
  void reply
    .code(plain.status)
    .type('application/json')
    .serializer(String)
    .send(JSON.stringify(api.errors.body(plain)));
}
