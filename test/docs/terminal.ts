// Commands as processes: run to their end, or started, watched and ended.
//
// Each has a process group of its own, so that what it starts ends with it.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';

/** What a reader may have to wait for: a server's start, a delivery's arrival. */
const PATIENCE_MS = 20_000;

export class Command {
  readonly child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stdout = '';
  #all = '';

  constructor(script: string, env: NodeJS.ProcessEnv, cwd: string) {
    this.child = spawn('bash', ['-c', script], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.child.stdout?.on('data', (part: Buffer) => {
      this.#stdout += part.toString();
      this.#all += part.toString();
    });
    this.child.stderr?.on('data', (part: Buffer) => (this.#all += part.toString()));
    this.#ended = once(this.child, 'close');
  }

  /** Both streams, as they came. */
  get printed(): string {
    return this.#all;
  }

  get saysSomething(): boolean {
    return this.#stdout !== '';
  }

  get status(): number | null {
    return this.child.exitCode;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits for its end; null when it had to be killed after `limitMs`. */
  async end(limitMs: number = PATIENCE_MS): Promise<number | null> {
    const late = setTimeout(() => this.#signal('SIGKILL'), limitMs);
    await this.#ended;
    clearTimeout(late);
    return this.child.exitCode;
  }

  /** Asks it to end, as Ctrl-C or a service manager does. */
  stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.#signal(signal);
    return this.end();
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.child.pid !== undefined) endGroup(this.child.pid, signal);
  }
}

export function endGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has left already
  }
}

/** Looks again and again until it holds; gives back whether it did in time. */
export async function within(holds: () => boolean | Promise<boolean>, limitMs: number = PATIENCE_MS): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

/** Below the ports that systems hand out for connections, so that none takes it before it is listened on. */
const PORTS_FROM = 20_000;
const PORTS = 10_000;
let tried = process.pid * 97;

export async function freePort(): Promise<string> {
  for (;;) {
    const port = String(PORTS_FROM + (tried++ % PORTS));
    if (await canListen(port)) return port;
  }
}

async function canListen(port: string): Promise<boolean> {
  const server = createServer().listen(Number(port), '127.0.0.1');
  const listens = await new Promise<boolean>((resolve) =>
    server.once('listening', () => resolve(true)).once('error', () => resolve(false)),
  );
  if (!listens) return false;
  server.close();
  await once(server, 'close');
  return true;
}

export async function isListening(port: string): Promise<boolean> {
  const socket = connect(Number(port), '127.0.0.1');
  const open = await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)));
  socket.destroy();
  return open;
}
