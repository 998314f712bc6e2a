// The pending reader: refills of lanes and loads by seq, on the writer's own session, so that a read that was asked for
// after a commit sees it.

import type { PendingDelivery } from '../rows.ts';
import { pendingBytes } from '../pending-bytes.ts';
import type { RefillQuery } from '../store.ts';
import { CAUSES } from '../codes.ts';
import { id, integer, text, textOrNull, type SqlRow } from '../columns.ts';
import { EVENT_SELECTION, eventOf } from '../event-rows.ts';
import { readFacts } from './facts.ts';
import type { Session, Statement } from './session.ts';

/** Rows are asked for in steps of this many, so that a bound in bytes is not overshot by a page of large events. */
const ROWS_AT_ONCE = 200;

export async function refill(session: Session, query: RefillQuery): Promise<readonly PendingDelivery[]> {
  const { endpointSeq, rowsMax, bytesMax } = query;
  const rows: PendingDelivery[] = [];
  let after = query.after ?? { dueMs: Number.MIN_SAFE_INTEGER, seq: -1 };
  let bytes = 0;
  const wanted = Math.max(rowsMax, 1);
  for (;;) {
    const limit = Math.min(wanted - rows.length, ROWS_AT_ONCE);
    const found =
      query.order === 'seq'
        ? await session.rows(BY_SEQ, [endpointSeq, after.seq, limit])
        : await session.rows(BY_DUE, [endpointSeq, after.dueMs, after.seq, limit]);
    for (const row of found) {
      const delivery = pendingOf(row);
      bytes += pendingBytes(delivery);
      if (bytes > bytesMax && rows.length > 0) return rows;
      rows.push(delivery);
      after = delivery;
    }
    if (found.length < limit || rows.length >= wanted) return rows;
  }
}

export async function load(session: Session, seqs: readonly number[]): Promise<readonly PendingDelivery[]> {
  const found = (await session.rows(BY_SEQS, [seqs, ...spanOf(seqs)])).map(pendingOf);
  const bySeq = new Map(found.map((delivery) => [delivery.seq, delivery]));
  return seqs.map((seq) => bySeq.get(seq)).filter((delivery) => delivery !== undefined);
}

/** The lowest and the highest: which partitions a question by these numbers looks at. */
export function spanOf(seqs: readonly number[]): readonly [number, number] {
  return [seqs.reduce((a, b) => Math.min(a, b), Number.MAX_SAFE_INTEGER), seqs.reduce((a, b) => Math.max(a, b), 0)];
}

export const PENDING_COLUMNS: string = 'd.seq, d.id, d.tenant, d.endpoint_seq, d.cause, d.attempts, d.due_ms, d.facts';

function select(name: string, where: string): Statement {
  return {
    name,
    text: `SELECT ${PENDING_COLUMNS}, ${EVENT_SELECTION} FROM waxwing.pending p JOIN waxwing.deliveries d ON d.seq = p.seq JOIN waxwing.events e ON e.seq = d.event_seq
      WHERE ${where}`,
  };
}

const BY_DUE = select('waxwing_by_due', 'p.endpoint_seq = $1 AND (p.due_ms, p.seq) > ($2, $3) ORDER BY p.due_ms, p.seq LIMIT $4');
const BY_SEQ = select('waxwing_by_seq', 'p.endpoint_seq = $1 AND p.seq > $2 ORDER BY p.seq LIMIT $3');
const BY_SEQS = select('waxwing_by_seqs', 'p.seq = ANY($1::bigint[]) AND d.seq BETWEEN $2 AND $3');

export function pendingOf(row: SqlRow): PendingDelivery {
  return {
    seq: integer(row, 'seq'),
    id: id(row, 'id', 'dlv'),
    tenant: text(row, 'tenant'),
    endpointSeq: integer(row, 'endpoint_seq'),
    cause: CAUSES.name(integer(row, 'cause')),
    attempts: integer(row, 'attempts'),
    dueMs: integer(row, 'due_ms'),
    facts: readFacts(textOrNull(row, 'facts')),
    event: eventOf(row),
  };
}
