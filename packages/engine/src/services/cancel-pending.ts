// Cancel pending: ends what a deleted endpoint still had to deliver, in small steps that do not stall publishing.

import type { Change } from '../store/store.ts';
import { change, type ServiceContext } from './context.ts';

const STEP = 2_000;

/** Resolves when nothing of the endpoint is pending. Taken up again at the next start when the process stops in between. */
export async function cancelPendingOf(context: ServiceContext, endpointSeq: number): Promise<void> {
  for (;;) {
    const step: Change = {
      kind: 'cancelPending',
      endpointSeq,
      reason: 'the endpoint was deleted',
      nowMs: context.clock.nowMs(),
      limit: STEP,
    };
    const [cancelled] = await change(context, `cancel:${endpointSeq}`, () => [step]);
    context.settler.finished.cancelled += cancelled ?? 0;
    context.dispatcher.ended(cancelled ?? 0);
    if ((cancelled ?? 0) < STEP) return;
  }
}
