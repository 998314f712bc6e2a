// Handling: what became of a verified event, before a status is made of it. The server, the adapters and the inbox act on it.
//
// 1. `handled` means that every handler has finished; `accepted` that the event is durably kept and will be handled.
// 2. Only `handled` and `result` are the handlers' own words; the rest is about stores and other deliveries.

import { answerOfResult, problem, RECEIVED } from './serve/answer.ts';
import type { Answer, HandlerResult } from './serve/answer.ts';

export type Handling =
  | { readonly kind: 'handled' }
  /** Kept in the inbox, on disk. */
  | { readonly kind: 'accepted' }
  /** Handled before, or kept before. */
  | { readonly kind: 'duplicate' }
  /** The same event is being handled just now, here or elsewhere. */
  | { readonly kind: 'running'; readonly remainingMs: number }
  /** A handler answered other than with nothing. */
  | { readonly kind: 'result'; readonly result: HandlerResult }
  /** A handler threw. */
  | { readonly kind: 'failed' }
  /** The dedupe store or the inbox could not be used; nothing was handled. */
  | { readonly kind: 'store_failed' };

const DUPLICATE: Answer = { ...RECEIVED, body: '{"ok":true,"duplicate":true}' };

/** Long enough for a store to be restarted, short enough that nobody notices. */
const STORE_RETRY_SECONDS = 10;

export function answerOfHandling(handling: Handling): Answer {
  switch (handling.kind) {
    case 'handled':
    case 'accepted':
      return RECEIVED;
    case 'duplicate':
      return DUPLICATE;
    case 'running':
      return problem(503, 'event_in_progress', 'The event is being handled just now', {
        'retry-after': String(Math.max(1, Math.ceil(handling.remainingMs / 1000))),
      });
    case 'result':
      return answerOfResult(handling.result);
    case 'failed':
      return problem(500, 'handler_failed', 'The event could not be handled');
    case 'store_failed':
      return problem(503, 'store_unavailable', 'The event could not be kept', { 'retry-after': String(STORE_RETRY_SECONDS) });
    default:
      return handling satisfies never;
  }
}
