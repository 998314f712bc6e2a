// Ranges: history's ranges as the engine asks for them: begun in time, and dropped when their time has passed.
//
//  1. What is counted of a range before it goes is final: nothing of it is pending, no number of it is given out any more, and
//     only retention removes rows. A range that is to go has ended LATE_MS before the limit, for batches whose numbers are older.
//  2. Counting goes part by part and holds nothing up; dropping (range-drop.ts) is one short transaction.

import type { HistoryRanges, RangeRemoval, RemovalQuery } from '../history-ranges.ts';
import { STATES } from '../codes.ts';
import { integer, integerOrNull } from '../columns.ts';
import type { OldDelivery, OldRows } from '../reader.ts';
import type { Ask } from './list-scan.ts';
import { beginInTime, firstNumber, makeAhead, partitionOf, wasBusy } from './partitions.ts';
import { dropDeliveries, dropEvents, trimBlocks } from './range-drop.ts';
import { oldDeliveryOf } from './recovery-reader.ts';
import { BLOCK_BITS } from './schema.ts';
import type { Session } from './session.ts';

/** A batch is written long before this after it got its numbers, or never. */
const LATE_MS = 600_000;
/** Numbers that are counted at once. */
const COUNTED_AT_ONCE = 100_000;
const EVENTS_LOOKED_AT = 2_000;
const BLOCK_ROWS = 2 ** BLOCK_BITS;

/** How many rows of each kind a range has: `events`, or deliveries by state. */
type Counts = Map<string, number>;

interface Counting {
  readonly key: string;
  readonly counts: Counts;
  /** Where counting goes on, and the highest number that there is. */
  at: number;
  readonly highest: number;
}

export class PostgresRanges implements HistoryRanges {
  readonly #ask: Ask;
  readonly #alone: <R>(work: (session: Session) => Promise<R>) => Promise<R>;
  #counting: Counting | null = null;

  /** `alone`: does work on a session of its own. */
  constructor(ask: Ask, alone: <R>(work: (session: Session) => Promise<R>) => Promise<R>) {
    this.#ask = ask;
    this.#alone = alone;
  }

  prepare(nowMs: number, periodMs: number): Promise<void> {
    this.#counting = null;
    return this.#alone(async (session) => {
      await makeAhead(session);
      await beginInTime(session, nowMs, periodMs).catch((error: unknown) => {
        if (!wasBusy(error)) throw error; // it begins with the next upkeep
      });
      await makeAhead(session);
      await session.run({ text: NOTE_DRAINED }, [nowMs]);
    });
  }

  async oldPending(madeBeforeMs: number, after: number, rowsMax: number): Promise<OldRows<OldDelivery>> {
    const [block = {}] = await this.#ask({ text: 'SELECT max(block) AS block FROM waxwing.delivery_blocks WHERE min_ms < $1' }, [
      madeBeforeMs,
    ]);
    const highest = integerOrNull(block, 'block');
    if (highest === null) return { rows: [], next: null };
    const found = await this.#ask({ text: OLD_PENDING }, [after, (highest + 1) * BLOCK_ROWS, rowsMax]);
    const rows = found.filter((row) => integer(row, 'created_ms') < madeBeforeMs).map(oldDeliveryOf);
    const last = found.at(-1);
    return { rows, next: last === undefined || found.length < rowsMax ? null : integer(last, 'seq') };
  }

  async removeSome({ madeBeforeMs, nowMs, restMs }: RemovalQuery): Promise<RangeRemoval> {
    const [row] = await this.#ask({ text: OLDEST }, [madeBeforeMs - LATE_MS]);
    if (row === undefined) return this.#rest();
    const range = integer(row, 'no');
    if (integer(row, 'has_deliveries') === 1) {
      const drainedMs = integerOrNull(row, 'drained_ms');
      if (drainedMs === null || drainedMs > nowMs - restMs) return this.#rest();
    }
    return this.#remove(range, integer(row, 'has_deliveries') === 1 ? 'deliveries' : 'events');
  }

  async leftEvents({ after, rowsMax, bytesMax }: Parameters<HistoryRanges['leftEvents']>[0]): Promise<OldRows<number>> {
    const found = await this.#ask({ text: LEFT_EVENTS }, [after, EVENTS_LOOKED_AT]);
    const rows: number[] = [];
    let bytesLeft = bytesMax;
    for (const row of found) {
      if (integer(row, 'is_needed') === 1) continue;
      if (rows.length >= rowsMax || bytesLeft <= 0) return { rows, next: rows.at(-1) ?? null };
      rows.push(integer(row, 'seq'));
      bytesLeft -= integer(row, 'bytes');
    }
    const last = found.at(-1);
    return { rows, next: last === undefined || found.length < EVENTS_LOOKED_AT ? null : integer(last, 'seq') };
  }

  async #remove(range: number, table: 'deliveries' | 'events'): Promise<RangeRemoval> {
    const counts = await this.#count(range, table);
    if (counts === null) return { events: 0, deliveries: 0, state: 'more' };
    try {
      if (table === 'deliveries') {
        const isDropped = await this.#alone((session) => dropDeliveries(session, range, counts));
        return { events: 0, deliveries: isDropped ? sum(counts) : 0, state: isDropped ? 'more' : 'rest' };
      }
      const kept = await this.#alone((session) => dropEvents(session, range, sum(counts)));
      return kept === null ? this.#rest() : { events: sum(counts) - kept, deliveries: 0, state: 'more' };
    } catch (error) {
      if (wasBusy(error)) return { events: 0, deliveries: 0, state: 'busy' };
      throw error;
    }
  }

  /** Null while there is more to count. */
  async #count(range: number, table: 'deliveries' | 'events'): Promise<Counts | null> {
    const partition = partitionOf(table, range);
    if (this.#counting?.key !== partition) {
      const [top = {}] = await this.#ask({ text: `SELECT max(seq) AS highest FROM ${partition}` }, []);
      this.#counting = { key: partition, counts: new Map(), at: firstNumber(range), highest: integerOrNull(top, 'highest') ?? -1 };
    }
    const counting = this.#counting;
    if (counting.at > counting.highest) return counting.counts;
    const name = table === 'events' ? 'NULL::smallint' : 'state';
    const text = `SELECT ${name} AS state, count(*) AS rows FROM ${partition} WHERE seq >= $1 AND seq < $2 GROUP BY 1`;
    for (const row of await this.#ask({ text }, [counting.at, counting.at + COUNTED_AT_ONCE])) {
      const code = integerOrNull(row, 'state');
      const of = code === null ? 'events' : STATES.name(code);
      counting.counts.set(of, (counting.counts.get(of) ?? 0) + integer(row, 'rows'));
    }
    counting.at += COUNTED_AT_ONCE;
    return counting.at > counting.highest ? counting.counts : null;
  }

  async #rest(): Promise<RangeRemoval> {
    const trimmed = await this.#alone(trimBlocks);
    return { events: 0, deliveries: 0, state: trimmed ? 'more' : 'rest' };
  }
}

function sum(counts: Counts): number {
  return [...counts.values()].reduce((total, rows) => total + rows, 0);
}

/** Ranges that have ended: since when nothing of them is pending. */
const NOTE_DRAINED = `UPDATE waxwing.ranges r SET drained_ms = CASE WHEN r.drained_ms IS NULL THEN $1::bigint END
  WHERE r.has_deliveries AND EXISTS (SELECT 1 FROM waxwing.ranges n WHERE n.no = r.no + 1 AND n.began_ms IS NOT NULL)
    AND (r.drained_ms IS NULL) = NOT EXISTS (
      SELECT 1 FROM waxwing.pending p WHERE p.seq >= r.no * ${firstNumber(1)}::bigint AND p.seq < (r.no + 1) * ${firstNumber(1)}::bigint)`;

const OLDEST = `SELECT r.no, r.drained_ms, r.has_deliveries::integer AS has_deliveries FROM waxwing.ranges r
  JOIN waxwing.ranges n ON n.no = r.no + 1 AND n.began_ms < $1
  WHERE r.has_deliveries OR r.no = (SELECT min(no) FROM waxwing.ranges) ORDER BY r.has_deliveries DESC, r.no LIMIT 1`;

const OLD_PENDING = `SELECT p.seq, d.endpoint_seq, d.state, d.outcome, d.attempts, d.due_ms, d.created_ms
  FROM (SELECT seq FROM waxwing.pending WHERE seq > $1 AND seq < $2 ORDER BY seq LIMIT $3) AS p
  JOIN waxwing.deliveries d ON d.seq = p.seq ORDER BY p.seq`;

const LEFT_EVENTS = `SELECT e.seq, e.bytes, (EXISTS (SELECT 1 FROM waxwing.deliveries d WHERE d.event_seq = e.seq)
    OR EXISTS (SELECT 1 FROM waxwing.expansions x WHERE x.event_seq = e.seq))::integer AS is_needed
  FROM (SELECT seq, octet_length(data) AS bytes FROM waxwing.events
    WHERE seq > $1 AND seq < (SELECT min(no) FROM waxwing.ranges WHERE has_deliveries) * ${firstNumber(1)}::bigint ORDER BY seq LIMIT $2) AS e
  ORDER BY e.seq`;
