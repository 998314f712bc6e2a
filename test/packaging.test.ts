// The published packages, packed and used as a user would: from plain JavaScript, from TypeScript, from the command line.
//
// Reaches nothing outside the machine: each tarball is unpacked into a fresh project's node_modules, and beside them stand
// links to exactly the third-party packages that the tarballs declare. What a package forgot to declare is not found.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { compile, publishedDeclarations, publishedExports, publishedManifest, stagePackage } from '../scripts/build-packages.ts';
import { packageFolder, PACKAGES, readManifest, ROOT, writtenPackages } from '../scripts/house.ts';
import { packedReceiverClaims } from './packed-receiver.ts';

const QUIET_NPM = { ...process.env, npm_config_offline: 'true', npm_config_update_notifier: 'false', npm_config_loglevel: 'error' };
const packages = writtenPackages();

describe('a staged manifest', () => {
  test('points each export at its compiled file and its declarations, under conditions too', () => {
    assert.deepEqual(
      publishedExports({ '.': { node: './src/index.node.ts', default: './src/index.ts' }, './data.json': './src/data.json' }),
      {
        '.': {
          node: { types: './dist/index.node.d.ts', default: './dist/index.node.js' },
          default: { types: './dist/index.d.ts', default: './dist/index.js' },
        },
        './data.json': './dist/data.json',
      },
    );
  });

  test('refuses an export that points at no source', () => {
    assert.throws(() => publishedExports({ '.': './lib/index.js' }), /neither a source nor package\.json/);
  });

  test('has no scripts and no development dependencies, and exact versions of its siblings', () => {
    const manifest = publishedManifest({
      name: 'x',
      version: '0.1.0',
      scripts: { prepack: 'exit 1' },
      devDependencies: { a: '1' },
      dependencies: { '@waxwing/protocol': '*', undici: '^8.0.0' },
    });
    const { version } = readManifest(ROOT);
    assert.deepEqual(manifest, { name: 'x', version: '0.1.0', dependencies: { '@waxwing/protocol': version, undici: '^8.0.0' } });
  });

  test('comes with declarations that name compiled files', () => {
    const text = `export { a } from './a.ts';\nexport type B = import("../b.ts").B;\nimport './c.ts';\nexport { d } from 'd.ts';`;
    assert.equal(
      publishedDeclarations(text),
      `export { a } from './a.js';\nexport type B = import("../b.js").B;\nimport './c.js';\nexport { d } from 'd.ts';`,
    );
  });
});

test('packing a package from its sources is refused', () => {
  const result = spawnSync('npm', ['pack', '--dry-run'], {
    cwd: packageFolder(PACKAGES[0] ?? assert.fail()),
    env: QUIET_NPM,
    encoding: 'utf8',
  });
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, /npm run build/);
});

describe('the packed packages', () => {
  let project = '';

  before(() => {
    project = mkdtempSync(join(tmpdir(), 'waxwing-packed-'));
    compile();
    const staged = packages.map((pkg) => stagePackage(pkg, join(project, 'stage')));
    execFileSync('npm', ['pack', '--pack-destination', project, ...staged], { cwd: project, env: QUIET_NPM, stdio: 'pipe' });
    for (const pkg of packages) {
      const installed = join(project, 'node_modules', pkg.name);
      mkdirSync(installed, { recursive: true });
      const tarball = `${pkg.name.replace('@', '').replace('/', '-')}-${readManifest(packageFolder(pkg)).version}.tgz`;
      execFileSync('tar', ['-xzf', join(project, tarball), '-C', installed, '--strip-components=1']);
    }
    for (const pkg of packages)
      linkThirdParties(project, pkg.folder, readManifest(join(project, 'node_modules', pkg.name)).dependencies ?? {});
    linkThirdParties(project, '', { '@types/node': '*' });
    writeFileSync(join(project, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
  });

  after(() => rmSync(project, { recursive: true, force: true }));

  test('hold compiled files, their declarations, README and LICENSE, and nothing of the sources', () => {
    for (const pkg of packages) {
      const installed = join(project, 'node_modules', pkg.name);
      const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
      for (const wanted of ['README.md', 'LICENSE', 'package.json', 'dist']) assert.ok(files.includes(wanted), `${pkg.name}: ${wanted}`);
      const strays = files.filter(
        (file) => (/\.tsx?$/.test(file) && !file.endsWith('.d.ts')) || /(^|\/)(src|test)(\/|$)|tsbuildinfo|\.map$/.test(file),
      );
      assert.deepEqual(strays, [], pkg.name);
    }
  });

  for (const pkg of packages) {
    for (const entry of entriesOf(pkg.folder)) {
      test(`${entry} is imported from plain JavaScript`, () => {
        const names = runNode(project, ['--input-type=module', '-e', `console.log(Object.keys(await import('${entry}')).join())`]);
        assert.equal(names.status, 0, names.stderr);
      });
    }
  }

  test('are typed for a strict TypeScript consumer', () => {
    const entries = packages.flatMap((pkg) => entriesOf(pkg.folder));
    const lines = entries.map(
      (entry, index) => `import * as all${index} from '${entry}';\nexport const names${index}: string[] = Object.keys(all${index});`,
    );
    writeFileSync(join(project, 'consumer.ts'), `${lines.join('\n')}\n${USE}`);
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(CONSUMER_TSCONFIG));
    const checked = runNode(project, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project]);
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  });

  test('refuse a consumer who uses them wrongly', () => {
    writeFileSync(join(project, 'wrong.ts'), `import { sign } from '@waxwing/protocol';\nsign(1, 2, 3);\n`);
    writeFileSync(join(project, 'tsconfig.wrong.json'), JSON.stringify({ ...CONSUMER_TSCONFIG, files: ['wrong.ts'] }));
    const checked = runNode(project, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(project, 'tsconfig.wrong.json')]);
    assert.match(checked.stdout, /wrong\.ts\(2,6\): error TS2345/);
  });

  packedReceiverClaims(() => project);

  test('give the command: waxwing --help answers', () => {
    const bin = join(project, 'node_modules', 'waxwing', readManifest(join(project, 'node_modules', 'waxwing')).bin?.['waxwing'] ?? '');
    assert.ok(existsSync(bin));
    const help = runNode(project, [bin, '--help']);
    assert.equal(help.status, 0, help.stderr);
    assert.match(help.stdout, /\bserve\b/);
  });
});

/** What a strict consumer writes, beyond importing everything. */
const USE = `
import { BUILT_IN_PROFILES, sign, type Profile } from '@waxwing/protocol';
import { createEngine, sqlite, type Engine } from '@waxwing/engine';
const profile: Profile | undefined = BUILT_IN_PROFILES.get('standard');
export const headers: readonly (readonly [string, string])[] =
  profile === undefined ? [] : sign(profile.definition.signature, { id: 'evt_1', timestampSeconds: 0, body: new Uint8Array() }, []);
export const open = (folder: string): Promise<Engine> => createEngine({ store: sqlite(folder) });
`;

const CONSUMER_TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: ['node'],
    skipLibCheck: true,
  },
  files: ['consumer.ts'],
};

/** The import specifiers that a package offers. */
function entriesOf(folder: string): string[] {
  const { name, exports = {} } = readManifest(join(ROOT, 'packages', folder));
  if (typeof exports === 'string') return [name];
  return Object.keys(exports)
    .filter((key) => !key.endsWith('.json'))
    .map((key) => name + key.slice(1));
}

function linkThirdParties(project: string, folder: string, dependencies: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(dependencies)) {
    const link = join(project, 'node_modules', name);
    if (existsSync(link)) continue;
    const homes = [join(ROOT, 'packages', folder, 'node_modules', name), join(ROOT, 'node_modules', name)];
    const home = homes.find((candidate) => existsSync(candidate)) ?? assert.fail(`${name} is not installed`);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(home, link);
  }
}

function runNode(cwd: string, args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: 60_000 });
}
