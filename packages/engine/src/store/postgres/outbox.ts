// The outbox's statements: what waits in it, what leaves it for an event, and what leaves it rejected.

import { integer, json, text, textOrNull } from '../columns.ts';
import type { Outbox, OutboxRow, RejectedEventRow, RejectedQuery } from '../outbox.ts';
import type { RowPage } from '../reader.ts';
import type { InsertGroup } from '../store.ts';
import { conditions, type Ask, type Condition } from './list-scan.ts';
import type { Session } from './session.ts';

export class PostgresOutbox implements Outbox {
  readonly #ask: Ask;
  readonly #askOften: Ask;

  /** @param askOften not from where people's reads wait for each other */
  constructor(ask: Ask, askOften: Ask) {
    this.#ask = ask;
    this.#askOften = askOften;
  }

  async rows(limit: number): Promise<readonly OutboxRow[]> {
    return (await this.#askOften({ name: 'waxwing_outbox', text: ROWS }, [limit])).map((row) => ({
      no: integer(row, 'no'),
      tenant: text(row, 'tenant'),
      type: text(row, 'type'),
      data: text(row, 'data'),
      id: textOrNull(row, 'id'),
      idempotencyKey: textOrNull(row, 'idempotency_key'),
      timestamp: textOrNull(row, 'timestamp'),
    }));
  }

  async rejected({ tenant, limit, before }: RejectedQuery): Promise<RowPage<RejectedEventRow>> {
    const all: Condition[] = [{ sql: 'seq < ?', values: [before ?? Number.MAX_SAFE_INTEGER] }];
    if (tenant !== null) all.push({ sql: 'tenant = ?', values: [tenant] });
    const where = conditions(all);
    const sql = `SELECT "row" FROM waxwing.rejected_events WHERE ${where.sql} ORDER BY seq DESC LIMIT ${limit + 1}`;
    const found = (await this.#ask({ text: sql }, where.values)).map((row) => json<RejectedEventRow>(row, 'row'));
    const rows = found.slice(0, limit);
    return { rows, next: found.length > rows.length ? (rows.at(-1)?.seq ?? null) : null };
  }
}

/** The rows that these groups are made of, as far as they are still there; they stay as they are until the transaction ends. */
export async function lockOutbox(session: Session, groups: readonly InsertGroup[]): Promise<ReadonlySet<number>> {
  const nos = groups.flatMap(({ outboxNo }) => outboxNo ?? []);
  if (nos.length === 0) return new Set();
  return new Set((await session.rows(LOCK, [nos])).map((row) => integer(row, 'no')));
}

export async function takeFromOutbox(session: Session, nos: readonly number[]): Promise<void> {
  if (nos.length > 0) await session.run(TAKE, [nos]);
}

/** 0 when it is not in the outbox any more. */
export async function rejectEvent(session: Session, event: RejectedEventRow): Promise<number> {
  const taken = await session.run(TAKE, [[event.seq]]);
  if (taken === 0) return 0;
  return session.run({ text: REJECT }, [event.seq, event.tenant, event.rejectedMs, JSON.stringify(event)]);
}

const ROWS = `SELECT no, tenant, type, data, id, idempotency_key,
    to_char("timestamp" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "timestamp"
  FROM waxwing.outbox ORDER BY no LIMIT $1`;
const LOCK = {
  name: 'waxwing_outbox_lock',
  text: 'SELECT no FROM waxwing.outbox WHERE no = ANY($1::bigint[]) ORDER BY no FOR UPDATE',
};
const TAKE = { name: 'waxwing_outbox_take', text: 'DELETE FROM waxwing.outbox WHERE no = ANY($1::bigint[])' };
const REJECT = 'INSERT INTO waxwing.rejected_events (seq, tenant, rejected_ms, "row") VALUES ($1, $2, $3, $4)';

export const REMOVE_REJECTED: string = `DELETE FROM waxwing.rejected_events WHERE seq IN (
  SELECT seq FROM waxwing.rejected_events WHERE rejected_ms < $1 ORDER BY rejected_ms LIMIT $2)`;
