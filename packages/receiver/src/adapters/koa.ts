// The adapter for Koa: middleware, for one path or under a router of yours.

import type { IncomingMessage } from 'node:http';
import type { BodyHolder } from '../serve/node-body.ts';
import type { AdapterOptions, WebhookReceiver } from './core.ts';
import { answerNode } from './node-request.ts';

const FIX =
  'In Koa: use webhookMiddleware(receiver) before the body parser, or one that keeps the bytes as ctx.request.rawBody, as @koa/bodyparser does.';

/** What is used of Koa's context. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly request: object;
  readonly path: string;
  status: number;
  body: unknown;
  set(name: string, value: string): void;
}

export interface KoaOptions extends AdapterOptions {
  /** The one path it answers; others go on to what comes next. Without it, every request: for use under a router. */
  readonly path?: string;
}

/**
 * @example app.use(webhookMiddleware(receiver, { path: '/webhook' })); // before app.use(bodyParser())
 */
export function webhookMiddleware(
  receiver: WebhookReceiver,
  options: KoaOptions = {},
): (context: KoaContext, next: () => Promise<unknown>) => Promise<void> {
  return async (context, next) => {
    if (options.path !== undefined && context.path !== options.path) {
      await next();
      return;
    }
    const holder: BodyHolder = context.request;
    const answered = await answerNode(receiver, context.req, holder, FIX, options);
    if (answered === null) return;
    const { answer, close } = answered;
    context.status = answer.status;
    for (const [name, value] of Object.entries(answer.headers)) context.set(name, value);
    if (close) context.set('connection', 'close');
    context.body = answer.body;
  };
}
