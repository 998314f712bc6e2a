// The server: an application that listens, and stops politely.

import type { AddressInfo } from 'node:net';
import type { Clock, Engine } from '@waxwing/engine';
import type { ManagementName, Setting } from '@waxwing/protocol';
import { createApp } from './app.ts';
import { CONSOLE_FOLDER } from './console/built-console.ts';
import { createSessions } from './console/sessions.ts';
import { createLog } from './log.ts';
import { createStreams } from './stream/streams.ts';
import type { ServerLog } from './log.ts';

export interface ServerOptions {
  /** The engine that everything is asked of. The caller made it and closes it, after the server. */
  readonly engine: Engine;
  /** Waxwing's version, as the front page, the contract and the metrics show it. */
  readonly version: string;
  /** Where to log; nowhere unless told. `createLog` makes one. */
  readonly log?: ServerLog;
  /** Where clients reach this server, such as `https://waxwing.example.com`, when that is not where it listens. */
  readonly publicUrl?: string;
  /** Most bytes of a request's body. Default 1 MiB. */
  readonly bodyLimitBytes?: number;
  /** Most events of a batch. Default 1,000. */
  readonly batchEventsMax?: number;
  /** Whether /metrics answers without a key. Default false: it takes a key of scope read or admin. */
  readonly metricsPublic?: boolean;
  /** The clock of streams' heartbeats. The system's unless told. */
  readonly clock?: Pick<Clock, 'after'>;
  /** The platforms whose management APIs it speaks beside its own. Default none. */
  readonly management?: readonly ManagementName[];
  /** How long a request may take to arrive whole, in milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** The settings in effect, as `/v1/settings` shows them to operators: of secrets, whether they are set. None unless told. */
  readonly settings?: readonly Setting[];
  /** Where the built console stands; null serves none. Default: the one that comes with this package. */
  readonly consoleFolder?: string | null;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:8400` */
  readonly url: string;
}

export interface WaxwingServer {
  /** Starts to accept requests. Port 0 takes a free one. */
  listen(at: { readonly host: string; readonly port: number }): Promise<ListenAddress>;
  /** A code that signs in to the console with this key's rights: once, within ten minutes, at `<url>/sign-in#code=<code>`. */
  signInCode(keyId: string): string;
  /** Stops accepting, lets requests under way finish for at most `graceMs` (default 10,000), then cuts them. Idempotent. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Makes the HTTP server over an engine.
 * @example
 * const engine = await createEngine({ store: sqlite('./waxwing-data') });
 * const server = await createServer({ engine, version: '0.1.0' });
 * const { url } = await server.listen({ host: '127.0.0.1', port: 8400 });
 */
export async function createServer(options: ServerOptions): Promise<WaxwingServer> {
  let closing: Promise<void> | null = null;
  const sessions = createSessions(options.engine.keys);
  const streams = createStreams();
  const app = await createApp({
    streams,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    engine: options.engine,
    version: options.version,
    log: options.log ?? createLog({ level: 'silent' }),
    publicUrl: options.publicUrl ?? null,
    sessions,
    consoleFolder: options.consoleFolder === undefined ? CONSOLE_FOLDER : options.consoleFolder,
    bodyLimitBytes: options.bodyLimitBytes ?? 1_048_576,
    batchEventsMax: options.batchEventsMax ?? 1_000,
    metricsPublic: options.metricsPublic ?? false,
    management: options.management ?? [],
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    settings: options.settings ?? [],
    closing: () => closing !== null,
  });

  async function drain(graceMs: number): Promise<void> {
    streams.endAll();
    const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
    try {
      await app.close();
    } finally {
      clearTimeout(cut);
    }
  }

  return {
    async listen({ host, port }) {
      await app.listen({ host, port });
      return listenAddress(app.server.address());
    },
    signInCode: (keyId) => sessions.makeCode(keyId),
    close: (closeOptions = {}) => (closing ??= drain(closeOptions.graceMs ?? 10_000)),
  };
}

function listenAddress(address: AddressInfo | string | null): ListenAddress {
  if (address === null || typeof address === 'string') throw new TypeError('The server does not listen on a TCP port.');
  const { address: host, port, family } = address;
  return { host, port, url: `http://${family === 'IPv6' ? `[${host}]` : host}:${port}` };
}
