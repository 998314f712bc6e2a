// Session: the store's own connection to PostgreSQL, on which everything that is asked in order is asked in order.
//
//  1. Queries are pipelined: what is asked in one turn of the event loop shares a round trip.
//  2. A session that is lost stays lost: the store opens another.
//  3. Names of statements save parsing, and nothing relies on them: where a pooler knows none, the session goes on without.

import { createHash } from 'node:crypto';
import { Client, type ClientConfig, type QueryResult } from 'pg';
import { systemClock } from '../../system-ports.ts';
import type { SqlRow } from '../columns.ts';
import { StoreError } from '../store.ts';
import { isNameUnknown } from './failure.ts';

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

/** @param answerMs how long the server has for an answer, before the connection is given up; for ever when absent */
export function clientConfig(url: string, applicationName: string, answerMs?: number): ClientConfig {
  return {
    ...(answerMs === undefined ? {} : { query_timeout: answerMs }),
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
  #takesNames = true;
  /** Whether what is sent next belongs to a transaction that was begun. */
  #isWithin = false;

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

  /** Ends a transaction. Rejects also where the server rolled it back because of an earlier error. */
  async commit(): Promise<void> {
    const { command } = await this.#query({ text: 'COMMIT' }, []);
    if (command !== 'COMMIT') throw new StoreError('unavailable', 'the transaction was rolled back');
  }

  /** Hears what other sessions notify on a channel that this one listens to. */
  hear(channel: string, heard: () => void): void {
    this.#client.on('notification', (message) => {
      if (message.channel === channel && message.processId !== this.#processId) heard();
    });
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

  get #processId(): unknown {
    return 'processID' in this.#client ? this.#client.processID : null;
  }

  async #query(statement: Statement, values: readonly SqlValue[]): Promise<QueryResult<SqlRow>> {
    const isWithin = this.#isWithin;
    try {
      return await this.#send(statement, values);
    } catch (error) {
      if (!isNameUnknown(error)) throw error;
      this.#takesNames = false;
      if (isWithin) throw error; // the transaction has failed: its owner begins again
      return this.#send(statement, values);
    }
  }

  #send({ name, text }: Statement, values: readonly SqlValue[]): Promise<QueryResult<SqlRow>> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    if (text.startsWith('BEGIN')) this.#isWithin = true;
    else if (text === 'COMMIT' || text === 'ROLLBACK') this.#isWithin = false;
    const bound = [...values];
    const named = name === undefined || !this.#takesNames ? {} : { name: ownName(name, text) };
    return this.#client.query<SqlRow>({ ...named, text, values: bound });
  }
}

const OWN_NAMES = new Map<string, string>();

/** A name that only this text has: behind a pooler, other versions' nodes may have prepared theirs on the same connection. */
function ownName(name: string, text: string): string {
  let own = OWN_NAMES.get(text);
  if (own === undefined) OWN_NAMES.set(text, (own = `${name}_${createHash('sha256').update(text).digest('hex').slice(0, 12)}`));
  return own;
}
