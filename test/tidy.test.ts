// The house rules, held. Each rule is first seen to fail on samples that break it, and to pass samples that keep it.
//
// What the linter knows is left to the linter (test/lint.test.ts shows that its rules can fail too).

import assert from 'node:assert/strict';
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { missingOptional, readLock } from '../scripts/complete-lock.ts';
import {
  houseFiles,
  packageFolder,
  PACKAGES,
  readManifest,
  ROOT,
  sourceFiles,
  type HousePackage,
  type Manifest,
} from '../scripts/house.ts';
import { LONG_FILES } from './house/form.ts';
import { RULES } from './house/rules.ts';
import { parseSource } from './house/source.ts';

const paths = sourceFiles();
const sources = paths.map((path) => parseSource(path, readFileSync(join(ROOT, path), 'utf8')));

test('there are sources to look at', () => {
  assert.ok(paths.includes('scripts/house.ts') && paths.includes('packages/protocol/src/ids.ts'), `${paths.length} sources`);
});

for (const rule of RULES) {
  describe(rule.claim, () => {
    for (const [path, text] of rule.bad) {
      test(`can be broken: ${path} ${JSON.stringify(text.slice(0, 60))}`, () => {
        assert.ok(rule.applies(path), `the rule does not look at ${path}`);
        assert.notDeepEqual(rule.check(parseSource(path, text)), []);
      });
    }
    for (const [path, text] of rule.good) {
      test(`is kept by: ${path} ${JSON.stringify(text.slice(0, 60))}`, () => {
        if (rule.applies(path)) assert.deepEqual(rule.check(parseSource(path, text)), []);
      });
    }
    test('holds in the house', () => {
      const broken = sources.filter((source) => rule.applies(source.path)).flatMap((source) => rule.check(source));
      assert.deepEqual(broken, []);
    });
  });
}

test('every exception to the length of a file is still needed', () => {
  for (const [path, reason] of LONG_FILES) {
    assert.ok(reason.length > 10, `${path} says no reason`);
    assert.ok(existsSync(join(ROOT, path)) && readFileSync(join(ROOT, path), 'utf8').split('\n').length > 301, `${path} is short enough`);
  }
});

/** Folders of one machine, and hosts of one registry, which `npm ci` elsewhere would not find. Written so as not to match this file. */
const MACHINE = new RegExp(
  String.raw`(?<![\w.:/-])/(?:work|root|home|Users)${'/'}|registry\.npm${'js'}\.org|npm${'mirror'}\.com|regis${'try'}\.yarnpkg`,
);
const machineLines = (path: string, text: string): string[] =>
  text.split('\n').flatMap((line, index) => (MACHINE.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : []));

describe('no file names a folder of one machine or the host of a registry', () => {
  for (const bad of [
    ['x = "', 'work', 'main"'],
    ['cd ', 'root', '.npm'],
    ['"https:', '', ['registry', 'npmjs', 'org'].join('.'), 'a"'],
  ].map((parts) => parts.join('/'))) {
    test(`can be broken: ${bad}`, () => assert.equal(machineLines('a', bad).length, 1));
  }
  test('is kept by an address', () => assert.deepEqual(machineLines('a', 'https://example.com/home/page'), []));
  test('holds in the house', () => {
    const text = houseFiles().filter((path) =>
      /\.(ts|tsx|js|mjs|json|md|yml|yaml|html|css|svg|sql|sh|txt)$|^\.ci\/|^\.[a-z]+rc/.test(path),
    );
    assert.deepEqual(
      text.flatMap((path) => machineLines(path, readFileSync(join(ROOT, path), 'utf8'))),
      [],
    );
  });
});

/** What is wrong with a package's manifest. */
function manifestProblems(pkg: HousePackage, manifest: Manifest): string[] {
  const found: string[] = [];
  const want = (holds: boolean, message: string): void => void (holds || found.push(`${pkg.folder}: ${message}`));
  want(manifest.name === pkg.name, `is named ${manifest.name}`);
  want(manifest['type'] === 'module' && manifest['license'] === 'Apache-2.0', 'type and license are set');
  want(manifest.version === readManifest(ROOT).version, 'has the version of the workspace');
  want(JSON.stringify(manifest.files) === '["dist","README.md","LICENSE"]', 'publishes dist, README.md and LICENSE');
  want(manifest.scripts?.['prepack'] === 'node ../../scripts/refuse-pack.ts', 'refuses to be packed from its sources');
  for (const [name, version] of Object.entries(manifest.dependencies ?? {})) {
    const other = PACKAGES.find((candidate) => candidate.name === name);
    if (other === undefined) continue;
    want(pkg.mayImport.includes(other.folder), `depends on ${name}, which is not an arrow`);
    want(version === manifest.version, `depends on ${name} ${version}`);
  }
  return found;
}

describe('every package is published the same way and depends only along the arrows', () => {
  const engine: HousePackage = { folder: 'engine', name: '@waxwing/engine', mayImport: ['protocol'] };
  const good = readManifest(packageFolder(engine));
  const broken: readonly Manifest[] = [
    { ...good, name: 'engine' },
    { ...good, license: 'MIT' },
    { ...good, version: '9.9.9' },
    { ...good, files: ['src'] },
    { ...good, scripts: {} },
    { ...good, dependencies: { '@waxwing/server': good.version } },
    { ...good, dependencies: { '@waxwing/protocol': '^0.0.1' } },
  ];
  for (const [index, manifest] of broken.entries())
    test(`can be broken (${index + 1})`, () => assert.notDeepEqual(manifestProblems(engine, manifest), []));
  for (const pkg of PACKAGES) {
    test(`holds for ${pkg.name}`, () => {
      assert.deepEqual(manifestProblems(pkg, readManifest(packageFolder(pkg))), []);
      assert.ok(existsSync(join(packageFolder(pkg), 'README.md')), `${pkg.folder} has a README.md`);
    });
  }
});

describe('the lock names every platform, so that npm ci takes it anywhere', () => {
  const parent = { optionalDependencies: { '@a/binding-linux-x64-gnu': '1.0.0', '@a/binding-darwin-arm64': '1.0.0' } };
  const lock = { packages: { 'node_modules/a': parent, 'node_modules/@a/binding-linux-x64-gnu': {} } };
  test('can be broken', () =>
    assert.deepEqual(
      missingOptional(lock).map(({ name }) => name),
      ['@a/binding-darwin-arm64'],
    ));
  test('holds for package-lock.json (else: node scripts/complete-lock.ts)', () => {
    assert.deepEqual(
      missingOptional(readLock()).map(({ name }) => name),
      [],
    );
  });
});
