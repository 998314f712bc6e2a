// Durability: what was answered is on the disk at that moment, and what was acknowledged is carried to its end.

import type { Publication, Scene, Watcher } from '../scene.ts';

/** A publisher or an administrator who is answered finds the thing done on the disk. */
export function answersAreDurable(scene: Scene): Watcher {
  const { disk } = scene;
  return {
    claim: 'an answer means durable',
    published({ tenant, results }) {
      for (const result of results)
        if (!result.duplicate && !disk.eventIds.has(`${tenant} ${result.id}`))
          scene.found(this.claim, `event ${result.id} was acknowledged and is not on the disk`);
    },
    configured(id, endpoint) {
      const kept = disk.endpoints.values().find(({ row }) => row.id === id);
      if (endpoint === null) {
        if (kept?.deletedMs === null) scene.found(this.claim, `${id} was deleted, and stands on the disk`);
      } else if (kept === undefined) scene.found(this.claim, `${id} was answered and is not on the disk`);
      else if (kept.row.updatedMs < Date.parse(endpoint.updatedAt))
        scene.found(this.claim, `an edit of ${id} was answered and is not on the disk`);
    },
  };
}

/** Every delivery of every acknowledged event reaches a final state, and every attempt's end is on record. */
export function nothingIsLost(scene: Scene): Watcher {
  const { disk, flights } = scene;
  const removed = new Set<number>();
  const acknowledged: { readonly eventSeq: number; readonly id: string; readonly deliveries: number }[] = [];
  return {
    claim: 'nothing acknowledged is lost',
    published({ tenant, results }: Publication) {
      for (const { id, deliveries, duplicate } of results)
        if (!duplicate) acknowledged.push({ eventSeq: disk.eventIds.get(`${tenant} ${id}`) ?? -1, id, deliveries });
    },
    removed(before) {
      removed.add(before.eventSeq);
      if (before.state === 'pending') scene.found(this.claim, `delivery ${before.seq} was pending, and was removed`);
    },
    end() {
      const byEvent = new Map<number, number[]>();
      for (const row of disk.deliveries.values()) {
        if (row.state === 'pending')
          scene.found(
            this.claim,
            `delivery ${row.seq} of endpoint ${row.endpointSeq} is still pending, due ${new Date(row.dueMs).toISOString()}`,
          );
        if (row.cause === 'publish') byEvent.set(row.eventSeq, [...(byEvent.get(row.eventSeq) ?? []), row.endpointSeq]);
      }
      for (const { eventSeq } of disk.expansions.values()) scene.found(this.claim, `the fan-out of event ${eventSeq} was never finished`);
      for (const { id, finishedMs } of disk.replays.values())
        if (finishedMs === null) scene.found(this.claim, `replay ${id} was never finished`);
      for (const { eventSeq, id, deliveries } of acknowledged) {
        if (removed.has(eventSeq)) continue; // what is old goes, once it has ended
        const endpoints = byEvent.get(eventSeq) ?? [];
        if (endpoints.length !== deliveries || new Set(endpoints).size !== deliveries)
          scene.found(
            this.claim,
            `event ${id} was answered with ${deliveries} deliveries and has ${endpoints.length}, to ${endpoints.join()}`,
          );
      }
      for (const { order } of flights.values()) scene.found(this.claim, `the last attempt of delivery ${order.delivery} is not on record`);
    },
  };
}
