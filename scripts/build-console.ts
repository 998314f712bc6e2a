// Makes the console where it is absent or stale: `npm start` runs this first, and `npm run build` with it.
//
// Stale means that what it is made of has changed since: the sources' digest stands beside what was built. A build takes a
// few seconds, a look whether one is due a few milliseconds. Of two who build at the same time, the last one's stands.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { houseFiles, ROOT } from './house.ts';

/** Where the server finds it, and whence it is published. */
export const BROWSER_FOLDER: string = join(ROOT, 'packages', 'server', 'dist', 'browser');

const STAMP = join(BROWSER_FOLDER, '.digest');
const MADE_OF = ['packages/console', 'packages/client/src', 'packages/protocol/src'];

/** Builds the console unless what stands was built of these very sources. Says whether it built. */
export function buildConsole(): boolean {
  const digest = digestOf(
    MADE_OF.flatMap((folder) => houseFiles(join(ROOT, folder))).filter((path) => !/\/(test|node_modules)\//.test(path)),
  );
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest) return false;
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const aside = `${BROWSER_FOLDER}-${process.pid}`;
  try {
    execFileSync(process.execPath, [vite, 'build', '--logLevel', 'warn', '--outDir', aside], {
      cwd: join(ROOT, 'packages', 'console'),
      stdio: 'inherit',
    });
    writeFileSync(join(aside, '.digest'), digest);
    put(aside);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return true;
}

/** Puts what was built in the place of what stood there; another builder may do so at the same moment. */
function put(aside: string): void {
  for (let tries = 0; ; tries++) {
    try {
      rmSync(BROWSER_FOLDER, { recursive: true, force: true });
      renameSync(aside, BROWSER_FOLDER);
      return;
    } catch (error) {
      if (tries >= 5) throw error;
    }
  }
}

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of [...paths, 'package-lock.json'])
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  return hash.digest('hex');
}

if (import.meta.main) {
  const startedMs = performance.now();
  if (buildConsole()) console.log(`Built the console in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}
