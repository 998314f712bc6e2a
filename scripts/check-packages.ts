// Judges the staged packages as registries and bundlers will: publint for the manifest, attw for the types. After `npm run build`.
//
// ESM only, so what attw says of `require` is ignored by its profile. Any finding fails.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { STAGE } from './build-packages.ts';
import { ROOT, writtenPackages } from './house.ts';

const tool = (path: string): string => join(ROOT, 'node_modules', path);
let failed = 0;

for (const pkg of writtenPackages()) {
  const folder = join(STAGE, pkg.folder);
  if (!existsSync(folder)) throw new Error(`${folder} is missing: run npm run build first`);
  // A package with nothing to import (the command) has no types to judge.
  const checks = [[tool('publint/src/cli.js'), folder, '--strict', '--pack', 'npm']];
  if (pkg.folder !== 'cli') checks.push([tool('@arethetypeswrong/cli/dist/index.js'), '--pack', folder, '--profile', 'esm-only']);
  for (const command of checks) {
    const result = spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
    if (result.status === 0) continue;
    failed++;
    console.log(`${pkg.name}:\n${result.stdout}${result.stderr}`);
  }
}

console.log(failed === 0 ? 'publint and attw have nothing to say' : `${failed} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
