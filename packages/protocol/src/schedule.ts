// Schedules: how long until the next attempt.
//
// Pure arithmetic on what is handed in: a schedule, a retry's number, a random unit, an answer's Retry-After, the time.
// Each delay runs from the previous failure. Nothing here decides whether to retry.

import { WaxwingError } from './errors.ts';

/** A receiver may put off its next attempt by at most this much: 24 hours (DESIGN §4). */
export const RETRY_AFTER_MAX_MS: number = 24 * 60 * 60 * 1000;

/**
 * How long to wait before a retry, in whole milliseconds.
 * @param schedule seconds before retry 1, 2, 3…, the last one repeating; `jitterRatio` of each may be added (0 is exact)
 * @param retry which retry: 1 follows the first attempt
 * @param unit a random number from 0 to 1
 * @throws WaxwingError `internal` when the schedule has no delay or `retry` is below 1
 */
export function retryDelayMs(
  schedule: { readonly delaysSeconds: readonly number[]; readonly jitterRatio: number },
  retry: number,
  unit: number,
): number {
  const delaySeconds = schedule.delaysSeconds[Math.min(retry, schedule.delaysSeconds.length) - 1];
  if (delaySeconds === undefined) throw new WaxwingError('internal', `A schedule of no delays, or retry ${retry}, has no next attempt.`);
  return Math.round(delaySeconds * 1000 * (1 + schedule.jitterRatio * unit));
}

const SECONDS = /^-?\d+$/;
const IMF_FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) GMT$/;
const RFC850_DATE =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) GMT$/;
const ASCTIME_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<year>\d{4})$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Reads a `Retry-After` header (RFC 9110 §10.2.3): whole seconds, or any of the three HTTP-date forms.
 * @returns milliseconds from `nowMs`; 0 for a time that is past, 24 h at most; null for what is neither form
 */
export function parseRetryAfter(value: string, nowMs: number): number | null {
  const text = value.trim();
  const waitMs = SECONDS.test(text) ? Number(text) * 1000 : waitUntil(text, nowMs);
  return waitMs === null ? null : Math.min(Math.max(waitMs, 0), RETRY_AFTER_MAX_MS);
}

function waitUntil(text: string, nowMs: number): number | null {
  const parts = (IMF_FIXDATE.exec(text) ?? RFC850_DATE.exec(text) ?? ASCTIME_DATE.exec(text))?.groups;
  if (parts === undefined) return null;
  const month = MONTHS.indexOf(parts['month'] ?? '');
  const day = Number(parts['day']);
  const hour = Number(parts['hour']);
  const minute = Number(parts['minute']);
  const second = Number(parts['second']);
  const year = parts['year']?.length === 2 ? fullYear(Number(parts['year']), nowMs) : Number(parts['year']);
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return null; // 60: the grammar allows leap seconds
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month, day);
  if (midnight.getUTCMonth() !== month || midnight.getUTCDate() !== day) return null; // 31 February
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 - nowMs;
}

// RFC 9110 §5.6.7: a two-digit year is never read as more than 50 years ahead; so it is the one within 50 years, either way.
function fullYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  if (year > thisYear + 50) return year - 100;
  return year <= thisYear - 50 ? year + 100 : year;
}
