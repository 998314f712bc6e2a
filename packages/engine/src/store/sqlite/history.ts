// History: the lists and details that people read, on a connection of their own that can only read.
//
// Lists go newest first, block by block (schema.ts), and stop in three ways: the page is full; there is nothing older; or
// a filter that no index serves has looked at ROWS_LOOKED_AT rows (or BYTES_SEARCHED of data), and the page's `next` says
// where to go on. Before a block is filtered, its rows are counted off on the index alone, so that the bound is exact.

import { statSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { DeliveryId, DeliveryState } from '@waxwing/protocol';
import type { AttemptRow, EventRow } from '../rows.ts';
import type { DeliveryListRow, DeliveryQuery, EventQuery, RowPage, StoreCounts, StoreReader } from '../store.ts';
import { searchForms, typeBounds } from '../search-text.ts';
import { CAUSES, OUTCOMES, STATES } from '../codes.ts';
import { id, integer, text, type SqlRow } from '../columns.ts';
import { attemptOf, deliveryOf } from '../stored-rows.ts';
import { EVENT_SELECTION, eventOf } from '../event-rows.ts';
import { ListScan, type Condition, type Scope } from './list-scan.ts';
import { ATTEMPT_NUMBER_BITS } from './wire.ts';

/** StoreReader without the promises: what the reader thread answers. */
export type SyncReader = {
  readonly [V in keyof StoreReader]: (...args: Parameters<StoreReader[V]>) => Awaited<ReturnType<StoreReader[V]>>;
};

export const DELIVERY_SELECTION = `d.*, e.id AS event_id, e.type AS event_type, p.id AS endpoint_id`;
export const DELIVERY_JOINS = 'CROSS JOIN events e ON e.seq = d.event_seq CROSS JOIN endpoints p ON p.seq = d.endpoint_seq';
const FAILED = STATES.code('failed');
const PENDING = STATES.code('pending');
const NUMBER_MASK = 2 ** ATTEMPT_NUMBER_BITS - 1;

type HistoryVerb = 'events' | 'event' | 'deliveries' | 'delivery' | 'attempts' | 'endpoint' | 'counts';

export class History implements Pick<SyncReader, HistoryVerb> {
  readonly #db: DatabaseSync;
  readonly #path: string;

  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
  }

  events(query: EventQuery): RowPage<EventRow> {
    const filters: Condition[] = typeConditions(query.type);
    if (query.text !== null && query.text !== '') {
      const forms = searchForms(query.text);
      filters.push({ sql: `(${forms.map(() => 'instr(e.data, ?) > 0').join(' OR ')})`, values: forms });
    }
    const scope: Scope =
      query.tenant === null ? { kind: 'all' } : { kind: 'block', index: 'events_by_tenant', sql: ofTenant, values: [query.tenant] };
    const scan = new ListScan(this.#db, {
      table: 'events',
      blocks: 'event_blocks',
      msColumn: 'received_ms',
      bytesColumn: query.text === null ? null : 'data',
    });
    return scan.page(query, scope, filters, (index) => `SELECT ${EVENT_SELECTION} FROM events e ${index}`, 'e', eventOf);
  }

  event(tenant: string | null, eventId: string): EventRow | null {
    const andTenant = tenant === null ? '' : ' AND e.tenant = ?';
    const row = this.#get(
      `SELECT ${EVENT_SELECTION} FROM events e INDEXED BY events_by_id WHERE e.id = ?${andTenant} ORDER BY e.seq DESC LIMIT 1`,
      tenant === null ? [eventId] : [eventId, tenant],
    );
    return row === undefined ? null : eventOf(row);
  }

  deliveries(query: DeliveryQuery): RowPage<DeliveryListRow> {
    const { scope, filters } = deliveryScope(query);
    filters.push(...typeConditions(query.type));
    if (query.outcome !== null) filters.push({ sql: 'd.outcome = ?', values: [OUTCOMES.code(query.outcome)] });
    if (query.cause !== null) filters.push({ sql: 'd.cause = ?', values: [CAUSES.code(query.cause)] });
    const scan = new ListScan(this.#db, { table: 'deliveries', blocks: 'delivery_blocks', msColumn: 'created_ms', bytesColumn: null });
    return scan.page(
      query,
      scope,
      filters,
      (index) => `SELECT ${DELIVERY_SELECTION} FROM deliveries d ${index} ${DELIVERY_JOINS}`,
      'd',
      deliveryOf,
    );
  }

  delivery(deliveryId: DeliveryId): DeliveryListRow | null {
    const row = this.#get(`SELECT ${DELIVERY_SELECTION} FROM deliveries d ${DELIVERY_JOINS} WHERE d.id = ?`, [deliveryId]);
    return row === undefined ? null : deliveryOf(row);
  }

  attempts(deliverySeq: number): readonly AttemptRow[] {
    const shifted = `(? << ${ATTEMPT_NUMBER_BITS})`;
    return this.#all(
      `SELECT key & ${NUMBER_MASK} AS number, started_ms, duration_ms, outcome, status, next_due_ms, record FROM attempts
       WHERE key BETWEEN ${shifted} AND ${shifted} | ${NUMBER_MASK} ORDER BY key`,
      [deliverySeq, deliverySeq],
    ).map((row) => attemptOf(row, deliverySeq));
  }

  endpoint(seq: number): Awaited<ReturnType<StoreReader['endpoint']>> {
    const row = this.#get('SELECT id, profile, profile_version FROM endpoints WHERE seq = ?', [seq]);
    if (row === undefined) return null;
    return { id: id(row, 'id', 'ep'), profile: text(row, 'profile'), profileVersion: integer(row, 'profile_version') };
  }

  counts(): StoreCounts {
    const tallies = new Map(this.#all('SELECT name, value FROM tallies', []).map((row) => [text(row, 'name'), integer(row, 'value')]));
    const count = (state: DeliveryState): number => tallies.get(state) ?? 0;
    return {
      events: tallies.get('events') ?? 0,
      deliveries: {
        pending: count('pending'),
        delivered: count('delivered'),
        failed: count('failed'),
        cancelled: count('cancelled'),
        skipped: count('skipped'),
      },
      bytes: sizeOf(this.#path) + sizeOf(`${this.#path}-wal`),
    };
  }

  #get(sql: string, values: readonly SQLInputValue[]): SqlRow | undefined {
    return this.#db.prepare(sql).get(...values);
  }

  #all(sql: string, values: readonly SQLInputValue[]): readonly SqlRow[] {
    return this.#db.prepare(sql).all(...values);
  }
}

/** The narrowest way to a query's deliveries, and what is left to filter. */
function deliveryScope(query: DeliveryQuery): { readonly scope: Scope; readonly filters: Condition[] } {
  const { tenant, eventId, endpointSeq, state } = query;
  const byTenant: Condition[] = tenant === null ? [] : [{ sql: 'd.tenant = ?', values: [tenant] }];
  const byState: Condition[] = state === null ? [] : [{ sql: 'd.state = ?', values: [STATES.code(state)] }];
  if (eventId !== null) {
    const events = `SELECT seq FROM events WHERE id = ?${tenant === null ? '' : ' AND tenant = ?'}`;
    const values = tenant === null ? [eventId] : [eventId, tenant];
    const andEndpoint = (d: string): string => (endpointSeq === null ? '' : ` AND ${ofEndpoint(d)}`);
    return {
      scope: {
        kind: 'index',
        index: 'deliveries_by_event',
        sql: (d) => `${d}.event_seq IN (${events})${andEndpoint(d)}`,
        values: endpointSeq === null ? values : [...values, endpointSeq],
      },
      filters: byState,
    };
  }
  if (endpointSeq !== null) return { scope: endpointScope(endpointSeq, state), filters: [...byTenant, ...byState] };
  if (tenant !== null) return { scope: tenantScope(tenant, state), filters: byState };
  const scope: Scope = state === 'failed' ? { kind: 'index', index: 'deliveries_failed', sql: hasFailed, values: [] } : { kind: 'all' };
  return { scope, filters: byState };
}

function endpointScope(endpointSeq: number, state: DeliveryState | null): Scope {
  const values = [endpointSeq];
  if (state === 'failed') {
    return { kind: 'index', index: 'deliveries_failed_by_endpoint', sql: (d) => `${ofEndpoint(d)} AND ${hasFailed(d)}`, values };
  }
  if (state === 'pending') {
    return { kind: 'index', index: 'deliveries_pending_by_seq', sql: (d) => `${ofEndpoint(d)} AND ${d}.state = ${PENDING}`, values };
  }
  return { kind: 'block', index: 'deliveries_by_endpoint', sql: ofEndpoint, values };
}

function tenantScope(tenant: string, state: DeliveryState | null): Scope {
  const values = [tenant];
  if (state === 'failed') {
    return { kind: 'index', index: 'deliveries_failed_by_tenant', sql: (d) => `${ofTenant(d)} AND ${hasFailed(d)}`, values };
  }
  return { kind: 'block', index: 'deliveries_by_tenant', sql: ofTenant, values };
}

function ofEndpoint(d: string): string {
  return `${d}.endpoint_seq = ?`;
}

function ofTenant(d: string): string {
  return `${d}.tenant = ?`;
}

function hasFailed(d: string): string {
  return `${d}.state = ${FAILED}`;
}

function typeConditions(filter: string | null): Condition[] {
  const bounds = typeBounds(filter);
  if (bounds === null) return [];
  if ('exact' in bounds) return [{ sql: 'e.type = ?', values: [bounds.exact] }];
  return [{ sql: 'e.type >= ? AND e.type < ?', values: [bounds.from, bounds.to] }];
}

/** The size of a file that may not be there. Looked up, never opened: see the lock's invariant in database.ts. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
