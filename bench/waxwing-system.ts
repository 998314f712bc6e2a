// Waxwing under measure: one server process or several, on SQLite or on a PostgreSQL of their own.
//
// Can be stopped and started again on the same store, with something done to the store in between.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Peer } from './asking.ts';
import { startDatabase, type Database } from './database.ts';
import type { MakeEndpoints, ServerAnswers } from './server-process.ts';
import type { System } from './stage.ts';

/** As the waxwing command sets them for itself. */
const SERVER_FLAGS = [
  '--max-semi-space-size=8',
  '--semi-space-growth-factor=1',
  '--initial-old-space-size=32',
  '--heap-growing-percent=60',
];
const READY_POLL_MS = 5;

export interface WaxwingOptions {
  readonly store: 'sqlite' | 'postgres';
  /** Server processes. More than one need PostgreSQL. */
  readonly nodes: number;
  /** Threads of each that sign and send. */
  readonly threads: number;
  /** Where the embedded stores are made. */
  readonly folder: string;
  readonly answerAtOnce: boolean;
  /** PEM: an authority that the receiver's certificate is signed by; null for none. */
  readonly authorityFile: string | null;
  /** Where CPU profiles of the servers go; null for none. */
  readonly profiles: string | null;
}

export class WaxwingSystem implements System {
  readonly #options: WaxwingOptions;
  readonly #folder: string;
  readonly #database: Database | null;
  #servers: readonly Peer<ServerAnswers>[] = [];
  #cpuUsOfEnded = 0;
  urls: readonly string[] = [];
  key = '';
  /** From making the processes until all of them were ready, the last time. */
  startMs = 0;

  private constructor(options: WaxwingOptions, folder: string, database: Database | null) {
    this.#options = options;
    this.#folder = folder;
    this.#database = database;
  }

  static async start(options: WaxwingOptions): Promise<WaxwingSystem> {
    if (options.nodes > 1 && options.store !== 'postgres') throw new Error('several nodes need --store postgres');
    const database = options.store === 'postgres' ? await startDatabase() : null;
    const system = new WaxwingSystem(options, mkdtempSync(join(options.folder, 'waxwing-bench-')), database);
    try {
      await system.#start();
    } catch (error) {
      await system.close();
      throw error;
    }
    return system;
  }

  get database(): Database | null {
    return this.#database;
  }

  /** A folder, or the database's URL. */
  get place(): string {
    return this.#database?.url ?? this.#folder;
  }

  get server(): Peer<ServerAnswers> {
    const [first] = this.#servers;
    if (first === undefined) throw new Error('no server runs');
    return first;
  }

  endpoints(made: MakeEndpoints): Promise<void> {
    return this.server.ask('endpoints', made);
  }

  /** Pending deliveries, as the nodes count them. */
  async pending(): Promise<number> {
    const all = await Promise.all(this.#servers.map((server) => server.ask('status')));
    return all.reduce((sum, { pending }) => sum + pending, 0);
  }

  async commits(): Promise<number> {
    const all = await Promise.all(this.#servers.map((server) => server.ask('status')));
    return all.reduce((sum, { commits }) => sum + commits, 0);
  }

  /** Stops the servers politely, does something, and starts them again. */
  async restart(between: (place: string) => Promise<void>): Promise<void> {
    await this.#stop();
    await between(this.place);
    await this.#start();
  }

  async cpuUs(): Promise<{ server: number; database: number }> {
    const used = await Promise.all(this.#servers.map((server) => server.ask('usage')));
    return { server: this.#cpuUsOfEnded + used.reduce((sum, { cpuUs }) => sum + cpuUs, 0), database: this.#database?.cpuUs() ?? 0 };
  }

  async rssBytes(): Promise<number> {
    const used = await Promise.all(this.#servers.map((server) => server.ask('usage')));
    return Math.max(0, ...used.map(({ rssBytes }) => rssBytes));
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#database?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const { nodes, threads, answerAtOnce, authorityFile, profiles } = this.#options;
    const flags = profiles === null ? SERVER_FLAGS : [...SERVER_FLAGS, '--cpu-prof', `--cpu-prof-dir=${profiles}`];
    const env = authorityFile === null ? {} : { NODE_EXTRA_CA_CERTS: authorityFile };
    const startedMs = performance.now();
    this.#servers = Array.from({ length: nodes }, () => new Peer<ServerAnswers>('./server-process.ts', flags, env));
    const addresses: { url: string; key: string }[] = [];
    for (const server of this.#servers) addresses.push(await server.ask('start', { place: this.place, threads, answerAtOnce }));
    for (const server of this.#servers) while (!(await server.ask('status')).ready) await wait(READY_POLL_MS);
    this.startMs = performance.now() - startedMs;
    this.urls = addresses.map(({ url }) => url);
    this.key = addresses[0]?.key ?? '';
  }

  async #stop(): Promise<void> {
    const servers = this.#servers;
    this.#servers = [];
    for (const server of servers) {
      await server.ask('close').catch(() => undefined); // it has left already
      this.#cpuUsOfEnded += (await server.ask('usage').catch(() => null))?.cpuUs ?? 0;
    }
    await Promise.all(servers.map((server) => server.stop()));
  }
}
