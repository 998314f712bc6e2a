// The machine's own clock and randomness, as the ports take them. The one place of the engine that reads either;
// everything else is handed a Clock and a Randomness.

import { randomBytes } from 'node:crypto';
import type { Clock, Randomness } from './ports.ts';

// setTimeout counts in a 32-bit integer: a longer delay would fire at once.
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The system's clock. Timers of any length; a delay that is not positive fires in the next turn. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    if (delayMs <= TIMER_MAX_MS) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    }
    let cancel = systemClock.after(TIMER_MAX_MS, () => {
      cancel = systemClock.after(delayMs - TIMER_MAX_MS, callback);
    });
    return () => cancel();
  },
};

/** Math.random for spreading load; node:crypto for bytes that must not be guessed. */
export const systemRandomness: Randomness = {
  unit: () => Math.random(),
  bytes: (size) => randomBytes(size),
};
