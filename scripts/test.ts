// Runs the tests: `npm test`, or `npm test -- engine receiver` for the files whose path holds one of the words.
//
// Strict on purpose: a skipped or todo test fails the run; so does a file that holds no test, a file that does not end
// (a server or a worker left running), and a run of nothing. Settings of the caller's own (WAXWING_…, MESHAGENT_…) never
// reach a test. The last line has the counts: `N passed, N failed`.

import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { ROOT } from './house.ts';

/** Two files at a time: the suites start servers and worker threads of their own. */
const FILES_AT_ONCE = 2;
/** No file may take longer; the slowest builds, packs and type-checks every package. */
const FILE_TIMEOUT_MS = 180_000;
const PATTERNS = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts'];

const words = process.argv.slice(2);
const found = globSync(PATTERNS, { cwd: ROOT, exclude: ['**/node_modules/**'] }).toSorted();
const files = found.filter((path) => words.length === 0 || words.some((word) => path.includes(word)));
for (const name of Object.keys(process.env)) if (/^(WAXWING|MESHAGENT)_/.test(name)) delete process.env[name];
// What tests leave in the temporary folder, a killed process's store for one, leaves with the run.
const temporary = mkdtempSync(join(tmpdir(), 'waxwing-test-'));
process.env['TMPDIR'] = temporary;
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

const startedMs = performance.now();
const reporter = new spec();
reporter.pipe(process.stdout);
let passed = 0;
const complaints: string[] = [];

const queue = [...files];
await Promise.all(Array.from({ length: FILES_AT_ONCE }, runQueue));
reporter.end();
reporter.on('end', () => {
  if (files.length === 0) complaints.push(words.length === 0 ? 'no test file was found' : `no test file matches ${words.join(', ')}`);
  for (const complaint of complaints) console.log(`failed: ${complaint}`);
  console.log(`${files.length} files in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  console.log(`${passed} passed, ${complaints.length} failed`);
  process.exitCode = complaints.length === 0 ? 0 : 1;
});

async function runQueue(): Promise<void> {
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) await runFile(path);
}

/** One run a file, so that one which does not end can be stopped alone: Node's own time-out ends tests, not processes. */
async function runFile(path: string): Promise<void> {
  const absolute = join(ROOT, path);
  const watchdog = new AbortController();
  const timer = setTimeout(() => watchdog.abort(), FILE_TIMEOUT_MS);
  let tests = 0;
  for await (const event of run({ files: [absolute], cwd: ROOT, signal: watchdog.signal, timeout: FILE_TIMEOUT_MS })) {
    if (event.type === 'test:summary') continue;
    if (event.type === 'test:diagnostic' && event.data.file === undefined) continue; // totals of this one file
    reporter.write(event);
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, skip, todo, details } = event.data;
    if (skip !== undefined && skip !== false) complaints.push(`${path}: skipped: ${name}`);
    else if (todo !== undefined && todo !== false) complaints.push(`${path}: todo: ${name}`);
    else if (event.type === 'test:fail') {
      if (event.data.details.error.failureType === 'subtestsFailed') continue; // counted as its tests
      complaints.push(watchdog.signal.aborted ? `${path}: did not end within ${FILE_TIMEOUT_MS / 1000} s` : `${path}: ${name}`);
    } else if (name === absolute || details.type === 'suite') continue; // a file without a test passes as a test of that name
    else passed++;
    tests++;
  }
  clearTimeout(timer);
  if (tests === 0) complaints.push(`${path}: holds no test`);
}
