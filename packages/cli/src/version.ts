// The version of this package, from its manifest: beside src/ and beside dist/ alike.

import { readFileSync } from 'node:fs';

function readVersion(): string {
  const manifest: { readonly version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return manifest.version;
}

export const VERSION: string = readVersion();
