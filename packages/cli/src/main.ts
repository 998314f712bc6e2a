// Where the command begins: this process's arguments, environment and streams go in, its exit status comes out.

import { runProgram } from './program.ts';

// `waxwing events list | head` closes the pipe early, which is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2));
