// A pooler's connection to the server, lent to one client at a time. It knows what is still to be answered, and so when a
// client's transaction has ended, and which answers were asked for by the pooler itself and are kept from the client.

import { connect, type Socket } from 'node:net';
import { bytesOf, MessageReader, numbers, packet, startupPacket, texts, type Message } from './pooler-wire.ts';

/** Settings that follow a client from connection to connection; every other stays where it was set. */
export const FOLLOWING: readonly string[] = ['client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings', 'application_name'];
/** Most statements that a connection keeps prepared for clients. */
const PREPARED_MAX = 12;

/** One that is to be answered. `own` answers do not reach the client; a `made` one never went to the server. */
interface Awaited {
  /** Types of the message that ends the answer. */
  readonly ends: string;
  readonly own?: boolean;
  readonly made?: Buffer;
  /** The statement that this prepares, or closes. */
  readonly prepares?: string;
  readonly closes?: string;
}

export interface Borrower {
  receive(bytes: Buffer): void;
  /** The server said that a setting that follows has this value now. */
  learn(name: string, value: string): void;
  /** The transaction is over: somebody else may have the connection next. */
  returned(): void;
  /** The connection is gone. */
  lost(): void;
}

export interface ServerEnds {
  /** Nothing of a transaction is left on it. */
  readonly idle: (connection: ServerConnection) => void;
  readonly gone: (connection: ServerConnection) => void;
}

export class ServerConnection {
  readonly #socket: Socket;
  readonly #ends: ServerEnds;
  readonly parameters: Map<string, string> = new Map();
  /** Number and secret for cancelling. */
  key: Buffer = Buffer.alloc(0);
  readonly #prepared = new Set<string>();
  #awaited: Awaited[] = [];
  /** After an error, until the next Sync, the server answers nothing. */
  #skips = false;
  #borrower: Borrower | null = null;
  #ready: ((error: Error | null) => void) | null = null;

  private constructor(socket: Socket, ends: ServerEnds) {
    this.#socket = socket;
    this.#ends = ends;
  }

  static async open(port: number, user: string, database: string, ends: ServerEnds): Promise<ServerConnection> {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    const connection = new ServerConnection(socket, ends);
    const reader = new MessageReader();
    const opened = new Promise<void>((resolve, reject) => {
      connection.#ready = (error) => (error === null ? resolve() : reject(error));
    });
    socket.on('data', (chunk) => {
      for (const message of reader.read(bytesOf(chunk))) connection.#take(message);
    });
    socket.on('error', () => undefined).on('close', () => connection.#lost());
    socket.write(startupPacket(Object.entries({ user, database })));
    await opened;
    return connection;
  }

  lend(borrower: Borrower, settings: ReadonlyMap<string, string>): void {
    this.#borrower = borrower;
    const changed = [...settings].filter(([name, value]) => this.parameters.get(name) !== value);
    if (changed.length === 0) return;
    this.#expect({ ends: 'Z', own: true });
    this.#socket.write(packet('Q', changed.map(([name, value]) => `SET ${name} = '${value.replaceAll("'", "''")}'`).join(';')));
  }

  takeBack(): void {
    this.#borrower?.returned();
    this.#borrower = null;
  }

  /** Passes a client's message on as it is. */
  pass({ type, body }: Message): void {
    this.#expect({ ends: ANSWER_ENDS.get(type) ?? '' });
    this.#socket.write(packet(type, body));
  }

  /** Answers for the server, in the order of what was asked. */
  answer(made: Buffer): void {
    if (this.#skips) return;
    this.#awaited.push({ ends: '', made });
    this.#makeAnswers();
  }

  /** A statement that a client prepares, under the pooler's own name. */
  prepare(name: string, content: Buffer, isOwn: boolean): void {
    if (this.#skips) return;
    if (this.#prepared.has(name)) {
      if (!isOwn) this.answer(packet('1'));
      return;
    }
    const [oldest] = this.#prepared;
    if (oldest !== undefined && this.#prepared.size >= PREPARED_MAX) {
      this.#prepared.delete(oldest);
      this.#expect({ ends: '3', own: true, closes: oldest });
      this.#socket.write(packet('C', Buffer.from('S'), oldest));
    }
    this.#prepared.add(name);
    this.#expect({ ends: '1', own: isOwn, prepares: name });
    this.#socket.write(packet('P', name, content));
  }

  end(): void {
    this.#socket.destroy();
  }

  #expect(awaited: Awaited): void {
    if (awaited.ends === '') return;
    if (this.#skips && awaited.ends !== 'Z') return;
    this.#skips = false;
    this.#awaited.push(awaited);
  }

  #take({ type, body }: Message): void {
    if (this.#ready !== null) return this.#open(type, body);
    const first = this.#awaited[0];
    if (type === 'S') this.#learn(body, first?.own === true);
    if (first?.own !== true || type === 'E' || type === 'A') this.#borrower?.receive(packet(type, body));
    if (type === 'E') return this.#failed();
    if (first === undefined || !first.ends.includes(type)) return;
    this.#awaited.shift();
    this.#makeAnswers();
    const isIdle = type === 'Z' && body.toString('latin1') === 'I';
    if (isIdle && first.own !== true && !this.#awaited.some(({ ends }) => ends === 'Z')) this.#ends.idle(this);
  }

  /** Before it can be lent. */
  #open(type: string, body: Buffer): void {
    if (type === 'S') this.#learn(body, true);
    if (type === 'K') this.key = body;
    if (type === 'E') this.#ready?.(new Error(body.toString('utf8').replaceAll('\0', ' ')));
    if (type !== 'Z') return;
    this.#ready?.(null);
    this.#ready = null;
  }

  #learn(body: Buffer, isOwn: boolean): void {
    const [[name = '', value = '']] = texts(body, 2);
    this.parameters.set(name, value);
    if (!isOwn && FOLLOWING.includes(name)) this.#borrower?.learn(name, value);
  }

  /** What was asked before the next Sync has no answer any more, and what it would have prepared is not. */
  #failed(): void {
    const until = this.#awaited.findIndex(({ ends }) => ends === 'Z');
    const dropped = this.#awaited.splice(0, until === -1 ? Infinity : until);
    for (const { prepares, closes } of dropped) {
      if (prepares !== undefined) this.#prepared.delete(prepares);
      if (closes !== undefined) this.#prepared.add(closes);
    }
    this.#skips = until === -1;
  }

  #makeAnswers(): void {
    for (let first = this.#awaited[0]; first?.made !== undefined; first = this.#awaited[0]) {
      this.#borrower?.receive(first.made);
      this.#awaited.shift();
    }
  }

  #lost(): void {
    this.#ready?.(new Error('the server closed the connection'));
    this.#ready = null;
    this.#borrower?.lost();
    this.#ends.gone(this);
  }
}

/** By what a client asks, what ends its answer. Flush has none. */
const ANSWER_ENDS: ReadonlyMap<string, string> = new Map([
  ['Q', 'Z'],
  ['F', 'Z'],
  ['S', 'Z'],
  ['P', '1'],
  ['B', '2'],
  ['C', '3'],
  ['D', 'Tn'],
  ['E', 'CIs'],
]);

/** Asks the server to give up what the connection of this key is doing. */
export function cancel(port: number, code: number, key: Buffer): void {
  const socket = connect(port, '127.0.0.1', () => socket.end(packet('', numbers(code), key)));
  socket.on('error', () => undefined);
}
