// The house rules that a linter does not know, each with samples that break it and samples that keep it.
//
// A rule says where a source breaks it, or nothing. test/tidy.test.ts first shows each rule failing on its bad samples, then
// holds the house to it. An exception is named here, with its reason, or does not exist.

import { posix } from 'node:path';
import { PACKAGES } from '../../scripts/house.ts';
import { at, visit, type Source } from './source.ts';

export interface Rule {
  /** A sentence that can be false. */
  readonly claim: string;
  applies(path: string): boolean;
  /** One line for each place that breaks it. */
  check(source: Source): readonly string[];
  readonly bad: readonly Sample[];
  readonly good: readonly Sample[];
}

type Sample = readonly [path: string, text: string];

const isPackageSource = (path: string): boolean => /^packages\/[^/]+\/src\//.test(path);
const isTest = (path: string): boolean => /(^|\/)(test|simulation)\//.test(path);
const everywhere = (): boolean => true;

/** Longest a file may be. */
const LINES_MAX = 300;
const TEST_LINES_MAX = 500;
/** Files that may be longer: path → why. */
export const LONG_FILES: ReadonlyMap<string, string> = new Map<string, string>();

const header: Rule = {
  claim: 'every source opens with a comment that says its job',
  applies: (path) => !path.endsWith('.test.ts'),
  check(source) {
    const body = source.text.replace(/^#!.*\n/, '');
    return /^\s*(\/\/ ?\S|\/\*\*?\s*\S)/.test(body) ? [] : [`${source.path}: has no header`];
  },
  bad: [
    ['packages/engine/src/a.ts', "import { a } from './b.ts';\n// late\n"],
    ['packages/engine/src/a.ts', '//\nexport const a = 1;\n'],
  ],
  good: [
    ['packages/engine/src/a.ts', '// The heart: keeps time.\nexport const a = 1;\n'],
    ['packages/cli/bin/a.js', '#!/usr/bin/env node\n// Starts the command.\n'],
  ],
};

const length: Rule = {
  claim: `no source is longer than ${LINES_MAX} lines (a test ${TEST_LINES_MAX}), save the exceptions that say why`,
  applies: everywhere,
  check(source) {
    const lines = source.text.split('\n').length - 1;
    const max = isTest(source.path) ? TEST_LINES_MAX : LINES_MAX;
    return lines > max && !LONG_FILES.has(source.path) ? [`${source.path}: ${lines} lines`] : [];
  },
  bad: [
    ['packages/engine/src/a.ts', '// a\n'.repeat(LINES_MAX + 1)],
    ['packages/engine/test/a.test.ts', '// a\n'.repeat(TEST_LINES_MAX + 1)],
  ],
  good: [['packages/engine/src/a.ts', '// a\n'.repeat(LINES_MAX)]],
};

const EMPTY_NAME = /^(utils?|utilities|helpers?|types|common|manager|managers|misc)$|[-.](utils?|helpers?|manager|misc)$/;

const fileName: Rule = {
  claim: 'no source or folder has a name that says nothing (utils, helpers, types, common, manager)',
  applies: everywhere,
  check(source) {
    const parts = source.path.replace(/(\.test)?\.[a-z]+$/, '').split('/');
    return parts.some((part) => EMPTY_NAME.test(part)) ? [`${source.path}: name it for what it is`] : [];
  },
  bad: [
    ['packages/engine/src/utils.ts', ''],
    ['packages/engine/src/helpers/clock.ts', ''],
    ['packages/engine/src/lane-manager.ts', ''],
    ['packages/engine/test/store-helpers.ts', ''],
  ],
  good: [['packages/protocol/src/event-types.ts', '']],
};

const namedExports: Rule = {
  claim: 'exports are named: there is no default export',
  applies: (path) => !path.endsWith('.config.ts') && path !== 'scripts/test-events.ts', // tools demand one there
  check(source) {
    const found: string[] = [];
    visit(source, { ExportDefaultDeclaration: (node) => void found.push(`${at(source, node.start)}: default export`) });
    return found;
  },
  bad: [['packages/engine/src/a.ts', 'export default 1;']],
  good: [['packages/engine/src/a.ts', 'export const a = 1;']],
};

/** The receiver has an entry for Node and one for everything else: what both offer is listed in this file, by name. */
const SHARED_LIST = './surface.ts';

const listedExports: Rule = {
  claim: 'a file that re-exports lists what by name (only types may come by the star)',
  applies: isPackageSource,
  check(source) {
    const found: string[] = [];
    visit(source, {
      ExportAllDeclaration(node) {
        if (node.exportKind !== 'type' && node.source.value !== SHARED_LIST) found.push(`${at(source, node.start)}: export *`);
      },
    });
    return found;
  },
  bad: [
    ['packages/engine/src/index.ts', "export * from './a.ts';"],
    ['packages/engine/src/index.ts', "export * as a from './a.ts';"],
  ],
  good: [['packages/engine/src/index.ts', "export { a } from './a.ts';\nexport type * from './b.ts';"]],
};

const BANNED_WORD = /^(hook|job|task|topic|destination|dialect)s?$/i;
/** `dialect` means SQL flavour: stores may say it. `destination_path` is a field of MeshAgent's own wire. */
const mayBeNamed = (path: string, name: string, banned: string): boolean =>
  (/^dialect/i.test(banned) && path.startsWith('packages/engine/src/store/')) ||
  (name === 'destinationPath' && path.startsWith('packages/receiver/src/meshagent/'));
const wordsOf = (name: string): string[] => name.split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_$-]/);

const glossary: Rule = {
  claim: 'nothing is named by a banned synonym (hook, job, task, topic, destination; dialect outside the stores)',
  applies: isPackageSource,
  check(source) {
    const found: string[] = [];
    const judge = (node: { readonly type: string; readonly start: number } | null | undefined): void => {
      if (node === null || node === undefined || node.type !== 'Identifier' || !('name' in node)) return;
      const name = String(node.name);
      const banned = wordsOf(name).find((word) => BANNED_WORD.test(word));
      if (banned === undefined || mayBeNamed(source.path, name, banned)) return;
      found.push(`${at(source, node.start)}: ${name}`);
    };
    visit(source, {
      VariableDeclarator: (node) => judge(node.id),
      FunctionDeclaration: (node) => judge(node.id),
      ClassDeclaration: (node) => judge(node.id),
      TSTypeAliasDeclaration: (node) => judge(node.id),
      TSInterfaceDeclaration: (node) => judge(node.id),
      TSPropertySignature: (node) => judge(node.key),
      TSMethodSignature: (node) => judge(node.key),
      PropertyDefinition: (node) => judge(node.key),
      MethodDefinition: (node) => judge(node.key),
    });
    return found;
  },
  bad: [
    ['packages/engine/src/a.ts', 'export interface DeliveryJob { id: string }'],
    ['packages/engine/src/a.ts', 'export interface A { destinationUrl: string }'],
    ['packages/engine/src/a.ts', 'const taskQueue = [];'],
    ['packages/engine/src/a.ts', 'class A { runHook() {} }'],
    ['packages/server/src/a.ts', 'const sqlDialect = 1;'],
  ],
  good: [
    ['packages/engine/src/a.ts', "app.addHook('onRequest', f); const webhookId = 'task.created'; class WebhookServer {}"],
    ['packages/engine/src/store/a.ts', 'const dialect = 1;'],
  ],
};

const noEscape: Rule = {
  claim: 'no source escapes from the type checker (any, @ts-ignore, @ts-nocheck)',
  applies: everywhere,
  check(source) {
    const found = source.comments
      .filter((comment) => /@ts-(ignore|nocheck)\b/.test(comment.value))
      .map((comment) => `${at(source, comment.start)}: ${comment.value.trim()}`);
    visit(source, { TSAnyKeyword: (node) => void found.push(`${at(source, node.start)}: any`) });
    return found;
  },
  bad: [
    ['packages/engine/src/a.ts', 'export const a: any = 1;'],
    ['packages/engine/src/a.ts', 'f(b as any);'],
    ['packages/engine/src/a.ts', '// @ts-ignore\nf(1);'],
    ['packages/engine/src/a.ts', '/* @ts-nocheck */'],
  ],
  good: [['packages/engine/src/a.ts', "export const a: unknown = 'as any'; // any of them"]],
};

const SKIPPERS = new Set(['skip', 'only', 'todo']);

const noSkips: Rule = {
  claim: 'no test is skipped, singled out or left for later, and no comment says TODO',
  applies: everywhere,
  check(source) {
    const found = source.comments
      .filter((comment) => /\b(TODO|FIXME|XXX)\b/.test(comment.value))
      .map((comment) => `${at(source, comment.start)}: ${comment.value.trim()}`);
    if (!isTest(source.path)) return found;
    visit(source, {
      CallExpression(node) {
        const { callee } = node;
        if (callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && SKIPPERS.has(callee.property.name)) {
          if (callee.object.type === 'Identifier' && /^(test|it|describe|suite|t|context)$/.test(callee.object.name))
            found.push(`${at(source, node.start)}: ${callee.object.name}.${callee.property.name}`);
        }
        if (callee.type !== 'Identifier' || !/^(test|it|describe|suite)$/.test(callee.name)) return;
        for (const argument of node.arguments) {
          if (argument.type !== 'ObjectExpression') continue;
          for (const property of argument.properties)
            if (property.type === 'Property' && property.key.type === 'Identifier' && SKIPPERS.has(property.key.name))
              found.push(`${at(source, property.start)}: ${callee.name}({ ${property.key.name} })`);
        }
      },
    });
    return found;
  },
  bad: [
    ['packages/engine/test/a.test.ts', "test.skip('a', () => {});"],
    ['packages/engine/test/a.test.ts', "describe.only('a', () => {});"],
    ['packages/engine/test/a.test.ts', "test('a', { skip: true }, () => {});"],
    ['packages/engine/test/a.test.ts', "test('a', (t) => { t.todo('later'); });"],
    ['packages/engine/src/a.ts', '// TODO: later'],
  ],
  good: [['packages/engine/test/a.test.ts', "test('skip', () => { list.skip(1); f({ only: true }); });"]],
};

const arrows: Rule = {
  claim: 'packages import each other only along the arrows, by name, and only what the other exports',
  applies: (path) => path.startsWith('packages/'),
  check(source) {
    const [, folder = ''] = source.path.split('/');
    const own = PACKAGES.find((pkg) => pkg.folder === folder);
    return source.imports.flatMap(({ specifier, start }) => {
      const place = `${at(source, start)}: ${specifier}`;
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(source.path), specifier);
        const leaves = !target.startsWith(`packages/${folder}/`);
        const shipped =
          isPackageSource(source.path) && !target.startsWith(`packages/${folder}/src/`) && target !== `packages/${folder}/package.json`;
        return (leaves && !isTest(source.path)) || shipped ? [`${place} (leaves its package)`] : [];
      }
      const other = PACKAGES.find((pkg) => specifier === pkg.name || specifier.startsWith(`${pkg.name}/`));
      if (other === undefined || other === own) return [];
      if (isTest(source.path)) return []; // a test may stand anywhere in the house
      return own !== undefined && own.mayImport.includes(other.folder) ? [] : [`${place} (not an arrow)`];
    });
  },
  bad: [
    ['packages/protocol/src/a.ts', "import { b } from '@waxwing/engine';"],
    ['packages/client/src/a.ts', "import type { b } from '@waxwing/engine';"],
    ['packages/receiver/src/a.ts', "export { b } from '@waxwing/client';"],
    ['packages/server/src/a.ts', "const b = await import('waxwing');"],
    ['packages/engine/src/a.ts', "import { b } from '../../protocol/src/ids.ts';"],
    ['packages/engine/src/a.ts', "import { b } from '../test/receiver.ts';"],
  ],
  good: [
    ['packages/cli/src/a.ts', "import { b } from '@waxwing/engine'; import { c } from './c.ts';"],
    ['packages/agents/src/deep/a.ts', "import { b } from '@waxwing/receiver/meshagent'; import { c } from '../c.ts';"],
    ['packages/engine/test/a.test.ts', "import { c } from '../src/c.ts'; import { d } from '@waxwing/receiver';"],
  ],
};

/** Where clock and randomness are made into ports, and where sockets live. */
const OUTSIDE_POLICY = /^packages\/engine\/src\/(send\/|system[-./])/;
const isPolicy = (path: string): boolean => /^packages\/(protocol|engine)\/src\//.test(path) && !OUTSIDE_POLICY.test(path);
const AMBIENT_CALLS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'Date', 'fetch']);
const AMBIENT_MEMBERS = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'process.hrtime',
  'crypto.randomUUID',
  'crypto.getRandomValues',
]);

const noAmbient: Rule = {
  claim: 'policy code reads no ambient clock and no ambient randomness: both are handed in',
  applies: isPolicy,
  check(source) {
    const found: string[] = [];
    visit(source, {
      NewExpression(node) {
        if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0)
          found.push(`${at(source, node.start)}: new Date()`);
      },
      CallExpression(node) {
        if (node.callee.type === 'Identifier' && AMBIENT_CALLS.has(node.callee.name))
          found.push(`${at(source, node.start)}: ${node.callee.name}()`);
      },
      MemberExpression(node) {
        if (node.object.type !== 'Identifier' || node.property.type !== 'Identifier') return;
        const name = `${node.object.name}.${node.property.name}`;
        if (AMBIENT_MEMBERS.has(name)) found.push(`${at(source, node.start)}: ${name}`);
      },
    });
    return found;
  },
  bad: [
    ['packages/engine/src/lane/a.ts', 'const a = Date.now();'],
    ['packages/engine/src/lane/a.ts', 'const a = { nowMs: Date.now };'],
    ['packages/engine/src/lane/a.ts', 'const a = new Date();'],
    ['packages/protocol/src/a.ts', 'const a = Math.random();'],
    ['packages/engine/src/store/a.ts', 'setTimeout(f, 1);'],
    ['packages/engine/src/commit/a.ts', 'setImmediate(f);'],
  ],
  good: [
    ['packages/engine/src/lane/a.ts', 'const a = new Date(nowMs).toISOString() + Date.parse(b) + clock.nowMs();'],
    ['packages/engine/src/system-ports.ts', 'const a = Date.now();'],
  ],
};

export const RULES: readonly Rule[] = [
  header,
  length,
  fileName,
  namedExports,
  listedExports,
  glossary,
  noEscape,
  noSkips,
  arrows,
  noAmbient,
];
