// Rules of the walls: what a package may reach for, in another package or in the world around it.

import { posix } from 'node:path';
import { CONSOLE, PACKAGES } from '../../scripts/house.ts';
import { isPackageSource, isTest, type Rule } from './rule.ts';
import { at, visit } from './source.ts';

const MEMBERS = [...PACKAGES, CONSOLE];

export const arrows: Rule = {
  claim: 'packages import each other only along the arrows, by name, and only what the other exports',
  applies: (path) => path.startsWith('packages/'),
  check(source) {
    const [, folder = ''] = source.path.split('/');
    const own = MEMBERS.find((pkg) => pkg.folder === folder);
    return source.imports.flatMap(({ specifier, start }) => {
      const place = `${at(source, start)}: ${specifier}`;
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(source.path), specifier);
        const leaves = !target.startsWith(`packages/${folder}/`);
        const shipped =
          isPackageSource(source.path) && !target.startsWith(`packages/${folder}/src/`) && target !== `packages/${folder}/package.json`;
        return (leaves && !isTest(source.path)) || shipped ? [`${place} (leaves its package)`] : [];
      }
      const other = MEMBERS.find((pkg) => specifier === pkg.name || specifier.startsWith(`${pkg.name}/`));
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
    ['packages/console/src/a.tsx', "import { b } from '@waxwing/server';"],
  ],
  good: [
    ['packages/cli/src/a.ts', "import { b } from '@waxwing/engine'; import { c } from './c.ts';"],
    ['packages/console/src/a.tsx', "import { b } from '@waxwing/client'; export const c = (): unknown => <b />;"],
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

export const noAmbient: Rule = {
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
