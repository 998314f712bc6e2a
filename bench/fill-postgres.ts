// Fills a PostgreSQL store by copying what it holds: finished deliveries are multiplied within the database, under numbers and
// ids of their own, with the counts and blocks that belong to them. Ten million are then a matter of minutes.

import { Client } from 'pg';

const COPIES_AT_ONCE = 10;
const BLOCK_BITS = 12;

/** Copies the finished deliveries numbered from `first`, `rows` of them, until the store holds `count`. */
export async function multiply(url: string, first: number, rows: number, count: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const run = (text: string, values: readonly number[] = []): Promise<unknown> => client.query(text, [...values]);
  try {
    const copies = Math.ceil(count / rows) - 1;
    const {
      rows: [numbers],
    } = await client.query<{ first: string }>('UPDATE waxwing.numbers SET next = next + $1 RETURNING next - $1 AS first', [copies * rows]);
    const shift = Number(numbers?.first ?? 0) - first;
    for (let from = 0; from < copies; from += COPIES_AT_ONCE) {
      const of = [shift, rows, from, Math.min(from + COPIES_AT_ONCE, copies) - 1, first, first + rows - 1];
      for (const statement of [EVENTS, DELIVERIES, ATTEMPTS]) await run(statement, of);
    }
    for (const table of ['event_blocks', 'delivery_blocks']) await run(blocks(table), [first + shift, copies * rows, Date.now()]);
    await run(`UPDATE waxwing.tallies SET value = value + $1 WHERE name IN ('events', 'delivered')`, [copies * rows]);
    await run('VACUUM (ANALYZE) waxwing.deliveries, waxwing.events, waxwing.attempts');
  } finally {
    await client.end();
  }
}

const COPIES = 'generate_series($3::bigint, $4::bigint) AS copy';
const of = (seq: string): string => `${seq} + $1::bigint + copy * $2::bigint`;
const idOf = (prefix: string, seq: string): string => `'${prefix}_' || lpad(to_hex(${of(seq)}), 26, '0')`;

const EVENTS = `INSERT INTO waxwing.events (seq, id, tenant, type, timestamp_ms, received_ms, has_unsafe_integer, data)
  SELECT ${of('seq')}, ${idOf('evt', 'seq')}, tenant, type, timestamp_ms, received_ms, has_unsafe_integer, data
  FROM waxwing.events, ${COPIES} WHERE seq BETWEEN $5 AND $6`;

const DELIVERIES = `INSERT INTO waxwing.deliveries (seq, id, tenant, event_seq, endpoint_seq, cause, origin, state, state_reason, outcome,
    attempts, due_ms, facts, created_ms, finished_ms, replay_seq)
  SELECT ${of('seq')}, ${idOf('dlv', 'seq')}, tenant, ${of('event_seq')}, endpoint_seq, cause, origin, state, state_reason, outcome,
    attempts, due_ms, facts, created_ms, finished_ms, replay_seq
  FROM waxwing.deliveries, ${COPIES} WHERE seq BETWEEN $5 AND $6`;

const ATTEMPTS = `INSERT INTO waxwing.attempts (delivery_seq, number, started_ms, duration_ms, outcome, status, next_due_ms, record)
  SELECT ${of('delivery_seq')}, number, started_ms, duration_ms, outcome, status, next_due_ms, record
  FROM waxwing.attempts, ${COPIES} WHERE delivery_seq BETWEEN $5 AND $6`;

function blocks(table: string): string {
  return `INSERT INTO waxwing.${table} (block, source, min_ms, max_ms)
    SELECT block, 0, $3, $3 FROM generate_series($1::bigint >> ${BLOCK_BITS}, ($1::bigint + $2::bigint) >> ${BLOCK_BITS}) AS block ON CONFLICT DO NOTHING`;
}
