// The HTTP application, put together: routes, and what holds for every request whatever its route.
//
// Invariants:
//  1. Every answer carries the security headers and its request id; nothing of the API is cached; no origin but this one
//     may read it.
//  2. Every error, from a broken request line to a fault inside, leaves by problems.ts.
//  3. On the publish routes nothing is parsed twice and nothing is logged at info when all is well.

import { randomBytes } from 'node:crypto';
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { systemClock } from '@waxwing/engine';
import type { Clock, Engine } from '@waxwing/engine';
import { WaxwingError } from '@waxwing/protocol';
import type { ManagementName, Setting } from '@waxwing/protocol';
import type { Authority } from './authenticate.ts';
import { parseBody } from './body.ts';
import { readBuiltConsole } from './console/built-console.ts';
import { answerFromConsole } from './console/console-paths.ts';
import type { Sessions } from './console/sessions.ts';
import { registerDocsPage } from './docs-page.ts';
import { createKnownPaths } from './known-paths.ts';
import type { ServerLog } from './log.ts';
import { apiOf, managementApi, registerManagement, sendPlatformError } from './management/register.ts';
import { createMetrics } from './metrics.ts';
import { registerContract } from './openapi.ts';
import { rawProblem, sendProblem } from './problems.ts';
import type { ProblemSettings } from './problems.ts';
import type { Route } from './route.ts';
import { catalogueRoutes } from './routes/catalogue.ts';
import { consoleSessionRoutes } from './routes/console-session.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { deploymentRoutes } from './routes/deployment.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import { eventRoutes } from './routes/events.ts';
import { keyRoutes } from './routes/keys.ts';
import { listenerRoutes } from './routes/listeners.ts';
import { lookupRoutes } from './routes/lookup.ts';
import { noticeRoutes } from './routes/notices.ts';
import { rejectedEventRoutes } from './routes/rejected-events.ts';
import { portalLinkRoutes } from './routes/portal-links.ts';
import { publishRoutes } from './routes/publish.ts';
import { replayRoutes } from './routes/replays.ts';
import { serviceRoutes } from './routes/service.ts';
import { streamRoutes } from './routes/stream.ts';
import { statsRoutes } from './routes/stats.ts';
import { tenantRoutes } from './routes/tenants.ts';
import { SHARED_SCHEMAS } from './schemas/shared.ts';
import { createStreams } from './stream/streams.ts';
import type { Streams } from './stream/streams.ts';
import { createValidatorCompiler } from './validation.ts';

export interface AppOptions {
  readonly engine: Engine;
  readonly version: string;
  readonly log: ServerLog;
  readonly publicUrl: string | null;
  readonly sessions: Sessions;
  /** Where the built console stands; null for none. */
  readonly consoleFolder: string | null;
  readonly bodyLimitBytes: number;
  readonly batchEventsMax: number;
  readonly metricsPublic: boolean;
  /** The platforms whose management APIs are spoken too. */
  readonly management: readonly ManagementName[];
  /** The streams that are open; ended by who made it. */
  readonly streams?: Streams;
  /** The clock of heartbeats. The system's unless told. */
  readonly clock?: Pick<Clock, 'after'>;
  readonly requestTimeoutMs: number;
  /** What `/v1/settings` shows; nothing unless told. */
  readonly settings?: readonly Setting[];
  /** Whether the server is draining; asked at every request. */
  readonly closing: () => boolean;
  /** Told of every route as it is registered. */
  readonly onRoute?: (method: string, path: string) => void;
}

const HEADER_BYTES_MAX = 16_384;
const PATH_PART_LENGTH_MAX = 512;

/** Builds the application; it does not listen yet. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { engine, version, log, bodyLimitBytes } = options;
  const authority: Authority = {
    keys: engine.keys,
    refresh: () => engine.refresh(),
    sessions: options.sessions,
    publicUrl: options.publicUrl,
  };
  const builtConsole = options.consoleFolder === null ? null : readBuiltConsole(options.consoleFolder);
  const platforms = options.management.map(managementApi);
  const streaming = { engine, streams: options.streams ?? createStreams(), clock: options.clock ?? systemClock };
  const settings: ProblemSettings = {
    log,
    bodyLimitBytes,
    answerAsPlatform: (error, request, reply) => {
      const platform = apiOf(platforms, request.url);
      if (platform !== undefined) sendPlatformError(platform, error, request, reply);
      return platform !== undefined;
    },
  };
  const metrics = createMetrics(engine, version);
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: options.requestTimeoutMs,
    keepAliveTimeout: 72_000, // longer than the 60 s of common load balancers, so that they close first
    forceCloseConnections: 'idle',
    return503OnClosing: false, // ours says it as a problem
    trustProxy: false,
    http: { maxHeaderSize: HEADER_BYTES_MAX, connectionsCheckingInterval: Math.min(5_000, options.requestTimeoutMs) },
    routerOptions: { maxParamLength: PATH_PART_LENGTH_MAX },
    genReqId: requestIds(),
    logger: false, // ours logs one line a request, and nothing of the ones that went well at info
    frameworkErrors: (error, request, reply) => {
      secure(reply);
      sendProblem(error, request, reply, settings);
    },
    clientErrorHandler: (error, socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
      else socket.end(rawProblem(error));
    },
  });
  const { onRoute } = options;
  if (onRoute !== undefined) app.addHook('onRoute', ({ method, url }) => [method].flat().forEach((one) => onRoute(one, url)));
  app.decorateRequest('key', null);
  app.setValidatorCompiler(createValidatorCompiler(SHARED_SCHEMAS));
  for (const { schema } of SHARED_SCHEMAS) app.addSchema(schema);

  const routes: Route[] = [];
  await registerContract(app, { version, publicUrl: options.publicUrl, routes });
  let contract: { readonly [member: string]: unknown } | null = null;
  routes.push(
    ...serviceRoutes({
      engine,
      metrics,
      metricsPublic: options.metricsPublic,
      builtConsole,
      version,
      contract: () => (contract ??= { ...app.swagger() }),
    }),
    ...publishRoutes(engine, options.batchEventsMax),
    ...eventRoutes(engine),
    ...streamRoutes(streaming),
    ...listenerRoutes(streaming),
    ...deliveryRoutes(engine),
    ...replayRoutes(engine),
    ...endpointRoutes(engine),
    ...tenantRoutes(engine),
    ...catalogueRoutes(engine),
    ...keyRoutes(engine),
    ...consoleSessionRoutes(authority, version),
    ...portalLinkRoutes({ engine, publicUrl: options.publicUrl, builtConsole, version }),
    ...lookupRoutes(engine),
    ...noticeRoutes(engine),
    ...rejectedEventRoutes(engine),
    ...statsRoutes(engine),
    ...deploymentRoutes(engine, options.settings ?? []),
  );
  const paths = createKnownPaths([...routes, ...platforms.flatMap((platform) => platform.routes)]);

  app.addHook('onRequest', (request, reply, done) => {
    secure(reply);
    if (options.closing())
      return done(
        new WaxwingError('shutting_down', 'The server is shutting down; another one, or this one in a moment, will answer.', {
          retryAfterSeconds: 5,
        }),
      );
    if (!request.is404) return done();
    const refuse = (): void => {
      const { error, allow } = paths.refuse(request.method, request.url);
      if (allow !== null) reply.header('allow', allow);
      done(error);
    };
    if (builtConsole === null) return refuse();
    answerFromConsole(builtConsole, request, reply).then((answered) => (answered ? undefined : refuse()), done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    // How long somebody listened says nothing of how fast anything was answered.
    const isStream = String(reply.getHeader('content-type')).startsWith('text/event-stream');
    if (!isStream) metrics.observe(request.method, route, reply.statusCode, reply.elapsedTime);
    const level = reply.statusCode < 400 ? 'debug' : 'info';
    if (log.isLevelEnabled(level)) {
      log[level](
        {
          requestId: request.id,
          method: request.method,
          route,
          status: reply.statusCode,
          elapsedMs: Math.round(reply.elapsedTime * 100) / 100,
          keyId: request.key?.id,
        },
        'request',
      );
    }
    done();
  });
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, settings));
  app.setNotFoundHandler((request, reply) => sendProblem(paths.refuse(request.method, request.url).error, request, reply, settings)); // reached by the static files of /docs only

  app.removeAllContentTypeParsers();
  await registerDocsPage(app);
  const [raw, parsed] = [routes.filter((route) => route.body?.raw === true), routes.filter((route) => route.body?.raw !== true)];
  await app.register(async (scope) => {
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    for (const route of raw) route.register(scope, authority);
  });
  await app.register(async (scope) => {
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
      try {
        done(null, parseBody(Buffer.from(body)));
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    });
    for (const route of parsed) route.register(scope, authority);
    await registerManagement(scope, platforms, { engine, version, publicUrl: options.publicUrl });
  });
  await app.ready();
  return app;
}

/** Headers of every answer. Pages of ours replace the content policy by one that suits them. */
function secure(reply: FastifyReply): void {
  reply.header('x-content-type-options', 'nosniff');
  reply.header('cache-control', 'no-store');
  reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  reply.header('referrer-policy', 'no-referrer');
  reply.header('x-request-id', reply.request.id);
}

/** Request ids: unlike those of another process, and cheap: a counter behind a random start. */
function requestIds(): () => string {
  const start = randomBytes(6).toString('base64url');
  let count = 0;
  return () => `${start}-${(++count).toString(36)}`;
}
