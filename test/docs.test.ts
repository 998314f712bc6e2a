// Every block of README.md, of docs/ and of the packages' READMEs is typed, compiled and run as it stands. What operators read
// is in docs-operating.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPage, otherPages, pagesHold } from './docs/claims.ts';
import { PLANS } from './docs/pages.ts';

pagesHold(otherPages);

test('every plan is for a page', () => {
  const stray = Object.keys(PLANS).filter((page) => !isPage(page));
  assert.deepEqual(stray, []);
});
