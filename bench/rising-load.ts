// Rising load: an open loop whose rate goes up in steps until the backlog grows; the highest rate at which it does not.
//
// A step holds when the backlog of its last third is no larger than that of its first, but for a hundredth of what was
// delivered or what arrives in 50 ms, nothing was refused, and what was asked for was delivered. One that does not hold is
// tried once more: a pause of the machine is no backlog.

import type { Stage, Window } from './stage.ts';

/** What a step held: never more than was asked for, though a backlog from before went with it. */
export const heldBy = (step: Step | null): number => (step === null ? 0 : Math.min(step.asked, step.perSecond));

export interface Step extends Window {
  /** Events a second asked for, times what each leads to. */
  readonly asked: number;
  readonly holds: boolean;
}

export interface Rising {
  readonly steps: readonly Step[];
  /** The best step that held; null when none did. */
  readonly sustained: Step | null;
}

export interface RisingOptions {
  /** About the rate that is expected; the first step is somewhat below. */
  readonly expected: number;
  readonly batch: number;
  /** Of each step, after a second's warm-up (a quarter of it at least). */
  readonly seconds: number;
  readonly print: (line: string) => void;
}

const FIRST = 0.6;
const UP = 1.12;
const DOWN = 0.8;
const STEPS_MAX = 12;

export async function risingLoad(stage: Stage, { expected, batch, seconds, print }: RisingOptions): Promise<Rising> {
  const steps: Step[] = [];
  let rate = roundRate(expected * FIRST);
  let sustained: Step | null = null;
  let failed: number | null = null;
  print('    asked/s  delivered/s  backlog: first → last third   p50 ms   p99 ms  CPU µs');
  while (steps.length < STEPS_MAX) {
    let step = await runStep(stage, rate, batch, seconds);
    print(rowOf(step));
    if (!step.holds) {
      step = await runStep(stage, rate, batch, seconds);
      print(rowOf(step));
    }
    steps.push(step);
    if (step.holds) {
      if (sustained === null || step.asked > sustained.asked) sustained = step;
      if (failed !== null) break; // the one between the last that held and the first that failed
      rate = roundRate(rate * UP);
    } else {
      const between = failed === null && sustained !== null ? (sustained.asked + rate) / 2 : null;
      if (sustained !== null && between === null) break;
      failed = rate;
      rate = roundRate(between ?? rate * DOWN);
      if (rate < 10) break;
    }
  }
  return { steps, sustained };
}

/** One rate for some seconds, after a warm-up; leaves no backlog behind. */
export async function runStep(stage: Stage, rate: number, batch: number, seconds: number): Promise<Step> {
  await stage.begin();
  await stage.start({ rate: rate / stage.arrivalsEach, batch });
  await stage.watch(Math.min(1, seconds / 4));
  const window = await stage.watch(seconds);
  await stage.drained();
  const grown = window.backlogAfter - window.backlogBefore;
  const holds =
    grown <= Math.max(window.received / 100, rate / 20) && window.perSecond >= rate * 0.97 && Object.keys(window.refused).length === 0;
  return { ...window, asked: rate, holds };
}

function roundRate(rate: number): number {
  return Math.max(10, Math.round(rate / 10) * 10);
}

function rowOf({ asked, perSecond, backlogBefore, backlogAfter, latency, cpuUsEach, holds }: Step): string {
  const cells: [number, number][] = [
    [asked, 11],
    [perSecond, 12],
    [backlogBefore, 12],
    [backlogAfter, 14],
    [latency.p50Us / 1000, 12],
    [latency.p99Us / 1000, 8],
    [cpuUsEach.server, 7],
  ];
  const text = cells.map(([value, width]) => value.toLocaleString('en', { maximumFractionDigits: 1 }).padStart(width)).join(' ');
  return `${text}${holds ? '' : '  GROWS'}`;
}
