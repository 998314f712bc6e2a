// Timestamps as envelopes print them.
//
// Always UTC. `iso` is the ISO 8601 form with milliseconds; the others differ in their decimals only, and cut rather
// than round, so that a time never moves into the future.

import type { TimestampForm } from './profile.ts';

/** Prints epoch milliseconds in a profile's form: `…05.123Z`, `…05.123000Z` or `…05Z`. */
export function formatTimestamp(form: TimestampForm, timestampMs: number): string {
  const iso = new Date(timestampMs).toISOString();
  switch (form) {
    case 'iso':
      return iso;
    case 'iso-micros':
      return `${iso.slice(0, -1)}000Z`;
    case 'iso-seconds':
      return `${iso.slice(0, -5)}Z`;
    default:
      return form satisfies never;
  }
}
