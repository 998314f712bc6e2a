// The sending clock: the time that attempts and signatures carry. It is the engine's, also in the sending threads: nodes that
// share a store judge time by the store's clock, and a machine whose own is wrong must sign and record by theirs.
//
// What crosses to the threads are two numbers in shared memory: how far that time is ahead of the machine's monotonic clock,
// which all of a process's threads share; and until when they may start attempts. A process that was frozen finds the second
// one past when it goes on, and starts nothing before it is told anew.

import type { Clock } from '../ports.ts';
import { systemClock } from '../system-ports.ts';

const MS_PER_NS = 1e-6;
const [AHEAD, UNTIL] = [0, 1];

function sharedMonotonicMs(): number {
  return Number(process.hrtime.bigint()) * MS_PER_NS;
}

/** Where a process keeps the time that its threads share. */
export function newSharedTime(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT);
}

/** Says what time it is, and for how long attempts may be started. Call it often. */
export function keepTime(memory: SharedArrayBuffer, nowMs: number, mayStartForMs: number): void {
  const kept = new Float64Array(memory);
  const monotonicMs = sharedMonotonicMs();
  kept[AHEAD] = nowMs - monotonicMs;
  kept[UNTIL] = mayStartForMs <= 0 ? 0 : monotonicMs + mayStartForMs;
}

export interface SendingClock extends Clock {
  /** Whether attempts may be started. */
  mayStart(): boolean;
}

/** @param memory absent where the machine's own wall clock counts, and nobody else sends */
export function sendingClock(memory: SharedArrayBuffer | undefined): SendingClock {
  const clock: Clock = { ...systemClock };
  if (memory === undefined) return { ...clock, mayStart: () => true };
  const kept = new Float64Array(memory);
  return {
    ...clock,
    nowMs: () => Math.floor(sharedMonotonicMs() + (kept[AHEAD] ?? 0)),
    mayStart: () => sharedMonotonicMs() < (kept[UNTIL] ?? 0),
  };
}
