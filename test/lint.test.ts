// The linter's rules, each seen to fail once: a sample that breaks it is linted under the house's own configuration.
//
// The samples stand in a temporary copy of the house (same folders, same .oxlintrc.json), since which rule holds depends on
// the folder. The arrows come from scripts/house.ts, so that the configuration cannot drift from it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PACKAGES, ROOT } from '../scripts/house.ts';

interface Sample {
  readonly path: string;
  readonly text: string;
  /** The rule that must complain; null when none may. */
  readonly rule: string | null;
}

const samples: Sample[] = [
  ...under('packages/engine/src/lane', {
    'typescript(no-floating-promises)': 'async function a(): Promise<void> {}\nexport function b(): void { a(); }',
    'typescript(no-misused-promises)': 'export function b(f: () => Promise<boolean>): number { if (f()) return 1; return 2; }',
    'typescript(switch-exhaustiveness-check)': "export function b(a: 'x' | 'y'): number { switch (a) { case 'x': return 1; } return 2; }",
    'typescript(no-explicit-any)': 'export const a: any = 1;',
    'typescript(no-non-null-assertion)': 'export const a = (b: string | null): number => b!.length;',
    'typescript(consistent-type-imports)': "import { a } from './a.ts';\nexport type B = typeof a;",
    'typescript(ban-ts-comment)': '// @ts-ignore\nexport const a: string = 1;',
    'typescript(only-throw-error)': "export function a(): never { throw 'no'; }",
    'typescript(no-unsafe-type-assertion)': 'export const a = (b: unknown): string => b as string;',
    'typescript(no-unsafe-member-access)': "export const a: string = JSON.parse('1').b;",
    'import(no-default-export)': 'export default 1;',
    'import(no-cycle)': "import { b } from './no-cycle-b.ts';\nexport const a = (): number => b();",
    'unicorn(prefer-node-protocol)': "import { join } from 'path';\nexport const a = join;",
    'node(no-process-env)': 'export const a = process.env;',
    'eslint(eqeqeq)': 'export const a = (b: number, c: number): boolean => b == c;',
  }),
  // clock and randomness are handed in
  ...['packages/engine/src/lane', 'packages/engine/src/store', 'packages/protocol/src'].flatMap((folder) => [
    ...under(folder, { 'eslint(no-restricted-properties)': 'export const a = Date.now();' }),
    ...under(`${folder}/b`, { 'eslint(no-restricted-properties)': 'export const a = Math.random();' }),
    ...under(folder, { 'eslint(no-restricted-globals)': 'export const a = setTimeout;' }),
    ...under(folder, { 'eslint(no-restricted-imports)': "import { randomBytes } from 'node:crypto';\nexport const a = randomBytes;" }),
    ...under(`${folder}/b`, {
      'eslint(no-restricted-imports)': "import { setTimeout as wait } from 'node:timers/promises';\nexport const a = wait;",
    }),
  ]),
  ...allowed(
    'packages/engine/src/system-ports.ts',
    "import { randomBytes } from 'node:crypto';\nexport const a = [Date.now(), setTimeout, Math.random(), randomBytes];",
  ),
  ...allowed('packages/engine/src/send/clock.ts', 'export const a = [Date.now(), setTimeout];'),
  ...allowed('packages/engine/src/lane/clock.ts', 'export const a = (ms: number): string => new Date(ms).toISOString();'),
  // only stores hold a driver, only send/ opens sockets
  ...forbidden('packages/engine/src/lane', ['node:sqlite', 'undici', 'node:net', 'node:tls', 'node:http', 'node:dns/promises']),
  ...forbidden('packages/engine/src/store', ['undici', 'node:net']),
  ...forbidden('packages/engine/src/send', ['node:sqlite']),
  ...forbidden('packages/server/src', ['node:sqlite']),
  ...forbidden('packages/protocol/src', ['node:fs', 'node:net', 'undici', 'ajv']),
  ...allowed('packages/engine/src/store/driver.ts', "import { DatabaseSync } from 'node:sqlite';\nexport const a = DatabaseSync;"),
  ...allowed('packages/receiver/src/inbox/driver.ts', "import { DatabaseSync } from 'node:sqlite';\nexport const a = DatabaseSync;"),
  ...allowed('packages/engine/src/send/sockets.ts', "import { isIP } from 'node:net';\nexport const a = isIP;"),
  ...allowed(
    'packages/protocol/src/hash.ts',
    "import { createHmac } from 'node:crypto';\nimport { b } from './b.ts';\nexport const a = [createHmac, b];",
  ),
  // the arrows, both ways
  ...PACKAGES.flatMap((from) =>
    PACKAGES.filter((to) => to !== from).flatMap((to) =>
      from.mayImport.includes(to.folder)
        ? allowed(`packages/${from.folder}/src/to-${to.folder}.ts`, `import * as a from '${to.name}';\nexport const b = a;`)
        : forbidden(`packages/${from.folder}/src`, [to.name]),
    ),
  ),
  ...forbidden('packages/engine/src', ['@waxwing/protocol/src/ids.ts', '../../protocol/src/ids.ts']),
];

describe('the linter', () => {
  let house = '';
  /** `path rule` of every complaint. */
  const complaints = new Map<string, string[]>();

  before(() => {
    house = mkdtempSync(join(tmpdir(), 'waxwing-lint-'));
    for (const file of ['.oxlintrc.json', 'tsconfig.base.json']) cpSync(join(ROOT, file), join(house, file));
    symlinkSync(join(ROOT, 'node_modules'), join(house, 'node_modules'));
    writeFileSync(join(house, 'tsconfig.json'), '{ "extends": "./tsconfig.base.json", "include": ["packages"] }');
    const other: Sample[] = [
      {
        path: 'packages/engine/src/lane/no-cycle-b.ts',
        text: "import { a } from './import-no-cycle.ts';\nexport const b = (): number => a();",
        rule: null,
      },
      { path: 'packages/protocol/src/b.ts', text: 'export const b = 1;', rule: null },
      { path: 'packages/engine/src/lane/a.ts', text: 'export const a = 1;', rule: null },
    ];
    for (const { path, text } of [...samples, ...other]) {
      mkdirSync(dirname(join(house, path)), { recursive: true });
      writeFileSync(join(house, path), `${text}\n`);
    }
    const run = spawnSync(join(ROOT, 'node_modules', '.bin', 'oxlint'), ['--format', 'json', 'packages'], {
      cwd: house,
      encoding: 'utf8',
      timeout: 60_000,
    });
    const report: { diagnostics: { code?: string; filename: string }[] } = JSON.parse(run.stdout);
    for (const { filename, code = 'unreadable' } of report.diagnostics)
      complaints.set(filename, [...(complaints.get(filename) ?? []), code]);
  });

  after(() => rmSync(house, { recursive: true, force: true }));

  for (const { path, text, rule } of samples) {
    if (rule === null) {
      test(`says nothing of restrictions in ${path}: ${text.split('\n')[0]}`, () => {
        assert.deepEqual(
          (complaints.get(path) ?? []).filter((code) => code.includes('no-restricted')),
          [],
        );
      });
    } else {
      test(`${rule} complains of ${path}: ${text.split('\n')[0]}`, () => {
        assert.ok(complaints.get(path)?.includes(rule), `said instead: ${complaints.get(path)?.join() ?? 'nothing'}`);
      });
    }
  }
});

function under(folder: string, texts: Readonly<Record<string, string>>): Sample[] {
  return Object.entries(texts).map(([rule, text]) => ({ path: `${folder}/${rule.replace('(', '-').replace(')', '')}.ts`, text, rule }));
}

function forbidden(folder: string, specifiers: readonly string[]): Sample[] {
  return specifiers.map((specifier) => ({
    path: `${folder}/no-${specifier.replaceAll(/[^a-z]+/g, '-')}.ts`,
    text: `import * as a from '${specifier}';\nexport const b = a;`,
    rule: 'eslint(no-restricted-imports)',
  }));
}

function allowed(path: string, text: string): Sample[] {
  return [{ path, text, rule: null }];
}
