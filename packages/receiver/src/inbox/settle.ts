// Settle: (message, what came of handling it, now) → what is written. Pure.

import type { Handling } from '../handling.ts';
import type { Settlement } from './inbox-file.ts';
import type { KeptMessage } from './message.ts';
import { nextDelayMs } from './retry.ts';
import type { InboxRetry } from './retry.ts';

export interface SettleRules {
  readonly retry: Required<InboxRetry>;
  /** How long a handled message is remembered. */
  readonly keepMs: number;
  readonly nowMs: number;
}

export function settle({ seq, attempt }: KeptMessage, handling: Handling, { retry, keepMs, nowMs }: SettleRules): Settlement {
  const again = (why: string, afterMs: number | null = null): Settlement => {
    const delayMs = nextDelayMs(retry, attempt);
    return delayMs === null ? { seq, to: 'failed', error: why } : { seq, to: 'waiting', dueMs: nowMs + (afterMs ?? delayMs) };
  };
  switch (handling.kind) {
    case 'handled':
    case 'accepted':
    case 'duplicate':
      return { seq, to: 'done', untilMs: nowMs + keepMs };
    case 'running': // elsewhere, under a shared dedupe store: no failure, so it is never the last try
      return { seq, to: 'waiting', dueMs: nowMs + Math.max(1, Math.ceil(handling.remainingMs)) };
    case 'failed':
      return again('the handler threw');
    case 'store_failed':
      return again('the dedupe store could not be reached');
    case 'result':
      if (handling.result.result === 'retry') return again('the handler asked for another try', handling.result.afterSeconds * 1000);
      return { seq, to: 'failed', error: `the handler answered ${handling.result.result}` };
    default:
      return handling satisfies never;
  }
}
