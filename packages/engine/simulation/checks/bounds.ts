// Bounds: what the engine says of itself is true, its memory has an end, and when there is nothing to do it does nothing.

import { shardOf } from '../../src/store/sharing.ts';
import type { Plan } from '../plan.ts';
import type { Host, Scene, Watcher } from '../scene.ts';

/** Whether nodes have had the time to tell each other everything. */
function isSettled(scene: Scene): boolean {
  const { disk, isShared, isCalm, heardMs } = scene;
  const sources = new Set([...scene.hosts].map(({ sharing }) => sharing?.source));
  if (!isShared) return true;
  return (
    isCalm &&
    !disk.cluster.isUnsettled &&
    scene.changedMs <= heardMs &&
    [...disk.cluster.nodes.keys()].every((source) => sources.has(source))
  );
}

/** At rest, what the engine counts as pending is what is pending on the disk; what it counts as in flight is in flight. */
export function pendingIsTrue(scene: Scene): Watcher {
  /** When it was last seen to be true. */
  let trueMs = -Infinity;
  return {
    claim: 'pending counts are true',
    step() {
      const said = new Map<Host, number>();
      for (const host of scene.hosts) {
        const status = host.status();
        if (status === null) continue;
        const flights = [...scene.flights.values(), ...scene.strays].filter((flight) => flight.host === host && !flight.reported).length;
        // Frozen, or closing with its sender closed already, it knows of no end.
        if (status.inFlight !== flights && (!scene.isShared || status.notReady === null))
          scene.found(this.claim, `${status.inFlight} attempts are said to be in flight, and ${flights} are`);
        if (!status.ready) return;
        said.set(host, status.pending);
      }
      if (said.size === 0 || scene.storeCalls > 0 || scene.waitingUsers > 0 || scene.flights.size > 0 || !isSettled(scene)) return;
      const { excusedMs, heardMs, countedAgainMs } = scene;
      const wrong = [...said].find(([host, pending]) => pending !== pendingOf(scene, host));
      // Not claimed: that a count is right at once after others' hands. They do not say how it was before; it is counted again.
      if (wrong === undefined) trueMs = heardMs;
      else if (!scene.isShared || excusedMs <= trueMs || excusedMs + countedAgainMs <= heardMs)
        scene.found(this.claim, `${wrong[1]} deliveries are said to be pending, and ${pendingOf(scene, wrong[0])} are`);
    },
  };
}

/** How many deliveries that a process works for are pending. Of an endpoint that is deleted, nothing counts: it is being cancelled. */
function pendingOf({ disk }: Scene, { sharing }: Host): number {
  const isOwn = (seq: number): boolean => sharing === null || disk.cluster.owners[shardOf(seq)] === sharing.source;
  const standing = [...disk.pending].filter(([seq]) => disk.endpoints.get(seq)?.deletedMs === null && isOwn(seq));
  return standing.reduce((sum, [, table]) => sum + table.values().length, 0);
}

export function memoryIsBounded(scene: Scene, { limits }: Plan): Watcher {
  const { deliveriesMax = 50_000, inFlightMax = 1_024, waitingItemsMax = 20_000 } = limits;
  // Beyond the bound: what is in flight.
  const most = deliveriesMax + inFlightMax;
  return {
    claim: 'memory is bounded',
    step() {
      const tests = [...scene.flights.values(), ...scene.strays].filter(({ test }) => test).length; // they pass every limit
      for (const host of scene.hosts) {
        const status = host.status();
        if (status === null) continue;
        const { inMemory, pending, commitQueue, ready } = status;
        if (inMemory > most + tests) scene.found(this.claim, `${inMemory} deliveries are in memory, where ${most + tests} are allowed`);
        if (inMemory < 0 || pending < 0) scene.found(this.claim, `${inMemory} deliveries are said to be in memory, ${pending} pending`);
        if (commitQueue > waitingItemsMax * 2 + 50)
          scene.found(this.claim, `${commitQueue} publishes wait, where ${waitingItemsMax} are allowed`);
        if (pending > inMemory) scene.tallies.count('engine: spill');
        if (!ready) scene.tallies.count('engine: hold');
      }
    },
  };
}
