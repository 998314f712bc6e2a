// History: the lists and details that people read. Never on the writer's session.

import type { DeliveryId, DeliveryState } from '@waxwing/protocol';
import type { AttemptRow, EventRow } from '../rows.ts';
import type { DeliveryListRow, DeliveryQuery, EventQuery, RowPage, StoreCounts, StoreReader } from '../store.ts';
import { searchForms, typeBounds } from '../search-text.ts';
import { CAUSES, OUTCOMES, STATES } from '../codes.ts';
import { id, integer, text, type SqlRow } from '../columns.ts';
import { EVENT_SELECTION, eventOf } from '../event-rows.ts';
import { attemptOf as attemptAsStored, deliveryOf as deliveryAsStored } from '../stored-rows.ts';
import { readFacts } from './facts.ts';
import { page, type Ask, type Condition, type Listing } from './list-scan.ts';

export const DELIVERY_SELECTION = 'd.*, e.id AS event_id, e.type AS event_type, p.id AS endpoint_id';
export const DELIVERY_JOINS = 'JOIN waxwing.events e ON e.seq = d.event_seq JOIN waxwing.endpoints p ON p.seq = d.endpoint_seq';

type HistoryVerb = 'events' | 'event' | 'deliveries' | 'delivery' | 'attempts' | 'endpoint' | 'counts';

export class History implements Pick<StoreReader, HistoryVerb> {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async events(query: EventQuery): Promise<RowPage<EventRow>> {
    if (!storable(query.tenant, query.type)) return NOTHING;
    const filters: Condition[] = [];
    if (query.text !== null && query.text !== '') {
      const forms = searchForms(query.text).filter((form) => storable(form));
      filters.push({ sql: `(${forms.map(() => 'strpos(l.data, ?) > 0').join(' OR ')})`, values: forms });
    }
    return page(this.#ask, query, {
      leading: 'events',
      scope: query.tenant === null ? [] : [{ sql: 'l.tenant = ?', values: [query.tenant] }],
      filters: [...typeConditions('l.type', query.type), ...filters],
      select: `SELECT ${EVENT_SELECTION.replaceAll('e.', 'l.')} FROM waxwing.events l`,
      blocks: 'event_blocks',
      msColumn: 'l.received_ms',
      searchesData: filters.length > 0,
      read: eventOf,
    });
  }

  async event(tenant: string | null, eventId: string): Promise<EventRow | null> {
    if (!storable(tenant, eventId)) return null;
    const andTenant = tenant === null ? '' : ' AND e.tenant = $2';
    const values = tenant === null ? [eventId] : [eventId, tenant];
    const [row] = await this.#ask(
      { text: `SELECT ${EVENT_SELECTION} FROM waxwing.events e WHERE e.id = $1${andTenant} ORDER BY e.seq DESC LIMIT 1` },
      values,
    );
    return row === undefined ? null : eventOf(row);
  }

  async deliveries(query: DeliveryQuery): Promise<RowPage<DeliveryListRow>> {
    if (!storable(query.tenant, query.eventId, query.type)) return NOTHING;
    const { leading, scope, filters } = deliveryScope(query);
    filters.push(...typeConditions('e.type', query.type));
    if (query.outcome !== null) filters.push({ sql: 'd.outcome = ?', values: [OUTCOMES.code(query.outcome)] });
    if (query.cause !== null) filters.push({ sql: 'd.cause = ?', values: [CAUSES.code(query.cause)] });
    return page(this.#ask, query, {
      leading,
      scope,
      filters,
      select: `SELECT ${DELIVERY_SELECTION} FROM waxwing.${leading} l JOIN waxwing.deliveries d ON d.seq = l.seq ${DELIVERY_JOINS}`,
      blocks: 'delivery_blocks',
      msColumn: 'd.created_ms',
      searchesData: false,
      read: deliveryOf,
    });
  }

  async delivery(deliveryId: DeliveryId): Promise<DeliveryListRow | null> {
    if (!storable(deliveryId)) return null;
    const sql = `SELECT ${DELIVERY_SELECTION} FROM waxwing.deliveries d ${DELIVERY_JOINS} WHERE d.id = $1`;
    const [row] = await this.#ask({ text: sql }, [deliveryId]);
    return row === undefined ? null : deliveryOf(row);
  }

  async attempts(deliverySeq: number): Promise<readonly AttemptRow[]> {
    return (await this.#ask({ text: 'SELECT * FROM waxwing.attempts WHERE delivery_seq = $1 ORDER BY number' }, [deliverySeq])).map(
      attemptOf,
    );
  }

  async endpoint(seq: number): ReturnType<StoreReader['endpoint']> {
    const [row] = await this.#ask({ text: 'SELECT id, profile, profile_version FROM waxwing.endpoints WHERE seq = $1' }, [seq]);
    if (row === undefined) return null;
    return { id: id(row, 'id', 'ep'), profile: text(row, 'profile'), profileVersion: integer(row, 'profile_version') };
  }

  async counts(): Promise<StoreCounts> {
    const sums = await this.#ask({ text: 'SELECT name, sum(value)::bigint AS value FROM waxwing.tallies GROUP BY name' }, []);
    const tallies = new Map(sums.map((row) => [text(row, 'name'), integer(row, 'value')]));
    const [size = {}] = await this.#ask({ text: 'SELECT pg_database_size(current_database()) AS bytes' }, []);
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
      bytes: integer(size, 'bytes'),
    };
  }
}

const NOTHING = { rows: [], next: null } as const;

/** PostgreSQL holds no text with a NUL, so nothing that it holds equals one. */
export function storable(...texts: readonly (string | null)[]): boolean {
  return texts.every((value) => value === null || !value.includes('\0'));
}

/** The narrowest way to a query's deliveries, and what is left to filter. */
function deliveryScope(query: DeliveryQuery): Pick<Listing<never>, 'leading' | 'scope'> & { readonly filters: Condition[] } {
  const { tenant, eventId, endpointSeq, state } = query;
  const ofTenant: Condition[] = tenant === null ? [] : [{ sql: 'l.tenant = ?', values: [tenant] }];
  const ofEndpoint: Condition[] = endpointSeq === null ? [] : [{ sql: 'l.endpoint_seq = ?', values: [endpointSeq] }];
  if (eventId !== null) {
    const events = `SELECT seq FROM waxwing.events WHERE id = ?${tenant === null ? '' : ' AND tenant = ?'}`;
    const scope = [{ sql: `l.event_seq IN (${events})`, values: tenant === null ? [eventId] : [eventId, tenant] }, ...ofEndpoint];
    return { leading: 'deliveries', scope, filters: ofState(state) };
  }
  if (state === 'pending') return { leading: 'pending', scope: [...ofTenant, ...ofEndpoint], filters: [] };
  if (state === 'failed') return { leading: 'failures', scope: [...ofTenant, ...ofEndpoint], filters: [] };
  if (endpointSeq !== null && tenant !== null) {
    return { leading: 'deliveries', scope: ofEndpoint, filters: [{ sql: 'd.tenant = ?', values: [tenant] }, ...ofState(state)] };
  }
  return { leading: 'deliveries', scope: [...ofTenant, ...ofEndpoint], filters: ofState(state) };
}

function ofState(state: DeliveryState | null): Condition[] {
  return state === null ? [] : [{ sql: 'd.state = ?', values: [STATES.code(state)] }];
}

export function typeConditions(column: string, filter: string | null): Condition[] {
  const bounds = typeBounds(filter);
  if (bounds === null) return [];
  if ('exact' in bounds) return [{ sql: `${column} = ?`, values: [bounds.exact] }];
  return [{ sql: `(${column} >= ? AND ${column} < ?)`, values: [bounds.from, bounds.to] }];
}

export function deliveryOf(row: SqlRow): DeliveryListRow {
  const delivery = deliveryAsStored(row);
  return { ...delivery, facts: readFacts(delivery.facts) };
}

export function attemptOf(row: SqlRow): AttemptRow {
  return attemptAsStored(row, integer(row, 'delivery_seq'));
}
