// The feed reader: goes on from a place, batch by batch, and loads what each entry is about, on the reader's connection.
//
// One page is read within one transaction: what its rows say fits together, and a trim in between cannot open a gap.
// Only what the filter takes is loaded whole. What has been removed since is left out (retention trims the feed first).

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { afterAttempt, BATCH_END, type FeedEntry, type FeedMark, type FeedPage, type FeedPlace, type FeedQuery } from '../feed.ts';
import { integer, text, type SqlRow } from '../columns.ts';
import { EVENT_SELECTION, eventOf } from '../event-rows.ts';
import { readList } from './feed-writer.ts';
import { attemptOf, deliveryOf, everEndpointOf } from '../stored-rows.ts';
import { DELIVERY_JOINS, DELIVERY_SELECTION } from './history.ts';
import { ATTEMPT_NUMBER_BITS } from './wire.ts';

/** The one writer of this store. */
const SOURCE = 0;

export class FeedReader {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  head(): readonly FeedPlace[] {
    return [{ source: SOURCE, no: this.#newest(), index: BATCH_END }];
  }

  page(query: FeedQuery): FeedPage {
    this.#db.exec('BEGIN');
    try {
      return this.#page(query);
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  #page(query: FeedQuery): FeedPage {
    const from = query.after.find(({ source }) => source === SOURCE) ?? { source: SOURCE, no: 0, index: BATCH_END };
    const gone = this.#goneAt(from);
    if (gone !== null) return { gone, entries: [], reached: query.after, more: false };
    const entries: FeedEntry[] = [];
    let reached = from;
    let [looked, bytes] = [0, 0];
    for (const row of this.#prepared('SELECT no, list FROM feed WHERE no >= ? ORDER BY no').iterate(from.no)) {
      const no = integer(row, 'no');
      for (const [index, mark] of readList(text(row, 'list')).entries()) {
        if (no === from.no && index <= from.index) continue;
        if (looked >= query.entriesMax || bytes >= query.bytesMax) return { gone: null, entries, reached: [reached], more: true };
        looked += 1;
        reached = { source: SOURCE, no, index };
        const entry = this.#entry(mark, reached, query);
        if (entry === null) continue;
        entries.push(entry);
        bytes += sizeOf(entry);
      }
      reached = { source: SOURCE, no, index: BATCH_END };
    }
    return { gone: null, entries, reached: [reached], more: false };
  }

  #goneAt({ no }: FeedPlace): FeedPage['gone'] {
    if (no > this.#newest()) return 'unknown';
    const oldest = this.#prepared('SELECT no FROM feed ORDER BY no LIMIT 1').get();
    return oldest !== undefined && no < integer(oldest, 'no') - 1 ? 'retention' : null;
  }

  #newest(): number {
    const newest = this.#prepared('SELECT no FROM feed ORDER BY no DESC LIMIT 1').get();
    return newest === undefined ? 0 : integer(newest, 'no');
  }

  #entry(mark: FeedMark, at: FeedPlace, { tenants, kinds }: FeedQuery): FeedEntry | null {
    const isTaken = (tenant: string): boolean => tenants === null || tenants.includes(tenant);
    const kind = mark.kind === 'delivery' ? 'attempt' : mark.kind;
    if (!kinds.includes(kind)) return null;
    switch (mark.kind) {
      case 'event': {
        if (tenants !== null && !isTaken(this.#tenantOf('events', mark.seq))) return null;
        const row = this.#prepared(`SELECT ${EVENT_SELECTION} FROM events e WHERE e.seq = ?`).get(mark.seq);
        return row === undefined ? null : { kind: 'event', at, event: eventOf(row) };
      }
      case 'attempt':
      case 'delivery': {
        if (tenants !== null && !isTaken(this.#tenantOf('deliveries', mark.deliverySeq))) return null;
        const row = this.#prepared(`SELECT ${DELIVERY_SELECTION} FROM deliveries d ${DELIVERY_JOINS} WHERE d.seq = ?`).get(
          mark.deliverySeq,
        );
        if (row === undefined) return null;
        const delivery = deliveryOf(row);
        if (mark.kind === 'delivery') return { kind: 'attempt', at, delivery, attempt: null };
        const kept = this.#attempt(mark.deliverySeq, mark.number);
        if (kept === undefined) return null;
        const attempt = attemptOf(kept, mark.deliverySeq);
        return { kind: 'attempt', at, delivery: afterAttempt(delivery, attempt, mark.isKeptOnly), attempt };
      }
      case 'endpoint': {
        const row = this.#prepared('SELECT row, deleted_ms FROM endpoints WHERE seq = ?').get(mark.endpointSeq);
        const endpoint = row === undefined ? null : everEndpointOf(row);
        return endpoint === null || !isTaken(endpoint.row.tenant) ? null : { kind: 'endpoint', at, endpoint };
      }
      default:
        return mark satisfies never;
    }
  }

  #attempt(deliverySeq: number, number: number): SqlRow | undefined {
    return this.#prepared(
      `SELECT ?2 AS number, started_ms, duration_ms, outcome, status, next_due_ms, record FROM attempts WHERE key = (?1 << ${ATTEMPT_NUMBER_BITS}) | ?2`,
    ).get(deliverySeq, number);
  }

  /** The empty text, which is no tenant's name, where the row is gone. */
  #tenantOf(table: 'events' | 'deliveries', seq: number): string {
    const row = this.#prepared(`SELECT tenant FROM ${table} WHERE seq = ?`).get(seq);
    return row === undefined ? '' : text(row, 'tenant');
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

function sizeOf(entry: FeedEntry): number {
  if (entry.kind === 'event') return entry.event.data.length;
  return entry.kind === 'attempt' ? (entry.attempt?.record.length ?? 0) : 0;
}
