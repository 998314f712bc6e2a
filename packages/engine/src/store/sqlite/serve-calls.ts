// Serve calls: a thread's side of the conversation. Calls are answered one by one, in the order they came.

import { parentPort } from 'node:worker_threads';
import { StoreError } from '../store.ts';
import { OpeningError } from './database.ts';
import { diskFault, messageOf } from './failure.ts';
import type { Answered, Asked, WireError } from './thread-messages.ts';

/** Answers every call with `answer`; `after` runs once the answer is on its way. The `close` verb ends the thread. */
export function serveCalls<Call extends { readonly verb: string }>(answer: (call: Call) => unknown, after: (call: Call) => void): void {
  const port = parentPort;
  if (port === null) throw new Error('this file is the entry of a worker thread');
  port.on('message', ({ id, call }: Asked<Call>) => {
    port.postMessage(answered(id, () => answer(call)));
    after(call);
    if (call.verb === 'close') port.close();
  });
}

function answered(id: number, work: () => unknown): Answered<unknown> {
  try {
    return { id, value: work() };
  } catch (error) {
    return { id, error: wireError(error) };
  }
}

function wireError(error: unknown): WireError {
  if (error instanceof OpeningError)
    return { kind: 'unavailable', code: error.code, disk: null, message: error.message, cause: causeOf(error) };
  if (error instanceof StoreError) return { kind: error.kind, code: null, disk: error.disk, message: error.message, cause: causeOf(error) };
  return { kind: 'unavailable', code: null, disk: diskFault(error), message: `the store cannot be read: ${messageOf(error)}`, cause: null };
}

function causeOf(error: Error): string | null {
  return error.cause === undefined ? null : messageOf(error.cause);
}
