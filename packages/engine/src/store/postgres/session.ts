// Session: the store's own connection to PostgreSQL, on which everything that is asked in order is asked in order.
//
// Queries are pipelined: what is asked in one turn of the event loop shares a round trip. A session that is lost stays
// lost: the store opens another.

import { Client, type ClientConfig, type QueryResult } from 'pg';
import { systemClock } from '../../system-ports.ts';
import type { SqlRow } from '../columns.ts';

export type SqlValue = string | number | boolean | null | readonly (string | number | boolean | null)[];

export interface Statement {
  /** Prepared once a session under this name; without one, parsed each time. */
  readonly name?: string;
  readonly text: string;
}

/** How long a server has to take its leave. */
const END_MS = 2_000;
/** Type ids of the catalogue pg_type. */
const INT8 = 20;

/** bigint columns come as numbers: every one that the store keeps is a safe integer. */
const TYPES: NonNullable<ClientConfig['types']> = {
  getTypeParser(oid: number) {
    return oid === INT8 ? Number : (DEFAULT_TEXT_PARSERS.get(oid) ?? String);
  },
};
const DEFAULT_TEXT_PARSERS: ReadonlyMap<number, (value: string) => unknown> = new Map<number, (value: string) => unknown>([
  [21, Number], // smallint
  [23, Number], // integer
  [26, Number], // oid
  [700, Number], // real
  [701, Number], // double precision
]);

export function clientConfig(url: string, applicationName: string): ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    types: TYPES,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  };
}

export class Session {
  readonly #client: Client;
  #lost: Error | null = null;

  private constructor(client: Client) {
    this.#client = client;
    client.on('error', (error) => {
      this.#lost ??= error;
    });
    client.on('end', () => {
      this.#lost ??= new Error('the connection to PostgreSQL ended');
    });
  }

  /** Rejects with the connection's or the server's error. */
  static async connect(config: ClientConfig): Promise<Session> {
    const client = new Client({ ...config, pipeline: true });
    const session = new Session(client);
    await client.connect();
    return session;
  }

  get lost(): boolean {
    return this.#lost !== null;
  }

  async rows(statement: Statement, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    return (await this.#query(statement, values)).rows;
  }

  /** How many rows the statement touched. */
  async run(statement: Statement, values: readonly SqlValue[] = []): Promise<number> {
    return (await this.#query(statement, values)).rowCount ?? 0;
  }

  /** Ends it without a word: what is under way fails, though the server may go on with it. */
  abandon(): void {
    this.#lost ??= new Error('the connection to PostgreSQL was given up');
    this.#client.connection.stream.destroy();
  }

  /** Never rejects, and does not wait for a server that does not answer. */
  async end(): Promise<void> {
    if (this.#lost !== null) return this.abandon();
    const cancel = systemClock.after(END_MS, () => this.abandon());
    await this.#client.end().catch(() => undefined);
    cancel();
  }

  #query({ name, text }: Statement, values: readonly SqlValue[]): Promise<QueryResult<SqlRow>> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    const bound = [...values];
    return this.#client.query<SqlRow>(name === undefined ? { text, values: bound } : { name, text, values: bound });
  }
}
