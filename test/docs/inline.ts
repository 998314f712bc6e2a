// Commands that stand in a page's sentences and tables, `waxwing replay --dry-run`: held to the command as it is, by name and flag.

import { buildProgram } from '../../packages/cli/src/program.ts';
import { readPage } from './blocks.ts';

type Command = ReturnType<typeof buildProgram>;

/** What is said of each command that does not exist, or does not take a flag, by page and line. */
export function wrongCommands(page: string, text: string = readPage(page)): readonly string[] {
  const program = buildProgram();
  const wrong: string[] = [];
  let inBlock = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) inBlock = !inBlock;
    if (inBlock) continue;
    for (const [, span = ''] of line.matchAll(/`((?:npx )?waxwing [^`]+)`/g)) {
      const why = fault(program, span.replace('npx ', '').split(/\s+/).slice(1));
      if (why !== null) wrong.push(`${page}:${index + 1}: ${span}: ${why}`);
    }
  }
  return wrong;
}

function fault(program: Command, words: readonly string[]): string | null {
  let command = program;
  for (const word of words) {
    const child = command.commands.find((one) => one.name() === word);
    if (child === undefined) break;
    command = child;
  }
  if (command === program) return (words[0] ?? '').startsWith('--') ? null : `there is no command ${words[0] ?? ''}`;
  const verbs = command.commands.map((one) => one.name());
  const isDefault = command.name() === 'replay'; // its first command is the one without a name
  const taking = isDefault && verbs.length > 0 ? [command, ...command.commands] : [command];
  const flags = new Set(['--help', '-h', ...taking.flatMap((one) => one.options.flatMap(({ long, short }) => [long, short]))]);
  const stray = words.find((word) => /^--?[a-z]/.test(word) && !flags.has(word));
  if (stray !== undefined) return `it takes no ${stray}`;
  const verb = words[words.indexOf(command.name()) + 1];
  if (!isDefault && verbs.length > 0 && verb !== undefined && /^[a-z]/.test(verb)) return `there is no ${command.name()} ${verb}`;
  return null;
}
