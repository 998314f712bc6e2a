// A real process, a real file: a delivery that kills it does so once, then once for each of its attempts, and no more.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { createEngine } from '../../src/create-engine.ts';
import { PROCESS_STOPPED } from '../../src/flight/stopped-report.ts';
import { sqlite } from '../../src/store/sqlite/sqlite.ts';

const PROCESS = new URL('./killed-process.ts', import.meta.url).pathname;

/** How it ended: its code, or the signal that killed it. */
function run(...args: readonly string[]): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROCESS, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 0));
  });
}

it('a delivery that kills a real process ends failed after its own attempts, and its neighbours are delivered', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'waxwing-killed-'));
  const folder = join(parent, 'data');
  try {
    const ends = [await run(folder, 'publish')];
    assert.ok(existsSync(join(folder, 'in-flight.log')), 'a killed process leaves its note');
    while (ends.at(-1) === 'SIGKILL' && ends.length < 8) ends.push(await run(folder));
    assert.deepEqual(ends, ['SIGKILL', 'SIGKILL', 'SIGKILL', 0], 'once among others, then once for each of its two attempts');
    assert.equal(existsSync(join(folder, 'in-flight.log')), false, 'a clean stop leaves none');
    const engine = await createEngine({ store: sqlite(folder), masterKey: 'm'.repeat(40) });
    try {
      const { data } = await engine.deliveries.list('acme');
      const ended = data.map(({ state, attempts }) => `${state} ${attempts}`);
      assert.deepEqual(
        ended.toSorted((one, other) => one.localeCompare(other)),
        ['delivered 1', 'delivered 1', 'delivered 1', 'failed 2'],
      );
      const failed = data.find(({ state }) => state === 'failed');
      const { attemptLog } = await engine.deliveries.get('acme', failed?.id ?? '');
      assert.deepEqual(
        attemptLog.map(({ number, error }) => [number, error?.code]),
        [
          [1, PROCESS_STOPPED],
          [2, PROCESS_STOPPED],
        ],
      );
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});
