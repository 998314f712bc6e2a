// The real command as a process: run to its end, or started and watched.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A test's context, or node:test itself for a whole file. */
export interface Ending {
  after(end: () => Promise<unknown> | void): void;
}

export const BIN: string = join(import.meta.dirname, '../bin/waxwing.js');

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: { readonly [name: string]: string };
  readonly stdin?: string | Buffer;
  /** In front of the command: `--import …`. */
  readonly nodeArgs?: readonly string[];
}

/** Runs it to its end. */
export async function waxwing(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), BIN, ...args], { env: cleanEnvironment(options.env) });
  child.stdin.on('error', () => {}); // it may leave without reading
  child.stdin.end(options.stdin ?? '');
  return ended(child);
}

/** Runs another program to its end. */
export function run(file: string, args: readonly string[], env: { readonly [name: string]: string } = {}): Promise<Ended> {
  return ended(spawn(file, args, { env: cleanEnvironment(env) }));
}

export interface Running {
  readonly child: ChildProcess;
  /** Everything written to stdout so far. */
  stdout(): string;
  /** Resolves with the first match in stdout; rejects when the process ends without one. */
  saw(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its end. */
  readonly ended: Promise<Ended>;
}

/** Starts it; it is killed after the test should it still run. */
export function startWaxwing(t: Ending, args: readonly string[], env: { readonly [name: string]: string } = {}): Running {
  return watch(t, spawn(process.execPath, [BIN, ...args], { env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Starts another program, a TypeScript file of ours, the same way. */
export function startScript(t: Ending, file: string, env: { readonly [name: string]: string } = {}): Running {
  return watch(t, spawn(process.execPath, [file], { env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Starts a project that `waxwing init` made. */
export function startProject(t: Ending, folder: string, env: { readonly [name: string]: string }): Running {
  const child = spawn(process.execPath, ['src/main.ts'], { cwd: folder, env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  return watch(t, child);
}

function watch(t: Ending, child: ChildProcess): Running {
  let text = '';
  const watchers = new Set<() => void>();
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    for (const watcher of watchers) watcher();
  });
  const end = ended(child);
  t.after(async () => {
    child.kill('SIGKILL');
    await end;
  });
  return {
    child,
    stdout: () => text,
    ended: end,
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(text);
          if (match === null) return;
          watchers.delete(look);
          resolve(match);
        };
        watchers.add(look);
        look();
        void end.then(({ status, stdout, stderr }) => reject(new Error(`ended with ${status} before ${pattern}:\n${stdout}\n${stderr}`)));
      }),
  };
}

function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** Nothing of Waxwing's, whatever the machine's own environment holds. */
function cleanEnvironment(more: { readonly [name: string]: string } = {}): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], ...more };
}

export async function temporaryFolder(t: Ending): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waxwing-cli-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
