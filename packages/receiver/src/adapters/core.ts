// The core of the adapters: what each needs of a receiver, and the answers that none of them leaves to its framework.
//
// An adapter finds the method, the headers and the body's exact bytes in its framework's request, and puts the answer into
// its framework's response. It decides nothing, and imports no framework: their shapes are told structurally.

import { problem } from '../serve/answer.ts';
import type { Answer } from '../serve/answer.ts';
import type { ReceivedRequest } from '../verify/request.ts';

/** A receiver, as an adapter uses it: what `createReceiver` makes. */
export interface WebhookReceiver {
  receive(request: ReceivedRequest): Promise<Answer>;
  bodyWasParsed(fix: string): Answer;
  otherMethod(method: string | undefined, url: string | undefined): Answer;
}

export interface AdapterOptions {
  /** Default 1 MiB. A longer body is answered 413. */
  readonly bodyLimitBytes?: number;
  /** Default 10 s. A body that has not arrived whole by then is answered 408. */
  readonly bodyTimeoutMs?: number;
}

export const ADAPTER_DEFAULTS: Required<AdapterOptions> = { bodyLimitBytes: 1_048_576, bodyTimeoutMs: 10_000 };

export function tooLarge(limitBytes: number): Answer {
  return problem(413, 'request_too_large', `The body is longer than ${limitBytes} bytes`);
}

export function tooSlow(timeoutMs: number): Answer {
  return problem(408, 'request_timeout', `The body did not arrive within ${timeoutMs} ms`);
}

/** What the promise brings, or `late` when it takes longer. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, late: T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, late);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
