// The windows that statistics are asked for, and into what steps each is cut: at most 120 a window.

export type StatsWindow = '15m' | '1h' | '24h' | '7d' | '30d';

export const STATS_WINDOWS: readonly StatsWindow[] = ['15m', '1h', '24h', '7d', '30d'];

/** Length of a step, and how many make the window; the last one is still running. */
export const STATS_STEPS: { readonly [W in StatsWindow]: { readonly stepSeconds: number; readonly steps: number } } = {
  '15m': { stepSeconds: 15, steps: 60 },
  '1h': { stepSeconds: 60, steps: 60 },
  '24h': { stepSeconds: 900, steps: 96 },
  '7d': { stepSeconds: 7_200, steps: 84 },
  '30d': { stepSeconds: 21_600, steps: 120 },
};
