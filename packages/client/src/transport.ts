// One call over HTTP: the address, the key, the time-out, trying again, and what the answer means.
//
// 1. Nothing is repeated that could then happen twice: only reads, and what the caller marks as repeatable.
// 2. A repeated call is the same call: same body, same headers, same idempotency key.
// 3. An abort ends it at once, in flight or between attempts, with the signal's reason.
// Clock, randomness and fetch are handed in.

import type { Problem } from '@waxwing/protocol';

import { WaxwingApiError, WaxwingConnectionError } from './api-error.ts';
import { isRetryable, parseRetryAfterMs, retryDelayMs } from './retry.ts';
import type { RetryBounds } from './retry.ts';

/** What every call takes. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL, beginning with `/`, its parts encoded. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string | number | undefined };
  /** JSON text. */
  readonly body?: string;
  readonly headers?: { readonly [name: string]: string };
  /** Whether it is tried again. By default a GET is, and nothing else. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What the transport takes from its surroundings. */
export interface Surroundings {
  readonly fetch: typeof fetch;
  nowMs(): number;
  unit(): number;
  sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void>;
}

export interface TransportOptions {
  readonly baseUrl: string;
  readonly key: string | undefined;
  readonly timeoutMs: number;
  readonly retry: RetryBounds;
  /** Reads an error's body where the server does not answer as Waxwing does; null for anything unknown. */
  readonly readProblem?: (text: string, status: number) => Problem | null;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

type Attempt =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'problem'; readonly error: WaxwingApiError }
  | { readonly kind: 'no_answer'; readonly cause: unknown };

export class Transport {
  readonly #options: TransportOptions;
  readonly #surroundings: Surroundings;

  constructor(options: TransportOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** Makes the call. Resolves with a success (2xx); throws WaxwingApiError, WaxwingConnectionError or the signal's reason. */
  async send(call: Call): Promise<Answer> {
    const repeatable = call.repeatable ?? call.method === 'GET';
    const startedMs = this.#surroundings.nowMs();
    for (let attempts = 1; ; attempts++) {
      call.signal?.throwIfAborted();
      const attempt = await this.#attempt(call);
      if (attempt.kind === 'answered') return attempt.answer;
      call.signal?.throwIfAborted();
      const retryAfterMs = attempt.kind === 'problem' ? attempt.error.retryAfterMs : null;
      const worthAnother = repeatable && (attempt.kind === 'no_answer' || isRetryable(attempt.error.status));
      const elapsedMs = this.#surroundings.nowMs() - startedMs;
      const delayMs = worthAnother
        ? retryDelayMs({ attempts, elapsedMs, retryAfterMs }, this.#options.retry, this.#surroundings.unit())
        : null;
      if (delayMs !== null) await this.#surroundings.sleep(delayMs, call.signal);
      else if (attempt.kind === 'problem') throw attempt.error;
      else throw new WaxwingConnectionError(this.#options.baseUrl, attempts, attempt.cause);
    }
  }

  /** As `send`, with the answer parsed. The server's answers are trusted to have the form its contract says. */
  async json<T>(call: Call): Promise<T> {
    const answer = await this.send(call);
    try {
      const parsed: T = JSON.parse(answer.text);
      return parsed;
    } catch {
      throw unexpected(answer.status, 'text that is not JSON', null);
    }
  }

  get baseUrl(): string {
    return this.#options.baseUrl;
  }

  get retry(): RetryBounds {
    return this.#options.retry;
  }

  /**
   * Makes the call once and gives its answer as it comes: only the wait for its beginning is bounded. Throws WaxwingApiError,
   * or what fetch threw. The call's signal ends the answer too.
   */
  async open(call: Call): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new DOMException('the server took too long to answer', 'TimeoutError')),
      this.#options.timeoutMs,
    );
    try {
      const response = await this.#fetch(call, call.signal === undefined ? late.signal : AbortSignal.any([late.signal, call.signal]));
      if (!response.ok) throw this.#errorOf(response, await response.text());
      return response;
    } finally {
      clearTimeout(timer);
    }
  }

  async #attempt(call: Call): Promise<Attempt> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    try {
      const response = await this.#fetch(call, call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]));
      const text = await response.text();
      if (response.ok) return { kind: 'answered', answer: { status: response.status, text } };
      return { kind: 'problem', error: this.#errorOf(response, text) };
    } catch (cause) {
      return { kind: 'no_answer', cause };
    }
  }

  #fetch(call: Call, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json, application/problem+json', ...call.headers };
    if (this.#options.key !== undefined) headers['authorization'] = `Bearer ${this.#options.key}`;
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    // Redirects are not followed: fetch would turn a publish into a GET, or drop the key.
    return this.#surroundings.fetch(this.#options.baseUrl + call.path + queryText(call.query), {
      method: call.method,
      headers,
      redirect: 'manual',
      signal,
      ...(call.body === undefined ? {} : { body: call.body }),
    });
  }

  #errorOf(response: Response, text: string): WaxwingApiError {
    const retryAfterMs = parseRetryAfterMs(response.headers.get('retry-after'), this.#surroundings.nowMs());
    const requestId = response.headers.get('x-request-id');
    const { readProblem = parseProblem } = this.#options;
    const problem = readProblem(text, response.status);
    return problem === null
      ? unexpected(response.status, describe(response), retryAfterMs)
      : new WaxwingApiError(problem, requestId, retryAfterMs);
  }

  /** What connections that last are made of. */
  get surroundings(): Surroundings {
    return this.#surroundings;
  }
}

function queryText(query: Call['query']): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) params.set(name, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

function parseProblem(text: string): Problem | null {
  try {
    const parsed: Partial<Problem> | null = JSON.parse(text);
    if (typeof parsed?.code !== 'string' || typeof parsed.status !== 'number') return null;
    const { code, status, title = code, detail = title, type = 'about:blank', errors } = parsed;
    return { type, title, status, code, detail, ...(errors === undefined ? {} : { errors }) };
  } catch {
    return null;
  }
}

function describe(response: Response): string {
  if (response.type === 'opaqueredirect') return 'a redirect';
  const location = response.headers.get('location');
  if (location !== null) return `a redirect to ${location}`;
  return `HTTP ${response.status} with ${response.headers.get('content-type') ?? 'no content type'}`;
}

function unexpected(status: number, what: string, retryAfterMs: number | null): WaxwingApiError {
  return new WaxwingApiError(
    {
      type: 'about:blank',
      title: 'Not an answer of Waxwing',
      status,
      code: 'unexpected_answer',
      detail: `The address answered ${what}, which is not how Waxwing answers: check the URL, and what stands in between`,
    },
    null,
    retryAfterMs,
  );
}
