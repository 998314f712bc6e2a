// The windows that plots look back over, as the API has them.

import type { Stats, StatsPoint, StatsWindow } from '@waxwing/protocol';

export const STATS_WINDOWS: readonly { readonly id: StatsWindow; readonly label: string }[] = [
  { id: '15m', label: '15 min' },
  { id: '1h', label: '1 h' },
  { id: '24h', label: '24 h' },
  { id: '7d', label: '7 d' },
  { id: '30d', label: '30 d' },
];

export function isStatsWindow(text: string): text is StatsWindow {
  return STATS_WINDOWS.some(({ id }) => id === text);
}

/** A rate over less than this would jump. */
const STEP_SECONDS_MIN = 5;

/** How long a step lasted: the last one is still running. */
export function stepSecondsOf({ to, stepSeconds }: Stats, { at }: StatsPoint): number {
  return Math.min(stepSeconds, Math.max(STEP_SECONDS_MIN, (Date.parse(to) - Date.parse(at)) / 1000));
}
