// WebhookServer: a receiver on node:http. One path takes webhooks, `/` tells load balancers that it lives.
//
// Bodies are bounded in size and time before anything looks at them. What a request does wrong is answered with its
// own status (401, 400, 404, 405, 408, 413, 431); a handler that fails is a 500, so that the sender tries again. While it
// stops, what was being handled is answered, and what comes on connections still open is a 503.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventsOf, SenderInput } from '../catalogue.ts';
import { NODE_RUNTIME } from '../runtime.node.ts';
import { problem, RECEIVED, STOPPING } from './answer.ts';
import { Listener, pathOf, runUntilSignal, send } from './listener.ts';
import type { ListenerAddress } from './listener.ts';
import { readNodeBody } from './node-body.ts';
import { EventReceiver } from './receiver.ts';
import type { ReceiverOptions } from './receiver.ts';

export interface WebhookServerOptions<Sender> extends ReceiverOptions<Sender> {
  /** Default 8080; 0 takes a free one. */
  readonly port?: number;
  /** Default 0.0.0.0: every interface. */
  readonly host?: string;
  /** Default `/webhook`. */
  readonly path?: string;
  /** Default 1 MiB. A longer body is answered 413. */
  readonly bodyLimitBytes?: number;
  /** Default 16 KiB. Longer headers are answered 431. */
  readonly headerLimitBytes?: number;
  /** Default 10 s. A request that has not arrived whole by then is answered 408. */
  readonly requestTimeoutMs?: number;
  /** Default 10 s. How long `stop` waits for handlers that still run. */
  readonly drainTimeoutMs?: number;
}

export const SERVER_DEFAULTS = {
  port: 8080,
  host: '0.0.0.0',
  path: '/webhook',
  bodyLimitBytes: 1_048_576,
  headerLimitBytes: 16_384,
  requestTimeoutMs: 10_000,
  drainTimeoutMs: 10_000,
} as const;

/**
 * Receives one sender's webhooks.
 * @throws WaxwingError `invalid_secret` without a secret that can verify (unless `validate: false`), `unknown_profile`
 * @example
 * const server = new WebhookServer({ profile: 'humanconnection', secret: process.env.WEBHOOK_SECRET });
 * server.on('meeting.completed', async (event) => console.log(event.data.meeting_id));
 * await server.run(); // until SIGTERM or SIGINT
 */
export class WebhookServer<const Sender extends SenderInput, Events = EventsOf<Sender>> extends EventReceiver<Sender, Events> {
  readonly #path: string;
  readonly #bodyLimitBytes: number;
  readonly #listener: Listener;

  constructor(options: WebhookServerOptions<Sender>) {
    super(options, NODE_RUNTIME);
    this.#path = options.path ?? SERVER_DEFAULTS.path;
    this.#bodyLimitBytes = options.bodyLimitBytes ?? SERVER_DEFAULTS.bodyLimitBytes;
    this.#listener = new Listener(
      {
        host: options.host ?? SERVER_DEFAULTS.host,
        port: options.port ?? SERVER_DEFAULTS.port,
        headerLimitBytes: options.headerLimitBytes ?? SERVER_DEFAULTS.headerLimitBytes,
        requestTimeoutMs: options.requestTimeoutMs ?? SERVER_DEFAULTS.requestTimeoutMs,
        drainTimeoutMs: options.drainTimeoutMs ?? SERVER_DEFAULTS.drainTimeoutMs,
      },
      (request, response) => void this.#serve(request, response),
    );
  }

  /** Where it listens; null before `start` and after `stop`. */
  get address(): ListenerAddress | null {
    return this.#listener.address;
  }

  /** The address to give the sender on this machine, path included; null while it does not listen. */
  get url(): string | null {
    const { address } = this;
    if (address === null) return null;
    const host = address.host === '0.0.0.0' || address.host === '::' ? '127.0.0.1' : address.host;
    return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}${this.#path}`;
  }

  /** Resolves once it listens, and handles what the inbox kept. */
  override async start(): Promise<void> {
    await super.start();
    await this.#listener.start();
  }

  /** Stops accepting, lets handlers that run finish, drains the inbox, and closes. */
  override async stop(): Promise<void> {
    await this.#listener.stop();
    await super.stop();
  }

  /** Starts, and stops when the process gets SIGTERM or SIGINT. */
  run(): Promise<void> {
    return runUntilSignal(this);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request.url);
    const { method } = request;
    if (this.#listener.stopping) return send(response, STOPPING, { close: true, head: method === 'HEAD' });
    if (path === '/' && path !== this.#path && (method === 'GET' || method === 'HEAD')) {
      return send(response, RECEIVED, { head: method === 'HEAD' });
    }
    if (path !== this.#path) return send(response, problem(404, 'route_not_found', 'No such route'), { close: true });
    if (method !== 'POST') return send(response, this.otherMethod(method, request.url), { close: true });

    const reading = await readNodeBody(request, this.#bodyLimitBytes);
    switch (reading.kind) {
      case 'too_large':
        return send(response, problem(413, 'request_too_large', `The body is longer than ${this.#bodyLimitBytes} bytes`), { close: true });
      case 'aborted':
      case 'consumed': // nothing stands before this server that could have read the body
        return;
      case 'read':
        return send(response, await this.receive({ headers: request.headers, body: reading.body, method, url: request.url }), {
          close: this.#listener.stopping,
        });
    }
  }
}
