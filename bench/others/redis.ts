// A real Redis for the comparison: the machine's own, or on Debian and Ubuntu one that is unpacked from the distribution's
// packages beside this file, without being installed. Durable as the stores it stands beside: every write is synced.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { treeCpuUs } from '../database.ts';

export interface Redis {
  readonly port: number;
  cpuUs(): number;
  stop(): Promise<void>;
}

const UNPACKED = join(import.meta.dirname, 'redis');
const PACKAGES = ['redis-tools', 'liblzf1', 'libjemalloc2'];
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction'];

/** @param folder where its data stand while it runs */
export async function startRedis(folder: string): Promise<Redis> {
  const { file, env } = findRedis();
  const data = mkdtempSync(join(folder, 'waxwing-redis-'));
  const port = await freePort();
  const child = spawn(file, ['--port', String(port), '--bind', '127.0.0.1', '--dir', data, ...DURABLE], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    let log = '';
    child.stdout.on('data', (chunk) => {
      log += String(chunk);
      if (log.includes('Ready to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(`Redis ended: ${log}`)));
  });
  return {
    port,
    cpuUs: () => (child.pid === undefined ? 0 : treeCpuUs(child.pid)),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** The server's file, and what its environment must be. */
export function findRedis(): { readonly file: string; readonly env: NodeJS.ProcessEnv; readonly version: string } {
  for (const name of [process.env['REDIS_SERVER'], 'redis-server', 'valkey-server']) {
    const version = name === undefined ? null : versionOf(name, process.env);
    if (name !== undefined && version !== null) return { file: name, env: process.env, version };
  }
  const file = join(UNPACKED, 'usr/bin/redis-server');
  if (!existsSync(UNPACKED)) unpack();
  const libraries = globSync('usr/lib/*-linux-gnu', { cwd: UNPACKED }).map((path) => join(UNPACKED, path));
  const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(':') };
  return { file, env, version: versionOf(file, env) ?? 'unknown' };
}

/** Null where it cannot be run. */
function versionOf(file: string, env: NodeJS.ProcessEnv): string | null {
  try {
    return /v=(\S+)/.exec(execFileSync(file, ['--version'], { encoding: 'utf8', env, stdio: 'pipe' }))?.[1] ?? null;
  } catch {
    return null;
  }
}

function unpack(): void {
  console.log(`No redis-server is installed: unpacking the distribution’s packages (${PACKAGES.join(', ')}) in ${UNPACKED}`);
  mkdirSync(UNPACKED, { recursive: true });
  try {
    execFileSync('apt-get', ['download', ...PACKAGES, 'redis-server'], { cwd: UNPACKED, stdio: 'pipe' });
    for (const archive of globSync('*.deb', { cwd: UNPACKED }))
      execFileSync('dpkg', ['-x', archive, '.'], { cwd: UNPACKED, stdio: 'pipe' });
  } catch (cause) {
    rmSync(UNPACKED, { recursive: true, force: true });
    throw new Error('There is no Redis here. Install redis-server (or name one in REDIS_SERVER) and run this again.', { cause });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
}
