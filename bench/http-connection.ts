// One kept-alive HTTP/1.1 connection over a bare socket: a whole request goes out as text, and its answer is told by status.
//
// One request at a time. A connection that is lost tells of it once, and dials again with the next request. Answers must
// carry a content-length, as every system under measure does.

import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;

export class HttpConnection {
  readonly #host: string;
  readonly #port: number;
  readonly #answered: (connection: HttpConnection, reason: string | null) => void;
  #socket: Socket | null = null;
  #held: Buffer = Buffer.alloc(0);
  #busy = false;
  #closed = false;

  /** @param answered with null after a 2xx, else with the status or the error's code */
  constructor(url: string, answered: (connection: HttpConnection, reason: string | null) => void) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
    this.#answered = answered;
  }

  /** @param request all of it, ASCII */
  send(request: string): void {
    this.#busy = true;
    this.#socket ??= this.#dial();
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #dial(): Socket {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    this.#held = Buffer.alloc(0);
    let error = 'closed';
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (cause) => (error = 'code' in cause ? String(cause.code) : cause.message));
    socket.on('close', () => {
      this.#socket = null;
      if (this.#busy && !this.#closed) this.#end(error);
    });
    return socket;
  }

  #take(chunk: Buffer): void {
    const held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const headEnd = held.indexOf(HEAD_END);
    const length = headEnd === -1 ? NaN : Number(LENGTH.exec(held.toString('latin1', 0, headEnd))?.[1] ?? 0);
    if (!(held.length >= headEnd + HEAD_END.length + length)) {
      this.#held = held;
      return;
    }
    this.#held = Buffer.alloc(0);
    this.#end(held[9] === 0x32 ? null : held.toString('latin1', 9, 12)); // "HTTP/1.1 2…"
  }

  #end(reason: string | null): void {
    this.#busy = false;
    this.#answered(this, reason);
  }
}
