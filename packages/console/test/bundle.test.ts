// What the first page costs: everything that the browser loads before it can draw, compressed as it travels.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BROWSER_FOLDER, buildConsole } from '../../../scripts/build-console.ts';

const FIRST_LOAD_MAX_BYTES = 300_000;

buildConsole();
const html = readFileSync(join(BROWSER_FOLDER, 'index.html'), 'utf8');
const gzipped = (path: string): number =>
  statSync(join(BROWSER_FOLDER, `${path}.gz`), { throwIfNoEntry: false })?.size ?? statSync(join(BROWSER_FOLDER, path)).size;

/** A chunk and all that it imports as it loads. */
function chunksFrom(path: string, seen: Set<string>): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const text = readFileSync(join(BROWSER_FOLDER, path), 'utf8');
  for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) chunksFrom(`assets/${name}`, seen);
  return seen;
}

test('the first page, the overview with its plots included, is under 300 kB gzipped', () => {
  const named = [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map(([, path]) => path ?? '');
  const seen = new Set<string>();
  const overview = readdirSync(join(BROWSER_FOLDER, 'assets')).filter((name) => /^(overview-page|plot-canvas).*\.(js|css)$/.test(name));
  assert.ok(named.length >= 3 && overview.length >= 4, `${named.length} files in the page, ${overview.length} of the overview`);
  for (const path of [...named, ...overview.map((name) => `assets/${name}`)]) {
    if (path.endsWith('.js')) chunksFrom(path, seen);
    else seen.add(path);
  }
  const bytes = [...seen].reduce((sum, path) => sum + gzipped(path), 0);
  assert.ok(bytes > 50_000, `${bytes} bytes is too little to be true`);
  assert.ok(bytes < FIRST_LOAD_MAX_BYTES, `${bytes} bytes: ${[...seen].map((path) => `${path} ${gzipped(path)}`).join(', ')}`);
});

test('the page has no inline script and no inline style, and loads from here only', () => {
  for (const [script] of html.matchAll(/<script[^>]*>[^<]*/g)) assert.match(script, /src="\/[^"]+"[^>]*>\s*$/);
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|https?:\/\//);
});
