// Held rows: what the database answers to the judge of inserts. Asked only where a publish carries names or refers to an event.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Known, RememberedName } from '../judge.ts';
import { integer, text } from '../columns.ts';

export class HeldRows implements Known {
  readonly #name: StatementSync;
  readonly #eventId: StatementSync;
  readonly #eventSeq: StatementSync;
  readonly #expansion: StatementSync;
  readonly #replayRuns: StatementSync;

  constructor(db: DatabaseSync) {
    this.#name = db.prepare('SELECT * FROM idempotency WHERE tenant = ? AND name = ?');
    this.#eventId = db.prepare('SELECT 1 FROM events WHERE id = ? AND tenant = ?');
    this.#eventSeq = db.prepare('SELECT 1 FROM events WHERE seq = ?');
    this.#expansion = db.prepare('SELECT 1 FROM expansions WHERE event_seq = ?');
    this.#replayRuns = db.prepare('SELECT 1 FROM replays WHERE seq = ? AND finished_ms IS NULL');
  }

  name(tenant: string, name: string): RememberedName | null {
    const row = this.#name.get(tenant, name);
    if (row === undefined) return null;
    return {
      contentHash: text(row, 'content_hash'),
      eventId: text(row, 'event_id'),
      type: text(row, 'type'),
      timestampMs: integer(row, 'timestamp_ms'),
      receivedMs: integer(row, 'received_ms'),
      deliveryCount: integer(row, 'delivery_count'),
    };
  }

  eventId(tenant: string, id: string): boolean {
    return this.#eventId.get(id, tenant) !== undefined;
  }

  eventSeq(seq: number): boolean {
    return this.#eventSeq.get(seq) !== undefined;
  }

  expansion(eventSeq: number): boolean {
    return this.#expansion.get(eventSeq) !== undefined;
  }

  replayRuns(replaySeq: number): boolean {
    return this.#replayRuns.get(replaySeq) !== undefined;
  }
}
