// `waxwing demo`: its flags, its time limit, and how it is stopped. The work is in demo/run.ts.

import { Command } from 'commander';

import { listenForEnd } from '../ending.ts';
import { CommandFailure } from '../failure.ts';
import { numberOf } from '../input.ts';

const LAST_RESORT_MS = 10_000;

export function demoCommand(): Command {
  return new Command('demo')
    .description('a whole platform on this machine: every sample of every profile, delivered and verified')
    .option('--time-limit <seconds>', 'how long it may take', '60')
    .addHelpText('after', '\nNothing is kept: the store is temporary, the ports are free ones.\n\nExample:\n  waxwing demo')
    .action(async (options: { readonly timeLimit: string }) => {
      const { demo } = await import('../demo/run.ts'); // the engine and the server are loaded by who needs them
      const limitMs = numberOf(options.timeLimit, '--time-limit') * 1000;
      const ending = listenForEnd(() => process.exit(1));
      const stopped = new AbortController();
      const limit = setTimeout(() => stopped.abort(new CommandFailure(`the demo did not finish within ${options.timeLimit} s`)), limitMs);
      setTimeout(() => process.exit(1), limitMs + LAST_RESORT_MS).unref(); // should even the stopping hang
      void ending.asked.then((signal) => stopped.abort(new CommandFailure(`stopped by ${signal}`)));
      try {
        await demo(stopped.signal);
      } finally {
        clearTimeout(limit);
        ending.dispose();
      }
    });
}
