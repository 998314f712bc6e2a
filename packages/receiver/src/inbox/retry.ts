// When the inbox tries an event again: after a delay that grows by a factor up to a bound, so many times in all.

export interface InboxRetry {
  /** Default 1 s. */
  readonly firstDelayMs?: number;
  /** Default 3: 1 s, 3 s, 9 s, 27 s, 81 s… */
  readonly factor?: number;
  /** Default 1 h. */
  readonly delayMaxMs?: number;
  /** Tries in all, after which the event is given up and kept as failed. Default 20: some 14 hours. */
  readonly attemptsMax?: number;
}

export const RETRY_DEFAULTS: Required<InboxRetry> = { firstDelayMs: 1000, factor: 3, delayMaxMs: 3_600_000, attemptsMax: 20 };

/** How long after the failure of the given attempt (from 1) the next is due; null when it was the last. */
export function nextDelayMs(retry: Required<InboxRetry>, attempt: number): number | null {
  if (attempt >= retry.attemptsMax) return null;
  return Math.min(retry.delayMaxMs, retry.firstDelayMs * retry.factor ** (attempt - 1));
}
