// Partitions: the ranges of number that history is kept in. Which numbers a range has is fixed; when it begins is not.
//
//  1. A range is 2^33 numbers. It begins when the one before it has had its time (the counter is moved up), or is used up.
//  2. Partitions stand RANGES_AHEAD beyond the present range before anybody needs them: made at every opening and in upkeep,
//     under an advisory lock, attached without keeping writers waiting (ATTACH takes SHARE UPDATE EXCLUSIVE, CREATE … PARTITION OF
//     would take ACCESS EXCLUSIVE).
//  3. There is no default partition: a number without a partition is an error, not a row in the wrong place.
//
// How partitions are stored (STORAGE): a finished one is never written again, so whatever autovacuum visits it freezes at once,
// and no later visit against wraparound rewrites history. A new one is analyzed from its first 10,000 rows on. `deliveries`
// leaves a fifth of each page free for the update that ends each row; the others are only ever added to. Nothing is deleted
// from partitions, they are dropped: there are no dead rows beyond those of that one update.

import { integer, integerOrNull } from '../columns.ts';
import { sqlState } from './failure.ts';
import type { Session } from './session.ts';

/** Numbers of one range: 6 days of a million a minute, and 2^20 ranges in a safe integer. */
export const RANGE_NUMBERS: number = 2 ** 33;
const RANGES_AHEAD = 2;
/** 'Wxwgrang': an advisory lock of one key. */
const RANGES_LOCK = '6302918964689333863';
const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';
const TRIES_MAX = 10;

const TABLES = ['events', 'deliveries', 'attempts', 'failures'] as const;
type HistoryTable = (typeof TABLES)[number];

const ADDED_TO = 'autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 10000';
const STORAGE: { readonly [T in HistoryTable]: string } = {
  events: ADDED_TO,
  deliveries: `fillfactor = 80, ${ADDED_TO}`,
  attempts: ADDED_TO,
  failures: ADDED_TO,
};

export function firstNumber(range: number): number {
  return range * RANGE_NUMBERS;
}

export function partitionOf(table: HistoryTable, range: number): string {
  return `waxwing.${table}_${range}`;
}

/** Whether others were in the way: nothing was done, and it can be tried again. */
export function wasBusy(error: unknown): boolean {
  const state = sqlState(error);
  return state === LOCK_NOT_AVAILABLE || state === DEADLOCK;
}

/** Does work in a transaction in which no other changes the ranges. Rejects with PostgreSQL's error. */
export async function changingRanges<R>(session: Session, lockTimeoutMs: number, work: () => Promise<R>): Promise<R> {
  await session.run({ text: 'BEGIN' });
  try {
    await session.run({ text: `SET LOCAL lock_timeout = ${lockTimeoutMs}` });
    await session.run({ text: `SELECT pg_advisory_xact_lock(${RANGES_LOCK})` });
    const result = await work();
    await session.run({ text: 'COMMIT' });
    return result;
  } catch (error) {
    await session.run({ text: 'ROLLBACK' }).catch(() => undefined);
    throw error;
  }
}

/** Makes the partitions that come next, where they do not stand yet. */
export async function makeAhead(session: Session): Promise<void> {
  for (let tries = 1; (await missingRanges(session)).length > 0; tries++) {
    try {
      await changingRanges(session, 1_000, async () => {
        for (const range of await missingRanges(session)) await session.run({ text: makingOf(range) });
      });
    } catch (error) {
      if (tries >= TRIES_MAX || !wasBusy(error)) throw error;
    }
  }
}

/** Begins the next range when the present one has had its time. What an idle range has not been used for needs no other. */
export async function beginInTime(session: Session, nowMs: number, periodMs: number): Promise<void> {
  await changingRanges(session, 500, async () => {
    const next = await nextNumber(session);
    const present = rangeOf(next);
    await session.run({ text: 'UPDATE waxwing.ranges SET began_ms = $2 WHERE no <= $1 AND began_ms IS NULL' }, [present, nowMs]);
    const [row] = await session.rows({ text: 'SELECT began_ms FROM waxwing.ranges WHERE no = $1' }, [present]);
    const beganMs = row === undefined ? null : integerOrNull(row, 'began_ms');
    if (beganMs === null || nowMs - beganMs < periodMs) return;
    if (next <= firstNumber(present) + 1) return; // nothing was made in it
    await session.run({ text: 'UPDATE waxwing.ranges SET began_ms = $2 WHERE no = $1' }, [present + 1, nowMs]);
    // Last: whoever asks for numbers waits until this is committed.
    await session.run({ text: 'UPDATE waxwing.numbers SET next = greatest(next, $1)' }, [firstNumber(present + 1)]);
  });
}

function rangeOf(number: number): number {
  return Math.floor(number / RANGE_NUMBERS);
}

async function nextNumber(session: Session): Promise<number> {
  const [row = {}] = await session.rows({ text: 'SELECT next FROM waxwing.numbers' });
  return integer(row, 'next');
}

async function missingRanges(session: Session): Promise<readonly number[]> {
  const found = await session.rows({ text: MISSING }, [rangeOf(await nextNumber(session))]);
  return found.map((row) => integer(row, 'no'));
}

function makingOf(range: number): string {
  const bounds = `FROM (${firstNumber(range)}) TO (${firstNumber(range + 1)})`;
  const made = TABLES.flatMap((table) => [
    `CREATE TABLE ${partitionOf(table, range)} (LIKE waxwing.${table} INCLUDING ALL) WITH (${STORAGE[table]})`,
    `ALTER TABLE waxwing.${table} ATTACH PARTITION ${partitionOf(table, range)} FOR VALUES ${bounds}`,
  ]);
  return [
    ...made,
    `CREATE UNIQUE INDEX events_${range}_by_id ON ${partitionOf('events', range)} (id, tenant)`,
    `CREATE UNIQUE INDEX deliveries_${range}_by_id ON ${partitionOf('deliveries', range)} (id)`,
    `INSERT INTO waxwing.ranges (no, has_deliveries) VALUES (${range}, true)`,
  ].join('; ');
}

const MISSING = `SELECT n AS no FROM generate_series($1::integer, $1::integer + ${RANGES_AHEAD}) AS n
  WHERE NOT EXISTS (SELECT 1 FROM waxwing.ranges r WHERE r.no = n) ORDER BY n`;
