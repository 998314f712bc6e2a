// The change writer: configuration, cancelling, forgetting and removing, one change at a time within the batch's transaction.
//
// Each answers with the rows it touched. An endpoint that is deleted stays deleted: a late put does not bring it back.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EndpointRow } from '../rows.ts';
import type { Change } from '../store.ts';
import { STATES } from '../codes.ts';
import type { FeedWriter } from './feed-writer.ts';
import { integer } from '../columns.ts';
import { Removal } from './removal.ts';
import type { Rollup } from './rollup.ts';
import type { Tallies } from './tallies.ts';

const PENDING = STATES.code('pending');
const CANCELLED = STATES.code('cancelled');

export class ChangeWriter {
  readonly #db: DatabaseSync;
  readonly #tallies: Tallies;
  readonly #feed: FeedWriter;
  readonly #rollup: Rollup;
  readonly #removal: Removal;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, tallies: Tallies, feed: FeedWriter, rollup: Rollup) {
    this.#rollup = rollup;
    this.#feed = feed;
    this.#db = db;
    this.#tallies = tallies;
    this.#removal = new Removal(db, tallies);
  }

  apply(change: Change): number {
    switch (change.kind) {
      case 'putTenant':
        return this.#run('INSERT OR REPLACE INTO tenants (id, row) VALUES (?, ?)', change.tenant.id, JSON.stringify(change.tenant));
      case 'deleteTenant':
        return this.#run('DELETE FROM tenants WHERE id = ?', change.id);
      case 'putEndpoint':
        return this.#putEndpoint(change.endpoint, change.untold === true);
      case 'deleteEndpoint':
        return this.#deleteEndpoint(change.seq, change.deletedMs);
      case 'touchEndpoint':
        // A table of its own: a batch touches many endpoints, and their rows are wide.
        return this.#run(
          `INSERT INTO endpoint_touches SELECT seq, ? FROM endpoints WHERE seq = ? AND deleted_ms IS NULL
             ON CONFLICT (endpoint_seq) DO UPDATE SET last_triggered_ms = excluded.last_triggered_ms
             WHERE last_triggered_ms < excluded.last_triggered_ms`,
          change.lastTriggeredMs,
          change.seq,
        );
      case 'putProfile':
        return this.#run(
          'INSERT OR REPLACE INTO profiles (name, version, row) VALUES (?, ?, ?)',
          change.profile.name,
          change.profile.version,
          JSON.stringify(change.profile),
        );
      case 'putEventType':
        return this.#run(
          'INSERT OR REPLACE INTO event_types (name, row) VALUES (?, ?)',
          change.eventType.name,
          JSON.stringify(change.eventType),
        );
      case 'deleteEventType':
        return this.#run('DELETE FROM event_types WHERE name = ?', change.name);
      case 'putKey':
        return this.#run('INSERT OR REPLACE INTO keys (id, row) VALUES (?, ?)', change.key.id, JSON.stringify(change.key));
      case 'deleteKey':
        return this.#run('DELETE FROM keys WHERE id = ?', change.id);
      case 'putMeta':
        return this.#run('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)', change.name, change.value);
      case 'cancelPending': {
        const cancelled = this.#statement(
          `UPDATE deliveries SET state = ${CANCELLED}, state_reason = ?, finished_ms = ? WHERE seq IN (
             SELECT seq FROM deliveries INDEXED BY deliveries_pending_by_due
             WHERE state = ${PENDING} AND endpoint_seq = ? ORDER BY due_ms, seq LIMIT ?) RETURNING seq`,
        ).all(change.reason, change.nowMs, change.endpointSeq, change.limit);
        for (const row of cancelled) this.#feed.delivery(integer(row, 'seq'), change.nowMs);
        this.#tallies.moved(PENDING, CANCELLED, cancelled.length);
        this.#rollup.journal.ended(change.endpointSeq, change.nowMs, CANCELLED, cancelled.length);
        return cancelled.length;
      }
      case 'forgetIdempotency':
        return this.#run(
          `DELETE FROM idempotency WHERE (tenant, name) IN (
             SELECT tenant, name FROM idempotency INDEXED BY idempotency_by_age
             WHERE received_ms < ? ORDER BY received_ms, tenant, name LIMIT ?)`,
          change.beforeMs,
          change.limit,
        );
      case 'putReplay': {
        const { seq, id, tenant, finishedMs } = change.replay;
        return this.#run(
          `INSERT INTO replays (seq, id, tenant, finished_ms, row) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (seq) DO UPDATE SET finished_ms = excluded.finished_ms, row = excluded.row WHERE finished_ms IS NULL`,
          seq,
          id,
          tenant,
          finishedMs,
          JSON.stringify(change.replay),
        );
      }
      case 'removeDeliveries':
        return this.#removal.deliveries(change.seqs);
      case 'removeEvents':
        return this.#removal.events(change.seqs);
      case 'removeEndpoints':
        return this.#removal.endpoints(change.deletedBeforeMs, change.limit);
      case 'removeReplays':
        return this.#removal.replays(change.finishedBeforeMs, change.limit);
      case 'trimFeed':
        return this.#run(
          `DELETE FROM feed WHERE no IN (
             SELECT no FROM feed WHERE at_ms < ? AND no < (SELECT max(no) FROM feed) ORDER BY no LIMIT ?)`,
          change.beforeMs,
          change.limit,
        );
      case 'rollUp':
        return this.#rollup.turn(change.scopesMax);
      case 'removeSteps':
        return this.#rollup.removeSteps(change.resolutionMs, change.beforeMs, change.limit);
      case 'putNotice': {
        const { id, tenant, kind, openUntilMs, mail, createdMs } = change.notice;
        return this.#run(
          'INSERT OR REPLACE INTO notices (id, tenant, kind, is_open, mail_due_ms, created_ms, row) VALUES (?, ?, ?, ?, ?, ?, ?)',
          id,
          tenant,
          kind,
          openUntilMs === null ? 0 : 1,
          mail?.dueMs ?? null,
          createdMs,
          JSON.stringify(change.notice),
        );
      }
      case 'rejectEvent':
      case 'removeRejected':
        return 0; // an embedded store has no outbox
      case 'removeNotices':
        return this.#run(
          `DELETE FROM notices WHERE id IN (
             SELECT id FROM notices INDEXED BY notices_by_age WHERE created_ms < ? AND is_open = 0 AND (mail_due_ms IS NULL OR ?)
             ORDER BY created_ms, id LIMIT ?)`,
          change.createdBeforeMs,
          change.unsentToo ? 1 : 0,
          change.limit,
        );
      default:
        return change satisfies never;
    }
  }

  #putEndpoint(endpoint: EndpointRow, untold: boolean): number {
    const { lastTriggeredMs, ...row } = endpoint;
    const written = this.#run(
      `INSERT INTO endpoints (seq, id, profile, profile_version, row) VALUES (?, ?, ?, ?, ?) ON CONFLICT (seq) DO UPDATE
         SET id = excluded.id, profile = excluded.profile, profile_version = excluded.profile_version, row = excluded.row
         WHERE deleted_ms IS NULL`,
      endpoint.seq,
      endpoint.id,
      endpoint.profile,
      endpoint.profileVersion,
      JSON.stringify(row),
    );
    if (written === 0) return 0;
    if (!untold) this.#feed.endpoint(endpoint.seq, endpoint.updatedMs);
    if (lastTriggeredMs === null) this.#run('DELETE FROM endpoint_touches WHERE endpoint_seq = ?', endpoint.seq);
    else this.#run('INSERT OR REPLACE INTO endpoint_touches VALUES (?, ?)', endpoint.seq, lastTriggeredMs);
    return written;
  }

  #deleteEndpoint(seq: number, deletedMs: number): number {
    const deleted = this.#run(
      `UPDATE endpoints SET deleted_ms = ?,
         row = json_set(row, '$.secretSealed', '', '$.previousSecretSealed', NULL, '$.headersSealed', NULL)
         WHERE seq = ? AND deleted_ms IS NULL`,
      deletedMs,
      seq,
    );
    if (deleted > 0) this.#feed.endpoint(seq, deletedMs);
    return deleted;
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** Prepared at first use: most processes never make most changes. */
  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
