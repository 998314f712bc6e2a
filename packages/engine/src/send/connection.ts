// A connection: one socket to one origin and the undici client that speaks HTTP/1.1 on it, used by one exchange at a time.
//
// The client is given its socket ready-made and never another: when it asks for one again, the socket was closed before the
// request was written, and the request fails as unsent. So the sender knows of every attempt on which connection it ran.

import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { Dispatcher } from 'undici';
import { AnswerBytes } from './answer-bytes.ts';

/** Headers of an answer beyond this are an error; undici counts names and values. */
const HEADERS_BYTES_MAX = 16_384;
/** Under most servers' own keep-alive time-outs that are announced; a shorter hint is honoured, a longer one is not waited for. */
const KEEP_ALIVE_MS = 30_000;

/** The request was not written: its kept-alive connection had closed. */
export class UnsentError extends Error {
  constructor() {
    super('the connection was closed before the request was written');
    this.name = 'UnsentError';
  }
}

export class Connection {
  /** The origin and TLS settings that it belongs to. */
  readonly key: string;
  readonly address: string | null;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #answerBytes: AnswerBytes;

  /** @param onClosed called once when the socket is gone, whoever closed it */
  constructor(key: string, origin: string, address: string | null, socket: Socket, onClosed: (connection: Connection) => void) {
    this.key = key;
    this.address = address;
    this.#socket = socket;
    this.#answerBytes = new AnswerBytes(socket);
    let given = false;
    this.#client = new Client(origin, {
      connect: (_options, callback) => {
        const again = given;
        given = true;
        // Not at once: the client would take no notice of a socket that it gets while it still asks.
        queueMicrotask(() => (again ? callback(new UnsentError(), null) : callback(null, socket)));
      },
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: HEADERS_BYTES_MAX,
      headersTimeout: 0, // the exchange has one time-out for everything
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    });
    socket.once('close', () => onClosed(this));
  }

  /** Whether it may carry another request. Not when the answer came before the request was sent whole: the rest of it would stand in the way. */
  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && this.flushed;
  }

  /** Whether all that was written has left for the network. */
  get flushed(): boolean {
    return this.#socket.writableLength === 0;
  }

  /** @param onExcess called when the answer goes on beyond every bound */
  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, onExcess: () => void): void {
    this.#answerBytes.begin(onExcess);
    this.#client.dispatch(request, handler);
  }

  destroy(): void {
    this.#client.destroy(null, ignore);
    this.#socket.destroy(); // the client holds it only once it was asked for
  }
}

function ignore(): void {}
