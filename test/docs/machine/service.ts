// A program that goes on after the command that started it: started, looked at, ended. Its page ends it too, by the list of
// process groups that is kept in its home.

import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME, KEPT } from './places.ts';

export interface Program {
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly cwd: string;
}

interface Kept extends Program {
  readonly pid: number;
  readonly log: string;
}

const fileOf = (name: string): string => join(KEPT, `${name}.json`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Nothing of the caller's environment reaches it but where programs are found. */
const surroundings = (env: Program['env']): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  TMPDIR: process.env['TMPDIR'],
  HOME,
  ...env,
});

export function startService(name: string, program: Program): void {
  mkdirSync(KEPT, { recursive: true });
  const log = join(KEPT, `${name}.log`);
  const out = openSync(log, 'a');
  const [file = '', ...args] = program.argv;
  const child = spawn(file, args, { env: surroundings(program.env), cwd: program.cwd, stdio: ['ignore', out, out], detached: true });
  child.unref();
  appendFileSync(join(HOME, 'groups'), `${child.pid ?? ''}\n`);
  writeFileSync(fileOf(name), JSON.stringify({ ...program, pid: child.pid, log }));
}

export function keptService(name: string): Kept {
  return JSON.parse(readFileSync(fileOf(name), 'utf8'));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that has ended is there still while nobody has asked for its status: the parent that would have left before.
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until it holds; throws with what the service wrote when it ends before, or not in time. */
export async function untilService(name: string, holds: () => Promise<boolean>): Promise<void> {
  const { pid, log } = keptService(name);
  for (const endMs = performance.now() + 20_000; performance.now() < endMs; await pause(50)) {
    if (await holds()) return;
    if (!isAlive(pid)) break;
  }
  throw new Error(`${name} did not come up:\n${readFileSync(log, 'utf8')}`);
}

/** Asks it to end, as a service manager does. @throws when it has to be killed */
export async function stopService(name: string): Promise<void> {
  const { pid, log } = keptService(name);
  process.kill(pid, 'SIGTERM');
  for (const endMs = performance.now() + 20_000; performance.now() < endMs; await pause(50)) if (!isAlive(pid)) return;
  throw new Error(`${name} did not end at SIGTERM:\n${readFileSync(log, 'utf8')}`);
}

/** Runs a program to its end; gives its exit status. */
export function runProgram({ argv: [file = '', ...args], env, cwd }: Program): number {
  return spawnSync(file, args, { env: surroundings(env), cwd, stdio: 'inherit' }).status ?? 1;
}
