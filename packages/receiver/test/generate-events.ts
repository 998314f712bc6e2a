// Writes src/generated/: the TypeScript types of each built-in profile's events, from the catalogue the server uses.
//
//   node packages/receiver/test/generate-events.ts           writes the files
//   node packages/receiver/test/generate-events.ts --check   leaves with 1 when a file is not what would be written

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import { eventTypesOf } from '../src/event-types.ts';

const folder = new URL('../src/generated/', import.meta.url);
mkdirSync(folder, { recursive: true });
let stale = false;
for (const [name, { definition }] of BUILT_IN_PROFILES) {
  if (!definition.catalogueClosed) continue; // an open catalogue promises no types
  const text = eventTypesOf(name, definition.eventTypes);
  const file = new URL(`${name}.ts`, folder);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name}.ts is not what its catalogue says: run node packages/receiver/test/generate-events.ts`);
    stale = true;
  }
}
process.exitCode = stale ? 1 : 0;
