// When a call is tried again, as a pure decision: what happened, how often, how long already, and a random number go in;
// a delay or "give up" comes out.
//
// Only calls that may safely run twice get here: reads, and publishing under one idempotency key.

/** Bounds on trying again. */
export interface RetryOptions {
  /** Attempts in all, the first included. Default 5; 1 turns retries off. */
  readonly attemptsMax?: number;
  /** No attempt starts later than this after the first began, in milliseconds. Default 60,000. */
  readonly timeMaxMs?: number;
}

export type RetryBounds = Required<RetryOptions>;

export const DEFAULT_RETRY: RetryBounds = { attemptsMax: 5, timeMaxMs: 60_000 };

const FIRST_DELAY_MS = 200;
const DELAY_MAX_MS = 10_000;

/** What an attempt that may be repeated came to. `retryAfterMs` is what the server asked for, where it did. */
export interface FailedAttempt {
  /** How many attempts there have been, this one included. */
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly retryAfterMs: number | null;
}

/** 429 and 503 say "later"; 502 and 504 come from a proxy that lost its server, which is a network failure with a status. */
export function isRetryable(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/**
 * Milliseconds to wait before the next attempt, or null to give up.
 *
 * The wait doubles from 200 ms to at most 10 s, of which a random half is taken off so that many publishers do not come
 * back together. Retry-After is a floor: the random part is added to it. A wait that would end past the time bound is not begun.
 * @param unit a random number from 0 to 1
 */
export function retryDelayMs(failed: FailedAttempt, bounds: RetryBounds, unit: number): number | null {
  if (failed.attempts >= bounds.attemptsMax) return null;
  const backoffMs = Math.min(FIRST_DELAY_MS * 2 ** (failed.attempts - 1), DELAY_MAX_MS);
  const jitteredMs = backoffMs / 2 + (backoffMs / 2) * unit;
  const delayMs = failed.retryAfterMs === null ? jitteredMs : failed.retryAfterMs + (backoffMs / 2) * unit;
  return failed.elapsedMs + delayMs > bounds.timeMaxMs ? null : delayMs;
}

/** Reads a Retry-After header: whole seconds, or an HTTP date. Null when absent or neither. */
export function parseRetryAfterMs(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const atMs = /^[A-Z][a-z]{2},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
