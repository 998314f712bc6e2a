// The change writer: configuration, cancelling, forgetting and removing, one change at a time within the batch's transaction.
//
// Each answers with the rows it touched. An endpoint that is deleted stays deleted: a late put does not bring it back.

import type { EndpointRow } from '../rows.ts';
import type { Change } from '../store.ts';
import { STATES } from '../codes.ts';
import { integer } from '../columns.ts';
import { deliveryMark, endpointMark, type ToldChanges } from './feed-marks.ts';
import { REMOVE_REJECTED, rejectEvent } from './outbox.ts';
import { removeDeliveries, removeEndpoints, removeEvents, removeReplays } from './removal.ts';
import { rollUp } from './roll-up.ts';
import type { Session, SqlValue } from './session.ts';
import { ADD_TALLIES } from './tallies.ts';

const PENDING = STATES.code('pending');
const CANCELLED = STATES.code('cancelled');

/** Rejects with PostgreSQL's error. */
export async function applyChange(session: Session, source: number, change: Change, told: ToldChanges): Promise<number> {
  const run = (text: string, ...values: readonly SqlValue[]): Promise<number> => session.run({ text }, values);
  const writer = String(source);
  switch (change.kind) {
    case 'putTenant':
      return run(putRow('tenants', 'id'), change.tenant.id, JSON.stringify(change.tenant));
    case 'deleteTenant':
      return run('DELETE FROM waxwing.tenants WHERE id = $1', change.id);
    case 'putEndpoint':
      return putEndpoint(session, change.endpoint, change.untold === true ? null : told);
    case 'deleteEndpoint': {
      const deleted = await run(DELETE_ENDPOINT, change.seq, change.deletedMs);
      if (deleted > 0) told.add(endpointMark(change.seq), change.deletedMs);
      return deleted;
    }
    case 'touchEndpoint':
      return run(TOUCH_ENDPOINT, change.seq, change.lastTriggeredMs);
    case 'putProfile':
      return run(PUT_PROFILE, change.profile.name, change.profile.version, JSON.stringify(change.profile));
    case 'putEventType':
      return run(putRow('event_types', 'name'), change.eventType.name, JSON.stringify(change.eventType));
    case 'deleteEventType':
      return run('DELETE FROM waxwing.event_types WHERE name = $1', change.name);
    case 'putKey':
      return run(putRow('keys', 'id'), change.key.id, JSON.stringify(change.key));
    case 'putMeta':
      return run(
        'INSERT INTO waxwing.meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
        change.name,
        change.value,
      );
    case 'cancelPending': {
      const { endpointSeq, limit, reason, nowMs } = change;
      const cancelled = await session.rows({ text: CANCEL_PENDING }, [endpointSeq, limit, reason, nowMs]);
      const rows = cancelled.length;
      if (rows === 0) return 0;
      for (const seq of cancelled.map((row) => integer(row, 'seq')).toSorted((a, b) => a - b)) told.add(deliveryMark(seq), nowMs);
      await session.run(ADD_TALLIES, [writer, ['pending', 'cancelled'], [-rows, rows]]);
      await session.run({ text: NOTE_ENDED }, [endpointSeq, nowMs, CANCELLED, rows]);
      return rows;
    }
    case 'forgetIdempotency':
      return run(FORGET_IDEMPOTENCY, change.beforeMs, change.limit);
    case 'putReplay': {
      const { seq, id, tenant, finishedMs } = change.replay;
      told.atLeast(Math.max(change.replay.createdMs, finishedMs ?? 0));
      return run(PUT_REPLAY, seq, id, tenant, finishedMs, JSON.stringify(change.replay));
    }
    case 'removeDeliveries':
      return removeDeliveries(session, writer, change.seqs);
    case 'removeEvents':
      return removeEvents(session, writer, change.seqs);
    case 'removeEndpoints':
      return removeEndpoints(session, change.deletedBeforeMs, change.limit);
    case 'removeReplays':
      return removeReplays(session, change.finishedBeforeMs, change.limit);
    case 'deleteKey':
      return run('DELETE FROM waxwing.keys WHERE id = $1', change.id);
    case 'trimFeed':
      return run(TRIM_FEED, change.beforeMs, change.limit);
    case 'rollUp':
      return rollUp(session, change.scopesMax);
    case 'removeSteps':
      return run(REMOVE_STEPS, change.resolutionMs, change.beforeMs, change.limit);
    case 'putNotice': {
      const { id, tenant, kind, openUntilMs, mail, createdMs } = change.notice;
      return run(PUT_NOTICE, id, tenant, kind, openUntilMs !== null, mail?.dueMs ?? null, createdMs, JSON.stringify(change.notice));
    }
    case 'rejectEvent':
      return rejectEvent(session, change.event);
    case 'removeRejected':
      return run(REMOVE_REJECTED, change.rejectedBeforeMs, change.limit);
    case 'removeNotices':
      return run(REMOVE_NOTICES, change.createdBeforeMs, change.unsentToo, change.limit);
    default:
      return change satisfies never;
  }
}

async function putEndpoint(session: Session, endpoint: EndpointRow, told: ToldChanges | null): Promise<number> {
  const { lastTriggeredMs, ...row } = endpoint;
  const { seq, id, profile, profileVersion } = endpoint;
  const written = await session.run({ text: PUT_ENDPOINT }, [seq, id, profile, profileVersion, JSON.stringify(row), endpoint.tenant]);
  if (written === 0) return 0;
  told?.add(endpointMark(seq), endpoint.updatedMs);
  if (lastTriggeredMs === null) await session.run({ text: 'DELETE FROM waxwing.endpoint_touches WHERE endpoint_seq = $1' }, [seq]);
  else await session.run({ text: SET_TOUCH }, [seq, lastTriggeredMs]);
  return written;
}

function putRow(table: string, key: string): string {
  return `INSERT INTO waxwing.${table} (${key}, "row") VALUES ($1, $2) ON CONFLICT (${key}) DO UPDATE SET "row" = excluded."row"`;
}

const PUT_ENDPOINT = `INSERT INTO waxwing.endpoints (seq, id, profile, profile_version, tenant, "row") VALUES ($1, $2, $3, $4, $6, $5)
  ON CONFLICT (seq) DO UPDATE SET id = excluded.id, profile = excluded.profile, profile_version = excluded.profile_version, tenant = excluded.tenant, "row" = excluded."row"
  WHERE endpoints.deleted_ms IS NULL`;

/** A deleted endpoint keeps no secret: rotating the master key need not look at it. */
const DELETE_ENDPOINT = `UPDATE waxwing.endpoints SET deleted_ms = $2,
  "row" = ("row"::jsonb || '{"secretSealed": "", "previousSecretSealed": null, "headersSealed": null}')::text
  WHERE seq = $1 AND deleted_ms IS NULL`;

const TOUCH_ENDPOINT = `INSERT INTO waxwing.endpoint_touches SELECT seq, $2::bigint FROM waxwing.endpoints WHERE seq = $1 AND deleted_ms IS NULL
  ON CONFLICT (endpoint_seq) DO UPDATE SET last_triggered_ms = excluded.last_triggered_ms
  WHERE endpoint_touches.last_triggered_ms < excluded.last_triggered_ms`;

const SET_TOUCH = `INSERT INTO waxwing.endpoint_touches (endpoint_seq, last_triggered_ms) VALUES ($1, $2)
  ON CONFLICT (endpoint_seq) DO UPDATE SET last_triggered_ms = excluded.last_triggered_ms`;

const PUT_PROFILE = `INSERT INTO waxwing.profiles (name, version, "row") VALUES ($1, $2, $3)
  ON CONFLICT (name, version) DO UPDATE SET "row" = excluded."row"`;

const CANCEL_PENDING = `WITH ended AS (
    DELETE FROM waxwing.pending WHERE seq IN (SELECT seq FROM waxwing.pending WHERE endpoint_seq = $1 ORDER BY due_ms, seq LIMIT $2) RETURNING seq)
  UPDATE waxwing.deliveries d SET state = ${CANCELLED}, state_reason = $3, finished_ms = $4 FROM ended
  WHERE d.seq = ended.seq AND d.state = ${PENDING} RETURNING d.seq`;

const NOTE_ENDED = 'INSERT INTO waxwing.stat_facts (endpoint_seq, at_ms, state, value) VALUES ($1, $2, $3, $4)';

const TRIM_FEED = `DELETE FROM waxwing.feed f USING (
    SELECT o.source, o.no FROM (SELECT no AS source, (SELECT max(l.no) FROM waxwing.feed l WHERE l.source = n.no) AS newest FROM waxwing.nodes n) AS s
    CROSS JOIN LATERAL (SELECT * FROM waxwing.feed o WHERE o.source = s.source AND o.no < s.newest AND o.at_ms < $1 ORDER BY o.no LIMIT $2) AS o
    ORDER BY o.at_ms, o.source, o.no LIMIT $2) AS old
  WHERE f.source = old.source AND f.no = old.no`;

const REMOVE_STEPS = `DELETE FROM waxwing.stat_steps s USING (
    SELECT resolution_ms, at_ms, scope FROM waxwing.stat_steps WHERE resolution_ms = $1 AND at_ms < $2 ORDER BY at_ms, scope LIMIT $3) AS old
  WHERE s.resolution_ms = old.resolution_ms AND s.at_ms = old.at_ms AND s.scope = old.scope`;

const FORGET_IDEMPOTENCY = `DELETE FROM waxwing.idempotency i USING (
    SELECT tenant, name FROM waxwing.idempotency WHERE received_ms < $1 ORDER BY received_ms, tenant, name LIMIT $2) AS old
  WHERE i.tenant = old.tenant AND i.name = old.name`;

const PUT_REPLAY = `INSERT INTO waxwing.replays (seq, id, tenant, finished_ms, "row") VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (seq) DO UPDATE SET finished_ms = excluded.finished_ms, "row" = excluded."row" WHERE replays.finished_ms IS NULL`;

const PUT_NOTICE = `INSERT INTO waxwing.notices (id, tenant, kind, is_open, mail_due_ms, created_ms, "row") VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (id) DO UPDATE SET tenant = excluded.tenant, kind = excluded.kind, is_open = excluded.is_open,
    mail_due_ms = excluded.mail_due_ms, created_ms = excluded.created_ms, "row" = excluded."row"`;

const REMOVE_NOTICES = `DELETE FROM waxwing.notices WHERE id IN (
  SELECT id FROM waxwing.notices WHERE created_ms < $1 AND NOT is_open AND (mail_due_ms IS NULL OR $2::boolean) ORDER BY created_ms, id LIMIT $3)`;
