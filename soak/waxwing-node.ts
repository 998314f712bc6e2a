// A node: one real `waxwing serve` process, as a user would start it, on a port that it keeps over its lives.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface NodeOptions {
  /** The flags that name its store: `--data <folder>`. */
  readonly store: readonly string[];
  /** Where its output is appended. */
  readonly log: string;
  /** In front of the command, such as strace with its flags. Must leave the server the direct child. */
  readonly prefix?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  /** The loopback address that what it sends comes from, where it is to be told from other nodes. */
  readonly address?: string;
  /** By how much its wall clock is wrong. */
  readonly clockWrongMs?: number;
}

const COMMAND = join(import.meta.dirname, '../packages/cli/bin/waxwing.js');
const INSIDE = new URL('./inside-process.ts', import.meta.url);
/** A start that takes longer is a fault, however busy the machine. */
const START_MS = 60_000;
const STOP_MS = 60_000;
/** What a node sends from where it has no address of its own. */
const PLAIN_ADDRESS = '127.0.0.1';

export const ADMIN_KEY = 'wxw_soak_admin_key_of_the_soak_only';

/** It ended by itself. */
export class NodeEnded extends Error {}

export class WaxwingNode {
  readonly url: string;
  readonly #options: NodeOptions;
  readonly #port: number;
  #child: ChildProcess | null = null;

  private constructor(options: NodeOptions, port: number) {
    this.#options = options;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async create(options: NodeOptions): Promise<WaxwingNode> {
    return new WaxwingNode(options, await freePort());
  }

  /** Where receivers see its requests come from. */
  get address(): string {
    return this.#options.address ?? PLAIN_ADDRESS;
  }

  get pid(): number {
    const { pid } = this.#running();
    if (pid === undefined) throw new Error('the node did not start');
    return pid;
  }

  /** What its process left with; null while it runs. */
  get left(): string | null {
    const { exitCode, signalCode } = this.#running();
    return signalCode ?? (exitCode === null ? null : String(exitCode));
  }

  /** Begins to start; `ready` says when it is. */
  start(): void {
    const { store, log, prefix = [], env = {}, address, clockWrongMs = 0 } = this.#options;
    const inside = address === undefined && clockWrongMs === 0 ? [] : ['--import', INSIDE.href];
    const serve = [COMMAND, 'serve', '--port', String(this.#port), '--allow-http', '--allow-private-networks', ...store];
    const [file = process.execPath, ...args] = [...prefix, process.execPath, ...inside, ...serve];
    const output = openSync(log, 'a');
    this.#child = spawn(file, args, {
      stdio: ['ignore', output, output],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        WAXWING_ADMIN_KEY: ADMIN_KEY,
        TMPDIR: tmpdir(),
        ...(address === undefined ? {} : { SOAK_SENDS_FROM: address }),
        ...(clockWrongMs === 0 ? {} : { SOAK_CLOCK_WRONG_MS: String(clockWrongMs) }),
        ...env,
      },
    });
    closeSync(output);
  }

  /** Resolves when it takes events. Throws when it ends instead. */
  async ready(): Promise<void> {
    const untilMs = performance.now() + START_MS;
    while (performance.now() < untilMs) {
      if (this.left !== null) throw new NodeEnded(`waxwing serve ended at its start with ${this.left}; see ${this.#options.log}`);
      if (await this.isReady()) return;
      await pause(40);
    }
    throw new Error(`waxwing serve was not ready within ${START_MS / 1_000} s; see ${this.#options.log}`);
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.ok === true;
  }

  /** SIGKILL, now. Resolves with the moment it was sent once the process is gone. */
  async kill(): Promise<number> {
    const child = this.#running();
    const killedMs = Date.now();
    child.kill('SIGKILL');
    await ended(child);
    return killedMs;
  }

  /** SIGSTOP: it stands still, and nobody is told, until `thaw`. */
  freeze(): void {
    this.#running().kill('SIGSTOP');
  }

  thaw(): void {
    this.#running().kill('SIGCONT');
  }

  /** SIGTERM: it must finish what it has and leave with 0. */
  async stop(): Promise<void> {
    const child = this.#running();
    child.kill('SIGTERM');
    const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended(child);
    clearTimeout(overdue);
    if (child.exitCode !== 0) throw new NodeEnded(`waxwing serve left with ${this.left} after SIGTERM; see ${this.#options.log}`);
  }

  /** Whatever still runs, at once. */
  async abandon(): Promise<void> {
    if (this.#child === null) return;
    this.#child.kill('SIGKILL');
    await ended(this.#child);
  }

  /** One of its metrics; 0 where it has none of that name. */
  async metric(name: string): Promise<number> {
    const answer = await fetch(`${this.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
    const line = new RegExp(`^${name}(?:\\{[^}]*\\})? (.+)$`, 'm').exec(await answer.text());
    return Number(line?.[1] ?? 0);
  }

  #running(): ChildProcess {
    if (this.#child === null) throw new Error('the node was not started');
    return this.#child;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
