// A clone of the house: node copy-house.ts FOLDER. What .dockerignore names stays behind, so that it is a build's context too.

import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildConsole } from '../../../scripts/build-console.ts';
import { HOUSE } from './places.ts';

/** Copies the house, with its console as it is: what is fresh there is not built again in each copy. */
export function copyHouse(to: string): void {
  buildConsole();
  const ignored = readFileSync(join(HOUSE, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  copyFolder('', to, ignored);
  const browser = 'packages/server/dist/browser';
  cpSync(join(HOUSE, browser), join(to, browser), { recursive: true });
}

function copyFolder(path: string, to: string, ignored: readonly string[]): void {
  mkdirSync(join(to, path), { recursive: true });
  for (const entry of readdirSync(join(HOUSE, path), { withFileTypes: true })) {
    const below = path === '' ? entry.name : `${path}/${entry.name}`;
    if (ignored.some((pattern) => matches(pattern, below, entry.name))) continue;
    if (entry.isDirectory()) copyFolder(below, to, ignored);
    else if (entry.isFile()) cpSync(join(HOUSE, below), join(to, below));
  }
}

/** The forms that the file has: `name` at the root, `**` before a name at any depth, `*.ending` of a name. */
function matches(pattern: string, path: string, name: string): boolean {
  const anywhere = /^\*\*\/(.+)$/.exec(pattern)?.[1];
  if (anywhere === undefined) return path === pattern;
  return anywhere.startsWith('*.') ? name.endsWith(anywhere.slice(1)) : name === anywhere;
}

if (import.meta.main) copyHouse(process.argv[2] ?? '.');
