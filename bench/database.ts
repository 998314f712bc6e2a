// PostgreSQL for the benchmark: a server of its own, as it comes save that commits reach the disk, and what it has used.
//
// Its CPU is read from /proc: of the postmaster, of all its children, and of those that have ended.

import { readdirSync, readFileSync } from 'node:fs';
import { startPostgres, type PostgresServer } from '../test/postgres-server.ts';

/** The tests’ server does not sync; checkpoints are not forced every few seconds. */
const DURABLE = ['fsync=on', 'synchronous_commit=on', 'max_wal_size=4GB'];
/** Of /proc, on every Linux that Node runs on. */
const TICK_US = 10_000;

export interface Database {
  readonly url: string;
  cpuUs(): number;
  /** Transactions that wrote something, so far. */
  transactions(): Promise<number>;
  stop(): Promise<void>;
}

export async function startDatabase(): Promise<Database> {
  const server: PostgresServer = await startPostgres(DURABLE);
  const url = await server.newDatabase();
  const postmaster = postmasterOnPort(server.port);
  return {
    url,
    cpuUs: () => treeCpuUs(postmaster),
    async transactions() {
      const [row] = await server.ask(url, 'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next'); // at once exact, unlike the statistics
      return Number(row?.['next']);
    },
    stop: () => server.stop(),
  };
}

/** User and system time of a process, its children, and their ended ones. */
export function treeCpuUs(root: number): number {
  let ticks = 0;
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? statOf(Number(entry)) : null;
    if (stat === null) continue;
    if (Number(entry) === root) ticks += stat.own + stat.ended;
    else if (stat.parent === root) ticks += stat.own;
  }
  return ticks * TICK_US;
}

function statOf(pid: number): { parent: number; own: number; ended: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // from the third on: proc(5)
    const at = (field: number): number => Number(fields[field - 3]);
    return { parent: at(4), own: at(14) + at(15), ended: at(16) + at(17) };
  } catch {
    return null; // it has just ended
  }
}

/** Found by its arguments. */
function postmasterOnPort(port: number): number {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      if (words[0]?.endsWith('postgres') && words[words.indexOf('-p') + 1] === String(port)) return Number(entry);
    } catch {
      // it has just ended
    }
  }
  throw new Error('PostgreSQL’s process is not found in /proc');
}
