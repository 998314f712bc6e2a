// A listening Node HTTP server with a life cycle: start, stop (which drains), run until the process is told to end.

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WaxwingError } from '@waxwing/protocol/errors';
import type { Answer } from './answer.ts';

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Longer headers are answered 431. Default 16 KiB, which is Node's own. */
  readonly headerLimitBytes?: number;
  /** A request whose headers and body have not arrived whole after this long is answered 408. */
  readonly requestTimeoutMs: number;
  /** How long `stop` waits for what is in flight before it cuts the connections. */
  readonly drainTimeoutMs: number;
}

export interface ListenerAddress {
  readonly host: string;
  readonly port: number;
}

export class Listener {
  readonly server: Server;
  readonly #options: ListenerOptions;
  #address: ListenerAddress | null = null;
  readonly #upgraded = new Set<Duplex>();
  #stopping: Promise<void> | null = null;

  constructor(options: ListenerOptions, handler: NodeHandler) {
    this.#options = options;
    this.server = createServer(
      {
        requestTimeout: options.requestTimeoutMs,
        headersTimeout: options.requestTimeoutMs,
        ...(options.headerLimitBytes !== undefined && { maxHeaderSize: options.headerLimitBytes }),
        connectionsCheckingInterval: Math.min(1000, options.requestTimeoutMs),
      },
      handler,
    );
  }

  /** Where it listens; null while it does not. */
  get address(): ListenerAddress | null {
    return this.#address;
  }

  /** @throws WaxwingError `invalid_setting` when the address cannot be listened on */
  async start(): Promise<void> {
    if (this.#address !== null) return;
    const { host, port } = this.#options;
    await new Promise<void>((resolve, fail) => {
      this.server.once('error', (cause) => {
        fail(new WaxwingError('invalid_setting', `Cannot listen on ${host}:${port}: ${cause.message}.`, { cause }));
      });
      this.server.listen(port, host, resolve);
    });
    const address = this.server.address();
    this.#address = isAddressInfo(address) ? { host: address.address, port: address.port } : { host, port };
  }

  /** Stops accepting, lets what is in flight finish, and closes. Calling it again waits for the same end. */
  stop(): Promise<void> {
    if (this.#address === null) return Promise.resolve();
    this.#stopping ??= new Promise<void>((resolve) => {
      const cut = setTimeout(() => {
        this.server.closeAllConnections();
        for (const socket of this.#upgraded) socket.destroy();
      }, this.#options.drainTimeoutMs);
      this.server.close(() => {
        clearTimeout(cut);
        this.#address = null;
        this.#stopping = null;
        resolve();
      });
      this.server.closeIdleConnections();
    });
    return this.#stopping;
  }

  /** A socket that was upgraded is no HTTP connection any more, but `stop` waits for it and cuts it all the same. */
  keepTrackOf(socket: Duplex): void {
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
  }

  get stopping(): boolean {
    return this.#stopping !== null;
  }
}

/** Starts, waits for SIGTERM or SIGINT, and stops. */
export async function runUntilSignal(server: { start(): Promise<void>; stop(): Promise<void> }): Promise<void> {
  await server.start();
  await new Promise<void>((resolve) => {
    const end = (): void => {
      process.off('SIGTERM', end);
      process.off('SIGINT', end);
      resolve();
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  });
  await server.stop();
}

/** Sends an answer. A request whose body was not read to its end cannot share its connection with a next one. */
export function send(response: ServerResponse, answer: Answer, options: { readonly close?: boolean; readonly head?: boolean } = {}): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': Buffer.byteLength(answer.body),
    ...(options.close === true && { connection: 'close' }),
  });
  response.end(options.head === true ? undefined : answer.body);
}

/** Answers an upgrade that is not made, and closes. */
export function refuseUpgrade(socket: Duplex, { status, headers, body }: Answer): void {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' });
  const head = [`HTTP/1.1 ${status} Refused`, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}

/** The path that a request names, without its query. */
export function pathOf(url: string | undefined): string {
  const path = url ?? '/';
  const query = path.indexOf('?');
  return query === -1 ? path : path.slice(0, query);
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
