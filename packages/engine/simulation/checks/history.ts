// History: attempts are numbered without a gap, and what is final stays as it is.

import { PROCESS_STOPPED } from '../../src/flight/stopped-report.ts';
import type { Scene, Watcher } from '../scene.ts';

export function attemptsAreGapless(scene: Scene): Watcher {
  /** How often a delivery was under way when a process was killed, and how many attempts are on record that one did not outlive. */
  const stops = new Map<number, number>();
  const blamed = new Map<number, number>();
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
    stopped(end) {
      if (end !== 'stopped' && !scene.isShared) for (const seq of scene.flights.keys()) stops.set(seq, (stops.get(seq) ?? 0) + 1);
    },
    attempt(row, attempt) {
      if (attempt.record.includes(PROCESS_STOPPED)) {
        const count = (blamed.get(row.seq) ?? 0) + 1;
        blamed.set(row.seq, count);
        if (count >= (stops.get(row.seq) ?? 0))
          scene.found(
            this.claim,
            `${count} attempts of delivery ${row.seq} are called cut off, and it was under way at ${stops.get(row.seq) ?? 0} stops`,
          );
        return;
      }
      const flight = scene.flights.get(row.seq);
      if (flight === undefined || flight.startedMs !== attempt.startedMs)
        scene.found(this.claim, `attempt ${attempt.number} of delivery ${row.seq} is on record and was not made, or twice on record`);
    },
  };
}

export function finalStaysFinal(scene: Scene): Watcher {
  /** What the engine knows to be final, and since which step. */
  const known = new Map<number, { readonly step: number; readonly atMs: number }>();
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
      for (const seq of news.splice(0)) known.set(seq, { step: scene.steps, atMs: scene.time.nowMs });
    },
    sent({ order }) {
      const row = scene.disk.deliveries.get(order.delivery);
      const { step = Infinity, atMs = Infinity } = known.get(order.delivery) ?? {};
      if ((step < scene.steps && atMs <= scene.heardMs) || row === undefined)
        scene.found(this.claim, `delivery ${order.delivery} is ${row?.state ?? 'unknown'}, and is sent`);
    },
  };
}
