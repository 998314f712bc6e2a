// The newcomer's first minute, rehearsed: `node scripts/fresh-clone.ts` (Node 26; needs a network for npm ci; not part of npm test).
//
// Clones the last commit into a temporary folder, runs `npm ci` and `npm start`, waits for the printed curl line, runs it as
// printed, and waits until the server says that the delivery was verified. Then stops everything and leaves with 0.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './house.ts';

const READY_MS = 60_000;
const VERIFIED_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'waxwing-clone-'));
// The machine's own Node starts npm, as on a newcomer's machine: npm puts the right one first for the scripts.
const PATH = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((entry) => !entry.startsWith(ROOT))
  .join(delimiter);
const env = { ...process.env, PATH };

function step(title: string): void {
  console.log(`── ${title}`);
}

step(`git clone into ${folder}`);
execFileSync('git', ['clone', '--quiet', ROOT, folder], { stdio: 'inherit' });
step('npm ci');
execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, env, stdio: 'inherit' });
step('npm start');
const server = spawn('npm', ['start'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
server.stderr.pipe(process.stderr);

const printed: string[] = [];
const listeners = new Set<() => void>();
createInterface(server.stdout).on('line', (line) => {
  console.log(`   ${line}`);
  printed.push(line);
  for (const listener of listeners) listener();
});

/** The first thing that `find` makes of the lines printed so far. */
async function waitFor<T>(what: string, timeoutMs: number, find: (lines: readonly string[]) => T | null): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const look = (): void => {
    const found = find(printed);
    if (found !== null) resolve(found);
  };
  const timer = setTimeout(() => reject(new Error(`${what} did not come within ${timeoutMs / 1000} s`)), timeoutMs);
  const onExit = (code: number | null): void => reject(new Error(`npm start left with ${code} before ${what}`));
  listeners.add(look);
  server.once('exit', onExit);
  look();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    listeners.delete(look);
    server.off('exit', onExit);
  }
}

try {
  const curl = await waitFor('the curl line', READY_MS, (lines) => {
    const start = lines.findIndex((line) => /^\s*curl /.test(line));
    if (start === -1) return null;
    let end = start;
    while (lines[end]?.endsWith('\\')) end++;
    return lines[end] === undefined
      ? null
      : lines
          .slice(start, end + 1)
          .join('\n')
          .trim();
  });
  step(`the printed line, as printed:\n${curl}`);
  const answer = execFileSync('bash', ['-c', curl], { env, encoding: 'utf8' });
  console.log(`   ${answer}`);
  const before = printed.length;
  await waitFor(
    'the verified delivery',
    VERIFIED_MS,
    (lines) => lines.slice(Math.max(0, before - 3)).find((line) => /\bverified\b/i.test(line)) ?? null,
  );
  console.log('A fresh clone serves, takes the printed curl, and shows a verified delivery.');
} finally {
  if (server.exitCode === null && server.pid !== undefined) {
    process.kill(-server.pid, 'SIGTERM'); // npm and the server below it
    await once(server, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
}
