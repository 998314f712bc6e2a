// PostgreSQL's wire protocol, version 3, as far as a pooler must understand it: where messages begin and end, and the few that
// it reads or makes itself. postgresql.org/docs/current/protocol-message-formats.html.

export interface Message {
  /** One letter; empty for a client's first packet, which has none. */
  readonly type: string;
  /** Without type and length. */
  readonly body: Buffer;
}

export const PROTOCOL_3 = 196_608;
export const CANCEL_REQUEST = 80_877_102;
/** SSLRequest and GSSENCRequest: both are answered with one letter, no. */
export const ENCRYPTION_REQUESTS: ReadonlySet<number> = new Set([80_877_103, 80_877_104]);

/** What a socket gives, which has no encoding set. */
export function bytesOf(chunk: string | Buffer): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** Cuts what arrives into messages. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @param isFirst whether packets without a type are expected still; asked before each */
  *read(chunk: Buffer, isFirst: () => boolean = () => false): Generator<Message> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = isFirst() ? 0 : 1;
      if (this.#rest.length < head + 4) return;
      const end = head + this.#rest.readInt32BE(head);
      if (this.#rest.length < end) return;
      const message = { type: head === 0 ? '' : this.#rest.toString('latin1', 0, 1), body: this.#rest.subarray(head + 4, end) };
      this.#rest = this.#rest.subarray(end);
      yield message;
    }
  }
}

export function packet(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  const head = Buffer.alloc(type.length + 4);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, type.length);
  return Buffer.concat([head, body]);
}

export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeInt32BE(value, at * 4);
  return bytes;
}

/** The texts that a body begins with, and what comes after them. */
export function texts(body: Buffer, count: number): readonly [names: readonly string[], rest: Buffer] {
  const names: string[] = [];
  let at = 0;
  while (names.length < count) {
    const end = body.indexOf(0, at);
    if (end === -1) throw new Error('a message ends within a text');
    names.push(body.toString('utf8', at, end));
    at = end + 1;
  }
  return [names, body.subarray(at)];
}

/** Name and value, name and value, until an empty one. */
export function pairs(body: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let rest = body; rest.length > 1;) {
    const [[name = '', value = ''], after] = texts(rest, 2);
    found.set(name, value);
    rest = after;
  }
  return found;
}

export function startupPacket(parameters: Iterable<readonly [string, string]>): Buffer {
  return packet('', numbers(PROTOCOL_3), ...[...parameters].flat(), Buffer.from([0]));
}

export function fatal(sqlState: string, message: string): Buffer {
  return packet('E', 'SFATAL', 'VFATAL', `C${sqlState}`, `M${message}`, Buffer.from([0]));
}
