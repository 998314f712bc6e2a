// The model's reader for replays and retention: everything at once, in no parts.

import type { DeliveryRow } from './rows.ts';
import type { SelectionQuery, StoreReader } from './store.ts';
import type { ModelDisk } from './model-disk.ts';
import { listRowOf, ofType } from './model-reader.ts';

export type RecoveryReader = Pick<
  StoreReader,
  'replay' | 'replays' | 'replayCounts' | 'replayPending' | 'selection' | 'selectionCounts' | 'oldDeliveries' | 'oldEvents'
>;

export function modelRecoveryReader(held: () => ModelDisk): RecoveryReader {
  return {
    async replay(id) {
      return (
        held()
          .replays.values()
          .find((row) => row.id === id) ?? null
      );
    },
    async replays({ tenant, limit, before }) {
      const all = held()
        .replays.values()
        .filter((row) => (tenant === null || row.tenant === tenant) && (before === null || row.seq < before))
        .toSorted((a, b) => b.seq - a.seq);
      const rows = all.slice(0, limit);
      return { rows, next: all.length > limit ? (rows.at(-1)?.seq ?? null) : null };
    },
    async replayCounts(replaySeq) {
      const counts = { pending: 0, delivered: 0, failed: 0, cancelled: 0, skipped: 0 };
      for (const row of held().deliveries.values()) if (row.replaySeq === replaySeq) counts[row.state] += 1;
      return counts;
    },
    async replayPending(replaySeq, limit) {
      const disk = held();
      return bySeq(disk)
        .filter((row) => row.replaySeq === replaySeq && row.state === 'pending')
        .slice(0, limit)
        .flatMap((row) => listRowOf(disk, row) ?? []);
    },
    async selection(query) {
      const all = selected(held(), query);
      const rows = all.slice(0, query.limit);
      return {
        rows: rows.map(({ seq, id, eventSeq, endpointSeq, facts }) => ({ seq, id, eventSeq, endpointSeq, facts })),
        next: all.length > rows.length ? (rows.at(-1)?.seq ?? null) : null,
      };
    },
    async selectionCounts(query) {
      const counts = new Map<number, number>();
      for (const { endpointSeq } of selected(held(), query)) counts.set(endpointSeq, (counts.get(endpointSeq) ?? 0) + 1);
      return {
        counts: [...counts]
          .map(([endpointSeq, deliveries]) => ({ endpointSeq, deliveries }))
          .toSorted((a, b) => a.endpointSeq - b.endpointSeq),
        next: null,
      };
    },
    async oldDeliveries({ madeBeforeMs, endedBeforeMs, after, rowsMax }) {
      const old = bySeq(held()).filter(
        (row) => row.seq > after && row.createdMs < madeBeforeMs && (row.finishedMs === null || row.finishedMs < endedBeforeMs),
      );
      let left = rowsMax;
      const rows = old.filter((row) => (left > 0 ? ((left -= 1 + row.attempts), true) : false));
      return {
        rows: rows.map(({ seq, endpointSeq, state, outcome, attempts, dueMs }) => ({ seq, endpointSeq, state, outcome, attempts, dueMs })),
        next: old.length > rows.length ? (rows.at(-1)?.seq ?? null) : null,
      };
    },
    async oldEvents({ receivedBeforeMs, after, rowsMax, bytesMax }) {
      const disk = held();
      const used = new Set(disk.deliveries.values().map(({ eventSeq }) => eventSeq));
      const old = disk.events
        .values()
        .filter((row) => row.seq > after && row.receivedMs < receivedBeforeMs && !used.has(row.seq) && !disk.expansions.has(row.seq))
        .toSorted((a, b) => a.seq - b.seq);
      let left = bytesMax;
      const rows = old.slice(0, rowsMax).filter((row) => (left > 0 ? ((left -= row.data.length), true) : false));
      return { rows: rows.map(({ seq }) => seq), next: old.length > rows.length ? (rows.at(-1)?.seq ?? null) : null };
    },
  };
}

function bySeq(disk: ModelDisk): readonly DeliveryRow[] {
  return disk.deliveries.values().toSorted((a, b) => a.seq - b.seq);
}

function selected(disk: ModelDisk, { tenant, filter, after, upToSeq }: SelectionQuery): readonly DeliveryRow[] {
  const all = bySeq(disk);
  const latest = new Map<string, number>();
  for (const row of all) latest.set(`${row.eventSeq} ${row.endpointSeq}`, row.seq);
  return all.filter((row) => {
    if (row.tenant !== tenant || row.seq <= after || row.seq > upToSeq || row.cause === 'test' || row.state === 'pending') return false;
    if (filter.endpointSeq !== null && row.endpointSeq !== filter.endpointSeq) return false;
    if (!filter.states.includes(row.state)) return false;
    if ((filter.fromMs !== null && row.createdMs < filter.fromMs) || (filter.toMs !== null && row.createdMs >= filter.toMs)) return false;
    if (latest.get(`${row.eventSeq} ${row.endpointSeq}`) !== row.seq) return false;
    const event = disk.events.get(row.eventSeq);
    if (event === undefined || disk.endpoints.get(row.endpointSeq)?.deletedMs !== null) return false;
    return filter.types === null || filter.types.some((type) => ofType(event.type, type));
  });
}
