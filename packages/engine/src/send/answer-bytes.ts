// Answer bytes: what is done to an answer between its socket and the client's parser.
//
// 1. `100 Continue` that nobody asked for is legal and means nothing (RFC 9110 §15.2), but undici takes it for an error and
//    destroys the connection. It is shown 102 instead, another informational answer, which it passes over.
// 2. All of an answer counts, not only what the parser makes known: a status line, chunk extensions or chunks of one byte
//    can go on for ever without a header or much of a body. Beyond the bound the exchange is told, once.

import type { Socket } from 'node:net';

/** Of one exchange, all told: twice what is read of a body. More would be work for nothing, such as a call for each chunk of one byte. */
export const ANSWER_BYTES_MAX = 2_097_152;

const LF = 10;
const CR = 13;
const ZERO = 48;
const ONE = 49;
const TWO = 50;
// `HTTP/1.1 100`: where the digits of the status stand.
const HUNDREDS = 9;
const TENS = 10;
const ONES = 11;

/** Watches what is read of a socket from now on. */
export class AnswerBytes {
  #onExcess: (() => void) | null = null;
  #read = 0;
  /** `line`: before or within a status line, up to the status. `head`: within an informational answer. `rest`: in the answer itself. */
  #place: 'line' | 'head' | 'rest' = 'rest';
  #column = 0;
  #tens = 0;

  constructor(socket: Socket) {
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => {
      const chunk: unknown = read(size);
      if (Buffer.isBuffer(chunk)) this.#take(chunk);
      return chunk;
    };
  }

  /** A request is about to be written: what comes now answers it. */
  begin(onExcess: () => void): void {
    this.#onExcess = onExcess;
    this.#read = 0;
    this.#place = 'line';
    this.#column = 0;
  }

  #take(chunk: Buffer): void {
    this.#read += chunk.length;
    if (this.#read > ANSWER_BYTES_MAX) {
      const tell = this.#onExcess;
      this.#onExcess = null;
      if (tell !== null) queueMicrotask(tell); // the parser is not to lose its socket while it reads it
    }
    for (let at = 0; at < chunk.length && this.#place !== 'rest'; at++) this.#step(chunk, at);
  }

  #step(chunk: Buffer, at: number): void {
    const byte = chunk[at] ?? 0;
    if (this.#place === 'head') {
      // An empty line ends it. The column is that of the line; a carriage return takes no room.
      if (byte !== LF) this.#column += byte === CR ? 0 : 1;
      else if (this.#column > 0) this.#column = 0;
      else this.#place = 'line';
      return;
    }
    if (this.#column === 0 && (byte === CR || byte === LF)) return; // parsers pass over empty lines before an answer
    if (this.#column === HUNDREDS && byte !== ONE) this.#place = 'rest';
    if (this.#column === TENS) this.#tens = byte;
    if (this.#column === ONES) {
      if (this.#tens === ZERO && byte === ZERO) chunk[at] = TWO;
      this.#place = 'head';
    }
    this.#column++;
  }
}
