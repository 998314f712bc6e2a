// Rules of form: how a source opens, how long it is, what it is called and how it exports.

import { everywhere, isPackageSource, isTest, type Rule } from './rule.ts';
import { at, visit } from './source.ts';

/** Longest a file may be. */
const LINES_MAX = 300;
const TEST_LINES_MAX = 500;
/** Files that may be longer: path → why. */
export const LONG_FILES: ReadonlyMap<string, string> = new Map<string, string>([
  ['packages/engine/src/lane/lane.ts', 'one structure under one set of invariants; pace, heap, bounds and settings are out already'],
  [
    'packages/engine/src/store/model-sharing.ts',
    'one contract, verb by verb, and the state that all of them share; disk and arrivals are out already',
  ],
  ['packages/engine/src/lane/dispatcher.ts', 'the one way through lane, sender and settle; board, book and in-flight are out already'],
]);

export const header: Rule = {
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

export const length: Rule = {
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

export const fileName: Rule = {
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

export const namedExports: Rule = {
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

export const listedExports: Rule = {
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
