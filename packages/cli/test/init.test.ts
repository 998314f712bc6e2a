// Receiver projects: they run their own tests, and those in TypeScript are of the types that they say.
//
// In place of an installation the workspace's own packages stand beside the projects.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

import { BUILT_IN_PROFILES } from '@waxwing/protocol';

import { FRAMEWORKS } from '../src/init/framework.ts';
import { LANGUAGES, projectFiles } from '../src/init/project.ts';
import type { ProjectInput } from '../src/init/project.ts';
import { run, startProject, temporaryFolder, waxwing } from './waxwing-process.ts';

const ROOT = join(import.meta.dirname, '../../..');
const folder = await temporaryFolder({ after });
symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
const profiles = [...BUILT_IN_PROFILES.keys()];

/** Each framework and language with a profile in turn, and each profile on one framework. */
const inputs: readonly ProjectInput[] = [
  ...FRAMEWORKS.flatMap((framework, index) =>
    LANGUAGES.map((language, other) => ({ framework, language, profile: profiles[(index + other) % profiles.length] ?? '' })),
  ),
  ...profiles.map((profile) => ({ framework: FRAMEWORKS[0] ?? assert.fail(), language: 'ts' as const, profile })),
].map((project) => ({ ...project, name: `${project.framework.name}-${project.language}-${project.profile}`, tenant: 'acme' }));

for (const input of inputs) {
  for (const [path, text] of projectFiles(input)) {
    const file = join(folder, 'all', input.name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** In TypeScript every framework, in JavaScript a few: the texts differ in nothing but types. */
const tested = inputs.filter(
  ({ framework, language }, index) =>
    index < FRAMEWORKS.length * 2 && (language === 'ts' || ['server', 'express', 'next'].includes(framework.name)),
);

test('projects of every framework pass their own tests', async () => {
  const tests = tested.map(({ name, language }) => join(folder, 'all', name, `test/receiver.test.${language}`));
  const { status, stdout } = await run(process.execPath, ['--test', '--test-reporter=spec', ...tests]);
  assert.equal(status, 0, stdout);
  assert.match(stdout, new RegExp(`^ℹ pass ${tests.length * 4}$`, 'm'));
});

test('projects in JavaScript parse, and hold no types', () => {
  for (const input of inputs.filter(({ language }) => language === 'js')) {
    for (const [path, text] of projectFiles(input)) {
      assert.ok(!path.endsWith('.ts'), path);
      if (path.endsWith('.js')) assert.equal(stripTypeScriptTypes(text), text, `${input.name} ${path}`);
    }
  }
});

test('every project in TypeScript is of the types that it says, under its own settings', () => {
  const settings: { readonly compilerOptions: object } = JSON.parse(
    readFileSync(join(folder, 'all', 'server-ts-standard', 'tsconfig.json'), 'utf8'),
  );
  const compilerOptions = { ...settings.compilerOptions, typeRoots: [join(ROOT, 'node_modules/@types')] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['all/*-ts-*/**/*.ts'] }));
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});

test('projects ask for what the adapters are tested with, and no mark of a template is left', () => {
  for (const input of inputs) {
    const files = projectFiles(input);
    for (const [path, text] of files)
      assert.doesNotMatch(`${path} ${text}`, /\/\*ts|\.EXT|PROFILE|HANDLERS|SAMPLE|'TYPE'/, `${input.name} ${path}`);
    const manifest: { dependencies: Record<string, string>; devDependencies?: Record<string, string> } = JSON.parse(
      files.get('package.json') ?? '',
    );
    for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const installed = join(ROOT, 'node_modules', name, 'package.json');
      if (!existsSync(installed)) {
        assert.equal(input.framework.name, 'next', `${name} is not tested with`);
        continue;
      }
      const { version }: { readonly version: string } = JSON.parse(readFileSync(installed, 'utf8'));
      const [major] = range.replace('^', '').split('.');
      assert.equal(version.split('.')[0], major, `${name} ${range}`);
    }
  }
});

test('the command writes a project that starts, and writes over nothing', async (t) => {
  const project = join(folder, 'My Receiver');
  const made = await waxwing(['init', project, '--framework', 'hono', '--profile', 'joai', '--tenant', 'acme']);
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /A Hono receiver of joai\. Next:/);
  const manifest: { readonly name: string } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  assert.equal(manifest.name, 'my-receiver');
  assert.deepEqual(JSON.parse(readFileSync(join(project, 'waxwing.listen.json'), 'utf8')), {
    tenant: 'acme',
    routes: { '*': 'http://localhost:3000/webhook' },
  });
  const again = await waxwing(['init', project]);
  assert.equal(again.status, 2);
  assert.match(again.stderr, /has package\.json, .* already: name another folder, or write over with --force/);

  const unset = await run(process.execPath, [join(project, 'src/main.ts')]);
  assert.equal(unset.status, 1);
  assert.match(unset.stderr, /WEBHOOK_SECRET is not set/);
  const started = startProject(t, project, { WEBHOOK_SECRET: 'a-secret-of-mine-16', PORT: '0' });
  const [, url = ''] = await started.saw(/listening on (\S+)/);
  assert.equal((await fetch(url, { method: 'POST', body: '{}', headers: { connection: 'close' } })).status, 401);
  started.child.kill('SIGTERM');
  assert.equal((await started.ended).status, 0);
});
