// Answers: what goes back to the sender, in a form that every framework can send.
//
// Refusals are problem+json with a stable code and say no more than the sender must know: not which secret was tried,
// not what an exception said. The full sentence goes to the receiver's own log.

import type { Reason } from '../verify/result.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a handler may return in place of nothing, to answer other than 200. */
export type HandlerResult =
  | { readonly result: 'retry'; readonly afterSeconds: number }
  | { readonly result: 'reject' }
  | { readonly result: 'gone' };

/** Ask the sender to try again, not before this many seconds: 503 with Retry-After. */
export function retryAfter(seconds: number): HandlerResult {
  return { result: 'retry', afterSeconds: Math.max(0, Math.ceil(seconds)) };
}

/** The event cannot be handled, now or later: 422. Senders that tell failures apart stop; most will still retry. */
export function reject(): HandlerResult {
  return { result: 'reject' };
}

/** This endpoint wants no more events: 410, on which many senders disable it. */
export function gone(): HandlerResult {
  return { result: 'gone' };
}

export const RECEIVED: Answer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' };

export function problem(
  status: number,
  code: string,
  title: string,
  headers: Readonly<Record<string, string>> = {},
  detail?: string,
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ type: 'about:blank', title, status, code, detail }),
  };
}

/** Sent on connections that were open when the server was told to stop: whoever tries again reaches the one that comes after it. */
export const STOPPING: Answer = problem(503, 'shutting_down', 'The receiver is stopping', { 'retry-after': '5' });

export const ONLY_POST: Answer = problem(405, 'method_not_allowed', 'Only POST is taken here', { allow: 'POST' });

export function answerOfResult(result: HandlerResult): Answer {
  switch (result.result) {
    case 'retry':
      return problem(503, 'retry_later', 'Try again later', { 'retry-after': String(result.afterSeconds) });
    case 'reject':
      return problem(422, 'rejected', 'The event cannot be handled');
    case 'gone':
      return problem(410, 'gone', 'This endpoint takes no more events');
    default:
      return result satisfies never;
  }
}

/** 401 where the request is at fault; 500 where this receiver is set up so that it cannot verify anything. */
export function answerOfRefusal(reason: Reason): Answer {
  switch (reason) {
    case 'missing_header':
      return problem(401, reason, 'The request is not signed');
    case 'bad_format':
    case 'no_match':
    case 'body_was_reserialized':
      return problem(401, reason, 'The signature does not hold');
    case 'timestamp_too_old':
    case 'timestamp_in_future':
      return problem(401, reason, 'The signature was not made now');
    case 'body_was_parsed':
    case 'body_missing':
    case 'wrong_secret_format':
    case 'missing_url':
    case 'missing_method':
      return problem(500, reason, 'The receiver cannot verify requests as it is set up');
    default:
      return reason satisfies never;
  }
}
