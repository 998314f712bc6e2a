// Driving a judge: its questions are answered at once, or each is awaited. The two differ in nothing else.

import type { EventOf } from '../catalogue.ts';
import type { ReceivedEvent } from '../event.ts';
import type { Asking, Question } from './question.ts';
import type { VerifyResult } from './result.ts';

export function settle<T>(asking: Asking<T>, answer: (question: Question) => boolean): T {
  let step = asking.next();
  while (step.done !== true) step = asking.next(answer(step.value));
  return step.value;
}

export async function settleAsync<T>(asking: Asking<T>, answer: (question: Question) => Promise<boolean>): Promise<T> {
  let step = asking.next();
  while (step.done !== true) step = asking.next(await answer(step.value));
  return step.value;
}

/**
 * Gives a result the types of its sender's catalogue. The one place where a received event is taken at its word: its
 * signature proved who wrote it, and the catalogue is what that sender publishes.
 */
export function trusted<Sender>(result: VerifyResult<ReceivedEvent>): VerifyResult<EventOf<Sender>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the trust boundary told above
  return result as VerifyResult<EventOf<Sender>>;
}

/** One secret or several, as a list. */
export function listOf(secrets: string | readonly string[]): readonly string[] {
  return typeof secrets === 'string' ? [secrets] : secrets;
}
