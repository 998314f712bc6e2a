// The test runner's own guards, each seen to fail: what it must not let pass stands here as small test files.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT } from '../scripts/house.ts';

const PASSES = "test('passes', () => {});";

function runTests(files: Readonly<Record<string, string>>, words: readonly string[] = []): { lines: string[]; status: number | null } {
  const root = mkdtempSync(join(tmpdir(), 'waxwing-runner-'));
  try {
    mkdirSync(join(root, 'test'));
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(root, 'test', `${name}.test.ts`), `import { describe, test } from 'node:test';\n${text}\n`);
    }
    const env = { ...process.env, TEST_ROOT: root, TEST_FILE_TIMEOUT_MS: '1500', WAXWING_PORT: '1' };
    const { stdout, status } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'test.ts'), ...words], {
      env,
      encoding: 'utf8',
      timeout: 30_000,
    });
    return { lines: stdout.trimEnd().split('\n'), status };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

describe('the test runner', () => {
  test('counts what passed on its last line and leaves with 0', () => {
    const { lines, status } = runTests({ a: `${PASSES}\ndescribe('group', () => { ${PASSES} });`, b: PASSES });
    assert.deepEqual([lines.at(-1), status], ['3 passed, 0 failed', 0]);
  });

  test('runs only the files whose path holds one of the words', () => {
    assert.equal(runTests({ one: PASSES, two: "throw new Error('not asked for');" }, ['one']).lines.at(-1), '1 passed, 0 failed');
  });

  test('keeps the settings of the caller from the tests', () => {
    const { lines } = runTests({ a: "test('sees none', () => { if (process.env.WAXWING_PORT !== undefined) throw new Error('seen'); });" });
    assert.equal(lines.at(-1), '1 passed, 0 failed');
  });

  const guards: readonly (readonly [claim: string, text: string, complaint: string, counts: string])[] = [
    ['a test that fails', "test('no', () => { throw new Error('no'); });", 'a.test.ts: no', '0 passed, 1 failed'],
    [
      'a failing test in a group, once',
      "describe('group', () => { test('no', () => { throw new Error('no'); }); });",
      'a.test.ts: no',
      '0 passed, 1 failed',
    ],
    ['a skipped test', "test('later', { skip: true }, () => {});", 'skipped: later', '0 passed, 1 failed'],
    ['a test that is to be done', "test('later', { todo: true }, () => {});", 'todo: later', '0 passed, 1 failed'],
    ['a file that holds no test', 'void test;', 'holds no test', '0 passed, 1 failed'],
    ['a file that does not load', "throw new Error('broken');", 'left with 1', '0 passed, 1 failed'],
    [
      'a file that does not end, though it ignores SIGTERM',
      `process.on('SIGTERM', () => {});\n${PASSES}\nsetInterval(() => {}, 1000);`,
      'did not end within 1.5 s',
      '1 passed, 1 failed',
    ],
  ];
  for (const [claim, text, complaint, counts] of guards) {
    test(`fails for ${claim}`, () => {
      const { lines, status } = runTests({ a: text });
      assert.deepEqual([lines.at(-1), status], [counts, 1]);
      assert.ok(
        lines.some((line) => line.startsWith('failed: ') && line.includes(complaint)),
        lines.join('\n'),
      );
    });
  }

  test('fails when no file is found, or none matches', () => {
    assert.deepEqual([runTests({}).lines.at(-1), runTests({}).status], ['0 passed, 1 failed', 1]);
    assert.equal(runTests({ a: PASSES }, ['other']).lines.at(-1), '0 passed, 1 failed');
  });
});
