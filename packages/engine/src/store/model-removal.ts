// The model's removal: what retention takes out. What is pending stays, and so does an event that anything needs.

import type { ModelDisk } from './model-disk.ts';
import { mailWaits } from './model-notice-reader.ts';
import type { Change } from './store.ts';

export function removeDelivery(disk: ModelDisk, seq: number): boolean {
  const row = disk.deliveries.get(seq);
  if (row === undefined || row.state === 'pending') return false;
  disk.deliveries.delete(seq);
  disk.deliveryIds.delete(row.id);
  disk.attempts.delete(seq);
  noteRemoved(disk, 'delivery', seq);
  return true;
}

export function removeEvent(disk: ModelDisk, seq: number): boolean {
  const row = disk.events.get(seq);
  if (row === undefined || disk.expansions.has(seq) || disk.deliveries.values().some(({ eventSeq }) => eventSeq === seq)) return false;
  disk.events.delete(seq);
  disk.eventIds.delete(`${row.tenant} ${row.id}`);
  noteRemoved(disk, 'event', seq);
  return true;
}

/** Rows of endpoints that were deleted before a time and that nothing refers to. */
export function removeEndpoints(disk: ModelDisk, deletedBeforeMs: number, limit: number): number {
  if (disk.expansions.values().length > 0) return 0; // their matches may name it
  const used = new Set(disk.deliveries.values().map(({ endpointSeq }) => endpointSeq));
  const old = disk.endpoints
    .values()
    .filter(({ row, deletedMs }) => deletedMs !== null && deletedMs < deletedBeforeMs && !used.has(row.seq))
    .toSorted((a, b) => (a.deletedMs ?? 0) - (b.deletedMs ?? 0) || a.row.seq - b.row.seq)
    .slice(0, limit);
  for (const { row } of old) {
    disk.endpoints.delete(row.seq);
    noteRemoved(disk, 'endpoint', row.seq);
  }
  return old.length;
}

export function removeReplays(disk: ModelDisk, finishedBeforeMs: number, limit: number): number {
  const ended = disk.replays.values().filter(({ finishedMs }) => finishedMs !== null && finishedMs < finishedBeforeMs);
  const oldest = ended.toSorted((a, b) => a.seq - b.seq).slice(0, limit);
  for (const { seq } of oldest) {
    disk.replays.delete(seq);
    noteRemoved(disk, 'replay', seq);
  }
  return oldest.length;
}

export function removeNotices(disk: ModelDisk, change: Extract<Change, { kind: 'removeNotices' }>): number {
  const removable = disk.notices
    .values()
    .filter((row) => row.createdMs < change.createdBeforeMs && row.openUntilMs === null && (change.unsentToo || !mailWaits(row)));
  const oldest = removable.toSorted((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1)).slice(0, change.limit);
  for (const { id } of oldest) disk.notices.delete(id);
  return oldest.length;
}

/** No number is given out twice. */
function noteRemoved(disk: ModelDisk, what: 'event' | 'delivery' | 'replay' | 'endpoint', seq: number): void {
  disk.removed.put(what, Math.max(seq, disk.removed.get(what) ?? 0));
}
