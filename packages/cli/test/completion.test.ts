import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { completionScript, SHELLS } from '../src/completion.ts';
import { buildProgram } from '../src/program.ts';
import { waxwing } from './waxwing-process.ts';

const program = buildProgram();
const bash = completionScript(program, 'bash');

/** What bash offers at the end of a line. */
function offered(...words: string[]): readonly string[] {
  const line = ['waxwing', ...words].map((word) => `'${word}'`).join(' ');
  const script = `${bash}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _waxwing; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8', cwd: import.meta.dirname })
    .split('\n')
    .filter((word) => word !== '');
}

test('bash is offered commands, their commands, their options and the choices of those', () => {
  assert.deepEqual(offered('end'), ['endpoints']);
  assert.deepEqual(offered('tri'), ['trigger']);
  assert.deepEqual(offered('endpoints', 'cre'), ['create']);
  assert.deepEqual(offered('listen', '--forw'), ['--forward-to']);
  assert.deepEqual(offered('listen', '--output', ''), ['interactive', 'compact', 'json']);
  assert.deepEqual(offered('init', 'folder', '--framework', 'ex'), ['express']);
  assert.deepEqual(offered('deliveries', 'list', '--tenant', 'acme', '--state', 'pen'), ['pending']);
  assert.deepEqual(offered('verify', 'completion.t'), ['completion.test.ts']);
});

test('every script knows every command and every option', () => {
  const commands = [program, ...program.commands, ...program.commands.flatMap((command) => command.commands)];
  for (const shell of SHELLS) {
    const script = completionScript(program, shell);
    for (const command of commands) {
      assert.ok(script.includes(command.name()), `${shell}: ${command.name()}`);
      for (const { long } of command.options)
        assert.ok(script.includes(shell === 'fish' ? `-l '${long?.slice(2)}'` : (long ?? '')), `${shell}: ${long}`);
    }
    // Descriptions are quoted: an apostrophe in one would end its text.
    assert.equal((script.match(/'/g) ?? []).length % 2, 0, shell);
  }
});

test('the command prints the script, and refuses a shell that it does not know', async () => {
  const printed = await waxwing(['completion', 'bash']);
  assert.deepEqual([printed.status, printed.stdout], [0, bash]);
  const wrong = await waxwing(['completion', 'tcsh']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /Allowed choices are bash, zsh, fish/);
});

/** Every command that does something, with its arguments filled in. */
function leaves(command = program, path: readonly string[] = []): { readonly path: readonly string[]; readonly command: typeof program }[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

for (const { path, command } of leaves()) {
  test(`waxwing ${path.join(' ')} describes itself and its options, and refuses an option that it does not have`, async () => {
    assert.ok(command.description().length > 10);
    for (const option of command.options) assert.ok(option.description.length > 3, option.flags);
    for (const argument of command.registeredArguments) assert.ok(argument.description.length > 3, argument.name());
    const mandatory = command.options.flatMap((option) =>
      option.mandatory && option.defaultValue === undefined ? [option.long ?? '', option.argChoices?.[0] ?? 'x'] : [],
    );
    let said = '';
    const fresh = buildProgram();
    const silence = (one: typeof program): void => {
      one.configureOutput({ writeErr: (text) => (said += text) });
      for (const child of one.commands) silence(child);
    };
    silence(fresh);
    await assert.rejects(fresh.parseAsync([...path, ...mandatory, '--no-such-option'], { from: 'user' }), {
      exitCode: 1,
      code: 'commander.unknownOption',
    });
    assert.match(said, new RegExp(`unknown option '--no-such-option'[\\s\\S]*\\(waxwing ${path.join(' ')} --help explains it\\)`));
  });
}
