// The recovery reader: what replays and retention ask, on the reader's connection.
//
// Everything goes oldest first and in parts: a call looks at BLOCKS_AT_ONCE blocks that can hold what is asked for and
// says where to go on, so that the lists that people read never wait long behind it.

import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { DeliveryState } from '@waxwing/protocol';
import type { ReplayRow } from '../rows.ts';
import type {
  DeliveryListRow,
  EverEndpoint,
  OldDeliveriesQuery,
  OldDelivery,
  OldEventsQuery,
  OldRows,
  RowPage,
  SelectedDelivery,
  SelectionCounts,
  SelectionPage,
  SelectionQuery,
} from '../store.ts';
import { typeBounds } from '../search-text.ts';
import { CAUSES, OUTCOMES, STATES } from '../codes.ts';
import { id, integer, integerOrNull, json, textOrNull, type SqlRow } from '../columns.ts';
import { deliveryOf, everEndpointOf } from '../stored-rows.ts';
import { DELIVERY_JOINS, DELIVERY_SELECTION } from './history.ts';
import { BLOCK_BITS } from './schema.ts';
import type { RecoveryCall } from './thread-messages.ts';

/** 65,536 rows: at most some 100 ms. */
const BLOCKS_AT_ONCE = 16;
const BLOCK_ROWS = 2 ** BLOCK_BITS;
const PENDING = STATES.code('pending');
const TEST = CAUSES.code('test');

interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

export class RecoveryReader {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  answer(call: RecoveryCall): unknown {
    switch (call.verb) {
      case 'endpointEver':
        return this.endpointEver(call.id);
      case 'replay':
        return this.#replays('id = ?', [call.id])[0] ?? null;
      case 'replays':
        return this.replays(call.query);
      case 'replayCounts':
        return this.replayCounts(call.replaySeq);
      case 'replayPending':
        return this.replayPending(call.replaySeq, call.limit);
      case 'selection':
        return this.selection(call.query);
      case 'selectionCounts':
        return this.selectionCounts(call.query);
      case 'oldDeliveries':
        return this.oldDeliveries(call.query);
      case 'oldEvents':
        return this.oldEvents(call.query);
      default:
        return call satisfies never;
    }
  }

  endpointEver(endpointId: string): EverEndpoint | null {
    const row = this.#db.prepare('SELECT row, deleted_ms FROM endpoints WHERE id = ? ORDER BY seq DESC LIMIT 1').get(endpointId);
    return row === undefined ? null : everEndpointOf(row);
  }

  replays(query: { readonly tenant: string | null; readonly limit: number; readonly before: number | null }): RowPage<ReplayRow> {
    const bounds = [query.before ?? Number.MAX_SAFE_INTEGER, query.limit + 1];
    const found =
      query.tenant === null
        ? this.#replays('seq < ? ORDER BY seq DESC LIMIT ?', bounds)
        : this.#replays('tenant = ? AND seq < ? ORDER BY seq DESC LIMIT ?', [query.tenant, ...bounds]);
    const rows = found.slice(0, query.limit);
    return { rows, next: found.length > rows.length ? (rows.at(-1)?.seq ?? null) : null };
  }

  replayCounts(replaySeq: number): { readonly [S in DeliveryState]: number } {
    const counts = { pending: 0, delivered: 0, failed: 0, cancelled: 0, skipped: 0 };
    const sql = 'SELECT state, count(*) AS rows FROM deliveries INDEXED BY deliveries_by_replay WHERE replay_seq = ? GROUP BY state';
    for (const row of this.#db.prepare(sql).all(replaySeq)) counts[STATES.name(integer(row, 'state'))] = integer(row, 'rows');
    return counts;
  }

  replayPending(replaySeq: number, limit: number): readonly DeliveryListRow[] {
    const sql = `SELECT ${DELIVERY_SELECTION} FROM deliveries d INDEXED BY deliveries_by_replay ${DELIVERY_JOINS}
      WHERE d.replay_seq = ? AND d.state = ${PENDING} ORDER BY d.seq LIMIT ?`;
    return this.#db.prepare(sql).all(replaySeq, limit).map(deliveryOf);
  }

  selection(query: SelectionQuery): SelectionPage {
    const { scope, index } = scopeOf(query);
    const where = matching(query);
    const statement = this.#db.prepare(
      `SELECT d.seq, d.id, d.event_seq, d.endpoint_seq, d.facts FROM deliveries d INDEXED BY ${index} ${JOINS}
        WHERE ${scope.sql} AND ${where.sql} ORDER BY d.seq LIMIT ?`,
    );
    const rows: SelectedDelivery[] = [];
    for (const { block, next } of this.#blocks(query)) {
      const found = statement.all(block, ...scope.values, ...where.values, query.limit - rows.length);
      for (const row of found) rows.push(selectedOf(row));
      if (rows.length >= query.limit) return { rows, next: rows.at(-1)?.seq ?? null };
      if (next !== null) return { rows, next };
    }
    return { rows, next: null };
  }

  selectionCounts(query: SelectionQuery): SelectionCounts {
    const { scope, index } = scopeOf(query);
    const where = matching(query);
    const statement = this.#db.prepare(
      `SELECT d.endpoint_seq, count(*) AS rows FROM deliveries d INDEXED BY ${index} ${JOINS}
        WHERE ${scope.sql} AND ${where.sql} GROUP BY d.endpoint_seq`,
    );
    const counts = new Map<number, number>();
    const answer = (next: number | null): SelectionCounts => ({
      counts: [...counts]
        .map(([endpointSeq, deliveries]) => ({ endpointSeq, deliveries }))
        .toSorted((a, b) => a.endpointSeq - b.endpointSeq),
      next,
    });
    for (const { block, next } of this.#blocks(query)) {
      for (const row of statement.all(block, ...scope.values, ...where.values)) {
        const endpointSeq = integer(row, 'endpoint_seq');
        counts.set(endpointSeq, (counts.get(endpointSeq) ?? 0) + integer(row, 'rows'));
      }
      if (next !== null) return answer(next);
    }
    return answer(null);
  }

  oldDeliveries(query: OldDeliveriesQuery): OldRows<OldDelivery> {
    const statement = this.#db.prepare(
      `SELECT seq, endpoint_seq, state, outcome, attempts, due_ms FROM deliveries
        WHERE seq > ? AND seq < ? AND created_ms < ? AND (state = ${PENDING} OR finished_ms < ?) ORDER BY seq`,
    );
    const rows: OldDelivery[] = [];
    let left = query.rowsMax;
    for (const block of this.#oldBlocks('delivery_blocks', query.madeBeforeMs, query.after)) {
      const found = statement.iterate(Math.max(query.after, block.low - 1), block.high, query.madeBeforeMs, query.endedBeforeMs);
      for (const row of found) {
        if (left <= 0) return { rows, next: rows.at(-1)?.seq ?? null };
        const delivery = oldDeliveryOf(row);
        left -= 1 + delivery.attempts;
        rows.push(delivery);
      }
      if (block.isLast) return { rows, next: block.high - 1 };
    }
    return { rows, next: null };
  }

  oldEvents(query: OldEventsQuery): OldRows<number> {
    const statement = this.#db.prepare(
      // octet_length reads a row's header only, not the text.
      `SELECT seq, octet_length(data) AS bytes FROM events e WHERE seq > ? AND seq < ? AND received_ms < ?
         AND NOT EXISTS (SELECT 1 FROM deliveries d INDEXED BY deliveries_by_event WHERE d.event_seq = e.seq)
         AND NOT EXISTS (SELECT 1 FROM expansions x WHERE x.event_seq = e.seq) ORDER BY seq`,
    );
    const rows: number[] = [];
    let bytesLeft = query.bytesMax;
    for (const block of this.#oldBlocks('event_blocks', query.receivedBeforeMs, query.after)) {
      for (const row of statement.iterate(Math.max(query.after, block.low - 1), block.high, query.receivedBeforeMs)) {
        if (rows.length >= query.rowsMax || bytesLeft <= 0) return { rows, next: rows.at(-1) ?? null };
        rows.push(integer(row, 'seq'));
        bytesLeft -= integer(row, 'bytes');
      }
      if (block.isLast) return { rows, next: block.high - 1 };
    }
    return { rows, next: null };
  }

  #replays(where: string, values: readonly SQLInputValue[]): readonly ReplayRow[] {
    return this.#db
      .prepare(`SELECT row FROM replays WHERE ${where}`)
      .all(...values)
      .map((row) => json<ReplayRow>(row, 'row'));
  }

  /** Blocks that can hold what a replay asks for; with the last one of this call comes where the next call goes on. */
  *#blocks({ after, upToSeq, filter }: SelectionQuery): Generator<{ readonly block: number; readonly next: number | null }> {
    const statement = this.#db.prepare(
      `SELECT block FROM delivery_blocks WHERE block BETWEEN ? AND ? AND max_ms >= ? AND min_ms < ? ORDER BY block LIMIT ${BLOCKS_AT_ONCE + 1}`,
    );
    const blocks = statement
      .all(
        Math.floor((after + 1) / BLOCK_ROWS),
        Math.floor(upToSeq / BLOCK_ROWS),
        filter.fromMs ?? Number.MIN_SAFE_INTEGER,
        filter.toMs ?? Number.MAX_SAFE_INTEGER,
      )
      .map((row) => integer(row, 'block'));
    for (const [index, block] of blocks.slice(0, BLOCKS_AT_ONCE).entries()) {
      const isLast = index === BLOCKS_AT_ONCE - 1 && blocks.length > BLOCKS_AT_ONCE;
      yield { block, next: isLast ? (block + 1) * BLOCK_ROWS - 1 : null };
    }
  }

  /** Blocks that can hold something older than a time. `isLast` where more follow, for the next call. */
  *#oldBlocks(
    table: 'event_blocks' | 'delivery_blocks',
    beforeMs: number,
    after: number,
  ): Generator<{ readonly low: number; readonly high: number; readonly isLast: boolean }> {
    const statement = this.#db.prepare(
      `SELECT block FROM ${table} WHERE block >= ? AND min_ms < ? ORDER BY block LIMIT ${BLOCKS_AT_ONCE + 1}`,
    );
    const blocks = statement.all(Math.floor((after + 1) / BLOCK_ROWS), beforeMs).map((row) => integer(row, 'block'));
    for (const [index, block] of blocks.slice(0, BLOCKS_AT_ONCE).entries()) {
      const isLast = index === BLOCKS_AT_ONCE - 1 && blocks.length > BLOCKS_AT_ONCE;
      yield { low: block * BLOCK_ROWS, high: (block + 1) * BLOCK_ROWS, isLast };
    }
  }
}

const JOINS = 'CROSS JOIN events e ON e.seq = d.event_seq CROSS JOIN endpoints p ON p.seq = d.endpoint_seq';

/** The way to a query's rows within a block. */
function scopeOf({ tenant, filter }: SelectionQuery): { readonly scope: Condition; readonly index: string } {
  const block = `(d.seq >> ${BLOCK_BITS}) = ?`;
  return filter.endpointSeq === null
    ? { index: 'deliveries_by_tenant', scope: { sql: `${block} AND d.tenant = ?`, values: [tenant] } }
    : { index: 'deliveries_by_endpoint', scope: { sql: `${block} AND d.endpoint_seq = ?`, values: [filter.endpointSeq] } };
}

function matching({ tenant, filter, after, upToSeq }: SelectionQuery): Condition {
  const types = (filter.types ?? []).map(typeCondition);
  const anyType = types.length === 0 ? 'TRUE' : `(${types.map(({ sql }) => sql).join(' OR ')})`;
  return {
    sql: `d.tenant = ? AND d.seq > ? AND d.seq <= ? AND d.created_ms >= ? AND d.created_ms < ?
      AND d.state IN (${filter.states.map((state) => STATES.code(state)).join(', ')}) AND d.cause <> ${TEST}
      AND p.deleted_ms IS NULL AND ${anyType}
      AND NOT EXISTS (SELECT 1 FROM deliveries l INDEXED BY deliveries_by_event
        WHERE l.event_seq = d.event_seq AND l.endpoint_seq = d.endpoint_seq AND l.seq > d.seq)`,
    values: [
      tenant,
      after,
      upToSeq,
      filter.fromMs ?? Number.MIN_SAFE_INTEGER,
      filter.toMs ?? Number.MAX_SAFE_INTEGER,
      ...types.flatMap(({ values }) => values),
    ],
  };
}

function typeCondition(filter: string): Condition {
  const bounds = typeBounds(filter);
  if (bounds === null) return { sql: 'TRUE', values: [] };
  if ('exact' in bounds) return { sql: 'e.type = ?', values: [bounds.exact] };
  return { sql: '(e.type >= ? AND e.type < ?)', values: [bounds.from, bounds.to] };
}

function selectedOf(row: SqlRow): SelectedDelivery {
  return {
    seq: integer(row, 'seq'),
    id: id(row, 'id', 'dlv'),
    eventSeq: integer(row, 'event_seq'),
    endpointSeq: integer(row, 'endpoint_seq'),
    facts: textOrNull(row, 'facts'),
  };
}

function oldDeliveryOf(row: SqlRow): OldDelivery {
  return {
    seq: integer(row, 'seq'),
    endpointSeq: integer(row, 'endpoint_seq'),
    state: STATES.name(integer(row, 'state')),
    outcome: OUTCOMES.nameOrNull(integerOrNull(row, 'outcome')),
    attempts: integer(row, 'attempts'),
    dueMs: integer(row, 'due_ms'),
  };
}
