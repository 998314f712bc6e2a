// `waxwing completion`: a script that completes this command in a shell.

import { Argument, Command } from 'commander';

import { completionScript, SHELLS } from '../completion.ts';
import type { Shell } from '../completion.ts';

export function completionCommand(): Command {
  const command = new Command('completion')
    .description('print a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  waxwing completion bash >> ~/.bashrc
  source <(waxwing completion zsh)
  waxwing completion fish > ~/.config/fish/completions/waxwing.fish`,
    );
  return command.action((shell: Shell) => {
    process.stdout.write(completionScript(command.parent ?? command, shell));
  });
}
