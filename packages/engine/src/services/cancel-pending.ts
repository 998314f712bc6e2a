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
  try {
    await cancelAll(context, endpointSeq);
  } catch (error) {
    if (!isClosing(error)) void tryAgain(context, endpointSeq, error);
  }
}

async function cancelAll(context: ServiceContext, endpointSeq: number): Promise<void> {
  for (let cancelled = STEP; cancelled === STEP;) {
    [cancelled = 0] = await change(context, `cancel:${endpointSeq}`, () => [stepOf(endpointSeq, context.clock.nowMs())]);
    context.settler.finished.cancelled += cancelled;
  }
}

async function tryAgain(context: ServiceContext, endpointSeq: number, error: unknown): Promise<void> {
  context.log.warn('what a deleted endpoint still had to deliver could not be cancelled; trying again', {
    endpointSeq,
    error: String(error),
  });
  await context.waits.wait(AGAIN_MS);
  await cancelPendingOf(context, endpointSeq);
}

function isClosing(error: unknown): boolean {
  return error instanceof WaxwingError && error.code === 'shutting_down';
}

function stepOf(endpointSeq: number, nowMs: number): Change {
  return { kind: 'cancelPending', endpointSeq, reason: 'the endpoint was deleted', nowMs, limit: STEP };
}
