// Cancel pending: ends what a deleted endpoint still had to deliver, in small steps that do not stall publishing.

import { WaxwingError } from '@waxwing/protocol';
import type { Change } from '../store/store.ts';
import { change, type ServiceContext } from './context.ts';

const STEP = 2_000;

/** How long until it is tried again where the store was away. */
const AGAIN_MS = 1_000;

/**
 * Resolves when nothing of the endpoint is pending; where the store is away meanwhile, at once, and the rest is done when it
 * is back. Taken up again at the next start when the process stops in between.
 */
export async function cancelPendingOf(context: ServiceContext, endpointSeq: number): Promise<void> {
  const { clock, log, settler } = context;
  try {
    for (let cancelled = STEP; cancelled === STEP;) {
      [cancelled = 0] = await change(context, `cancel:${endpointSeq}`, () => [stepOf(endpointSeq, clock.nowMs())]);
      settler.finished.cancelled += cancelled;
    }
  } catch (error) {
    if (error instanceof WaxwingError && error.code === 'shutting_down') return;
    log.warn('what a deleted endpoint still had to deliver could not be cancelled; trying again', { endpointSeq, error: String(error) });
    clock.after(AGAIN_MS, () => void cancelPendingOf(context, endpointSeq));
  }
}

function stepOf(endpointSeq: number, nowMs: number): Change {
  return { kind: 'cancelPending', endpointSeq, reason: 'the endpoint was deleted', nowMs, limit: STEP };
}
