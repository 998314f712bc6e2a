// A thread that answers `echo`, and dies of everything else.

import { parentPort } from 'node:worker_threads';

parentPort?.on('message', ({ id, call }: { readonly id: number; readonly call: { readonly verb: string } }) => {
  if (call.verb === 'throw') throw new Error('a defect');
  if (call.verb === 'leave') process.exit(3);
  parentPort?.postMessage({ id, value: call.verb });
});
