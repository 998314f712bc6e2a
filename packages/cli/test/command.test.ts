import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Command } from 'commander';

import { buildProgram } from '../src/program.ts';
import { waxwing } from './waxwing-process.ts';

test('every command explains itself with an example that names it', () => {
  const leaves = leavesOf(buildProgram());
  assert.ok(leaves.length > 25);
  for (const { name, command } of leaves) {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    assert.match(help, /\nExamples?:\n/, name);
    assert.ok(help.slice(help.indexOf('\nExample')).includes(`  ${name}`), help);
  }
});

function leavesOf(command: Command, parents = ''): { readonly name: string; readonly command: Command }[] {
  const name = `${parents}${command.name()}`;
  return command.commands.length === 0 ? [{ name, command }] : command.commands.flatMap((child) => leavesOf(child, `${name} `));
}

test('the overview names every command, and is what no command at all prints', async () => {
  const { status, stdout } = await waxwing(['--help']);
  assert.equal(status, 0);
  for (const name of [
    'serve',
    'demo',
    'listen',
    'trigger',
    'tail',
    'init',
    'completion',
    'send',
    'events',
    'endpoints',
    'deliveries',
    'keys',
    'profiles',
    'event-types',
    'sign',
    'verify',
    'doctor',
    'types',
  ]) {
    assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
  }
  assert.equal((await waxwing([])).stdout, stdout);
});

test('the version is the package’s', async () => {
  const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
  assert.equal((await waxwing(['--version'])).stdout, `${manifest.version}\n`);
});

test('what was asked for wrongly leaves with 2 and says how to ask', async () => {
  const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['sing'], /unknown command 'sing'\n\(Did you mean sign\?\)/],
    [['send'], /missing required argument 'type'[\s\S]*waxwing send --help/],
    [['serve', '--prot', '1'], /unknown option '--prot'[\s\S]*Did you mean --port/],
    [['deliveries', 'list', '--state', 'lost'], /Allowed choices are pending, delivered/],
    [['send', 'a.b', '--tenant', 'acme'], /no key: give one with --key or WAXWING_KEY/],
    [['events', 'list', '--key', 'k'], /no tenant: give one with --tenant or WAXWING_TENANT/],
    [['events', 'list', '--key', 'k', '--tenant', 'a', '--url', 'nowhere'], /http:\/\/ or https:\/\//],
    [['events', 'list', '--key', 'k', '--tenant', 'a', '--limit', 'x'], /--limit must be a number; got "x"/],
    [['endpoints', 'create', 'https://x.test', '--key', 'k', '--tenant', 'a', '--header', 'x'], /--header must be 'name: value'/],
    [['endpoints', 'update', 'ep_1', '--key', 'k', '--tenant', 'a'], /nothing to change/],
    [['keys', 'create', '--scope', 'tenant', '--key', 'k'], /--scope tenant needs --tenant/],
    [['keys', 'revoke', 'wxw_text', '--key', 'k'], /give the key’s id/],
  ];
  await Promise.all(
    wrong.map(async ([args, says]) => {
      const { status, stdout, stderr } = await waxwing(args);
      assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
      assert.equal(stdout, '');
      assert.match(stderr, says);
    }),
  );
});

test('a server that is not there leaves with 1 and says what to do', async () => {
  const { status, stderr } = await waxwing(['events', 'list', '--key', 'k', '--tenant', 'a', '--url', 'http://127.0.0.1:1']);
  assert.equal(status, 1);
  assert.match(stderr, /No answer from http:\/\/127\.0\.0\.1:1 .*--url or WAXWING_URL/s);
});

test('nothing is coloured that goes into a pipe', async () => {
  const { stderr } = await waxwing(['sing']);
  assert.doesNotMatch(stderr, /\x1b/); // eslint-disable-line no-control-regex -- it is what must not be there
});

test('an old Node hands over to the newer one beside it, with arguments and exit status', async () => {
  assert.deepEqual(await waxwing(['--version'], { nodeArgs: asOldNode }), await waxwing(['--version']));
  assert.equal((await waxwing(['sing'], { nodeArgs: asOldNode })).status, 2);
});

test('an old Node with no newer one to hand over to says what to install', async () => {
  const { status, stderr } = await waxwing(['--version'], { nodeArgs: asOldNode, env: { WAXWING_NODE_TRIED: '1' } });
  assert.equal(status, 1);
  assert.match(stderr, /needs Node 24 or later; this is Node 18\.0\.0\.\n.*npm install node@26/);
});

const asOldNode = [
  '--import',
  "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.0.0'}})",
];
