// History: attempts are numbered without a gap, and what is final stays as it is.

import type { Scene, Watcher } from '../scene.ts';

export function attemptsAreGapless(scene: Scene): Watcher {
  return {
    claim: 'attempts are gapless',
    row(before, after) {
      const kept = scene.disk.attempts.get(after.seq);
      const count = kept?.size ?? 0;
      for (let number = 1; number <= count; number++)
        if (kept?.has(number) !== true)
          scene.found(this.claim, `delivery ${after.seq} has ${count} attempts on record, and none is number ${number}`);
      if (after.attempts !== count)
        scene.found(this.claim, `delivery ${after.seq} says ${after.attempts} attempts, and ${count} are on record`);
      if (before !== undefined && after.attempts < before.attempts)
        scene.found(this.claim, `delivery ${after.seq} went from ${before.attempts} attempts to ${after.attempts}`);
    },
    attempt(row, attempt) {
      const flight = scene.flights.get(row.seq);
      if (flight === undefined || flight.startedMs !== attempt.startedMs)
        scene.found(this.claim, `attempt ${attempt.number} of delivery ${row.seq} is on record and was not made, or twice on record`);
    },
  };
}

export function finalStaysFinal(scene: Scene): Watcher {
  /** What the engine knows to be final, and since which step. */
  const known = new Map<number, number>();
  const news: number[] = [];
  return {
    claim: 'final stays final',
    row(before, after) {
      if (after.state !== 'pending' && !known.has(after.seq)) news.push(after.seq);
      if (before === undefined || before.state === 'pending') return;
      if (after.state !== before.state || after.stateReason !== before.stateReason || after.finishedMs !== before.finishedMs)
        scene.found(this.claim, `delivery ${after.seq} was ${before.state} and became ${after.state}`);
    },
    committed() {
      for (const seq of news.splice(0)) known.set(seq, scene.steps);
    },
    sent({ order }) {
      const row = scene.disk.deliveries.get(order.delivery);
      if ((known.get(order.delivery) ?? Infinity) < scene.steps || row === undefined)
        scene.found(this.claim, `delivery ${order.delivery} is ${row?.state ?? 'unknown'}, and is sent`);
    },
  };
}
