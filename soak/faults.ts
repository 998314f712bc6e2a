// Disk faults, done to a real server: a disk that is full (a small tmpfs; where mounting is not allowed, a limit on the size of
// the process's files), and fsync calls that fail (strace makes them, attached for a while).

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FullDisk {
  readonly how: string;
  /** Where the store is to lie. */
  readonly data: string;
  /** Makes room. `pid` is the server's. */
  makeRoom(pid: number): void;
  /** Called once the server runs. */
  begin(pid: number): void;
  dispose(): void;
}

const MIB = 1_048_576;
const DISK_MIB = 24;
const BALLAST_MIB = 12;
const FILE_MIB = 6;

/** A small disk below `folder`, most of it taken by a ballast that `makeRoom` throws off. */
export function smallDisk(folder: string): FullDisk {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return limitedFiles(disk);
  }
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(BALLAST_MIB * MIB));
  return {
    how: `a tmpfs of ${DISK_MIB} MiB`,
    data: join(disk, 'data'),
    begin: () => {},
    makeRoom: () => rmSync(ballast),
    dispose: () => void execFileSync('umount', [disk]),
  };
}

function limitedFiles(disk: string): FullDisk {
  const limit = (pid: number, bytes: string): void => void execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
  return {
    how: `files of at most ${FILE_MIB} MiB (no right to mount here)`,
    data: join(disk, 'data'),
    begin: (pid) => limit(pid, String(FILE_MIB * MIB)),
    makeRoom: (pid) => limit(pid, 'unlimited'),
    dispose: () => {},
  };
}

/** Throws where strace is not installed. */
export function needStrace(): void {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
  } catch (cause) {
    throw new Error('this run needs strace, which is not on this machine', { cause });
  }
}

/** From now on every fsync of the process fails with EIO; ends when the returned function is called. */
export async function failFsync(pid: number): Promise<() => Promise<void>> {
  needStrace();
  const inject = 'inject=fsync,fdatasync:error=EIO';
  const strace = spawn('strace', ['-f', '-p', String(pid), '-e', 'trace=fsync,fdatasync', '-e', inject, '-o', '/dev/null'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await attached(strace);
  return async () => {
    strace.kill('SIGINT');
    await once(strace, 'exit');
  };
}

async function attached(strace: ChildProcess): Promise<void> {
  let said = '';
  strace.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  while (!said.includes('attached')) {
    if (strace.exitCode !== null) throw new Error(`strace could not attach: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
