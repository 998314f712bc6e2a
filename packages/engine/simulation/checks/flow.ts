// Flow: how many at once, in which order, and to whom nothing goes. What the engine must keep to is what the store had
// answered before the step in which it sends.

import type { EndpointRow } from '../../src/store/rows.ts';
import type { Directory } from '../directory.ts';
import type { Scene, Watcher } from '../scene.ts';
import type { Users } from '../users.ts';

/** The endpoints as the engine must know them. */
interface Settled {
  readonly row: EndpointRow;
  readonly deleted: boolean;
  readonly step: number;
  readonly atMs: number;
}

/** Follows what each answered commit made of the endpoints: the form that stands, and those that nodes may not have heard is none any more. */
function follow(scene: Scene): { readonly note: () => void; readonly of: (seq: number) => readonly Settled[] } {
  const forms = new Map<number, readonly Settled[]>();
  return {
    note() {
      for (const [seq, kept] of scene.disk.endpoints.entries()) {
        const known = forms.get(seq) ?? [];
        const deleted = kept.deletedMs !== null;
        const last = known.at(-1);
        if (last?.row === kept.row && last.deleted === deleted) continue;
        const heard = known.findLastIndex(({ step, atMs }) => step < scene.steps && atMs <= scene.heardMs);
        forms.set(seq, [...known.slice(Math.max(0, heard)), { row: kept.row, deleted, step: scene.steps, atMs: scene.time.nowMs }]);
      }
    },
    /** The forms that may be in force in this step. */
    of(seq) {
      const known = forms.get(seq) ?? [];
      return known.slice(
        Math.max(
          0,
          known.findLastIndex(({ step, atMs }) => step < scene.steps && atMs <= scene.heardMs),
        ),
      );
    },
  };
}

export function oneAttemptAtATime(scene: Scene): Watcher {
  return {
    claim: 'one attempt at a time',
    sent({ order }) {
      if (scene.flights.has(order.delivery))
        scene.found(this.claim, `delivery ${order.delivery} is sent while its last attempt is under way or not on record`);
    },
    ended(flight) {
      if (scene.flights.get(flight.order.delivery) !== flight)
        scene.found(this.claim, `an attempt of delivery ${flight.order.delivery} ended that was overtaken by another`);
    },
  };
}

export function concurrencyIsBounded(scene: Scene, inFlightMax: number): Watcher {
  const { note, of } = follow(scene);
  return {
    claim: 'concurrency is bounded',
    committed: note,
    sent({ endpointSeq, test, host }) {
      if (test) return;
      const others = scene.inFlight().filter((flight) => !flight.test);
      const sameHost = [...others, ...scene.strays].filter((flight) => flight.host === host && !flight.test).length;
      if (sameHost >= inFlightMax) scene.found(this.claim, `${sameHost + 1} attempts at once, where ${inFlightMax} are allowed`);
      const mine = others.filter((flight) => flight.endpointSeq === endpointSeq).length + 1;
      const allowed = Math.max(...of(endpointSeq).map(({ row }) => row.concurrency));
      if (mine > allowed) scene.found(this.claim, `${mine} attempts at once to endpoint ${endpointSeq}, where ${allowed} are allowed`);
    },
  };
}

export function fifoIsKept(scene: Scene, { publishers }: Users): Watcher {
  const { note, of } = follow(scene);
  /** In which step a delivery came to be on the disk. */
  const made = new Map<number, number>();
  /** Whether others publishing on other nodes may not have been there before a delivery was asked for. */
  const mayOverlap = (earlier: number, data: string): boolean =>
    scene.isShared && (made.get(earlier) ?? Infinity) >= (publishers.submitted.get(data)?.calledStep ?? -Infinity);
  return {
    claim: 'fifo is kept',
    committed: note,
    row(before, { seq }) {
      if (before === undefined) made.set(seq, scene.steps);
    },
    sent({ order, endpointSeq, test }) {
      if (test || !of(endpointSeq).every(({ row }) => row.ordering === 'fifo')) return;
      scene.tallies.count('engine: fifo attempt');
      if (scene.inFlight(endpointSeq).some((flight) => !flight.test))
        scene.found(this.claim, `two attempts at once to endpoint ${endpointSeq}`);
      const isPublished = scene.disk.deliveries.get(order.delivery)?.cause === 'publish';
      const earlier = scene.disk
        .pendingOf(endpointSeq)
        .values()
        .filter(({ seq, cause }) => seq !== order.delivery && cause !== 'test' && !mayOverlap(seq, order.event.data))
        .find(({ seq, cause }) => seq < order.delivery || (scene.isShared && isPublished && cause === 'publish'));
      if (earlier !== undefined) scene.found(this.claim, `delivery ${order.delivery} overtakes ${earlier.seq} at endpoint ${endpointSeq}`);
    },
  };
}

export function heldAreLeftAlone(scene: Scene, directory: Directory): Watcher {
  const { note, of } = follow(scene);
  return {
    claim: 'held and deleted endpoints are left alone',
    committed: note,
    sent({ order, endpointSeq, test }) {
      const forms = of(endpointSeq);
      if (forms.length > 0 && forms.every(({ deleted }) => deleted))
        scene.found(this.claim, `delivery ${order.delivery} goes to endpoint ${endpointSeq}, which is deleted`);
      if (test) return;
      if (forms.length > 0 && forms.every(({ row }) => row.status === 'paused' || row.status === 'disabled'))
        scene.found(this.claim, `delivery ${order.delivery} goes to endpoint ${endpointSeq}, which is ${forms.at(-1)?.row.status}`);
      const known = directory.get(order.target.endpointId);
      if (known?.held === true && known.heldMs <= scene.heardMs)
        scene.found(this.claim, `delivery ${order.delivery} goes to ${known.id}, which a person has paused or disabled`);
      if (known !== undefined && known.deletedStep !== null && known.deletedMs <= scene.heardMs)
        scene.found(this.claim, `delivery ${order.delivery} goes to ${known.id}, which a person has deleted`);
    },
  };
}
