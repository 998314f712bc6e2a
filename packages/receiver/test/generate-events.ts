// Writes src/generated/: the types and schemas of each built-in profile's events, from the catalogue the server uses, and the
// vectors of all senders as one file, from those of the protocol and of this package.
//
//   node packages/receiver/test/generate-events.ts           writes the files
//   node packages/receiver/test/generate-events.ts --check   leaves with 1 when a file is not what would be written

import { readFileSync, writeFileSync } from 'node:fs';
import { generatedFiles } from './generated-files.ts';

const folder = new URL('../src/generated/', import.meta.url);
let stale = false;
for (const [name, text] of generatedFiles()) {
  const file = new URL(name, folder);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name} is not what it is made from: run node packages/receiver/test/generate-events.ts`);
    stale = true;
  }
}
process.exitCode = stale ? 1 : 0;
