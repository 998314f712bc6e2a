// The snapshot: all that the engine holds in memory, read once at opening.

import type { EndpointRow, EventTypeRow, KeyRow, NoticeRow, ProfileRow, ReplayRow, TenantRow } from '../rows.ts';
import type { Expansion, ExpansionMatch, StoreSnapshot } from '../store.ts';
import { integer, integerOrNull, json, type SqlRow } from '../columns.ts';
import { EVENT_SELECTION, eventOf } from '../event-rows.ts';
import { readMeta } from './database.ts';
import type { Session } from './session.ts';

const TABLES = { event: 'events', delivery: 'deliveries', endpoint: 'endpoints', replay: 'replays' } as const;

export async function readSnapshot(session: Session, cleanStop: boolean): Promise<StoreSnapshot> {
  const all = async <R>(sql: string, read: (row: SqlRow) => R): Promise<readonly R[]> => (await session.rows({ text: sql })).map(read);
  const nextSeq = async (name: keyof typeof TABLES): Promise<number> => {
    const [row = {}] = await session.rows(
      {
        text: `SELECT greatest((SELECT max(seq) FROM waxwing.${TABLES[name]}), (SELECT seq FROM waxwing.removed_seqs WHERE name = $1)) AS seq`,
      },
      [name],
    );
    return 1 + (integerOrNull(row, 'seq') ?? 0);
  };
  const [mails = {}] = await session.rows({ text: 'SELECT count(*) AS n FROM waxwing.notices WHERE mail_due_ms IS NOT NULL' });
  return {
    tenants: await all('SELECT "row" FROM waxwing.tenants ORDER BY id', (row) => json<TenantRow>(row, 'row')),
    endpoints: await all(
      `SELECT e."row", t.last_triggered_ms FROM waxwing.endpoints e LEFT JOIN waxwing.endpoint_touches t ON t.endpoint_seq = e.seq
       WHERE e.deleted_ms IS NULL ORDER BY e.seq`,
      endpointOf,
    ),
    profiles: await all('SELECT "row" FROM waxwing.profiles ORDER BY name, version', (row) => json<ProfileRow>(row, 'row')),
    eventTypes: await all('SELECT "row" FROM waxwing.event_types ORDER BY name', (row) => json<EventTypeRow>(row, 'row')),
    keys: await all('SELECT "row" FROM waxwing.keys ORDER BY id', (row) => json<KeyRow>(row, 'row')),
    backlog: await all(
      'SELECT endpoint_seq, count(*) AS pending, min(due_ms) AS due_ms FROM waxwing.pending GROUP BY endpoint_seq ORDER BY endpoint_seq',
      backlogOf,
    ),
    expansions: await all(`${EXPANSIONS} ORDER BY x.event_seq`, expansionOf),
    replays: await all('SELECT "row" FROM waxwing.replays WHERE finished_ms IS NULL ORDER BY seq', (row) => json<ReplayRow>(row, 'row')),
    notices: {
      open: await all('SELECT "row" FROM waxwing.notices WHERE is_open ORDER BY id', (row) => json<NoticeRow>(row, 'row')),
      mailsWaiting: integer(mails, 'n'),
    },
    meta: await readMeta(session),
    nextSeq: {
      event: await nextSeq('event'),
      delivery: await nextSeq('delivery'),
      endpoint: await nextSeq('endpoint'),
      replay: await nextSeq('replay'),
    },
    cleanStop,
  };
}

export const EXPANSIONS: string = `SELECT x.matches, x.done, ${EVENT_SELECTION} FROM waxwing.expansions x JOIN waxwing.events e ON e.seq = x.event_seq`;

export function expansionOf(row: SqlRow): Expansion {
  return { event: eventOf(row), matches: json<ExpansionMatch[]>(row, 'matches'), done: integer(row, 'done') };
}

/** Of an endpoint: how much is pending, and when the first is due. */
export function backlogOf(row: SqlRow): StoreSnapshot['backlog'][number] {
  return { endpointSeq: integer(row, 'endpoint_seq'), pending: integer(row, 'pending'), nextDueMs: integer(row, 'due_ms') };
}

export function endpointOf(row: SqlRow): EndpointRow {
  const kept = json<Omit<EndpointRow, 'lastTriggeredMs'>>(row, 'row');
  return { ...kept, lastTriggeredMs: integerOrNull(row, 'last_triggered_ms') };
}
