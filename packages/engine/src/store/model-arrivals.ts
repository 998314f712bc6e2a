// The model's arrivals: what others committed, as far as it concerns some shards; and what lies in shards.

import type { Change } from './batch.ts';
import type { ClusterNews, ConfigKey } from './model-cluster.ts';
import type { ModelDisk } from './model-disk.ts';
import { mailWaits } from './model-notice-reader.ts';
import { pendingDeliveryOf } from './model-reader.ts';
import { backlogOf, expansionsOf, openNoticesOf, runningReplaysOf } from './model-snapshot.ts';
import type { DeliveryRow, ReplayRow } from './rows.ts';
import { shardOf, UPKEEP_SHARD, type Arrivals, type ShardContents } from './sharing.ts';

/** The deliveries, fan-outs and replays that news are about, as they are now. */
export function arrivalsOf(
  disk: ModelDisk,
  news: readonly ClusterNews[],
  shards: readonly number[],
): Pick<Arrivals, 'pending' | 'ended' | 'expansions' | 'replays'> {
  const isMine = ({ endpointSeq }: DeliveryRow): boolean => shards.includes(shardOf(endpointSeq));
  const events = new Set(news.flatMap((one) => (one.kind === 'event' ? [one.seq] : [])));
  const named = new Set(news.flatMap((one) => (one.kind === 'delivery' ? [one.deliverySeq] : [])));
  const ofEvents = [...disk.pending.values()].flatMap((table) => table.values().filter(({ eventSeq }) => events.has(eventSeq)));
  for (const { seq } of ofEvents) named.add(seq);
  const rows = [...named].flatMap((seq) => disk.deliveries.get(seq) ?? []).filter(isMine);
  const doesUpkeep = shards.includes(UPKEEP_SHARD);
  const expansions = new Set(news.flatMap((one) => (one.kind === 'expansion' ? [one.eventSeq] : [])));
  const replays = new Set(news.flatMap((one) => (one.kind === 'replay' ? [one.seq] : [])));
  return {
    pending: rows
      .filter(({ state }) => state === 'pending')
      .toSorted((a, b) => a.seq - b.seq)
      .map((row) => pendingDeliveryOf(disk, row)),
    ended: rows.filter(({ state }) => state !== 'pending').map(({ seq, endpointSeq }) => ({ seq, endpointSeq })),
    expansions: doesUpkeep ? expansionsOf(disk).filter(({ event }) => expansions.has(event.seq)) : [],
    replays: doesUpkeep ? replayRows(disk, replays) : [],
  };
}

export function contentsOf(disk: ModelDisk, shards: readonly number[]): ShardContents {
  const doesUpkeep = shards.includes(UPKEEP_SHARD);
  return {
    backlog: backlogOf(disk).filter(({ endpointSeq }) => shards.includes(shardOf(endpointSeq))),
    notices: openNoticesOf(disk).filter(({ endpointSeq }) => endpointSeq !== null && shards.includes(shardOf(endpointSeq))),
    expansions: doesUpkeep ? expansionsOf(disk) : [],
    replays: doesUpkeep ? runningReplaysOf(disk) : [],
    mailsWaiting: doesUpkeep ? disk.notices.values().filter(mailWaits).length : 0,
  };
}

/** A row of the configuration as it is now, as the change that makes it so. */
export function changeOf(disk: ModelDisk, key: ConfigKey): readonly Change[] {
  switch (key.kind) {
    case 'tenant': {
      const tenant = disk.tenants.get(key.key);
      return [tenant === undefined ? { kind: 'deleteTenant', id: key.key } : { kind: 'putTenant', tenant }];
    }
    case 'endpoint': {
      const kept = disk.endpoints.get(key.seq);
      if (kept?.deletedMs === null) return [{ kind: 'putEndpoint', endpoint: kept.row }];
      return [{ kind: 'deleteEndpoint', seq: key.seq, deletedMs: kept?.deletedMs ?? 0 }];
    }
    case 'profile': {
      const profile = disk.profiles.get(key.key);
      return profile === undefined ? [] : [{ kind: 'putProfile', profile }];
    }
    case 'eventType': {
      const eventType = disk.eventTypes.get(key.key);
      return [eventType === undefined ? { kind: 'deleteEventType', name: key.key } : { kind: 'putEventType', eventType }];
    }
    case 'key': {
      const row = disk.keys.get(key.key);
      return [row === undefined ? { kind: 'deleteKey', id: key.key } : { kind: 'putKey', key: row }];
    }
    case 'meta': {
      const value = disk.meta.get(key.key);
      return value === undefined ? [] : [{ kind: 'putMeta', name: key.key, value }];
    }
    case 'replay': {
      const replay = disk.replays.get(key.seq);
      return replay === undefined ? [] : [{ kind: 'putReplay', replay }];
    }
    default:
      return key satisfies never;
  }
}

function replayRows(disk: ModelDisk, seqs: ReadonlySet<number>): readonly ReplayRow[] {
  return disk.replays.values().filter(({ seq }) => seqs.has(seq));
}
