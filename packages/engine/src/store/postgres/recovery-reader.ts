// The recovery reader: what replays and retention ask. Everything goes oldest first and in parts: a call looks at
// ROWS_AT_ONCE numbers that can hold what is asked for and says where to go on.

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
  StoreReader,
} from '../store.ts';
import { CAUSES, OUTCOMES, STATES } from '../codes.ts';
import { id, integer, integerOrNull, json, textOrNull, type SqlRow } from '../columns.ts';
import { everEndpointOf } from '../stored-rows.ts';
import { readFacts } from './facts.ts';
import { deliveryOf, DELIVERY_JOINS, DELIVERY_SELECTION, storable, typeConditions } from './history.ts';
import { conditions, type Ask, type Condition } from './list-scan.ts';
import { BLOCK_BITS } from './schema.ts';

const BLOCK_ROWS = 2 ** BLOCK_BITS;
const BLOCKS_AT_ONCE = 16;
const PENDING = STATES.code('pending');
const TEST = CAUSES.code('test');

type RecoveryVerb =
  | 'endpointEver'
  | 'replay'
  | 'replays'
  | 'replayCounts'
  | 'replayPending'
  | 'selection'
  | 'selectionCounts'
  | 'oldDeliveries'
  | 'oldEvents';

/** Numbers from `low` (included) to `high` (not); `next` is where the next call goes on, null at the end. */
interface Stretch {
  readonly low: number;
  readonly high: number;
  readonly next: number | null;
}

export class RecoveryReader implements Pick<StoreReader, RecoveryVerb> {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async endpointEver(endpointId: string): Promise<EverEndpoint | null> {
    if (!storable(endpointId)) return null;
    const [row] = await this.#ask({ text: 'SELECT "row", deleted_ms FROM waxwing.endpoints WHERE id = $1 ORDER BY seq DESC LIMIT 1' }, [
      endpointId,
    ]);
    return row === undefined ? null : everEndpointOf(row);
  }

  async replay(replayId: string): Promise<ReplayRow | null> {
    if (!storable(replayId)) return null;
    const [row] = await this.#ask({ text: 'SELECT "row" FROM waxwing.replays WHERE id = $1' }, [replayId]);
    return row === undefined ? null : json<ReplayRow>(row, 'row');
  }

  async replays(query: {
    readonly tenant: string | null;
    readonly limit: number;
    readonly before: number | null;
  }): Promise<RowPage<ReplayRow>> {
    const bounds = [query.before ?? Number.MAX_SAFE_INTEGER, query.limit + 1];
    const found = await (query.tenant === null
      ? this.#ask({ text: 'SELECT "row" FROM waxwing.replays WHERE seq < $1 ORDER BY seq DESC LIMIT $2' }, bounds)
      : this.#ask({ text: 'SELECT "row" FROM waxwing.replays WHERE tenant = $3 AND seq < $1 ORDER BY seq DESC LIMIT $2' }, [
          ...bounds,
          query.tenant,
        ]));
    const rows = found.slice(0, query.limit).map((row) => json<ReplayRow>(row, 'row'));
    return { rows, next: found.length > rows.length ? (rows.at(-1)?.seq ?? null) : null };
  }

  async replayCounts(replaySeq: number): Promise<{ readonly [S in DeliveryState]: number }> {
    const counts = { pending: 0, delivered: 0, failed: 0, cancelled: 0, skipped: 0 };
    const sql = 'SELECT state, count(*) AS rows FROM waxwing.deliveries WHERE replay_seq = $1 GROUP BY state';
    for (const row of await this.#ask({ text: sql }, [replaySeq])) counts[STATES.name(integer(row, 'state'))] = integer(row, 'rows');
    return counts;
  }

  async replayPending(replaySeq: number, limit: number): Promise<readonly DeliveryListRow[]> {
    const text = `SELECT ${DELIVERY_SELECTION} FROM waxwing.deliveries d ${DELIVERY_JOINS}
      WHERE d.replay_seq = $1 AND d.state = ${PENDING} ORDER BY d.seq LIMIT $2`;
    return (await this.#ask({ text }, [replaySeq, limit])).map(deliveryOf);
  }

  async selection(query: SelectionQuery): Promise<SelectionPage> {
    const stretch = await this.#selectionStretch(query);
    if (stretch === null) return { rows: [], next: null };
    const where = matching(query, stretch);
    const text = `SELECT d.seq, d.id, d.event_seq, d.endpoint_seq, d.facts FROM waxwing.deliveries d ${DELIVERY_JOINS}
      WHERE ${where.sql} ORDER BY d.seq LIMIT ${query.limit}`;
    const rows = (await this.#ask({ text }, where.values)).map(selectedOf);
    return { rows, next: rows.length >= query.limit ? (rows.at(-1)?.seq ?? null) : stretch.next };
  }

  async selectionCounts(query: SelectionQuery): Promise<SelectionCounts> {
    const stretch = await this.#selectionStretch(query);
    if (stretch === null) return { counts: [], next: null };
    const where = matching(query, stretch);
    const text = `SELECT d.endpoint_seq, count(*) AS rows FROM waxwing.deliveries d ${DELIVERY_JOINS} WHERE ${where.sql}
      GROUP BY d.endpoint_seq ORDER BY d.endpoint_seq`;
    const counts = (await this.#ask({ text }, where.values)).map((row) => ({
      endpointSeq: integer(row, 'endpoint_seq'),
      deliveries: integer(row, 'rows'),
    }));
    return { counts, next: stretch.next };
  }

  async oldDeliveries(query: OldDeliveriesQuery): Promise<OldRows<OldDelivery>> {
    const stretch = await this.#oldStretch('delivery_blocks', query.madeBeforeMs, query.after);
    if (stretch === null) return { rows: [], next: null };
    const found = await this.#ask({ text: OLD_DELIVERIES }, [
      Math.max(query.after + 1, stretch.low),
      stretch.high,
      query.madeBeforeMs,
      query.endedBeforeMs,
      query.rowsMax + 1,
    ]);
    const rows: OldDelivery[] = [];
    let left = query.rowsMax;
    for (const row of found) {
      if (left <= 0) return { rows, next: rows.at(-1)?.seq ?? null };
      const delivery = oldDeliveryOf(row);
      left -= 1 + delivery.attempts;
      rows.push(delivery);
    }
    return { rows, next: stretch.next };
  }

  async oldEvents(query: OldEventsQuery): Promise<OldRows<number>> {
    const stretch = await this.#oldStretch('event_blocks', query.receivedBeforeMs, query.after);
    if (stretch === null) return { rows: [], next: null };
    const low = Math.max(query.after + 1, stretch.low);
    const found = await this.#ask({ text: OLD_EVENTS }, [low, stretch.high, query.receivedBeforeMs, query.rowsMax + 1]);
    const rows: number[] = [];
    let bytesLeft = query.bytesMax;
    for (const row of found) {
      if (rows.length >= query.rowsMax || bytesLeft <= 0) return { rows, next: rows.at(-1) ?? null };
      rows.push(integer(row, 'seq'));
      bytesLeft -= integer(row, 'bytes');
    }
    return { rows, next: stretch.next };
  }

  #selectionStretch({ after, upToSeq, filter }: SelectionQuery): Promise<Stretch | null> {
    return this.#stretch(
      'SELECT DISTINCT block FROM waxwing.delivery_blocks WHERE block BETWEEN $1 AND $2 AND max_ms >= $3 AND min_ms < $4',
      [
        Math.floor((after + 1) / BLOCK_ROWS),
        Math.floor(upToSeq / BLOCK_ROWS),
        filter.fromMs ?? Number.MIN_SAFE_INTEGER,
        filter.toMs ?? Number.MAX_SAFE_INTEGER,
      ],
    );
  }

  #oldStretch(blocks: 'event_blocks' | 'delivery_blocks', beforeMs: number, after: number): Promise<Stretch | null> {
    return this.#stretch(`SELECT DISTINCT block FROM waxwing.${blocks} WHERE block >= $1 AND min_ms < $2`, [
      Math.floor((after + 1) / BLOCK_ROWS),
      beforeMs,
    ]);
  }

  async #stretch(sql: string, values: readonly number[]): Promise<Stretch | null> {
    const found = await this.#ask({ text: `${sql} ORDER BY block LIMIT ${BLOCKS_AT_ONCE + 1}` }, values);
    const blocks = found.slice(0, BLOCKS_AT_ONCE).map((row) => integer(row, 'block'));
    const first = blocks[0];
    const last = blocks.at(-1);
    if (first === undefined || last === undefined) return null;
    const high = (last + 1) * BLOCK_ROWS;
    return { low: first * BLOCK_ROWS, high, next: found.length > BLOCKS_AT_ONCE ? high - 1 : null };
  }
}

function matching({ tenant, filter, after, upToSeq }: SelectionQuery, { low, high }: Stretch): Condition {
  const types = (filter.types ?? []).flatMap((type) => typeConditions('e.type', type));
  const anyType = filter.types === null || types.length < filter.types.length; // a `*` among them takes every type
  return conditions([
    { sql: 'd.tenant = ? AND d.seq > ? AND d.seq <= ? AND d.seq >= ? AND d.seq < ?', values: [tenant, after, upToSeq, low, high] },
    {
      sql: 'd.created_ms >= ? AND d.created_ms < ?',
      values: [filter.fromMs ?? Number.MIN_SAFE_INTEGER, filter.toMs ?? Number.MAX_SAFE_INTEGER],
    },
    ...(filter.endpointSeq === null ? [] : [{ sql: 'd.endpoint_seq = ?', values: [filter.endpointSeq] }]),
    {
      sql: `d.state IN (${filter.states.map((state) => STATES.code(state)).join(', ')}) AND d.cause <> ${TEST} AND p.deleted_ms IS NULL`,
      values: [],
    },
    ...(anyType ? [] : [{ sql: `(${types.map(({ sql }) => sql).join(' OR ')})`, values: types.flatMap(({ values }) => values) }]),
    {
      sql: `NOT EXISTS (SELECT 1 FROM waxwing.deliveries later
        WHERE later.event_seq = d.event_seq AND later.endpoint_seq = d.endpoint_seq AND later.seq > d.seq)`,
      values: [],
    },
  ]);
}

const OLD_DELIVERIES = `SELECT seq, endpoint_seq, state, outcome, attempts, due_ms FROM waxwing.deliveries
  WHERE seq >= $1 AND seq < $2 AND created_ms < $3 AND (state = ${PENDING} OR finished_ms < $4) ORDER BY seq LIMIT $5`;

const OLD_EVENTS = `SELECT e.seq, octet_length(e.data) AS bytes FROM waxwing.events e WHERE e.seq >= $1 AND e.seq < $2 AND e.received_ms < $3
  AND NOT EXISTS (SELECT 1 FROM waxwing.deliveries d WHERE d.event_seq = e.seq)
  AND NOT EXISTS (SELECT 1 FROM waxwing.expansions x WHERE x.event_seq = e.seq) ORDER BY e.seq LIMIT $4`;

function selectedOf(row: SqlRow): SelectedDelivery {
  return {
    seq: integer(row, 'seq'),
    id: id(row, 'id', 'dlv'),
    eventSeq: integer(row, 'event_seq'),
    endpointSeq: integer(row, 'endpoint_seq'),
    facts: readFacts(textOrNull(row, 'facts')),
  };
}

export function oldDeliveryOf(row: SqlRow): OldDelivery {
  return {
    seq: integer(row, 'seq'),
    endpointSeq: integer(row, 'endpoint_seq'),
    state: STATES.name(integer(row, 'state')),
    outcome: OUTCOMES.nameOrNull(integerOrNull(row, 'outcome')),
    attempts: integer(row, 'attempts'),
    dueMs: integer(row, 'due_ms'),
  };
}
