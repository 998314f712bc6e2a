// Removal: what retention takes out, row by row, within the batch's transaction.
//
//  1. What is pending stays, whatever was asked. An event stays while it has deliveries or is being expanded.
//  2. Attempts go with their delivery. Counts and blocks go along, so that lists and `counts` stay exact.
//  3. The highest number removed is kept: no number is given out twice, also when a table is empty.
//  4. Another node's retry locks its event until its delivery is committed (held-rows.ts). An event is locked here before it is
//     looked at, in a statement of its own: either the retry's delivery is seen, or the retry finds no event.

import { integer } from '../columns.ts';
import { STATES } from '../codes.ts';
import { BLOCK_BITS } from './schema.ts';
import type { Session } from './session.ts';
import { ADD_TALLIES } from './tallies.ts';

const PENDING = STATES.code('pending');

export async function removeDeliveries(session: Session, writer: string, seqs: readonly number[]): Promise<number> {
  const gone = await session.rows({ text: REMOVE_DELIVERIES }, [seqs]);
  const byState = new Map<string, number>();
  for (const row of gone) {
    const state = STATES.name(integer(row, 'state'));
    byState.set(state, (byState.get(state) ?? 0) - 1);
  }
  if (byState.size > 0) await session.run(ADD_TALLIES, [writer, [...byState.keys()], [...byState.values()]]);
  await swept(session, 'delivery', seqs, gone.length, { blocks: 'delivery_blocks', table: 'deliveries' });
  return gone.length;
}

export async function removeEvents(session: Session, writer: string, seqs: readonly number[]): Promise<number> {
  await session.run({ text: LOCK_EVENTS }, [seqs]);
  const removed = await session.run({ text: REMOVE_EVENTS }, [seqs]);
  if (removed > 0) await session.run(ADD_TALLIES, [writer, ['events'], [-removed]]);
  await swept(session, 'event', seqs, removed, { blocks: 'event_blocks', table: 'events' });
  return removed;
}

export async function removeReplays(session: Session, finishedBeforeMs: number, limit: number): Promise<number> {
  const gone = await session.rows({ text: REMOVE_REPLAYS }, [finishedBeforeMs, limit]);
  const seqs = gone.map((row) => integer(row, 'seq'));
  await swept(session, 'replay', seqs, seqs.length, null);
  return seqs.length;
}

export async function removeEndpoints(session: Session, deletedBeforeMs: number, limit: number): Promise<number> {
  const gone = await session.rows({ text: REMOVE_ENDPOINTS }, [deletedBeforeMs, limit]);
  const seqs = gone.map((row) => integer(row, 'seq'));
  await session.run({ text: 'DELETE FROM waxwing.endpoint_touches WHERE endpoint_seq = ANY($1::bigint[])' }, [seqs]);
  await swept(session, 'endpoint', seqs, seqs.length, null);
  return seqs.length;
}

/** Drops the blocks that are empty now, and keeps the highest number. */
async function swept(
  session: Session,
  name: string,
  seqs: readonly number[],
  removed: number,
  of: { readonly blocks: string; readonly table: string } | null,
): Promise<void> {
  if (removed === 0) return;
  await session.run({ text: KEEP_HIGHEST }, [name, Math.max(...seqs)]);
  if (of === null) return;
  const blocks = [...new Set(seqs.map((seq) => Math.floor(seq / 2 ** BLOCK_BITS)))];
  await session.run(
    {
      text: `DELETE FROM waxwing.${of.blocks} b WHERE b.block = ANY($1::bigint[]) AND NOT EXISTS (
        SELECT 1 FROM waxwing.${of.table} r WHERE r.seq BETWEEN b.block << ${BLOCK_BITS} AND ((b.block + 1) << ${BLOCK_BITS}) - 1)`,
    },
    [blocks],
  );
}

const REMOVE_DELIVERIES = `WITH gone AS (
    DELETE FROM waxwing.deliveries WHERE seq = ANY($1::bigint[]) AND state <> ${PENDING} RETURNING seq, state),
  attempts_gone AS (DELETE FROM waxwing.attempts WHERE delivery_seq IN (SELECT seq FROM gone)),
  failures_gone AS (DELETE FROM waxwing.failures WHERE seq IN (SELECT seq FROM gone))
  SELECT state FROM gone`;

const LOCK_EVENTS = 'SELECT 1 FROM waxwing.events WHERE seq = ANY($1::bigint[]) ORDER BY seq FOR UPDATE';

const REMOVE_EVENTS = `DELETE FROM waxwing.events e WHERE e.seq = ANY($1::bigint[])
  AND NOT EXISTS (SELECT 1 FROM waxwing.deliveries d WHERE d.event_seq = e.seq)
  AND NOT EXISTS (SELECT 1 FROM waxwing.expansions x WHERE x.event_seq = e.seq)`;

const REMOVE_REPLAYS = `DELETE FROM waxwing.replays WHERE seq IN (
  SELECT seq FROM waxwing.replays WHERE finished_ms IS NOT NULL AND finished_ms < $1 ORDER BY seq LIMIT $2) RETURNING seq`;

const REMOVE_ENDPOINTS = `DELETE FROM waxwing.endpoints WHERE seq IN (
  SELECT e.seq FROM waxwing.endpoints e WHERE e.deleted_ms IS NOT NULL AND e.deleted_ms < $1
    AND NOT EXISTS (SELECT 1 FROM waxwing.expansions)
    AND NOT EXISTS (SELECT 1 FROM waxwing.deliveries d WHERE d.endpoint_seq = e.seq)
  ORDER BY e.deleted_ms, e.seq LIMIT $2) RETURNING seq`;

const KEEP_HIGHEST = `INSERT INTO waxwing.removed_seqs (name, seq) VALUES ($1, $2)
  ON CONFLICT (name) DO UPDATE SET seq = greatest(removed_seqs.seq, excluded.seq)`;
