// Range drop: takes a range's partitions away. One short transaction; what it cannot lock at once it leaves for later.
//
//  1. Writers wait for at most LOCK_MS at a time: that long it asks for its locks, then it gives up.
//  2. Everything is looked at again under the locks: a delivery that is pending after all keeps its range.
//  3. Events that younger deliveries or a fan-out need are moved to `events_kept`, which then reaches up to the next range, in
//     the same transaction. Where they are many (a replay of a whole range), the events' partition stays instead, and what
//     nothing needs is removed row by row; it is dropped once few are left.
//  4. A retry reads its event in the transaction that writes its delivery (held-rows.ts): it either comes before the lock and is
//     seen here, or after it and finds the event where it is then.

import { integer } from '../columns.ts';
import { changingRanges, firstNumber, partitionOf } from './partitions.ts';
import { BLOCK_BITS } from './schema.ts';
import type { Session } from './session.ts';
import { ADD_TALLIES } from './tallies.ts';

const LOCK_MS = 150;
/** Events that are moved at most: about 30 ms under the locks. */
const MOVED_MAX = 2_000;
const MOVED_BYTES_MAX = 4 * 1_048_576;
const BLOCKS_AT_ONCE = 5_000;
/** The counts that dropping changes are nobody else's (tallies). */
const WRITER = 'ranges';

/** With its attempts and failures. False when that may not be done (any more). Rejects with PostgreSQL's error. */
export function dropDeliveries(session: Session, range: number, counts: ReadonlyMap<string, number>): Promise<boolean> {
  return changingRanges(session, LOCK_MS, async () => {
    await session.run({
      text: 'LOCK TABLE ONLY waxwing.deliveries, ONLY waxwing.attempts, ONLY waxwing.failures IN ACCESS EXCLUSIVE MODE',
    });
    const marked = await session.run({ text: MARK_WITHOUT_DELIVERIES }, [range, firstNumber(range), firstNumber(range + 1)]);
    if (marked === 0) return false;
    const partitions = (['deliveries', 'attempts', 'failures'] as const).map((table) => partitionOf(table, range));
    await session.run({ text: `DROP TABLE ${partitions.join(', ')}` });
    const moves = [...counts].filter(([, rows]) => rows > 0);
    await session.run(ADD_TALLIES, [WRITER, moves.map(([name]) => name), moves.map(([, rows]) => -rows)]);
    return true;
  });
}

/** How many of the range's events stay, moved; null when they cannot go now. Rejects with PostgreSQL's error. */
export async function dropEvents(session: Session, range: number, rows: number): Promise<number | null> {
  if ((await changingRanges(session, LOCK_MS, () => needed(session, range))) === null) return null;
  return changingRanges(session, LOCK_MS, async () => {
    await session.run({ text: 'LOCK TABLE ONLY waxwing.events IN ACCESS EXCLUSIVE MODE' });
    const gone = await session.run({ text: 'DELETE FROM waxwing.ranges WHERE no = $1 AND NOT has_deliveries' }, [range]);
    const kept = gone === 0 ? null : await needed(session, range);
    if (kept === null) throw new RangeStays();
    const partition = partitionOf('events', range);
    if (kept.length > 0) {
      await session.run({ text: 'ALTER TABLE waxwing.events DETACH PARTITION waxwing.events_kept' });
      await session.run({ text: `INSERT INTO waxwing.events_kept SELECT * FROM ${partition} WHERE seq = ANY($1::bigint[])` }, [kept]);
    }
    await session.run({ text: `DROP TABLE ${partition}` });
    if (kept.length > 0) {
      const to = firstNumber(range + 1);
      await session.run({
        text: `ALTER TABLE waxwing.events ATTACH PARTITION waxwing.events_kept FOR VALUES FROM (MINVALUE) TO (${to})`,
      });
    }
    if (rows > kept.length) await session.run(ADD_TALLIES, [WRITER, ['events'], [kept.length - rows]]);
    return kept.length;
  }).catch((error: unknown) => {
    if (error instanceof RangeStays) return null;
    throw error;
  });
}

/** Forgets blocks of numbers that are gone; true when there may be more. */
export async function trimBlocks(session: Session): Promise<boolean> {
  const trimmed = [await session.run({ text: TRIM_DELIVERY_BLOCKS }), await session.run({ text: TRIM_EVENT_BLOCKS })];
  return trimmed.some((rows) => rows >= BLOCKS_AT_ONCE);
}

/** Rolls the transaction back. */
class RangeStays extends Error {}

/** The range's events that must stay; null when they are too many to be moved at once. */
async function needed(session: Session, range: number): Promise<readonly number[] | null> {
  await session.run({ text: 'SET LOCAL enable_seqscan = off' }); // the index leads to the few rows that there are
  const found = await session.rows({ text: NEEDED }, [firstNumber(range), firstNumber(range + 1)]);
  const seqs = found.map((row) => integer(row, 'seq'));
  const bytes = found.reduce((total, row) => total + integer(row, 'bytes'), 0);
  return seqs.length > MOVED_MAX || bytes > MOVED_BYTES_MAX ? null : seqs;
}

const MARK_WITHOUT_DELIVERIES = `UPDATE waxwing.ranges SET has_deliveries = false WHERE no = $1 AND has_deliveries
  AND NOT EXISTS (SELECT 1 FROM waxwing.pending WHERE seq >= $2 AND seq < $3)`;

const NEEDED = `SELECT e.seq, octet_length(e.data) AS bytes FROM waxwing.events e JOIN (
    (SELECT DISTINCT event_seq FROM waxwing.deliveries WHERE event_seq >= $1 AND event_seq < $2 LIMIT ${MOVED_MAX + 1})
    UNION SELECT event_seq FROM waxwing.expansions WHERE event_seq >= $1 AND event_seq < $2) AS n ON n.event_seq = e.seq`;

const FIRST_WITH_DELIVERIES = `(SELECT min(no) FROM waxwing.ranges WHERE has_deliveries) * ${firstNumber(1) / 2 ** BLOCK_BITS}::bigint`;

const TRIM_DELIVERY_BLOCKS = `DELETE FROM waxwing.delivery_blocks WHERE block IN (
  SELECT block FROM waxwing.delivery_blocks WHERE block < ${FIRST_WITH_DELIVERIES} ORDER BY block LIMIT ${BLOCKS_AT_ONCE})`;

const TRIM_EVENT_BLOCKS = `DELETE FROM waxwing.event_blocks WHERE block IN (
  SELECT block FROM waxwing.event_blocks b WHERE block < ${FIRST_WITH_DELIVERIES} AND NOT EXISTS (
    SELECT 1 FROM waxwing.events e WHERE e.seq >= b.block << ${BLOCK_BITS} AND e.seq < (b.block + 1) << ${BLOCK_BITS})
  ORDER BY block LIMIT ${BLOCKS_AT_ONCE})`;
