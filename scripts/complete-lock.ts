// Completes package-lock.json: `node scripts/complete-lock.ts`, after an install whose registry lacks some platforms' binaries.
//
// A package may list a binary for each platform as an optional dependency. Where a registry mirror does not carry one, `npm
// install` leaves it out of the lock without a word, and `npm ci` then refuses the lock everywhere. What is missing is written
// as what the parent says of it: an exact version and the platform in its name. test/tidy.test.ts holds the lock to this.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './house.ts';

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly license?: string;
  readonly engines?: unknown;
  readonly optionalDependencies?: { readonly [name: string]: string };
  readonly [field: string]: unknown;
}

export interface Lock {
  readonly packages: { readonly [path: string]: LockEntry };
  readonly [field: string]: unknown;
}

interface Missing {
  readonly name: string;
  readonly version: string;
  readonly parent: LockEntry;
}

export const LOCK_PATH: string = join(ROOT, 'package-lock.json');

export function readLock(): Lock {
  return JSON.parse(readFileSync(LOCK_PATH, 'utf8'));
}

/** Optional dependencies that some package of the lock lists and the lock does not hold. */
export function missingOptional(lock: Lock): readonly Missing[] {
  return Object.entries(lock.packages).flatMap(([path, parent]) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => !isFound(lock, path, name))
      .map(([name, version]) => ({ name, version, parent })),
  );
}

/** Whether Node would find a package from where another stands. */
function isFound(lock: Lock, from: string, name: string): boolean {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    if (`${base === '' ? '' : `${base}/`}node_modules/${name}` in lock.packages) return true;
    if (base === '') return false;
  }
}

/** The lock with what is missing. Throws where a range names no one version. */
export function completeLock(lock: Lock): Lock {
  const packages = { ...lock.packages };
  for (const { name, version, parent } of missingOptional(lock)) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      throw new Error(`${name}@${version} is no exact version: install it where a registry has it`);
    packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(parent.dev === true ? { dev: true } : {}),
      ...(parent.license === undefined ? {} : { license: parent.license }),
      optional: true,
      ...(parent.engines === undefined ? {} : { engines: parent.engines }),
    };
  }
  const sorted = Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { ...lock, packages: Object.fromEntries(sorted) };
}

/** `binding-linux-arm64-musl` runs on linux, arm64, musl. */
function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] } {
  const match = /(?:^|[-/])(android|darwin|freebsd|linux|openharmony|win32|wasm32)-([a-z0-9]+)/.exec(name);
  if (match === null) throw new Error(`${name} names no platform`);
  const [, system = '', processor = ''] = match;
  if (system === 'wasm32') return { cpu: ['wasm32'] };
  const libc = name.includes('musl') ? ['musl'] : name.includes('gnu') ? ['glibc'] : undefined;
  return { os: [system], cpu: [processor], ...(system === 'linux' && libc !== undefined ? { libc } : {}) };
}

if (import.meta.main) {
  const lock = readLock();
  const missing = missingOptional(lock);
  if (missing.length > 0) writeFileSync(LOCK_PATH, `${JSON.stringify(completeLock(lock), null, 2)}\n`);
  console.log(missing.length === 0 ? 'package-lock.json is complete' : `added ${missing.map(({ name }) => name).join(', ')}`);
}
