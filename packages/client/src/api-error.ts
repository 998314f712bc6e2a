// The two things that can go wrong with a call: the server answered with a problem, or no usable answer came.
//
// Both carry what a program needs to decide and what a person needs to read. An aborted call is neither: it rejects with
// the signal's own reason.

import type { Problem } from '@waxwing/protocol';

/** The server answered, and the answer was a problem (RFC 9457) or nothing this client understands. */
export class WaxwingApiError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** Stable; listed in docs/errors.md. `unexpected_answer` when something other than Waxwing seems to have answered. */
  readonly code: string;
  /** The code in words; never changes for one code. */
  readonly title: string;
  /** What was wrong this time, and what to do. */
  readonly detail: string;
  /** Each field that was wrong, with its path. */
  readonly errors: NonNullable<Problem['errors']>;
  /** The server's name for this request, to be found in its log; null when it gave none. */
  readonly requestId: string | null;
  /** When the server says that trying again makes sense, in milliseconds from its answer; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(problem: Problem, requestId: string | null, retryAfterMs: number | null) {
    super(`${problem.detail} (${problem.code}, HTTP ${problem.status})`);
    this.name = 'WaxwingApiError';
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer came: the server could not be reached, the connection broke, or the time-out passed. What was asked may have happened. */
export class WaxwingConnectionError extends Error {
  readonly url: string;
  /** How many times the call was tried. */
  readonly attempts: number;

  constructor(url: string, attempts: number, cause: unknown) {
    const tries = attempts === 1 ? '' : ` in ${attempts} attempts`;
    super(`No answer from ${url}${tries}: ${reasonOf(cause)}. Is the server running, and is the address right?`, { cause });
    this.name = 'WaxwingConnectionError';
    this.url = url;
    this.attempts = attempts;
  }
}

/** fetch says only "fetch failed"; the reason worth reading stands in its cause (and there, for two addresses, in the first error). */
function reasonOf(cause: unknown): string {
  let error = cause;
  for (let depth = 0; depth < 4; depth++) {
    if (error instanceof AggregateError && error.message === '' && error.errors.length > 0) error = error.errors[0];
    else if (error instanceof Error && error.cause !== undefined) error = error.cause;
    else break;
  }
  return error instanceof Error ? error.message || error.name : String(error);
}
