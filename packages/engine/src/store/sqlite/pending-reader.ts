// The pending reader: refills of lanes and loads by seq, on the writer's own connection, so that a read that was asked for
// after a commit sees it. Served by the two indexes that hold only what is pending.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { PendingDelivery } from '../rows.ts';
import { pendingBytes } from '../pending-bytes.ts';
import type { RefillQuery } from '../store.ts';
import { CAUSES, STATES } from '../codes.ts';
import { id, integer, text, textOrNull, type SqlRow } from '../columns.ts';
import { EVENT_SELECTION, eventOf } from '../event-rows.ts';

const PENDING = STATES.code('pending');

const COLUMNS = 'd.seq, d.id, d.tenant, d.endpoint_seq, d.cause, d.attempts, d.due_ms, d.facts';

export class PendingReader {
  readonly #byDue: StatementSync;
  readonly #bySeq: StatementSync;
  readonly #one: StatementSync;

  constructor(db: DatabaseSync) {
    const byDue = 'INDEXED BY deliveries_pending_by_due';
    const bySeq = 'INDEXED BY deliveries_pending_by_seq';
    this.#byDue = db.prepare(select(byDue, 'd.endpoint_seq = ? AND (d.due_ms, d.seq) > (?, ?) ORDER BY d.due_ms, d.seq LIMIT ?'));
    this.#bySeq = db.prepare(select(bySeq, 'd.endpoint_seq = ? AND d.seq > ? ORDER BY d.seq LIMIT ?'));
    this.#one = db.prepare(select('', 'd.seq = ?'));
  }

  refill(query: RefillQuery): readonly PendingDelivery[] {
    const { after, endpointSeq, rowsMax } = query;
    const limit = Math.max(rowsMax, 1);
    const start = after ?? { dueMs: Number.MIN_SAFE_INTEGER, seq: -1 };
    return query.order === 'seq'
      ? this.#take(this.#bySeq, [endpointSeq, start.seq, limit], query.bytesMax)
      : this.#take(this.#byDue, [endpointSeq, start.dueMs, start.seq, limit], query.bytesMax);
  }

  load(seqs: readonly number[]): readonly PendingDelivery[] {
    const rows: PendingDelivery[] = [];
    for (const seq of seqs) {
      const row = this.#one.get(seq);
      if (row !== undefined) rows.push(pendingOf(row));
    }
    return rows;
  }

  #take(statement: StatementSync, values: readonly SQLInputValue[], bytesMax: number): readonly PendingDelivery[] {
    const rows: PendingDelivery[] = [];
    let bytes = 0;
    for (const row of statement.iterate(...values)) {
      const delivery = pendingOf(row);
      bytes += pendingBytes(delivery);
      if (bytes > bytesMax && rows.length > 0) break;
      rows.push(delivery);
    }
    return rows;
  }
}

function select(index: string, where: string): string {
  return `SELECT ${COLUMNS}, ${EVENT_SELECTION} FROM deliveries d ${index} CROSS JOIN events e ON e.seq = d.event_seq
    WHERE d.state = ${PENDING} AND ${where}`;
}

function pendingOf(row: SqlRow): PendingDelivery {
  return {
    seq: integer(row, 'seq'),
    id: id(row, 'id', 'dlv'),
    tenant: text(row, 'tenant'),
    endpointSeq: integer(row, 'endpoint_seq'),
    cause: CAUSES.name(integer(row, 'cause')),
    attempts: integer(row, 'attempts'),
    dueMs: integer(row, 'due_ms'),
    facts: textOrNull(row, 'facts'),
    event: eventOf(row),
  };
}
