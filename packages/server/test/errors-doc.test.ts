// docs/errors.md and the registry of codes are held against each other, both ways.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ERRORS } from '@waxwing/protocol';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const sections = new Map(
  [...page.matchAll(/^### `(\w+)`\n\nStatus (\d{3})\. (.+)\n\n\*\*What to do\.\*\* (.+)$/gm)].map((found) => [
    found[1] ?? '',
    Number(found[2]),
  ]),
);

test('every code of the registry has a section in docs/errors.md with its status, its meaning and what to do', () => {
  for (const [code, { status }] of Object.entries(ERRORS)) assert.equal(sections.get(code), status, code);
});

test('every section of docs/errors.md is about a code of the registry', () => {
  const headings = [...page.matchAll(/^### (.+)$/gm)].map((found) => found[1]);
  assert.deepEqual(
    headings,
    [...sections.keys()].map((code) => `\`${code}\``),
    'each heading is a code and its section has the form',
  );
  for (const code of sections.keys()) assert.ok(Object.hasOwn(ERRORS, code), `${code} is not in the registry`);
});
