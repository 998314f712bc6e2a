// Frameworks: how each takes webhooks, as the one source file of a receiver project that differs between them.
//
// The texts are TypeScript that Node runs by erasing its types. What stands between `/*ts` and `*/` is there in TypeScript
// alone, and `.EXT` is a source's ending.

export interface Framework {
  readonly name: string;
  readonly title: string;
  /** Beside @waxwing/receiver. Held against what the adapters are tested with. */
  readonly dependencies: { readonly [name: string]: string };
  /** Types, for projects in TypeScript. */
  readonly typeDependencies: { readonly [name: string]: string };
  /** `server`: src/server.EXT starts it. `route`: the framework does, and has a command for it. */
  readonly form:
    | { readonly kind: 'server'; readonly server: string }
    | { readonly kind: 'route'; readonly path: string; readonly route: string; readonly start: string; readonly dev: string };
}

const OPTIONS = `{ secret, port }/*ts: { secret: string; port: number }*/`;

/** For those that end in a server of node:http. */
const RUNNING = `  await once(server, 'listening');
  const address = server.address();
  const { port: taken } = typeof address === 'object' && address !== null ? address : { port };
  return {
    url: \`http://localhost:\${taken}/webhook\`,
    stop: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
`;

export const FRAMEWORKS: readonly Framework[] = [
  {
    name: 'server',
    title: 'WebhookServer',
    dependencies: {},
    typeDependencies: {},
    form: {
      kind: 'server',
      server: `import { WebhookServer } from '@waxwing/receiver';
import { handleEvents, profile } from './receiver.EXT';

export async function start(${OPTIONS}) {
  const server = new WebhookServer({ profile, secret, port });
  handleEvents(server);
  await server.start();
  return { url: server.url ?? '', stop: () => server.stop() };
}
`,
    },
  },
  {
    name: 'express',
    title: 'Express',
    dependencies: { express: '^5.3.0' },
    typeDependencies: { '@types/express': '^5.0.6' },
    form: {
      kind: 'server',
      server: `import { once } from 'node:events';
import { webhookHandler } from '@waxwing/receiver/express';
import express from 'express';
import { receiverFor } from './receiver.EXT';

export async function start(${OPTIONS}) {
  const app = express();
  app.post('/webhook', webhookHandler(receiverFor(secret))); // before any body parser: a signature holds for the exact bytes
  app.use(express.json());
  const server = app.listen(port);
${RUNNING}`,
    },
  },
  {
    name: 'fastify',
    title: 'Fastify',
    dependencies: { fastify: '^5.12.8' },
    typeDependencies: {},
    form: {
      kind: 'server',
      server: `import { webhookPlugin } from '@waxwing/receiver/fastify';
import fastify from 'fastify';
import { receiverFor } from './receiver.EXT';

export async function start(${OPTIONS}) {
  const app = fastify();
  await app.register(webhookPlugin, { receiver: receiverFor(secret), path: '/webhook' });
  await app.listen({ port });
  const address = app.server.address();
  const { port: taken } = typeof address === 'object' && address !== null ? address : { port };
  return { url: \`http://localhost:\${taken}/webhook\`, stop: () => app.close() };
}
`,
    },
  },
  {
    name: 'hono',
    title: 'Hono',
    dependencies: { '@hono/node-server': '^2.1.8', hono: '^4.13.19' },
    typeDependencies: {},
    form: {
      kind: 'server',
      server: `import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { webhookHandler } from '@waxwing/receiver/hono';
import { Hono } from 'hono';
import { receiverFor } from './receiver.EXT';

export async function start(${OPTIONS}) {
  const app = new Hono();
  app.post('/webhook', webhookHandler(receiverFor(secret)));
  const server = serve({ fetch: app.fetch, port });
${RUNNING}`,
    },
  },
  {
    name: 'koa',
    title: 'Koa',
    dependencies: { koa: '^3.3.0' },
    typeDependencies: { '@types/koa': '^3.0.3' },
    form: {
      kind: 'server',
      server: `import { once } from 'node:events';
import { webhookMiddleware } from '@waxwing/receiver/koa';
import Koa from 'koa';
import { receiverFor } from './receiver.EXT';

export async function start(${OPTIONS}) {
  const app = new Koa();
  app.use(webhookMiddleware(receiverFor(secret), { path: '/webhook' })); // before any body parser: a signature holds for the exact bytes
  const server = app.listen(port);
${RUNNING}`,
    },
  },
  {
    name: 'nest',
    title: 'NestJS',
    dependencies: {
      '@nestjs/common': '^12.5.1',
      '@nestjs/core': '^12.5.1',
      '@nestjs/platform-express': '^12.5.1',
      'reflect-metadata': '^0.2.2',
      rxjs: '^7.8.2',
    },
    typeDependencies: { '@types/express': '^5.0.6' },
    form: {
      kind: 'server',
      server: `import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
/*tsimport type { NestExpressApplication } from '@nestjs/platform-express';
*/import { webhookHandler } from '@waxwing/receiver/nest';
import { receiverFor } from './receiver.EXT';

class AppModule {}
Module({})(AppModule); // what @Module({}) does, without a build: Node does not apply decorators

export async function start(${OPTIONS}) {
  const app = await NestFactory.create/*ts<NestExpressApplication>*/(AppModule, { logger: ['error', 'warn'] });
  app.use('/webhook', webhookHandler(receiverFor(secret))); // right after create: before Nest's body parser
  await app.listen(port);
  const address = app.getHttpServer().address();
  const { port: taken } = typeof address === 'object' && address !== null ? address : { port };
  return { url: \`http://localhost:\${taken}/webhook\`, stop: () => app.close() };
}
`,
    },
  },
  {
    name: 'next',
    title: 'Next.js',
    dependencies: { next: '^16.4.6', react: '^19.3.0', 'react-dom': '^19.3.0' },
    typeDependencies: { '@types/react': '^19.3.0' },
    form: {
      kind: 'route',
      path: 'app/webhook/route.EXT',
      start: 'next start',
      dev: 'next dev',
      route: `// POST /webhook. The receiver is made with the first request: a build has no secrets.
import { createReceiver } from '@waxwing/receiver';
import { webhookHandler } from '@waxwing/receiver/next';

let handle/*ts: ((request: Request) => Promise<Response>) | undefined*/;

export function POST(request/*ts: Request*/)/*ts: Promise<Response>*/ {
  handle ??= webhookHandler(receiverFor(process.env.WEBHOOK_SECRET ?? ''));
  return handle(request);
}

function receiverFor(secret/*ts: string*/) {
  const receiver = createReceiver({ profile: 'PROFILE', secret });
  HANDLERS
  return receiver;
}
`,
    },
  },
  {
    name: 'fetch',
    title: 'plain fetch',
    dependencies: {},
    typeDependencies: {},
    form: {
      kind: 'server',
      server: `import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { webhookHandler } from '@waxwing/receiver/fetch';
import { receiverFor } from './receiver.EXT';

/** Takes a Request and gives a Response: \`export default { fetch: handlerFor(secret) }\` is a Worker. */
export function handlerFor(secret/*ts: string*/) {
  return webhookHandler(receiverFor(secret));
}

/** The same on Node, whose own server knows no Request. */
export async function start(${OPTIONS}) {
  const handle = handlerFor(secret);
  const server = createServer(async (incoming, outgoing) => {
    const body = incoming.method === 'POST' ? new Uint8Array(await buffer(incoming)) : null;
    const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) => (values ?? []).map((value)/*ts: [string, string]*/ => [name, value]));
    const { method = 'GET', url = '/' } = incoming;
    const request = new Request(new URL(url, 'http://localhost'), { method, headers, body });
    const response = await handle(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(new Uint8Array(await response.arrayBuffer()));
  }).listen(port);
${RUNNING}`,
    },
  },
];
