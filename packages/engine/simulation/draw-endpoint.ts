// Draw endpoint: the settings that people give endpoints, at first and later.

import type { EndpointInput, EndpointPatch } from '@waxwing/protocol';
import type { Dice } from './dice.ts';

const SUBSCRIPTIONS: readonly [readonly string[], ...(readonly string[])[]] = [
  ['*'],
  ['*'],
  ['task.*'],
  ['task.created'],
  ['task.started', 'task.completed'],
];

export function drawEndpoint(dice: Dice, number: number): EndpointInput {
  return {
    url: `https://r${number}.example/`,
    profile: dice.pick(['standard', 'standard', 'meetloyd']), // jitter and reactions, or an exact schedule
    eventTypes: dice.pick(SUBSCRIPTIONS),
    timeoutSeconds: dice.pick([5, 15, 30]),
    concurrency: dice.pick([1, 2, 4, 16]),
    ordering: dice.chance(0.3) ? 'fifo' : 'none',
    ...(dice.chance(0.2) ? { rateLimitPerSecond: dice.pick([0.05, 1, 10]) } : {}),
    ...(dice.chance(0.4) ? { retryScheduleSeconds: dice.pick([[1], [2, 20], [30, 30, 600], [3_600, 7_200], [10, 86_400, 86_400]]) } : {}),
    ...(dice.chance(0.3)
      ? {
          reactions: {
            goneDisables: dice.chance(0.5),
            retryAfterHonoured: dice.chance(0.5),
            disableAfterSeconds: dice.pick([null, 600, 86_400]),
          },
        }
      : {}),
  };
}

export function drawPatch(dice: Dice): EndpointPatch {
  return dice.pick<EndpointPatch>([
    { eventTypes: dice.pick(SUBSCRIPTIONS) },
    { concurrency: dice.pick([1, 2, 16]) },
    { maxRetries: dice.pick([0, 1, 3]) },
    { retryScheduleSeconds: dice.pick([[1], [5, 50], [600, 600]]) },
    { rateLimitPerSecond: dice.pick([null, 0.1, 5]) },
    { timeoutSeconds: dice.pick([2, 20]) },
  ]);
}
