// What the strace run reads out of a trace, seen to fail. The run itself is `npm run soak -- --strace`; its result on record is in
// docs/reliability.md.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTrace } from '../soak/trace.ts';

const WAL = '27</data/waxwing.db-wal>';
const HEADER = `100 1.0 pwrite64(${WAL}, "\\0\\0\\0\\4\\0\\0\\0\\0\\261\\357", 24, 32) = 24`;
/** `,` is a byte of the page’s number; the size after the commit is octal 60, printed whole since a digit follows it. */
const COMMIT_HEADER = `100 1.0 pwrite64(${WAL}, "\\0\\0\\0,\\0\\0\\0000\\261\\357", 24, 32) = 24`;
const page = (text: string): string => `100 1.0 pwrite64(${WAL}, "\\r\\0${text}\\0\\n", 8192, 56) = 8192`;
const SYNC = `100 1.0 fsync(${WAL}) = 0`;
const answer = (id: string): string => `101 1.0 write(30<socket:[7]>, "HTTP/1.1 202 Accepted\\r\\n\\r\\n{\\"id\\":\\"${id}\\"}", 90) = 90`;
const A = 'ev-000001';
const B = 'ev-000002';

function early(...lines: string[]): readonly string[] {
  return readTrace(lines.join('\n'), /ev-\d{6}/g).early;
}

describe('the reading of a trace', () => {
  test('finds nothing where the sync of the committing frame returned before the answer', () => {
    const lines = [HEADER, page(A), COMMIT_HEADER, page(B), SYNC, answer(A), answer(B)];
    assert.deepEqual(readTrace(lines.join('\n'), /ev-\d{6}/g), { answers: 2, events: 2, syncs: 1, early: [] });
  });

  test('follows calls that strace tells in two lines', () => {
    const begun = `100 1.0 fsync(${WAL} <unfinished ...>`;
    const resumed = '100 1.1 <... fsync resumed>) = 0';
    assert.deepEqual(early(COMMIT_HEADER, page(A), begun, resumed, answer(A)), []);
    assert.deepEqual(early(COMMIT_HEADER, page(A), begun, answer(A), resumed), [A], 'answered while the sync was under way');
  });

  for (const [what, lines] of [
    ['before the sync', [COMMIT_HEADER, page(A), answer(A), SYNC]],
    ['with no sync at all', [COMMIT_HEADER, page(A), answer(A)]],
    ['after a sync that failed', [COMMIT_HEADER, page(A), `100 1.0 fsync(${WAL}) = -1 EIO (Input/output error) (INJECTED)`, answer(A)]],
    ['after a sync of another file', [COMMIT_HEADER, page(A), '100 1.0 fsync(28</data/waxwing.db>) = 0', answer(A)]],
    ['after a sync before the committing frame', [HEADER, page(A), SYNC, COMMIT_HEADER, page(''), answer(A)]],
    ['without ever being written', [COMMIT_HEADER, page(B), SYNC, answer(A)]],
    ['after the sync of an earlier batch', [COMMIT_HEADER, page(B), SYNC, COMMIT_HEADER, page(A), answer(A), SYNC]],
  ] as const)
    test(`finds an event that was answered ${what}`, () => assert.deepEqual(early(...lines), [A]));
});
