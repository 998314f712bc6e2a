// A real PgBouncer in place of the pooler of the tests, where the variable PGBOUNCER names its program
// (`PGBOUNCER=/usr/sbin/pgbouncer npm test -- pooler`); for `tracked` from version 1.21 on.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../../test/postgres-server.ts';
import type { Pooler, PoolerOptions } from './transaction-pooler.ts';

/** The program that a pooler of this kind is to be; null for the one of the tests. */
export function originalFor(prepared: PoolerOptions['prepared']): string | null {
  const program = process.env['PGBOUNCER'];
  if (program === undefined) return null;
  const [, minor = '0'] = /PgBouncer 1\.(\d+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' })) ?? [];
  return prepared === 'none' || Number(minor) >= 21 ? program : null;
}

export async function startPgBouncer(program: string, serverPort: number, { prepared, size = 3 }: PoolerOptions): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-pgbouncer-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const settings = [
    `[databases]\n* = host=127.0.0.1 port=${serverPort} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}`,
    'unix_socket_dir =\nauth_type = any\npool_mode = transaction\nserver_round_robin = 1\nserver_login_retry = 0.1\nverbose = 0',
    `default_pool_size = ${size}\nmin_pool_size = ${size}\nmax_client_conn = 200\n${prepared === 'tracked' ? 'max_prepared_statements = 12\n' : ''}`,
  ];
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, settings.join('\n'));
  const args = process.getuid?.() === 0 ? ['-q', '-u', 'postgres', file] : ['-q', file];
  const run = async (): Promise<ChildProcess> => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    while (!(await answers(port))) if (child.exitCode !== null) throw new Error(`PgBouncer ended with ${child.exitCode}`);
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  let child = await run();
  return {
    through(url) {
      const there = new URL(url);
      there.port = String(port);
      return there.href;
    },
    loans: Infinity, // it counts them for itself
    async restart() {
      await kill(child);
      child = await run();
    },
    async close() {
      await kill(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => setTimeout(() => resolve(false), 10));
  });
}
