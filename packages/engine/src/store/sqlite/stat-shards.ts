// Stat shards: scopes are rolled up in turns, a few shards at a time, and each shard knows up to which row of the fact journal.
//
// So a step of rolling up is small however many endpoints there are, and an endpoint that is called often is written once a
// turn rather than once a call. A scope's key is its column in stat_steps: an endpoint's number, a tenant's id, or '' for all.

import type { DatabaseSync } from 'node:sqlite';
import type { StatScope } from '../../stats/step-counts.ts';
import { StoreError } from '../store.ts';

export type ScopeKey = number | string;

export const SHARDS = 256;
export const ALL: ScopeKey = '';

export function scopeKey(scope: StatScope): ScopeKey {
  switch (scope.kind) {
    case 'all':
      return ALL;
    case 'tenant':
      return scope.tenant;
    case 'endpoint':
      return scope.endpointSeq;
    default:
      return scope satisfies never;
  }
}

/** Part of the schema: where a store's cursors stand depends on it. */
export function shardOf(key: ScopeKey): number {
  if (typeof key === 'number') return key % SHARDS;
  let hash = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
  return hash % SHARDS;
}

/** The last journal row that each shard's steps hold. */
export type Cursors = Float64Array;

export function readCursors(db: DatabaseSync): Cursors {
  const bytes = db.prepare('SELECT cursors FROM rollup_cursors').get()?.['cursors'];
  if (!(bytes instanceof Uint8Array) || bytes.length !== SHARDS * 8)
    throw new StoreError('unavailable', 'the store is damaged: the cursors of the statistics cannot be read');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: SHARDS }, (_, shard) => view.getFloat64(shard * 8));
}

export function writeCursors(cursors: Cursors): Uint8Array {
  const bytes = new Uint8Array(SHARDS * 8);
  const view = new DataView(bytes.buffer);
  for (const [shard, seq] of cursors.entries()) view.setFloat64(shard * 8, seq);
  return bytes;
}
