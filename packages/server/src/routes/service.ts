// The service itself: health, readiness, metrics, the contract, the front page.

import type { Engine } from '@waxwing/engine';
import { WaxwingError } from '@waxwing/protocol';
import type { BuiltConsole } from '../console/built-console.ts';
import type { Metrics } from '../metrics.ts';
import { homePage } from '../home-page.ts';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { health, readiness } from '../schemas/health.ts';
import { anyQuery } from '../schemas/query.ts';
import { anyObject, ref, string } from '../schemas/schema.ts';

const TAG = 'Service';

export interface ServiceRouteOptions {
  readonly engine: Engine;
  readonly metrics: Metrics;
  /** Whether /metrics answers without a key. */
  readonly metricsPublic: boolean;
  /** What the front page is; a small page that says where to go when there is none. */
  readonly builtConsole: BuiltConsole | null;
  readonly version: string;
  /** The contract; asked for once every route stands. */
  readonly contract: () => { readonly [member: string]: unknown };
}

export function serviceRoutes({ engine, metrics, metricsPublic, builtConsole, version, contract }: ServiceRouteOptions): readonly Route[] {
  const home = homePage(version);
  const page = builtConsole?.page() ?? { body: home.html, headers: { 'content-security-policy': home.contentSecurityPolicy } };
  return [
    defineRoute({
      method: 'GET',
      path: '/',
      ids: {},
      name: 'home',
      tag: TAG,
      summary: 'The console',
      description: 'Every path of it that is not a route here answers with the same page when a browser asks for HTML.',
      need: null,
      query: anyQuery, // the console’s own: what it shows stands in its address
      answer: { schema: string(), media: 'text/html; charset=utf-8', example: '<!doctype html>…', statuses: { 200: 'The page.' } },
      errors: [],
      handle: () => ({ status: 200, body: String(page.body), headers: page.headers }),
    }),
    defineRoute({
      method: 'GET',
      path: '/healthz',
      ids: {},
      name: 'health',
      tag: TAG,
      summary: 'Whether the process is alive',
      need: null,
      answer: { schema: ref(health), example: { status: 'ok' }, statuses: { 200: 'It is.' } },
      errors: [],
      handle: () => ({ status: 200, body: { status: 'ok' } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/readyz',
      ids: {},
      name: 'readiness',
      tag: TAG,
      summary: 'Whether it can take events',
      description: 'The store can be reached and written, and nothing is shutting down.',
      need: null,
      answer: { schema: ref(readiness), example: { status: 'ready' }, statuses: { 200: 'It can.' } },
      errors: ['not_ready'],
      handle: () => {
        const { ready, notReady, shards } = engine.status();
        if (!ready) throw new WaxwingError('not_ready', `Not ready: ${notReady ?? 'the engine does not say why'}.`);
        return { status: 200, body: { status: 'ready', ...(shards === null ? {} : { shards }) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/metrics',
      ids: {},
      name: 'metrics',
      tag: TAG,
      summary: 'Metrics for Prometheus',
      description: 'Takes a key of scope read or admin, unless the server is set to show them to everybody.',
      need: metricsPublic ? null : 'operate',
      answer: { schema: string(), media: metrics.contentType, example: 'waxwing_ready 1\n', statuses: { 200: 'In the text format.' } },
      errors: [],
      handle: async () => ({ status: 200, body: await metrics.print() }),
    }),
    defineRoute({
      method: 'GET',
      path: '/openapi.json',
      ids: {},
      name: 'contract',
      tag: TAG,
      summary: 'This contract',
      need: null,
      answer: { schema: anyObject(), example: { openapi: '3.1.0' }, statuses: { 200: 'OpenAPI 3.1.' } },
      errors: [],
      handle: () => ({ status: 200, body: contract() }),
    }),
  ];
}
