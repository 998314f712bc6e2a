// The adapter for Fastify: a plugin with a route of its own, whose parsers do not reach the rest of the application.
//
// Inside the plugin no body is parsed: the handler reads the bytes itself, under the same limits as everywhere.

import type { IncomingMessage } from 'node:http';
import type { AdapterOptions, WebhookReceiver } from './core.ts';
import { answerNode } from './node-request.ts';

const FIX = 'In Fastify: register webhookPlugin with { receiver, path }, which leaves the body unparsed for that path alone.';

/** What is used of Fastify's request and reply. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly body?: unknown;
}

export interface FastifyReplyLike {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: string): unknown;
}

export type FastifyHandler = (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>;

/** What is used of Fastify's instance. */
export interface FastifyScope {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string,
    parse: (request: unknown, payload: IncomingMessage, done: (error: Error | null, body?: unknown) => void) => void,
  ): unknown;
  get(path: string, handler: FastifyHandler): unknown;
  post(path: string, handler: FastifyHandler): unknown;
}

export interface FastifyOptions extends AdapterOptions {
  readonly receiver: WebhookReceiver;
  /** Default `/webhook`. */
  readonly path?: string;
}

/**
 * @example await app.register(webhookPlugin, { receiver, path: '/webhook' });
 */
export async function webhookPlugin(scope: FastifyScope, options: FastifyOptions): Promise<void> {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const path = options.path ?? '/webhook';
  const handler = webhookHandler(options.receiver, options);
  scope.post(path, handler);
  scope.get(path, handler); // for senders that subscribe by it; 405 for everyone else
}

/** The handler alone, for a route whose content type parsers you set up yourself. */
export function webhookHandler(receiver: WebhookReceiver, options: AdapterOptions = {}): FastifyHandler {
  return async (request, reply) => {
    const answered = await answerNode(receiver, request.raw, request, FIX, options);
    if (answered === null) return reply; // the sender is gone
    const { answer, close } = answered;
    reply.code(answer.status);
    for (const [name, value] of Object.entries(answer.headers)) reply.header(name, value);
    if (close) reply.header('connection', 'close');
    return reply.send(answer.body);
  };
}
