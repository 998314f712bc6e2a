// docs/reliability.md and docs/operations.md name files, scripts, metrics, error codes and commands: every one of them is there.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ERRORS } from '@waxwing/protocol';
import { readManifest, ROOT } from '../scripts/house.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const reliability = read('docs/reliability.md');
const operations = read('docs/operations.md');
const all = (text: string, pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map(([whole, part]) => part ?? whole))];

describe('docs/reliability.md', () => {
  test('names only test files that exist', () => {
    const files = all(reliability, /`((?:packages|test)\/[\w./-]+\.ts)`/g);
    assert.ok(files.length > 12, files.join());
    assert.deepEqual(
      files.filter((path) => !existsSync(join(ROOT, path))),
      [],
    );
  });

  test('names only scripts that exist, with flags that they take', () => {
    const scripts = readManifest(ROOT).scripts ?? {};
    const named = [...reliability.matchAll(/npm (?:run (\w+)|test)(?: -- ([^\n`#]*))?/g)];
    assert.ok(named.length > 8);
    for (const [whole, name = 'test', flags = ''] of named) {
      const file = /^node (\S+)$/.exec(scripts[name] ?? '')?.[1];
      assert.ok(file !== undefined, `${whole}: there is no such script`);
      for (const flag of all(flags, /--([a-z-]+)/g)) assert.match(read(file), new RegExp(`\\b${flag}: \\{ type`), `${whole}: --${flag}`);
    }
  });

  test('shows each promise by a test file or a script', () => {
    const [, table = ''] = reliability.split('## What is promised');
    const rows = (table.split('## ')[0] ?? '').split('\n').filter((line) => /^\| (?!promise)/.test(line));
    assert.ok(rows.length > 15);
    for (const row of rows) assert.match(row, /`npm run \w+|`(?:packages|test)\/[\w./-]+\.test\.ts`/, row);
  });

  test('has its recorded runs', () => {
    assert.doesNotMatch(reliability, /@@/);
    for (const figure of [/200 {2}kills/, /\b0 {2}lost/, /no 202 left before the fsync of its batch had returned: 0 did/, /disk_full/])
      assert.match(reliability, figure);
  });
});

describe('docs/operations.md', () => {
  test('names only metrics that exist', () => {
    const source = read('packages/server/src/metrics.ts');
    const metrics = all(operations, /\bwaxwing_[a-z_]+/g).map((name) => name.replace(/_count$/, ''));
    assert.ok(metrics.length > 12);
    for (const name of metrics.filter((one) => one !== 'waxwing_')) assert.ok(source.includes(`'${name}'`), name);
  });

  test('names every metric of the engine that can be alerted on', () => {
    const unnamed = all(read('packages/server/src/metrics.ts'), /name: '(waxwing_\w+)'/g).filter((name) => !operations.includes(name));
    assert.deepEqual(unnamed, ['waxwing_tenants', 'waxwing_endpoints', 'waxwing_build_info']);
  });

  test('names only error codes that exist', () => {
    const codes = all(operations, /\b503 `(\w+)`/g);
    assert.ok(codes.length >= 3);
    for (const code of codes) assert.ok(Object.hasOwn(ERRORS, code), code);
  });

  test('links only to headings that it has', () => {
    const headings = new Set(
      all(operations, /^#+ (.+)$/gm).map((heading) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    assert.deepEqual(
      all(operations, /\]\(#([^)]+)\)/g).filter((anchor) => !headings.has(anchor)),
      [],
    );
  });

  test('shows only commands that exist, with flags that they take', () => {
    const commands = all(operations, /(?:^|`)(waxwing [a-z][^\n`#]*)/gm);
    assert.ok(commands.length > 12, commands.join('\n'));
    const helps = new Map<string, string>();
    for (const command of commands) {
      const words = command.split(/\s+/).slice(1);
      const isGroup = /^(endpoints|deliveries|events|keys|replay)$/.test(words[0] ?? '');
      const hasVerb = isGroup && /^[a-z][a-z-]*$/.test(words[1] ?? '');
      const path = words[0] === 'replay' && !hasVerb ? ['replay', 'start'] : words.slice(0, hasVerb ? 2 : 1);
      const name = path.join(' ');
      const help = helps.get(name) ?? helpOf(path);
      helps.set(name, help);
      assert.ok(help.startsWith(`Usage: waxwing ${name} `), `${command}: ${help.slice(0, 80)}`);
      for (const flag of words.filter((word) => word.startsWith('--'))) assert.match(help, new RegExp(`(^|\\s)${flag}[ ,]`, 'm'), command);
    }
  });

  test('quotes what the server says at its start, and what it logs, word for word', () => {
    const said = ['packages/cli/src/serving.ts', 'packages/engine/src/flight/quarantine.ts', 'packages/engine/src/commit/away.ts']
      .map(read)
      .join('\n');
    const blame = read('packages/engine/src/create-engine.ts') + said;
    for (const line of [
      'Plain HTTP is allowed',
      'Private networks are allowed',
      'Development mode',
      'No mail server is set',
      'the last run was killed',
      'the disk is full',
      'the disk fails',
    ]) {
      assert.ok(operations.includes(`\`${line}\``), line);
      assert.ok(blame.includes(line), line);
    }
  });
});

function helpOf(path: readonly string[]): string {
  return spawnSync(process.execPath, [join(ROOT, 'packages/cli/bin/waxwing.js'), ...path, '--help'], { encoding: 'utf8' }).stdout;
}
