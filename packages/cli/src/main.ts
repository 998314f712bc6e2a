// Where the command begins: this process's arguments go in, its exit status comes out.

import { runProgram } from './program.ts';

// `waxwing events list | head` closes the pipe early, which is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const status = await runProgram(process.argv.slice(2));
if (status !== 0) process.exitCode = status; // a command whose answer is "no" has set it itself
