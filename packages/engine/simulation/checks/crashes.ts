// Crashes: what was in flight when a process was killed goes alone afterwards, and a delivery that kills the process does
// so no more often than its schedule has attempts.

import type { Scene, Watcher } from '../scene.ts';

/** Kills without an attempt on record in between: two before it is known which one it is, and some whose blame was lost to another stop. */
const KILLS_MAX = 6;

export function nothingKillsForEver(scene: Scene): Watcher {
  const kills = new Map<number, number>();
  return {
    claim: 'no delivery kills for ever',
    attempt(row) {
      kills.delete(row.seq);
    },
    stopped() {
      const { killer } = scene;
      if (killer === null) return kills.clear(); // what was noted of them may be lost
      const count = (kills.get(killer) ?? 0) + 1;
      kills.set(killer, count);
      if (count > KILLS_MAX) scene.found(this.claim, `delivery ${killer} has killed ${count} times, and no attempt of it is on record`);
    },
  };
}

/** What others may have been under way for, when a suspect is sent; and a suspect, when others are. */
const PATIENCE_MS = 1_000;

export function suspectsGoAlone(scene: Scene): Watcher {
  const suspects = new Set<number>();
  const company = new Set<number>();
  const isFifo = (endpointSeq: number): boolean => scene.disk.endpoints.get(endpointSeq)?.row.ordering === 'fifo';
  return {
    claim: 'suspects go alone',
    sent({ order, test, endpointSeq }) {
      const { delivery } = order;
      company.delete(delivery);
      if (test) return;
      const { nowMs } = scene.time;
      const others = scene.inFlight().filter((flight) => flight.order.delivery !== delivery && !flight.test);
      if (suspects.has(delivery)) {
        scene.tallies.count('engine: suspect sent');
        if (others.length > 0) company.add(delivery);
        if (isFifo(endpointSeq)) {
          suspects.delete(delivery); // its order goes first: it may be given back to its lane
          return;
        }
        const late = others.find(({ startedMs }) => nowMs - startedMs < PATIENCE_MS);
        if (late !== undefined)
          scene.found(
            this.claim,
            `delivery ${delivery}, under way at a stop, is sent ${nowMs - late.startedMs} ms after ${late.order.delivery}`,
          );
        return;
      }
      const alone = others.find(
        (flight) => suspects.has(flight.order.delivery) && !company.has(flight.order.delivery) && nowMs - flight.startedMs < PATIENCE_MS,
      );
      if (alone !== undefined)
        scene.found(this.claim, `delivery ${delivery} is sent beside ${alone.order.delivery}, which was under way at a stop`);
    },
    attempt(row, attempt) {
      const flight = scene.flights.get(row.seq);
      if (flight?.startedMs === attempt.startedMs) suspects.delete(row.seq);
    },
    stopped(end) {
      if (end === 'killed') for (const seq of scene.flights.keys()) suspects.add(seq);
    },
  };
}
