// The tables that a move carries over, each with its columns as PostgreSQL has them, and where SQLite has them elsewhere.
//
// What is not here is made anew: the feed begins empty (streams say `gone` to older cursors), and so do the statistics.
// `pending`, `failures` and the tallies follow from the deliveries.

import { ATTEMPT_NUMBER_BITS } from '../sqlite/wire.ts';

export type ColumnType = 'text' | 'integer' | 'smallint' | 'bigint' | 'boolean' | 'facts';

export interface MovedTable {
  readonly name: string;
  /** In the order that rows are read, hashed and written in. */
  readonly columns: { readonly [column: string]: ColumnType };
  readonly key: readonly string[];
  /** SQLite's expression for a column that it does not have by this name. */
  readonly expressions?: { readonly [column: string]: string };
}

export const MOVED_TABLES: readonly MovedTable[] = [
  { name: 'meta', columns: { name: 'text', value: 'text' }, key: ['name'] },
  { name: 'tenants', columns: { id: 'text', row: 'text' }, key: ['id'] },
  { name: 'profiles', columns: { name: 'text', version: 'integer', row: 'text' }, key: ['name', 'version'] },
  { name: 'event_types', columns: { name: 'text', row: 'text' }, key: ['name'] },
  { name: 'keys', columns: { id: 'text', row: 'text' }, key: ['id'] },
  {
    name: 'endpoints',
    columns: { seq: 'bigint', id: 'text', profile: 'text', profile_version: 'integer', tenant: 'text', deleted_ms: 'bigint', row: 'text' },
    key: ['seq'],
  },
  { name: 'endpoint_touches', columns: { endpoint_seq: 'bigint', last_triggered_ms: 'bigint' }, key: ['endpoint_seq'] },
  {
    name: 'events',
    columns: {
      seq: 'bigint',
      id: 'text',
      tenant: 'text',
      type: 'text',
      timestamp_ms: 'bigint',
      received_ms: 'bigint',
      has_unsafe_integer: 'smallint',
      data: 'text',
    },
    key: ['seq'],
  },
  { name: 'event_blocks', columns: { block: 'bigint', min_ms: 'bigint', max_ms: 'bigint' }, key: ['block'] },
  { name: 'expansions', columns: { event_seq: 'bigint', matches: 'text', match_count: 'integer', done: 'integer' }, key: ['event_seq'] },
  {
    name: 'idempotency',
    columns: {
      tenant: 'text',
      name: 'text',
      content_hash: 'text',
      event_id: 'text',
      type: 'text',
      timestamp_ms: 'bigint',
      received_ms: 'bigint',
      delivery_count: 'integer',
    },
    key: ['tenant', 'name'],
  },
  {
    name: 'deliveries',
    columns: {
      seq: 'bigint',
      id: 'text',
      tenant: 'text',
      event_seq: 'bigint',
      endpoint_seq: 'bigint',
      cause: 'smallint',
      origin: 'text',
      state: 'smallint',
      state_reason: 'text',
      outcome: 'smallint',
      attempts: 'integer',
      due_ms: 'bigint',
      facts: 'facts',
      created_ms: 'bigint',
      finished_ms: 'bigint',
      replay_seq: 'bigint',
    },
    key: ['seq'],
  },
  { name: 'delivery_blocks', columns: { block: 'bigint', min_ms: 'bigint', max_ms: 'bigint' }, key: ['block'] },
  {
    name: 'attempts',
    columns: {
      delivery_seq: 'bigint',
      number: 'integer',
      started_ms: 'bigint',
      duration_ms: 'integer',
      outcome: 'smallint',
      status: 'integer',
      next_due_ms: 'bigint',
      record: 'text',
    },
    key: ['delivery_seq', 'number'],
    expressions: { delivery_seq: `key >> ${ATTEMPT_NUMBER_BITS}`, number: `key & ${2 ** ATTEMPT_NUMBER_BITS - 1}` },
  },
  { name: 'replays', columns: { seq: 'bigint', id: 'text', tenant: 'text', finished_ms: 'bigint', row: 'text' }, key: ['seq'] },
  { name: 'removed_seqs', columns: { name: 'text', seq: 'bigint' }, key: ['name'] },
  {
    name: 'notices',
    columns: {
      id: 'text',
      tenant: 'text',
      kind: 'text',
      is_open: 'boolean',
      mail_due_ms: 'bigint',
      created_ms: 'bigint',
      row: 'text',
    },
    key: ['id'],
  },
];
