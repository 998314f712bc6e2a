// Removal: what retention takes out, row by row, within the batch's transaction.
//
//  1. What is pending stays, whatever was asked. An event stays while it has deliveries or is being expanded.
//  2. Attempts go with their delivery. Counts and blocks go along, so that lists and `counts` stay exact.
//  3. The highest number removed is kept: no number is given out twice, also when a table is empty.
//
// Freed pages go to SQLite's free list and are written again before the file grows; the file itself does not shrink.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { STATES } from '../codes.ts';
import { integer } from '../columns.ts';
import { BLOCK_BITS } from './schema.ts';
import type { Tallies } from './tallies.ts';
import { ATTEMPT_NUMBER_BITS } from './wire.ts';

const PENDING = STATES.code('pending');
/** How far the clock may have stepped back since a block was begun. */
const DAY_MS = 24 * 3_600_000;
const NUMBER_MASK = 2 ** ATTEMPT_NUMBER_BITS - 1;

interface Statements {
  readonly state: StatementSync;
  readonly attempts: StatementSync;
  readonly delivery: StatementSync;
  readonly deliveryBlock: StatementSync;
  readonly event: StatementSync;
  readonly eventBlock: StatementSync;
  readonly oldEndpoints: StatementSync;
  readonly endpoint: StatementSync;
  readonly touch: StatementSync;
  readonly oldReplays: StatementSync;
  readonly replay: StatementSync;
  readonly removed: StatementSync;
}

export class Removal {
  readonly #db: DatabaseSync;
  readonly #tallies: Tallies;
  #prepared: Statements | null = null;

  constructor(db: DatabaseSync, tallies: Tallies) {
    this.#db = db;
    this.#tallies = tallies;
  }

  deliveries(seqs: readonly number[]): number {
    const { state, attempts, delivery, deliveryBlock } = this.#statements();
    let removed = 0;
    for (const seq of seqs) {
      const row = state.get(seq);
      if (row === undefined) continue;
      attempts.run(seq, seq);
      delivery.run(seq);
      this.#tallies.removed(integer(row, 'state'));
      removed += 1;
    }
    this.#swept('delivery', seqs, removed, deliveryBlock);
    return removed;
  }

  events(seqs: readonly number[]): number {
    const { event, eventBlock } = this.#statements();
    let removed = 0;
    for (const seq of seqs) removed += Number(event.run(seq).changes);
    this.#tallies.eventsRemoved(removed);
    this.#swept('event', seqs, removed, eventBlock);
    return removed;
  }

  replays(finishedBeforeMs: number, limit: number): number {
    const { oldReplays, replay } = this.#statements();
    const seqs = oldReplays.all(finishedBeforeMs, limit).map((row) => integer(row, 'seq'));
    for (const seq of seqs) replay.run(seq);
    this.#swept('replay', seqs, seqs.length, null);
    return seqs.length;
  }

  /** Of each, only the blocks from its time are looked at: retention has left few of those. */
  endpoints(deletedBeforeMs: number, limit: number): number {
    const { oldEndpoints, endpoint, touch } = this.#statements();
    const seqs = oldEndpoints.all(deletedBeforeMs, limit).map((row) => integer(row, 'seq'));
    for (const seq of seqs) {
      endpoint.run(seq);
      touch.run(seq);
    }
    this.#swept('endpoint', seqs, seqs.length, null);
    return seqs.length;
  }

  /** Drops the blocks that are empty now, and keeps the highest number. */
  #swept(name: string, seqs: readonly number[], removed: number, block: StatementSync | null): void {
    if (removed === 0) return;
    this.#statements().removed.run(name, Math.max(...seqs));
    if (block === null) return;
    for (const number of new Set(seqs.map((seq) => Math.floor(seq / 2 ** BLOCK_BITS)))) block.run(number);
  }

  /** Prepared at first use. */
  #statements(): Statements {
    const block = (blocks: string, table: string): StatementSync =>
      this.#db.prepare(
        `DELETE FROM ${blocks} WHERE block = ?1 AND NOT EXISTS (
           SELECT 1 FROM ${table} WHERE seq BETWEEN ?1 << ${BLOCK_BITS} AND ((?1 + 1) << ${BLOCK_BITS}) - 1)`,
      );
    this.#prepared ??= {
      state: this.#db.prepare(`SELECT state FROM deliveries WHERE seq = ? AND state <> ${PENDING}`),
      attempts: this.#db.prepare(
        `DELETE FROM attempts WHERE key BETWEEN (? << ${ATTEMPT_NUMBER_BITS}) AND (? << ${ATTEMPT_NUMBER_BITS}) | ${NUMBER_MASK}`,
      ),
      delivery: this.#db.prepare('DELETE FROM deliveries WHERE seq = ?'),
      deliveryBlock: block('delivery_blocks', 'deliveries'),
      event: this.#db.prepare(
        `DELETE FROM events WHERE seq = ?1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event_seq = ?1)
           AND NOT EXISTS (SELECT 1 FROM expansions WHERE event_seq = ?1)`,
      ),
      eventBlock: block('event_blocks', 'events'),
      oldEndpoints: this.#db.prepare(
        `SELECT seq FROM endpoints e INDEXED BY endpoints_deleted WHERE deleted_ms IS NOT NULL AND deleted_ms < ?
           AND NOT EXISTS (SELECT 1 FROM expansions)
           AND NOT EXISTS (SELECT 1 FROM delivery_blocks b CROSS JOIN deliveries d INDEXED BY deliveries_by_endpoint
             ON d.seq >> ${BLOCK_BITS} = b.block AND d.endpoint_seq = e.seq WHERE b.min_ms <= e.deleted_ms + ${DAY_MS})
         ORDER BY deleted_ms, seq LIMIT ?`,
      ),
      endpoint: this.#db.prepare('DELETE FROM endpoints WHERE seq = ?'),
      touch: this.#db.prepare('DELETE FROM endpoint_touches WHERE endpoint_seq = ?'),
      oldReplays: this.#db.prepare(
        'SELECT seq FROM replays INDEXED BY replays_by_end WHERE finished_ms IS NOT NULL AND finished_ms < ? ORDER BY seq LIMIT ?',
      ),
      replay: this.#db.prepare('DELETE FROM replays WHERE seq = ?'),
      removed: this.#db.prepare(
        'INSERT INTO removed_seqs (name, seq) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = max(seq, excluded.seq)',
      ),
    };
    return this.#prepared;
  }
}
