// The house as tools see it: which packages there are, which may import which, which files are sources.
//
// The arrows of ARCHITECTURE.md stand here once as data; the tidy test, the lint test, the build and the packaging test
// read them. `.oxlintrc.json` repeats them for editors, and test/lint.test.ts holds it to this list.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The repository's root, without a trailing slash. */
export const ROOT: string = join(import.meta.dirname, '..');

export interface HousePackage {
  /** Folder below packages/. */
  readonly folder: string;
  /** Name it is imported and published by. */
  readonly name: string;
  /** Folders of the packages it may import. */
  readonly mayImport: readonly string[];
}

/** Listed so that each comes after what it imports. */
export const PACKAGES: readonly HousePackage[] = [
  { folder: 'protocol', name: '@waxwing/protocol', mayImport: [] },
  { folder: 'engine', name: '@waxwing/engine', mayImport: ['protocol'] },
  { folder: 'server', name: '@waxwing/server', mayImport: ['engine', 'protocol'] },
  { folder: 'client', name: '@waxwing/client', mayImport: ['protocol'] },
  { folder: 'receiver', name: '@waxwing/receiver', mayImport: ['protocol'] },
  { folder: 'agents', name: '@waxwing/agents', mayImport: ['receiver', 'protocol'] },
  { folder: 'cli', name: 'waxwing', mayImport: ['server', 'engine', 'client', 'receiver', 'protocol'] },
];

/** The web console: private, since what is built of it is published inside the server. */
export const CONSOLE: HousePackage = { folder: 'console', name: '@waxwing/console', mayImport: ['client', 'protocol'] };

/** The packages that hold something: what is built, packed and published. */
export function writtenPackages(): readonly HousePackage[] {
  return PACKAGES.filter((pkg) => existsSync(join(packageFolder(pkg), 'src', pkg.folder === 'cli' ? 'main.ts' : 'index.ts')));
}

/** A package.json, as far as the tools read it. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: ExportsField;
  readonly bin?: { readonly [command: string]: string };
  readonly files?: readonly string[];
  readonly dependencies?: { readonly [name: string]: string };
  readonly peerDependencies?: { readonly [name: string]: string };
  readonly scripts?: { readonly [name: string]: string };
  readonly [field: string]: unknown;
}

export type ExportsField = string | { readonly [condition: string]: ExportsField };

export function packageFolder(pkg: HousePackage): string {
  return join(ROOT, 'packages', pkg.folder);
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** What is made, fetched or not ours: never looked at. */
const NOT_OURS = new Set(['node_modules', 'dist', 'build', 'coverage', '.git', 'waxwing-data', 'generated']);

/** Every file of the house below `folder`, as paths from the root with forward slashes, sorted. */
export function houseFiles(folder: string = ROOT): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (NOT_OURS.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...houseFiles(path));
    else if (entry.isFile()) found.push(relative(ROOT, path).split(sep).join('/'));
  }
  return found.toSorted();
}

/** Files of code, as paths from the root. */
export function sourceFiles(): string[] {
  return houseFiles().filter((path) => /\.(ts|tsx|js|mjs)$/.test(path) && !path.endsWith('.d.ts'));
}
