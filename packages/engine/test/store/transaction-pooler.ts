// A connection pooler in transaction mode, as PgBouncer is one: a client has a connection to the server from the first message
// of a transaction until the server is idle again, and then somebody else has it.
//
//  1. Connections are lent in turn, so that a client's next transaction is on another one: what a session keeps, a pooler loses.
//  2. `tracked` is PgBouncer 1.21 and later with max_prepared_statements: what a client prepared under a name is prepared
//     again on the connection at hand. `none` is every earlier one: names are the server connection's.
//  3. The five settings that PgBouncer follows follow the client; every other SET stays on the connection and is met by others.
//  4. Several transactions asked for at once (pipelining) are one loan. A client that leaves within a transaction ends the
//     connection; a server that leaves ends the client which had it, and no other.

import { createServer, type Server, type Socket } from 'node:net';
import { originalFor, startPgBouncer } from './pgbouncer.ts';
import { cancel, FOLLOWING, ServerConnection, type Borrower } from './pooler-server.ts';
import {
  bytesOf,
  CANCEL_REQUEST,
  ENCRYPTION_REQUESTS,
  fatal,
  MessageReader,
  numbers,
  packet,
  pairs,
  texts,
  type Message,
} from './pooler-wire.ts';

export interface PoolerOptions {
  readonly prepared: 'tracked' | 'none';
  /** Most connections to one database. Default 3. */
  readonly size?: number;
}

export interface Pooler {
  /** A database's URL, through the pooler. */
  through(url: string): string;
  /** Loans so far. */
  readonly loans: number;
  /** Drops everybody, on both sides, and begins anew on the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const PROTOCOL_VIOLATION = '08P01';
/** What a client may ask for in its first packet; PgBouncer refuses any other. */
const STARTUP: ReadonlySet<string> = new Set(['user', 'database', ...FOLLOWING.map((name) => name.toLowerCase())]);

/** Starts a pooler before the server at this port; clients are let in as who they say they are. */
export async function startPooler(serverPort: number, options: PoolerOptions): Promise<Pooler> {
  const original = originalFor(options.prepared);
  if (original !== null) return startPgBouncer(original, serverPort, options);
  const { prepared, size = 3 } = options;
  const state: PoolerState = {
    serverPort,
    tracks: prepared === 'tracked',
    size,
    pools: new Map(),
    clients: new Map(),
    statements: new Map(),
    loans: 0,
  };
  let server = await listen(state, 0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const end = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const client of state.clients.values()) client.drop();
    for (const pool of state.pools.values()) pool.end();
    state.pools.clear();
    await closed;
  };
  return {
    through(url) {
      const there = new URL(url);
      there.port = String(port);
      return there.href;
    },
    get loans() {
      return state.loans;
    },
    async restart() {
      await end();
      server = await listen(state, port);
    },
    close: end,
  };
}

interface PoolerState {
  readonly serverPort: number;
  readonly tracks: boolean;
  readonly size: number;
  readonly pools: Map<string, Pool>;
  /** By their number for cancelling. */
  readonly clients: Map<number, Client>;
  /** The names that prepared statements have on the server, by their content. */
  readonly statements: Map<string, string>;
  loans: number;
}

async function listen(state: PoolerState, port: number): Promise<Server> {
  const server = createServer((socket) => void new Client(socket, state));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

/** The connections to one database as one user. */
class Pool {
  readonly #state: PoolerState;
  readonly #user: string;
  readonly #database: string;
  readonly #all = new Set<ServerConnection>();
  readonly #idle: ServerConnection[] = [];
  readonly #waiting: Client[] = [];
  /** What every client is told of the server's settings: as the first connection began. */
  welcome: ReadonlyMap<string, string> | null = null;
  #opening = 0;
  #ended = false;

  constructor(state: PoolerState, user: string, database: string) {
    this.#state = state;
    this.#user = user;
    this.#database = database;
  }

  wait(client: Client): void {
    this.#waiting.push(client);
    this.#serve();
  }

  leave(client: Client): void {
    const at = this.#waiting.indexOf(client);
    if (at !== -1) this.#waiting.splice(at, 1);
  }

  end(): void {
    this.#ended = true;
    for (const connection of this.#all) connection.end();
  }

  giveBack(connection: ServerConnection): void {
    connection.takeBack();
    if (this.#all.has(connection)) this.#idle.push(connection);
    this.#serve();
  }

  #serve(): void {
    while (this.#opening === 0 && this.#waiting.length > 0 && this.#idle.length > 0) {
      const [client, connection] = [this.#waiting.shift(), this.#idle.shift()];
      if (client === undefined || connection === undefined) return;
      this.#state.loans++;
      client.lent(connection);
    }
    if (this.#waiting.length > 0) while (this.#all.size + this.#opening < this.#state.size) void this.#open(); // all, so that they take turns
  }

  async #open(): Promise<void> {
    this.#opening++;
    try {
      const opened = await ServerConnection.open(this.#state.serverPort, this.#user, this.#database, {
        idle: (connection) => this.giveBack(connection),
        gone: (connection) => {
          this.#all.delete(connection);
          const at = this.#idle.indexOf(connection);
          if (at !== -1) this.#idle.splice(at, 1);
          this.#serve();
        },
      });
      if (this.#ended) return opened.end();
      this.welcome ??= new Map(opened.parameters);
      this.#all.add(opened);
      this.#idle.push(opened);
    } catch {
      for (const client of this.#waiting.splice(0)) client.refuse('server login has been failing, try again later (server_login_retry)');
    } finally {
      this.#opening--;
    }
    this.#serve();
  }
}

let clientNumbers = 0;

class Client implements Borrower {
  readonly #socket: Socket;
  readonly #state: PoolerState;
  readonly #number = ++clientNumbers;
  readonly #settings = new Map<string, string>();
  /** By the client's names: the pooler's, and what was prepared. */
  readonly #statements = new Map<string, { readonly name: string; readonly content: Buffer }>();
  #pool: Pool | null = null;
  #connection: ServerConnection | null = null;
  /** What arrived while it waits for a connection; null when it does not. */
  #held: Message[] | null = null;
  #isWelcome = false;

  constructor(socket: Socket, state: PoolerState) {
    this.#socket = socket;
    this.#state = state;
    const reader = new MessageReader();
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      for (const message of reader.read(bytesOf(chunk), () => this.#pool === null)) this.#take(message);
    });
    socket.on('error', () => undefined).on('close', () => this.#left());
    state.clients.set(this.#number, this);
  }

  drop(): void {
    this.#socket.destroy();
  }

  refuse(message: string): void {
    this.#socket.end(fatal(PROTOCOL_VIOLATION, message));
    this.#left();
  }

  lent(connection: ServerConnection): void {
    const held = this.#held ?? [];
    this.#held = null;
    if (!this.#isWelcome) {
      this.#welcome(this.#pool?.welcome ?? new Map());
      this.#pool?.giveBack(connection);
      return;
    }
    this.#connection = connection;
    connection.lend(this, this.#settings);
    for (const message of held) this.#pass(connection, message);
  }

  cancel(): void {
    if (this.#connection !== null) cancel(this.#state.serverPort, CANCEL_REQUEST, this.#connection.key);
  }

  receive(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  learn(name: string, value: string): void {
    this.#settings.set(name, value);
  }

  returned(): void {
    this.#connection = null;
  }

  lost(): void {
    this.#connection = null;
    this.refuse('server conn crashed?');
  }

  #take(message: Message): void {
    if (this.#pool === null) return this.#first(message);
    if (message.type === 'X') return this.drop();
    if (this.#connection !== null) return this.#pass(this.#connection, message);
    if (this.#held !== null) return void this.#held.push(message);
    this.#held = [message];
    this.#pool.wait(this);
  }

  #first({ body }: Message): void {
    const code = body.readInt32BE(0);
    if (ENCRYPTION_REQUESTS.has(code)) return void this.#socket.write('N');
    if (code === CANCEL_REQUEST) {
      this.#state.clients.get(body.readInt32BE(4))?.cancel();
      return this.drop();
    }
    const parameters = pairs(body.subarray(4));
    const unknown = [...parameters.keys()].find((name) => !STARTUP.has(name.toLowerCase()));
    if (unknown !== undefined) return this.refuse(`unsupported startup parameter: ${unknown}`);
    for (const name of FOLLOWING) {
      const given = [...parameters].find(([known]) => known.toLowerCase() === name.toLowerCase());
      if (given !== undefined) this.#settings.set(name, given[1]);
    }
    const user = parameters.get('user') ?? '';
    const database = parameters.get('database') ?? user;
    const key = `${user}/${database}`;
    const pool = this.#state.pools.get(key) ?? new Pool(this.#state, user, database);
    this.#state.pools.set(key, pool);
    this.#pool = pool;
    if (pool.welcome !== null) return this.#welcome(pool.welcome);
    this.#held = [];
    pool.wait(this); // for what it is to be told
  }

  #welcome(parameters: ReadonlyMap<string, string>): void {
    this.#isWelcome = true;
    for (const name of FOLLOWING) {
      const own = parameters.get(name);
      if (own !== undefined && !this.#settings.has(name)) this.#settings.set(name, own);
    }
    const told = new Map([...parameters, ...this.#settings]);
    this.#socket.write(
      Buffer.concat([
        packet('R', numbers(0)),
        ...[...told].map(([name, value]) => packet('S', name, value)),
        packet('K', numbers(this.#number, 0)),
        packet('Z', Buffer.from('I')),
      ]),
    );
  }

  #pass(connection: ServerConnection, message: Message): void {
    if (!this.#state.tracks || !NAMES_STATEMENTS.has(message.type)) return connection.pass(message);
    const { type, body } = message;
    switch (type) {
      case 'P': {
        const [[name = ''], content] = texts(body, 1);
        if (name === '') return connection.pass(message);
        if (this.#statements.get(name)?.content.equals(content) === false)
          return this.refuse(`prepared statement "${name}" already exists`);
        const own = this.#ownName(content);
        this.#statements.set(name, { name: own, content });
        return connection.prepare(own, content, false);
      }
      case 'B': {
        const [[portal = '', name = ''], rest] = texts(body, 2);
        const own = this.#known(connection, name);
        return own === null ? undefined : connection.pass({ type, body: Buffer.concat([Buffer.from(`${portal}\0${own}\0`), rest]) });
      }
      default: {
        const [[name = '']] = texts(body.subarray(1), 1);
        if (body.toString('latin1', 0, 1) !== 'S' || name === '') return connection.pass(message);
        if (type === 'C') {
          this.#statements.delete(name);
          return connection.answer(packet('3'));
        }
        const own = this.#known(connection, name);
        return own === null ? undefined : connection.pass({ type, body: Buffer.from(`S${own}\0`) });
      }
    }
  }

  /** The name on the server of what the client prepared, prepared there by now; null when the client never did. */
  #known(connection: ServerConnection, name: string): string | null {
    if (name === '') return '';
    const statement = this.#statements.get(name);
    if (statement === undefined) {
      this.refuse(`prepared statement "${name}" does not exist`);
      return null;
    }
    connection.prepare(statement.name, statement.content, true);
    return statement.name;
  }

  #ownName(content: Buffer): string {
    const key = content.toString('latin1');
    const own = this.#state.statements.get(key) ?? `PGBOUNCER_${this.#state.statements.size + 1}`;
    this.#state.statements.set(key, own);
    return own;
  }

  #left(): void {
    this.#state.clients.delete(this.#number);
    this.#pool?.leave(this);
    this.#connection?.end();
    this.#connection = null;
  }
}

const NAMES_STATEMENTS: ReadonlySet<string> = new Set(['P', 'B', 'C', 'D']);
