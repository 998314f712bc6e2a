// Plan: what kind of run a seed stands for. Most runs have limits so small that every bound is met; some have the usual
// ones. Rates of faults differ from run to run, so that some runs go deep without any and others hardly get a step done.

import type { EngineOptions } from '../src/engine-options.ts';
import type { Dice } from './dice.ts';

export interface Plan {
  readonly limits: NonNullable<EngineOptions['limits']>;
  readonly tenants: number;
  readonly endpoints: number;
  /** How long users do things. */
  readonly activeMs: number;
  readonly userSteps: number;
  /** How many times the process dies or is stopped. */
  readonly stops: number;
  /** How many spells of store faults. */
  readonly faultSpells: number;
  /** Chance that one call of a spell meets a fault. */
  readonly faultRate: number;
  /** Longest time a call of the store takes; 0: every call is done in the turn it was made. */
  readonly storeDelayMs: number;
  /** How many times a receiver changes its manners. */
  readonly turnsOfMood: number;
  readonly poison: boolean;
  /** Events whose delivery kills the process. */
  readonly killers: number;
  /** Whether somebody listens to operational events. */
  readonly notices: boolean;
  /** Whether people replay; not in runs of many idle days, which a replay that waits would walk through in seconds. */
  readonly replays: boolean;
  /** Infinity: nothing is ever removed. */
  readonly retentionDays: number;
  /** How many processes share the store; 1: it is one's alone. */
  readonly nodes: number;
  /** How often a node asks what others did. */
  readonly pollMs: number;
  /** How many times a process stands still for a while, and how many times one does not reach the store. */
  readonly freezes: number;
  readonly cuts: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Idle weeks are walked through in larger steps than a real process takes. */
const UPKEEP_MS = 12 * 60 * MINUTE_MS;

/** @param given what is not left to the dice */
export function drawPlan(dice: Dice, given: Partial<Plan> = {}): Plan {
  const alone = drawLife(dice);
  const drawn = dice.chance(1 / 3) ? dice.whole(2, 4) : 1;
  const nodes = given.nodes ?? drawn;
  return { ...(nodes === 1 ? alone : drawCluster(dice, alone, nodes)), ...given };
}

/** Lives of several at a time are shorter: they ask each other for news all the time. What kills processes for ever is one's alone. */
function drawCluster(dice: Dice, alone: Plan, nodes: number): Plan {
  const calm = dice.chance(0.25);
  return {
    ...alone,
    nodes,
    activeMs: dice.pick([30_000, 2 * MINUTE_MS, 20 * MINUTE_MS]),
    storeDelayMs: dice.pick([0, 0, 5, 50, 300]),
    faultSpells: calm ? 0 : Math.min(alone.faultSpells, 2),
    stops: calm ? 0 : alone.stops,
    killers: 0,
    retentionDays: Infinity,
    pollMs: dice.pick([23, 211]),
    freezes: calm ? 0 : dice.whole(0, 3),
    cuts: calm ? 0 : dice.whole(0, 3),
  };
}

function drawLife(dice: Dice): Plan {
  const calm = dice.chance(0.2);
  const activeMs = dice.pick([2 * MINUTE_MS, 20 * MINUTE_MS, 6 * 60 * MINUTE_MS, 4 * DAY_MS, 16 * DAY_MS]);
  return {
    limits: { upkeepMs: UPKEEP_MS, ...(dice.chance(0.85) ? smallLimits(dice) : {}) },
    tenants: dice.whole(1, 3),
    endpoints: dice.whole(1, dice.chance(0.3) ? 9 : 5),
    activeMs,
    userSteps: dice.whole(10, 45),
    stops: calm ? 0 : dice.whole(0, 4),
    faultSpells: calm ? 0 : dice.whole(0, 4),
    faultRate: dice.pick([0.05, 0.3, 0.8]),
    storeDelayMs: dice.pick([0, 0, 5, 50, 2_000]),
    turnsOfMood: dice.whole(0, 12),
    poison: dice.chance(0.3),
    killers: dice.chance(0.15) ? dice.whole(1, 2) : 0,
    notices: dice.chance(0.4),
    replays: activeMs <= 6 * 60 * MINUTE_MS && dice.chance(0.5),
    retentionDays: activeMs >= 4 * DAY_MS && dice.chance(0.15) ? dice.pick([1, 3]) : Infinity,
    nodes: 1,
    pollMs: 23,
    freezes: 0,
    cuts: 0,
  };
}

function smallLimits(dice: Dice): Plan['limits'] {
  return {
    inFlightMax: dice.pick([2, 4, 8]),
    deliveriesMax: dice.pick([4, 8, 20]),
    bytesMax: dice.pick([4_000, 20_000, 64 * 1024 * 1024]),
    refillsMax: dice.pick([1, 2]),
    refillBytesMax: dice.pick([8_000, 4 * 1024 * 1024]),
    fanOutAtOnceMax: dice.pick([2, 3, 1_000]),
    batchRowsMax: dice.pick([2, 5, 20]),
    waitingItemsMax: dice.pick([4, 20, 200]),
  };
}
