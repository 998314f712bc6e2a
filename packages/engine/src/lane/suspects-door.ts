// Suspects' door: how the quarantine gets at deliveries, their lanes and the sender. Whom it lets go when is flight/quarantine.ts's.

import type { Leave, QuarantineOptions } from '../flight/quarantine.ts';
import { stoppedReport } from '../flight/stopped-report.ts';
import type { SendOrder } from '../send/order.ts';
import type { PendingDelivery } from '../store/rows.ts';
import type { DispatcherOptions, LaneParts } from './dispatcher.ts';
import type { LaneBoard } from './lane-board.ts';
import { laneSettings } from './lane-settings.ts';
import type { Lane } from './lane.ts';

export interface SuspectsWays {
  readonly leave: (endpointSeq: number, seq: number, dueMs: number) => void;
  readonly order: (delivery: PendingDelivery, lane: Lane) => SendOrder | undefined;
  readonly hand: (order: SendOrder) => void;
}

type Door = Pick<QuarantineOptions, 'load' | 'place' | 'giveBack' | 'leave' | 'send' | 'blame'>;

export function suspectsDoor(parts: LaneParts, options: DispatcherOptions, ways: SuspectsWays): Door {
  const { board, inFlight, memory, settling, ending } = parts;
  const { store, registry, clock, settle } = options;

  /** Whether a suspect's lane, and the caps, would let it go. */
  const leave = (endpointSeq: number, seq: number): Leave => {
    const entry = registry.endpoint(endpointSeq);
    const lane = board.open(endpointSeq);
    if (entry === undefined || lane === undefined) return { kind: 'gone' };
    const { held, fifo } = laneSettings(entry.row, registry.isAway(entry.row));
    if (held) return { kind: 'held' };
    if (lane.nextStartMs > clock.nowMs()) return { kind: 'at', ms: Math.ceil(lane.nextStartMs) };
    // Suspects that wait keep places in their lane: only what is really under way counts.
    let mine = inFlight.countOf(endpointSeq);
    if (fifo) for (const row of settling.values()) if (row.endpointSeq === endpointSeq) mine += 1;
    const room = mine < lane.slots && inFlight.hasRoom && inFlight.hasRoomFor(entry.row.tenant);
    return { kind: room && !ending.has(seq) ? 'now' : 'busy' };
  };

  return {
    leave,

    async load(seq, endpointSeq) {
      const [[delivery = null], [first]] = await Promise.all([
        store.load([seq]),
        store.refill({ endpointSeq, order: 'seq', after: null, rowsMax: 1, bytesMax: 1 }),
      ]);
      return { delivery, isFirst: registry.endpoint(endpointSeq)?.row.ordering !== 'fifo' || first?.seq === seq };
    },

    place: (endpointSeq, seq) => keepPlace(board, endpointSeq, seq),

    giveBack(endpointSeq, seq, dueMs) {
      board.find(endpointSeq)?.settled(seq);
      ways.leave(endpointSeq, seq, dueMs);
    },

    send(delivery) {
      const lane = board.open(delivery.endpointSeq);
      const order = lane === undefined ? undefined : ways.order(delivery, lane);
      if (lane === undefined || order === undefined) return false;
      memory.take(delivery);
      lane.admit(delivery.seq, clock.nowMs());
      ways.hand(order);
      return true;
    },

    blame(delivery) {
      settling.set(delivery.seq, delivery);
      memory.take(delivery);
      const url = registry.endpoint(delivery.endpointSeq)?.row.url ?? '';
      settle(delivery, stoppedReport(delivery, url, clock.nowMs()));
    },
  };
}

/** Has its lane leave a delivery of the store alone; false where its endpoint is gone. */
export function keepPlace(board: LaneBoard, endpointSeq: number, seq: number): boolean {
  const lane = board.open(endpointSeq);
  if (lane?.has(seq) === false) lane.bypassSettling(seq);
  return lane !== undefined;
}
