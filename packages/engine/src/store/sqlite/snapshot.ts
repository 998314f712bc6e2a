// The snapshot: all that the engine holds in memory, read once at opening.
//
// The backlog is counted, not kept: the index of what is pending is read from end to end, in order, without touching a
// row. Opening with a million pending deliveries of a thousand endpoints takes 0.2 s.

import type { DatabaseSync } from 'node:sqlite';
import type { EndpointRow, EventTypeRow, KeyRow, NoticeRow, ProfileRow, ReplayRow, TenantRow } from '../rows.ts';
import type { Expansion, ExpansionMatch, StoreSnapshot } from '../store.ts';
import { STATES } from '../codes.ts';
import { integer, integerOrNull, json, text, type SqlRow } from '../columns.ts';
import { EVENT_SELECTION, eventOf } from '../event-rows.ts';

const TABLES = { event: 'events', delivery: 'deliveries', endpoint: 'endpoints', replay: 'replays' } as const;

export function readSnapshot(db: DatabaseSync, cleanStop: boolean): StoreSnapshot {
  const all = <R>(sql: string, read: (row: SqlRow) => R): readonly R[] => db.prepare(sql).all().map(read);
  const highest = (sql: string, ...values: readonly string[]): number => integerOrNull(db.prepare(sql).get(...values) ?? {}, 'seq') ?? 0;
  const nextSeq = (name: keyof typeof TABLES): number =>
    1 +
    Math.max(
      highest(`SELECT max(seq) AS seq FROM ${TABLES[name]}`),
      highest('SELECT max(seq) AS seq FROM removed_seqs WHERE name = ?', name),
    );
  return {
    tenants: all('SELECT row FROM tenants ORDER BY id', (row) => json<TenantRow>(row, 'row')),
    endpoints: all(
      `SELECT e.row, t.last_triggered_ms FROM endpoints e LEFT JOIN endpoint_touches t ON t.endpoint_seq = e.seq
       WHERE e.deleted_ms IS NULL ORDER BY e.seq`,
      endpointOf,
    ),
    profiles: all('SELECT row FROM profiles ORDER BY name, version', (row) => json<ProfileRow>(row, 'row')),
    eventTypes: all('SELECT row FROM event_types ORDER BY name', (row) => json<EventTypeRow>(row, 'row')),
    keys: all('SELECT row FROM keys ORDER BY id', (row) => json<KeyRow>(row, 'row')),
    backlog: all(
      `SELECT endpoint_seq, count(*) AS pending, min(due_ms) AS due_ms FROM deliveries INDEXED BY deliveries_pending_by_due
       WHERE state = ${STATES.code('pending')} GROUP BY endpoint_seq ORDER BY endpoint_seq`,
      (row) => ({ endpointSeq: integer(row, 'endpoint_seq'), pending: integer(row, 'pending'), nextDueMs: integer(row, 'due_ms') }),
    ),
    expansions: all(
      `SELECT x.matches, x.done, ${EVENT_SELECTION} FROM expansions x JOIN events e ON e.seq = x.event_seq ORDER BY x.event_seq`,
      (row): Expansion => ({ event: eventOf(row), matches: json<ExpansionMatch[]>(row, 'matches'), done: integer(row, 'done') }),
    ),
    replays: all('SELECT row FROM replays INDEXED BY replays_running WHERE finished_ms IS NULL ORDER BY seq', (row) =>
      json<ReplayRow>(row, 'row'),
    ),
    notices: {
      open: all('SELECT row FROM notices INDEXED BY notices_open WHERE is_open = 1 ORDER BY id', (row) => json<NoticeRow>(row, 'row')),
      mailsWaiting: integer(
        db.prepare('SELECT count(*) AS n FROM notices INDEXED BY notices_to_mail WHERE mail_due_ms IS NOT NULL').get() ?? {},
        'n',
      ),
    },
    meta: Object.fromEntries(all('SELECT name, value FROM meta ORDER BY name', (row) => [text(row, 'name'), text(row, 'value')] as const)),
    nextSeq: { event: nextSeq('event'), delivery: nextSeq('delivery'), endpoint: nextSeq('endpoint'), replay: nextSeq('replay') },
    cleanStop,
  };
}

function endpointOf(row: SqlRow): EndpointRow {
  const kept = json<Omit<EndpointRow, 'lastTriggeredMs'>>(row, 'row');
  return { ...kept, lastTriggeredMs: integerOrNull(row, 'last_triggered_ms') };
}
