// What is claimed of pages, as tests: two files share them, so that the pages that take long do not hold up the others.

import { existsSync, globSync, readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT } from '../../scripts/house.ts';
import { blocksOf } from './blocks.ts';
import { wrongCommands } from './inline.ts';
import { brokenLinks } from './links.ts';
import { isElsewhere, planOf, playPage, startSharedServer, typeErrors, type SharedServer } from './play.ts';

/** What an operator reads: machines are set up, killed and mended on these pages. */
const OPERATING = ['docs/deploy.md', 'docs/operations.md', 'docs/reliability.md'];

const all = ['README.md', ...globSync(['docs/**/*.md', 'packages/*/README.md'], { cwd: ROOT }).toSorted()];
export const operatingPages: readonly string[] = all.filter((page) => OPERATING.includes(page));
export const otherPages: readonly string[] = all.filter((page) => !OPERATING.includes(page));

/** Each is typed and run as it stands. While writing: `DOCS_PAGES=quickstart,platforms node --test test/docs.test.ts` takes only those. */
export function pagesHold(given: readonly string[]): void {
  const words = process.env['DOCS_PAGES']?.split(',') ?? [''];
  const pages = given.filter((page) => words.some((word) => page.includes(word)));

  describe('a page, typed and run as it stands:', { concurrency: 3 }, () => {
    let server: SharedServer | null = null;
    before(async () => {
      if (pages.some((page) => planOf(page).server === true)) server = await startSharedServer();
    });
    after(async () => server?.stop());

    for (const page of pages) {
      test(page, { timeout: 150_000 }, async () => {
        const plan = planOf(page);
        const session = await playPage(page, blocksOf(page), plan, plan.server === true ? server : null);
        await session.close();
      });
    }
  });

  test('every program on every page is of the types that it says', () => {
    assert.equal(typeErrors(pages), '');
  });

  test('every command in a sentence exists, and takes its flags', () => {
    const wrong = pages.flatMap((page) => wrongCommands(page));
    assert.deepEqual(wrong, []);
  });

  test('every link leads to a file, and to a heading that it has', () => {
    const broken = pages.flatMap((page) => brokenLinks(page));
    assert.deepEqual(broken, []);
  });

  test('what another test runs of a page is run there', () => {
    for (const page of pages) {
      const { elsewhere } = planOf(page);
      if (elsewhere === undefined) continue;
      assert.ok(readFileSync(join(ROOT, elsewhere.test), 'utf8').includes(page), elsewhere.test);
      const some = blocksOf(page).some((block) => isElsewhere(block, planOf(page)));
      assert.ok(some, page);
    }
  });
}

export const isPage = (path: string): boolean => existsSync(join(ROOT, path)) && all.includes(path);
