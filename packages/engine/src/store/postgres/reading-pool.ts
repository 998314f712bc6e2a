// A reading pool: connections for reads that keep no order, opened as they are needed.

import { Pool, type ClientConfig } from 'pg';
import type { SqlRow } from '../columns.ts';
import { refused } from './failure.ts';
import type { Ask } from './list-scan.ts';

export class ReadingPool {
  readonly #pool: Pool;

  constructor(config: ClientConfig, max: number) {
    this.#pool = new Pool({ ...config, max });
    this.#pool.on('error', () => undefined); // an idle connection that ended is replaced when one is needed
    // One that is lent has no other listener: where it breaks between two questions, the next one says so.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Rejects with StoreError `unavailable`. */
  async ask(text: string, values: readonly unknown[]): Promise<readonly SqlRow[]> {
    try {
      return (await this.#pool.query<SqlRow>(text, [...values])).rows;
    } catch (error) {
      return refused(error);
    }
  }

  /** Reads that see one moment of the database. Rejects with StoreError `unavailable`. */
  async together<R>(work: (ask: Ask) => Promise<R>): Promise<R> {
    const client = await this.#pool.connect().catch(refused);
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const result = await work(async ({ text }, values) => (await client.query<SqlRow>(text, [...values])).rows);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      return refused(error);
    }
  }

  async end(): Promise<void> {
    await this.#pool.end().catch(() => undefined);
  }
}
