// The command as a whole: its sub-commands, and what every ending means to the shell.
//
// Exit status: 0 done; 1 it failed; 2 it was asked for wrongly (flags, settings). Every failure is said on stderr with
// what to do, never as a stack, save an unexpected one.

import { Command, CommanderError } from 'commander';

import { backupCommand } from './commands/backup.ts';
import { completionCommand } from './commands/completion.ts';
import { deliveriesCommand } from './commands/deliveries.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { endpointsCommand } from './commands/endpoints.ts';
import { eventTypesCommand } from './commands/event-types.ts';
import { eventsCommand } from './commands/events.ts';
import { initCommand } from './commands/init.ts';
import { keysCommand } from './commands/keys.ts';
import { listenCommand } from './commands/listen.ts';
import { migrateCommand } from './commands/migrate.ts';
import { profilesCommand } from './commands/profiles.ts';
import { replayCommand } from './commands/replay.ts';
import { sendCommand } from './commands/send.ts';
import { serveCommand } from './commands/serve.ts';
import { signCommand } from './commands/sign.ts';
import { tailCommand } from './commands/tail.ts';
import { triggerCommand } from './commands/trigger.ts';
import { typesCommand } from './commands/typescript-types.ts';
import { verifyCommand } from './commands/verify.ts';
import { failureOf } from './failure.ts';
import { bold, printError, red } from './terminal.ts';
import { VERSION } from './version.ts';

/** The whole command, ready to parse. */
export function buildProgram(): Command {
  const program = new Command('waxwing')
    .description('Every webhook signed, every webhook delivered.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'explain a command')
    .addHelpText(
      'after',
      '\nBegin with:\n  waxwing demo            a whole platform on this machine, in a minute\n  waxwing serve --dev     a server to try things on',
    );
  const commands = [
    ...[serveCommand(), demoCommand(), backupCommand(), migrateCommand()].map((command) => command.helpGroup('Run:')),
    ...[listenCommand(), triggerCommand(), tailCommand(), initCommand()].map((command) => command.helpGroup('Develop:')),
    ...[
      sendCommand(),
      eventsCommand(),
      endpointsCommand(),
      deliveriesCommand(),
      replayCommand(),
      keysCommand(),
      profilesCommand(),
      eventTypesCommand(),
    ].map((command) => command.helpGroup('Speak to a server:')),
    ...[signCommand(), verifyCommand(), doctorCommand(), typesCommand(), completionCommand()].map((command) =>
      command.helpGroup('By hand:'),
    ),
  ];
  for (const command of commands) program.addCommand(command);
  strict(program);
  return program;
}

/** Runs one command line to its end and gives the exit status. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const program = buildProgram();
  try {
    if (args.length === 0) program.help();
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const failure = failureOf(error);
    printError(`${red(bold('error'))} ${failure.message}`);
    for (const line of failure.more) printError(`  ${line}`);
    return failure.exitStatus;
  }
}

/** Throws in place of leaving; says on stderr what was wrong and where help is. */
function strict(command: Command): void {
  command.exitOverride();
  command.configureHelp({ styleTitle: bold });
  command.configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, red(bold('error')))) });
  command.showHelpAfterError(`(${fullName(command)} --help explains it)`);
  for (const child of command.commands) strict(child);
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
