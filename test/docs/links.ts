// A page's links: each leads to a file that there is, and to a heading that it has.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/house.ts';
import { readPage } from './blocks.ts';

/** The links that lead nowhere, by page. */
export function brokenLinks(page: string, text: string = readPage(page)): readonly string[] {
  const broken: string[] = [];
  for (const [link, path = '', heading] of text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
    const target = path === '' ? page : join(page, '..', path);
    const isThere = path === '' || existsSync(join(ROOT, target));
    const leads =
      heading === undefined || (target.endsWith('.md') && isThere && headingsOf(path === '' ? text : readPage(target)).has(heading));
    if (!isThere || !leads) broken.push(`${page}: ${link.slice(1)}`);
  }
  return broken;
}

/** As GitHub names them. */
function headingsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}
