// A rival under measure: its HTTP process, its worker process and its database, as one system like Waxwing's.

import { Peer } from '../asking.ts';
import type { System } from '../stage.ts';
import type { RivalAnswers } from './bullmq-process.ts';

export interface RivalDatabase {
  cpuUs(): number;
  stop(): Promise<void>;
}

export class Rival implements System {
  readonly ingest: Peer<RivalAnswers>;
  readonly #worker: Peer<RivalAnswers>;
  readonly #database: RivalDatabase;
  urls: readonly string[] = [];
  key = '';

  private constructor(file: string, database: RivalDatabase) {
    this.ingest = new Peer<RivalAnswers>(file);
    this.#worker = new Peer<RivalAnswers>(file);
    this.#database = database;
  }

  /** @param file beside asking.ts  @param place the database's port or URL  @param url the receiver's */
  static async start(file: string, database: RivalDatabase, place: string, url: string, endpoints: number): Promise<Rival> {
    const rival = new Rival(file, database);
    try {
      const address = await rival.ingest.ask('ingest', { place });
      await rival.#worker.ask('work', { place, url, endpoints });
      rival.urls = [address.url];
      rival.key = address.key;
    } catch (error) {
      await rival.close();
      throw error;
    }
    return rival;
  }

  async cpuUs(): Promise<{ server: number; database: number }> {
    const used = await Promise.all([this.ingest.ask('usage'), this.#worker.ask('usage')]);
    return { server: used[0].cpuUs + used[1].cpuUs, database: this.#database.cpuUs() };
  }

  async rssBytes(): Promise<number> {
    const used = await Promise.all([this.ingest.ask('usage'), this.#worker.ask('usage')]);
    return used[0].rssBytes + used[1].rssBytes;
  }

  async close(): Promise<void> {
    for (const peer of [this.#worker, this.ingest]) {
      await peer.ask('close').catch(() => undefined); // it has left already
      await peer.stop();
    }
    await this.#database.stop();
  }
}
