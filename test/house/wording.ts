// Rules of wording: the words that names use, what comments promise, and the ways around a checker or a test.

import { everywhere, isPackageSource, isTest, type Rule } from './rule.ts';
import { at, visit } from './source.ts';

const BANNED_WORD = /^(hook|job|task|topic|destination|dialect)s?$/i;
/** `dialect` means SQL flavour: stores may say it. `destination_path` is a field of MeshAgent's own wire. */
const mayBeNamed = (path: string, name: string, banned: string): boolean =>
  (/^dialect/i.test(banned) && path.startsWith('packages/engine/src/store/')) ||
  (name === 'destinationPath' && path.startsWith('packages/receiver/src/meshagent/'));
const wordsOf = (name: string): string[] => name.split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_$-]/);

export const glossary: Rule = {
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

export const noEscape: Rule = {
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

export const noSkips: Rule = {
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
