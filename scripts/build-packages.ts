// Makes what is published: `npm run build` compiles, then stages each package under build/packages/<folder>.
//
// A staged package has dist/ (JavaScript and declarations), README.md, LICENSE, its committed bin, and a package.json whose
// exports point at dist/, whose Waxwing versions are exact, and which has no scripts. Sources never point at dist/, staged
// packages never at src/: what is tested in test/packaging.test.ts is what users get.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { BROWSER_FOLDER, buildConsole } from './build-console.ts';
import {
  packageFolder,
  PACKAGES,
  readManifest,
  ROOT,
  type ExportsField,
  type HousePackage,
  type Manifest,
  writtenPackages,
} from './house.ts';

/** Where the staged packages stand. */
export const STAGE: string = join(ROOT, 'build', 'packages');

/** Compiles everything that has changed. */
export function compile(): void {
  execFileSync(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], { cwd: ROOT, stdio: 'inherit' });
  buildConsole();
}

/** Stages one compiled package and says where. */
export function stagePackage(pkg: HousePackage, stage: string = STAGE): string {
  const from = packageFolder(pkg);
  const to = join(stage, pkg.folder);
  const manifest = readManifest(from);
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  copyCompiled(join(from, 'src'), join(from, 'dist'), join(to, 'dist'));
  for (const path of Object.values(manifest.bin ?? {})) cpSync(join(from, path), join(to, path));
  if (pkg.folder === 'server') cpSync(BROWSER_FOLDER, join(to, 'dist', 'browser'), { recursive: true });
  cpSync(join(from, 'README.md'), join(to, 'README.md'));
  cpSync(join(ROOT, 'LICENSE'), join(to, 'LICENSE'));
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
  return to;
}

/** A package's manifest as published. Throws when an export points at neither a source nor a file that every package has. */
export function publishedManifest(manifest: Manifest): Manifest {
  const { scripts: _scripts, devDependencies: _dev, exports, dependencies, ...rest } = manifest;
  const versions = new Map(PACKAGES.map((pkg) => [pkg.name, readManifest(packageFolder(pkg)).version]));
  return {
    ...rest,
    ...(exports === undefined ? {} : { exports: publishedExports(exports) }),
    ...(dependencies === undefined
      ? {}
      : { dependencies: Object.fromEntries(Object.entries(dependencies).map(([name, range]) => [name, versions.get(name) ?? range])) }),
  };
}

/** `./src/x.ts` becomes `{ types: ./dist/x.d.ts, default: ./dist/x.js }`, under conditions too. */
export function publishedExports(field: ExportsField): ExportsField {
  if (typeof field !== 'string') return Object.fromEntries(Object.entries(field).map(([key, value]) => [key, publishedExports(value)]));
  const source = /^\.\/src\/(.+)\.ts$/.exec(field);
  if (source !== null) return { types: `./dist/${source[1]}.d.ts`, default: `./dist/${source[1]}.js` };
  const asset = /^\.\/src\/(.+\.(?:json|css|html))$/.exec(field);
  if (asset !== null) return `./dist/${asset[1]}`;
  if (field === './package.json') return field;
  throw new Error(`${field} is exported, but is neither a source nor package.json`);
}

/** The compiler rewrites `./x.ts` in JavaScript, not in declarations, where only it would find `./x.d.ts`. */
export function publishedDeclarations(text: string): string {
  return text.replace(/(\bfrom |\bimport\(|\bimport )(['"])(\.{1,2}\/[^'"\n]+)\.tsx?\2/g, '$1$2$3.js$2');
}

/** Copies what was made from the sources that exist now: what an older build left in dist/ stays behind. */
function copyCompiled(src: string, dist: string, to: string): void {
  for (const entry of readdirSync(src, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = relative(src, join(entry.parentPath, entry.name));
    const stem = /^(.*)\.tsx?$/.exec(path)?.[1];
    const made = stem === undefined ? [path] : [`${stem}.js`, `${stem}.d.ts`];
    for (const file of made) {
      const origin = stem === undefined ? join(src, file) : join(dist, file);
      if (!existsSync(origin)) throw new Error(`${origin} is missing: was it compiled?`);
      mkdirSync(dirname(join(to, file)), { recursive: true });
      if (file.endsWith('.d.ts')) writeFileSync(join(to, file), publishedDeclarations(readFileSync(origin, 'utf8')));
      else cpSync(origin, join(to, file));
    }
  }
}

if (import.meta.main) {
  compile();
  for (const pkg of writtenPackages()) console.log(`staged ${pkg.name} in ${relative(ROOT, stagePackage(pkg))}`);
}
