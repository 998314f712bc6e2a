// The model's snapshot: all that the engine is given when it opens the store, and the parts of it that nodes are given with a shard.

import type { NoticeRow, ReplayRow } from './rows.ts';
import type { Expansion, StoreSnapshot } from './store.ts';
import type { ModelDisk } from './model-disk.ts';
import { mailWaits } from './model-notice-reader.ts';

export function snapshotOf(disk: ModelDisk, cleanStop: boolean): StoreSnapshot {
  const endpoints = disk.endpoints.values().toSorted((a, b) => a.row.seq - b.row.seq);
  return {
    tenants: disk.tenants.values().toSorted((a, b) => order(a.id, b.id)),
    endpoints: endpoints.filter(({ deletedMs }) => deletedMs === null).map(({ row }) => row),
    profiles: disk.profiles.values().toSorted((a, b) => order(a.name, b.name) || a.version - b.version),
    eventTypes: disk.eventTypes.values().toSorted((a, b) => order(a.name, b.name)),
    keys: disk.keys.values().toSorted((a, b) => order(a.id, b.id)),
    backlog: backlogOf(disk),
    expansions: expansionsOf(disk),
    replays: runningReplaysOf(disk),
    notices: {
      open: openNoticesOf(disk),
      mailsWaiting: disk.notices.values().filter(mailWaits).length,
    },
    meta: Object.fromEntries(disk.meta.entries()),
    nextSeq: {
      event: firstUnused([disk.removed.get('event') ?? 0, ...disk.events.values().map((row) => row.seq)]),
      delivery: firstUnused([disk.removed.get('delivery') ?? 0, ...disk.deliveries.values().map((row) => row.seq)]),
      replay: firstUnused([disk.removed.get('replay') ?? 0, ...disk.replays.values().map((row) => row.seq)]),
      endpoint: firstUnused([disk.removed.get('endpoint') ?? 0, ...endpoints.map(({ row }) => row.seq)]),
    },
    cleanStop,
  };
}

/** What is pending, by endpoint. */
export function backlogOf(disk: ModelDisk): StoreSnapshot['backlog'] {
  const backlog: { endpointSeq: number; pending: number; nextDueMs: number }[] = [];
  for (const [endpointSeq, table] of disk.pending) {
    const dues = table.values().map((row) => row.dueMs);
    if (dues.length > 0) backlog.push({ endpointSeq, pending: dues.length, nextDueMs: dues.reduce((a, b) => Math.min(a, b)) });
  }
  return backlog.toSorted((a, b) => a.endpointSeq - b.endpointSeq);
}

export function expansionsOf(disk: ModelDisk): readonly Expansion[] {
  return disk.expansions
    .values()
    .toSorted((a, b) => a.eventSeq - b.eventSeq)
    .flatMap(({ eventSeq, matches, done }) => {
      const event = disk.events.get(eventSeq);
      return event === undefined ? [] : [{ event, matches, done }];
    });
}

export function runningReplaysOf(disk: ModelDisk): readonly ReplayRow[] {
  return disk.replays
    .values()
    .filter(({ finishedMs }) => finishedMs === null)
    .toSorted((a, b) => a.seq - b.seq);
}

export function openNoticesOf(disk: ModelDisk): readonly NoticeRow[] {
  return disk.notices
    .values()
    .filter(({ openUntilMs }) => openUntilMs !== null)
    .toSorted((a, b) => order(a.id, b.id));
}

function firstUnused(seqs: readonly number[]): number {
  return seqs.reduce((a, b) => Math.max(a, b), 0) + 1;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
