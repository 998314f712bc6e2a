// The sockets that the room protocol runs over, either way: one that we open, and one that a room opened to us.
//
// 1. A channel can be dropped in any state. The SDK's own throws an unhandled 'error' out of the process when it is
//    dropped while it connects, a refused handshake included.
// 2. Once dropped, a socket is gone within a second, whether its peer answers the close or not.
// 3. A peer that is silently gone is noticed: a socket that answers no ping between two beats is cut.

import type { ProtocolChannel } from '@meshagent/meshagent';
import type { RawData, WebSocket } from 'ws';
import { sdk } from './sdk.ts';

export interface ChannelHandlers {
  onDone?: () => void;
  onError?: (error: unknown) => void;
}

/** A channel whose socket can be waited for. */
export interface RoomChannel extends ProtocolChannel {
  /** Resolves once there is no socket left. */
  readonly closed: Promise<void>;
  /** The HTTP status that refused the connection; null where none did. */
  readonly refusedStatus: number | null;
}

const BEAT_MS = 30_000;
const CLOSE_LIMIT_MS = 1000;
/** The close code of a socket whose end is meant; any other is a connection lost (RFC 6455, section 7.4.1). */
export const NORMAL_CLOSE = 1000;

/** A connection that the agent opens. The SDK's own channel opens it, so that the token goes where its version sends it. */
export class OutgoingChannel extends sdk.WebSocketProtocolChannel implements RoomChannel {
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #beatMs: number;
  refusedStatus: number | null = null;

  constructor(address: { readonly url: string; readonly token: string }, beatMs: number = BEAT_MS) {
    super({ url: address.url, jwt: address.token });
    this.#beatMs = beatMs;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  override start(onDataReceived: (data: Uint8Array) => void, handlers: ChannelHandlers): void {
    super.start(onDataReceived, {
      ...handlers,
      onError: (error) => {
        if (error instanceof sdk.ProtocolHandshakeException) this.refusedStatus = error.statusCode;
        handlers.onError?.(error);
      },
    });
    const socket = this.webSocket;
    if (socket === null) return;
    socket.on('error', () => {}); // the SDK hears errors too, but stops listening before it closes
    socket.once('close', () => this.#closed.resolve());
    keepAlive(socket, this.#beatMs);
  }

  override dispose(): void {
    const socket = this.webSocket;
    super.dispose();
    if (socket === null) this.#closed.resolve();
    else cutLater(socket);
  }
}

/** A connection that a room opened to us, by upgrade. */
export class DialledInChannel implements RoomChannel {
  readonly refusedStatus: null = null;
  readonly #socket: WebSocket;
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers();
  #dropped = false;

  constructor(socket: WebSocket, beatMs: number = BEAT_MS) {
    this.#socket = socket;
    socket.on('error', () => {}); // 'close' follows, with a code
    socket.once('close', () => this.#closed.resolve());
    keepAlive(socket, beatMs);
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  start(onDataReceived: (data: Uint8Array) => void, { onDone, onError }: ChannelHandlers): void {
    this.#socket.on('message', (data) => {
      if (!this.#dropped) onDataReceived(bytesOf(data));
    });
    this.#socket.once('close', (closeCode, reason) => {
      if (this.#dropped) return;
      if (closeCode === NORMAL_CLOSE) onDone?.();
      else onError?.(new sdk.ProtocolCloseException({ closeCode, reason: reason.toString() }));
    });
  }

  dispose(): void {
    this.#dropped = true;
    this.#socket.close(NORMAL_CLOSE);
    cutLater(this.#socket);
  }

  async sendData(data: Uint8Array): Promise<void> {
    this.#socket.send(data);
  }
}

/** Waits for the peer to answer the close, but not for long. */
function cutLater(socket: WebSocket): void {
  if (socket.readyState === socket.CLOSED) return;
  const timer = setTimeout(() => socket.terminate(), CLOSE_LIMIT_MS);
  socket.once('close', () => clearTimeout(timer));
}

function keepAlive(socket: WebSocket, beatMs: number): void {
  let heard = true;
  socket.on('pong', () => (heard = true));
  const timer = setInterval(() => {
    if (!heard) return socket.terminate();
    heard = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, beatMs).unref();
  socket.once('close', () => clearInterval(timer));
}

/** One message's bytes, in whichever of its forms `ws` hands them over. */
function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
