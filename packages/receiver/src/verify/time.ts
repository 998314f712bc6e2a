// Signed times: reading them strictly, and judging them against a clock that is handed in.

import type { TimeForm } from '../scheme.ts';
import type { SignedSpan } from './question.ts';
import { refuse } from './result.ts';
import type { Refused } from './result.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Epoch milliseconds of a timestamp in the given form, or null when it is of another. */
export function parseTime(text: string, form: TimeForm): number | null {
  switch (form) {
    case 'seconds':
      return /^\d{1,11}$/.test(text) ? Number(text) * 1000 : null;
    case 'milliseconds':
      return /^\d{1,14}$/.test(text) ? Number(text) : null;
    case 'iso': {
      const ms = ISO.test(text) ? Date.parse(text) : Number.NaN;
      return Number.isNaN(ms) ? null : ms;
    }
    default:
      return form satisfies never;
  }
}

/** What the sentence of a malformed timestamp expects. */
export const TIME_FORMS: Readonly<Record<TimeForm, string>> = {
  seconds: 'Unix seconds',
  milliseconds: 'Unix milliseconds',
  iso: 'an ISO 8601 time',
};

/** Why a span does not hold now, or null when it does. A tolerance that is no number permits nothing. */
export function judgeTime(span: SignedSpan, nowMs: number, toleranceSeconds: number): Refused | null {
  const { signedAtMs, notBeforeMs, expiresMs } = span;
  if (signedAtMs !== null) {
    if (!(Math.floor((nowMs - signedAtMs) / 1000) <= toleranceSeconds)) return tooOld(nowMs - signedAtMs, toleranceSeconds);
    if (!((signedAtMs - nowMs) / 1000 <= toleranceSeconds)) return inFuture(signedAtMs - nowMs, toleranceSeconds);
  }
  if (expiresMs !== undefined && !((nowMs - expiresMs) / 1000 <= toleranceSeconds)) return tooOld(nowMs - expiresMs, toleranceSeconds);
  if (notBeforeMs !== undefined && !((notBeforeMs - nowMs) / 1000 <= toleranceSeconds))
    return inFuture(notBeforeMs - nowMs, toleranceSeconds);
  return null;
}

function tooOld(skewMs: number, toleranceSeconds: number): Refused {
  return refuse(
    'timestamp_too_old',
    () =>
      `The signature holds, but it was made ${duration(skewMs)} ago and ${duration(toleranceSeconds * 1000)} are tolerated. A replayed request, a long queue before this check, or a clock here that is ahead (check NTP).`,
  );
}

function inFuture(skewMs: number, toleranceSeconds: number): Refused {
  return refuse(
    'timestamp_in_future',
    () =>
      `The signature holds, but its time lies ${duration(skewMs)} ahead of this machine's clock and ${duration(toleranceSeconds * 1000)} are tolerated. The clock here is probably behind (check NTP).`,
  );
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min (${seconds} s)`;
  return `${Math.round(seconds / 3600)} h (${seconds} s)`;
}
