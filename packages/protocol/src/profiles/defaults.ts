// Defaults: the parts that several profiles share because their platforms' pages name none of their own.
//
// The schedule and the reactions are those that Standard Webhooks 1.0 recommends. A platform that publishes an exact
// schedule has no reactions: they would move its attempts away from the times that its page promises.

import type { Reactions, RetrySchedule } from '../profile.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Most retries that an endpoint may ask for, where the platform names no limit. */
export const RETRIES_MAX = 25;

/** Longest time-out that an endpoint may ask for, in seconds, where the platform names no limit. */
export const TIMEOUT_SECONDS_MAX = 60;

/** Attempts at once and after 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each up to 10 % later. */
export const STANDARD_SCHEDULE: RetrySchedule = {
  delaysSeconds: [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
  maxRetriesDefault: 9,
  maxRetriesLimit: RETRIES_MAX,
  jitterRatio: 0.1,
};

/** 410 disables, Retry-After moves the next attempt, 429, 502 and 504 slow down, five days of failure disable. */
export const STANDARD_REACTIONS: Reactions = {
  goneDisables: true,
  retryAfterHonoured: true,
  overloadSlows: true,
  disableAfterSeconds: 5 * DAY,
};

/** The schedule and nothing else. */
export const NO_REACTIONS: Reactions = {
  goneDisables: false,
  retryAfterHonoured: false,
  overloadSlows: false,
  disableAfterSeconds: null,
};
