// MeshAgentWebhookServer: MeshAgent's own WebhookServer, as its pages and published code have it, for Node.
//
// 1. Two routes: `/` answers any method with 200 (hosts check it), the path takes webhooks by POST and, for room.call,
//    by WebSocket upgrade. Mounted on another application there is no `/`.
// 2. The payload is the Meshagent-Webhook header where there is one, else the body. The signature covers whichever it is.
// 3. 401 before anything is read of an unsigned payload; 400 when a signed one cannot be read; unknown events are 200.
// 4. Unlike the original it refuses to start unsigned unless told to.
// 5. While it stops, what comes on connections still open is a 503, so that the sender tries again.

import { Server } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WaxwingError } from '@waxwing/protocol/errors';
import { meshagent } from '../schemes/meshagent.ts';
import { answerOfRefusal, problem, RECEIVED, STOPPING } from '../serve/answer.ts';
import type { Answer } from '../serve/answer.ts';
import { Listener, pathOf, refuseUpgrade, runUntilSignal, send } from '../serve/listener.ts';
import type { ListenerAddress } from '../serve/listener.ts';
import { readNodeBody } from '../serve/node-body.ts';
import { logLine } from '../serve/notice.ts';
import type { ReceiverNotice } from '../serve/notice.ts';
import { SERVER_DEFAULTS } from '../serve/server.ts';
import { secretFault } from '../verify/judge.ts';
import { parseJson, strictTextOf } from '../verify/request.ts';
import type { Refused } from '../verify/result.ts';
import { createSyncVerifier } from '../verify/verify.node.ts';
import { readMeshAgentEvent, readPayload, UnreadablePayload } from './events.ts';
import type { CallEvent, MeshAgentPayload, RoomEndedEvent, RoomStartedEvent, StorageFileEvent, StorageFileMovedEvent } from './events.ts';
import { environment, portFrom } from './settings.ts';
import type { MeshAgentServerOptions, RoutingApp, WebSocketUpgrader } from './settings.ts';

/** A room that dialled in: its call, and the WebSocket that the room protocol runs over. */
export interface AnsweredCall<Socket = unknown> extends CallEvent {
  readonly webSocket: Socket;
}

const verifyMeshAgent = createSyncVerifier(meshagent);

/**
 * Receives MeshAgent's webhooks. Override the methods for the events you want.
 * @throws WaxwingError `invalid_secret` without a usable secret (unless `validateWebhookSecret: false`), `invalid_setting`
 * @example
 * class Rooms extends MeshAgentWebhookServer {
 *   override async onRoomStarted(event: RoomStartedEvent) { console.log(`room started ${event.roomName}`); }
 * }
 * await new Rooms().run(); // MESHAGENT_WEBHOOK_SECRET, MESHAGENT_PORT or 8080
 */
export class MeshAgentWebhookServer<Socket = unknown> {
  readonly path: string;
  readonly #secrets: readonly string[] | null;
  readonly #bodyLimitBytes: number;
  readonly #now: () => number;
  readonly #log: (notice: ReceiverNotice) => void;
  readonly #webSockets: WebSocketUpgrader<Socket> | null;
  /** Null when mounted on an application, which owns the life cycle then. */
  readonly #listener: Listener | null;

  constructor(options: MeshAgentServerOptions<Socket> = {}) {
    this.path = options.path ?? SERVER_DEFAULTS.path;
    this.#secrets = options.validateWebhookSecret === false ? null : [usableSecret(options.webhookSecret)];
    this.#bodyLimitBytes = options.bodyLimitBytes ?? SERVER_DEFAULTS.bodyLimitBytes;
    this.#now = options.now ?? Date.now;
    this.#log = options.log ?? logLine;
    this.#webSockets = options.webSockets ?? null;
    if (options.app !== undefined) {
      this.#listener = null;
      this.#mount(options.app);
      return;
    }
    this.#listener = new Listener(
      {
        host: options.host ?? '0.0.0.0',
        port: portFrom(options.port),
        headerLimitBytes: options.headerLimitBytes ?? SERVER_DEFAULTS.headerLimitBytes,
        requestTimeoutMs: options.requestTimeoutMs ?? SERVER_DEFAULTS.requestTimeoutMs,
        drainTimeoutMs: options.drainTimeoutMs ?? SERVER_DEFAULTS.drainTimeoutMs,
      },
      (request, response) => {
        const path = pathOf(request.url);
        const head = request.method === 'HEAD';
        if (this.#stopping) send(response, STOPPING, { close: true, head });
        else if (path === this.path) void this.handle(request, response);
        else if (path === '/') send(response, RECEIVED, { head });
        else send(response, problem(404, 'route_not_found', 'No such route'), { close: true });
      },
    );
    this.#listenForUpgrades(this.#listener.server);
  }

  /** Every verified payload. Reads the event and calls its method; override it to see them all. */
  async onWebhook(payload: MeshAgentPayload): Promise<void> {
    const known = readMeshAgentEvent(payload);
    switch (known?.event) {
      case undefined:
        return;
      case 'room.started':
        return this.onRoomStarted(known.data);
      case 'room.ended':
        return this.onRoomEnded(known.data);
      case 'room.call':
        return this.onCall(known.data);
      case 'storage.file.updated':
        return this.onStorageFileUpdated(known.data);
      case 'storage.file.deleted':
        return this.onStorageFileDeleted(known.data);
      case 'storage.file.moved':
        return this.onStorageFileMoved(known.data);
    }
  }

  /** A room started. */
  async onRoomStarted(_event: RoomStartedEvent): Promise<void> {}

  /** A room ended. */
  async onRoomEnded(_event: RoomEndedEvent): Promise<void> {}

  /** An agent is called into a room, by POST: join it in the background, the call is answered when this returns. */
  async onCall(_event: CallEvent): Promise<void> {}

  /** A room dialled in by WebSocket. The socket stays open until either side closes it. */
  async onCallAnswered(_room: AnsweredCall<Socket>): Promise<void> {}

  /** A file was written. */
  async onStorageFileUpdated(_event: StorageFileEvent): Promise<void> {}

  /** A file was deleted. */
  async onStorageFileDeleted(_event: StorageFileEvent): Promise<void> {}

  /** A file was moved. */
  async onStorageFileMoved(_event: StorageFileMovedEvent): Promise<void> {}

  /** Where it listens; null before `start`, after `stop`, and when mounted. */
  get address(): ListenerAddress | null {
    return this.#listener?.address ?? null;
  }

  /** Resolves once it listens. Mounted on an application it has nothing to do. */
  async start(): Promise<void> {
    await this.#listener?.start();
  }

  /** Stops accepting, lets what is in flight finish, and closes. */
  async stop(): Promise<void> {
    await this.#listener?.stop();
  }

  /** Starts, and stops when the process gets SIGTERM or SIGINT. */
  run(): Promise<void> {
    return runUntilSignal(this);
  }

  /** Answers one request to the path. For applications that route by themselves. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      return send(response, problem(405, 'method_not_allowed', 'Webhooks come by POST', { allow: 'POST' }), { close: true });
    }
    const body = await this.#payloadBytes(request);
    if (body === null) return;
    if ('status' in body) return send(response, body, { close: true });
    send(response, await this.#receive(request, body.bytes), { close: this.#stopping });
  }

  async #receive(request: IncomingMessage, bytes: Uint8Array | string): Promise<Answer> {
    const payload = this.#read(request, bytes);
    if ('status' in payload) return payload;
    try {
      await this.onWebhook(payload);
      return RECEIVED;
    } catch (error) {
      if (error instanceof UnreadablePayload) return this.#unreadable(error);
      if (error instanceof WaxwingError && error.code === 'shutting_down') return STOPPING;
      this.#log({ kind: 'handler_failed', type: payload.event, id: null, error });
      return problem(500, 'handler_failed', 'The event could not be handled');
    }
  }

  /** The verified payload, or the answer that refuses it. */
  #read(request: IncomingMessage, bytes: Uint8Array | string): MeshAgentPayload | Answer {
    if (this.#secrets !== null) {
      const result = verifyMeshAgent({ headers: request.headers, body: bytes }, this.#secrets, { now: this.#now, diagnose: false });
      if (!result.ok) return this.#refused(result);
    }
    const text = strictTextOf(bytes);
    const value = text === null ? undefined : parseJson(text);
    try {
      return readPayload(value);
    } catch (error) {
      if (error instanceof UnreadablePayload) return this.#unreadable(error);
      throw error;
    }
  }

  #refused(result: Refused): Answer {
    this.#log({ kind: 'refused', reason: result.reason, explanation: result.explain() });
    return answerOfRefusal(result.reason);
  }

  #unreadable(error: UnreadablePayload): Answer {
    this.#log({ kind: 'unreadable', explanation: error.message });
    return problem(400, 'invalid_request', 'The payload is not a MeshAgent webhook');
  }

  /** The payload's bytes; an answer where they cannot be had; null where the sender is gone. */
  async #payloadBytes(request: IncomingMessage): Promise<{ readonly bytes: Uint8Array | string } | Answer | null> {
    const header = headerPayload(request);
    if (header !== null) return { bytes: header };
    const reading = await readNodeBody(request, this.#bodyLimitBytes);
    switch (reading.kind) {
      case 'read':
        return { bytes: reading.body };
      case 'aborted':
        return null;
      case 'too_large':
        return problem(413, 'request_too_large', `The body is longer than ${this.#bodyLimitBytes} bytes`);
      case 'consumed':
        return this.#consumed(reading.left);
      default:
        return reading satisfies never;
    }
  }

  /** A body parser stood before this route. Without validation what it left will do. */
  #consumed(left: unknown): { readonly bytes: string } | Answer {
    if (this.#secrets === null) return { bytes: JSON.stringify(left) ?? '' };
    this.#log({
      kind: 'refused',
      reason: 'body_was_parsed',
      explanation: `A body parser read the request before ${this.path} did, so the bytes that were signed are gone. Mount this server before the parser, or let the parser keep the bytes as request.rawBody.`,
    });
    return answerOfRefusal('body_was_parsed');
  }

  get #stopping(): boolean {
    return this.#listener?.stopping ?? false;
  }

  #mount(app: RoutingApp | Server): void {
    if (app instanceof Server) {
      app.on('request', (request: IncomingMessage, response: ServerResponse) => {
        if (pathOf(request.url) === this.path) void this.handle(request, response);
      });
      this.#listenForUpgrades(app);
      return;
    }
    app.use(this.path, (request, response, next) => {
      if (pathOf(request.url) === '/') void this.handle(request, response);
      else next(); // `use` takes what lies below the path too
    });
  }

  #listenForUpgrades(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (pathOf(request.url) === this.path) this.upgrade(request, socket, head);
      else if (this.#listener !== null) refuseUpgrade(socket, problem(404, 'route_not_found', 'No such route'));
    });
  }

  /** Answers a WebSocket upgrade to the path. For servers that route upgrades by themselves. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    this.#listener?.keepTrackOf(socket);
    if (this.#stopping) return refuseUpgrade(socket, STOPPING);
    const upgrader = this.#webSockets;
    if (upgrader === null) return refuseUpgrade(socket, problem(501, 'no_upgrades', 'This receiver takes webhooks by POST only'));
    const payload = this.#read(request, headerPayload(request) ?? '');
    if ('status' in payload) return refuseUpgrade(socket, payload);
    try {
      const known = readMeshAgentEvent(payload);
      if (known?.event !== 'room.call') throw new UnreadablePayload('only room.call comes by WebSocket');
      upgrader.handleUpgrade(request, socket, head, (webSocket) => void this.#answered({ ...known.data, webSocket }, socket));
    } catch (error) {
      refuseUpgrade(socket, error instanceof UnreadablePayload ? this.#unreadable(error) : problem(500, 'internal', 'An unexpected error'));
    }
  }

  async #answered(call: AnsweredCall<Socket>, socket: Duplex): Promise<void> {
    try {
      await this.onCallAnswered(call);
    } catch (error) {
      this.#log({ kind: 'handler_failed', type: 'room.call', id: null, error });
      socket.destroy();
    }
  }
}

// Node reads headers as Latin-1, one unit a byte.
function headerPayload(request: IncomingMessage): Uint8Array | null {
  const value = request.headers['meshagent-webhook'];
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : null;
}

function usableSecret(given: string | undefined): string {
  const secret = given ?? environment('MESHAGENT_WEBHOOK_SECRET') ?? '';
  const fault = secretFault(meshagent, secret);
  if (fault === null) return secret;
  throw new WaxwingError(
    'invalid_secret',
    `The webhook secret cannot be used: ${fault}. Set MESHAGENT_WEBHOOK_SECRET (or give \`webhookSecret\`), or \`validateWebhookSecret: false\` to take unsigned requests.`,
  );
}
