// Runs the tests: `npm test`, or `npm test -- engine receiver` for the files whose path holds one of the words.
//
// Strict on purpose: a skipped or todo test fails the run; so does a file that holds no test, a file that does not end
// (a server or a worker left running), and a run of nothing. Each file runs in a process group of its own, which is killed
// whole when its time is over. Settings of the caller's own (WAXWING_…, MESHAGENT_…) never reach a test, and what tests leave
// in the temporary folder leaves with the run. The last line has the counts: `N passed, N failed`.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './house.ts';
import type { TestEnd } from './test-events.ts';

/** Two files at a time: the suites start servers and worker threads of their own. */
const FILES_AT_ONCE = 2;
/** No file may take longer; the slowest builds, packs and type-checks every package. */
const FILE_TIMEOUT_MS = Number(process.env['TEST_FILE_TIMEOUT_MS'] ?? 180_000);
const PATTERNS = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts'];

/** Whose tests: another folder's when this runner itself is tested. */
const root = process.env['TEST_ROOT'] ?? ROOT;

const words = process.argv.slice(2);
const found = globSync(PATTERNS, { cwd: root, exclude: ['**/node_modules/**'] }).toSorted();
const files = found.filter((path) => words.length === 0 || words.some((word) => path.includes(word)));

const temporary = mkdtempSync(join(tmpdir(), 'waxwing-test-'));
chmodSync(temporary, 0o711); // a database that a test starts runs as a user of its own, who must get through
const settings = Object.entries(process.env).filter(([name]) => !/^(WAXWING|MESHAGENT)_/.test(name));
const env = { ...Object.fromEntries(settings), TMPDIR: temporary, NODE_TEST_CONTEXT: undefined };

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) killGroup(child);
  rmSync(temporary, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const startedMs = performance.now();
let passed = 0;
const complaints: string[] = [];
const queue = [...files];
await Promise.all(Array.from({ length: FILES_AT_ONCE }, runQueue));

if (files.length === 0) complaints.push(words.length === 0 ? 'no test file was found' : `no test file matches ${words.join(', ')}`);
for (const complaint of complaints) console.log(`failed: ${complaint}`);
console.log(`${files.length} files in ${secondsSince(startedMs)} s`);
console.log(`${passed} passed, ${complaints.length} failed`);
process.exitCode = complaints.length === 0 ? 0 : 1;

async function runQueue(): Promise<void> {
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) await runFile(path);
}

async function runFile(path: string): Promise<void> {
  const fileStartedMs = performance.now();
  const events = join(temporary, `events-${files.indexOf(path)}`);
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
  reporters.push(`--test-reporter=${new URL('test-events.ts', import.meta.url).href}`, `--test-reporter-destination=${events}`);
  const child = spawn(process.execPath, [...reporters, join(root, path)], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));

  let timedOut = false;
  const watchdog = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, FILE_TIMEOUT_MS);
  const closed = once(child, 'close');
  const [code] = await once(child, 'exit');
  clearTimeout(watchdog);
  killGroup(child); // what it started and left behind
  await closed;
  running.delete(child);

  const ends = existsSync(events) ? readFileSync(events, 'utf8').split('\n').slice(0, -1).map(parseEnd) : [];
  const failures = ends.filter(({ end }) => end !== 'passed').map(({ name, end }) => (end === 'failed' ? name : `${end}: ${name}`));
  if (timedOut) failures.push(`did not end within ${FILE_TIMEOUT_MS / 1000} s`);
  else if (code !== 0 && failures.length === 0) failures.push(`left with ${code}`);
  else if (ends.length === 0) failures.push('holds no test');

  passed += ends.filter(({ end }) => end === 'passed').length;
  complaints.push(...failures.map((failure) => `${path}: ${failure}`));
  if (failures.length > 0) process.stdout.write(Buffer.concat(output));
  console.log(`${failures.length === 0 ? '✔' : '✖'} ${path}: ${ends.length} tests in ${secondsSince(fileStartedMs)} s`);
}

function parseEnd(line: string): TestEnd {
  return JSON.parse(line);
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // all of it has left already
  }
}

function secondsSince(startMs: number): string {
  return ((performance.now() - startMs) / 1000).toFixed(1);
}
