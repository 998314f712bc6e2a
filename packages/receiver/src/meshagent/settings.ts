// The settings of a MeshAgent server: what is given, then the environment, then the defaults of MeshAgent's own.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WaxwingError } from '@waxwing/protocol/errors';
import type { ReceiverNotice } from '../serve/notice.ts';

/** An application with routes, as Express, Connect and their kin have it. */
export interface RoutingApp {
  use(path: string, handler: (request: IncomingMessage, response: ServerResponse, next: () => void) => void): unknown;
}

/** Completes a WebSocket upgrade: a `WebSocketServer({ noServer: true })` of the npm package `ws` is one. */
export interface WebSocketUpgrader<Socket> {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: (webSocket: Socket) => void): void;
}

export interface MeshAgentServerOptions<Socket = unknown> {
  /** Default 0.0.0.0. */
  readonly host?: string;
  /** Default `MESHAGENT_PORT`, or 8080. 0 takes a free one. */
  readonly port?: number;
  /** Default `MESHAGENT_WEBHOOK_SECRET`. */
  readonly webhookSecret?: string;
  /** Default `/webhook`. */
  readonly path?: string;
  /** An application or server to mount on. It keeps its own `/` and its own life: `start` and `stop` then do not touch it. */
  readonly app?: RoutingApp | Server;
  /** False takes unsigned requests. Otherwise the server does not start without a secret. */
  readonly validateWebhookSecret?: boolean;
  /** Default 1 MiB. A longer body is answered 413. */
  readonly bodyLimitBytes?: number;
  /** Default 16 KiB, which the Meshagent-Webhook header counts towards. Longer headers are answered 431. */
  readonly headerLimitBytes?: number;
  /** Default 10 s. A request that has not arrived whole by then is answered 408. */
  readonly requestTimeoutMs?: number;
  /** Default 10 s. How long `stop` waits for methods that still run, and for rooms that dialled in. */
  readonly drainTimeoutMs?: number;
  /** Completes upgrades, by which the room dials in: `new WebSocketServer({ noServer: true })` of `ws`. Without it they are refused. */
  readonly webSockets?: WebSocketUpgrader<Socket>;
  /** The clock, epoch milliseconds. */
  readonly now?: () => number;
  /** Where notices go. Default: one line on standard error. */
  readonly log?: (notice: ReceiverNotice) => void;
}

/** A variable of the environment; one that is set to nothing counts as unset. */
export function environment(name: 'MESHAGENT_PORT' | 'MESHAGENT_WEBHOOK_SECRET'): string | undefined {
  // oxlint-disable-next-line node/no-process-env -- MeshAgent's own servers are set up by these two (page 003)
  return process.env[name] || undefined;
}

/** @throws WaxwingError `invalid_setting` when MESHAGENT_PORT is not a port */
export function portFrom(given: number | undefined): number {
  if (given !== undefined) return given;
  const text = environment('MESHAGENT_PORT');
  if (text === undefined) return 8080;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new WaxwingError('invalid_setting', `MESHAGENT_PORT is ${JSON.stringify(text)}, which is not a port.`);
  return port;
}
