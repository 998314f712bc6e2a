// The ledger: the deliveries and attempts that a store says there were, read from its own tables once every node has stopped.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DeliveryCause, DeliveryState } from '@waxwing/protocol';
import { CAUSES, OUTCOMES, STATES } from '../packages/engine/src/store/codes.ts';
import { readMarks } from '../packages/engine/src/store/postgres/feed-marks.ts';
import { ATTEMPT_NUMBER_BITS } from '../packages/engine/src/store/sqlite/wire.ts';

export interface LedgerDelivery {
  readonly seq: number;
  readonly event: string;
  /** The endpoint's label: the last part of its URL's path. */
  readonly endpoint: string;
  readonly cause: DeliveryCause;
  readonly state: DeliveryState;
  /** How many attempts its row says there were. */
  readonly attempts: number;
}

export interface LedgerAttempt {
  readonly delivery: number;
  readonly number: number;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly delivered: boolean;
}

/** An attempt that a node's batch told of in the feed. */
export interface ToldAttempt {
  readonly delivery: number;
  readonly number: number;
  /** The node's number. */
  readonly source: number;
  /** The delivery was final before: the attempt was kept, and changed nothing. */
  readonly isKeptOnly: boolean;
}

export interface Ledger {
  readonly deliveries: readonly LedgerDelivery[];
  readonly attempts: readonly LedgerAttempt[];
}

export interface SharedLedger extends Ledger {
  readonly told: readonly ToldAttempt[];
}

type Row = { readonly [column: string]: unknown };
/** Runs one statement. */
export type Ask = (text: string) => Promise<readonly Row[]>;

const ATTEMPT_NUMBERS = 2 ** ATTEMPT_NUMBER_BITS;

/** Reads an embedded store that nobody has open. */
export function readEmbedded(folder: string): Ledger {
  const db = new DatabaseSync(join(folder, 'waxwing.db'), { readOnly: true });
  try {
    const deliveries = db.prepare(
      `SELECT d.seq, e.id AS event, n.row ->> 'url' AS url, d.cause, d.state, d.attempts
       FROM deliveries d JOIN events e ON e.seq = d.event_seq JOIN endpoints n ON n.seq = d.endpoint_seq
       WHERE d.tenant <> 'waxwing' ORDER BY d.seq`,
    );
    const attempts = db.prepare(
      `SELECT key / ${ATTEMPT_NUMBERS} AS delivery, key % ${ATTEMPT_NUMBERS} AS number, started_ms, duration_ms, outcome
       FROM attempts ORDER BY key`,
    );
    return { deliveries: deliveries.all().map(delivery), attempts: attempts.all().map(attempt) };
  } finally {
    db.close();
  }
}

/** Reads a database that several nodes shared. */
export async function readShared(ask: Ask): Promise<SharedLedger> {
  const deliveries = await ask(
    `SELECT d.seq, e.id AS event, n."row"::json ->> 'url' AS url, d.cause, d.state, d.attempts
     FROM waxwing.deliveries d JOIN waxwing.events e ON e.seq = d.event_seq JOIN waxwing.endpoints n ON n.seq = d.endpoint_seq
     WHERE d.tenant <> 'waxwing' ORDER BY d.seq`,
  );
  const attempts = await ask(
    `SELECT delivery_seq AS delivery, number, started_ms, duration_ms, outcome FROM waxwing.attempts ORDER BY delivery_seq, number`,
  );
  const feed = await ask('SELECT source, list FROM waxwing.feed ORDER BY source, no');
  return {
    deliveries: deliveries.map(delivery),
    attempts: attempts.map(attempt),
    told: feed.flatMap((row) =>
      readMarks(String(row['list'])).flatMap((mark) => {
        if (mark.kind !== 'attempt') return [];
        const { deliverySeq, number, isKeptOnly } = mark;
        return [{ delivery: deliverySeq, number, source: Number(row['source']), isKeptOnly }];
      }),
    ),
  };
}

function delivery(row: Row): LedgerDelivery {
  return {
    seq: Number(row['seq']),
    event: String(row['event']),
    endpoint: String(row['url']).split('/').at(-1) ?? '',
    cause: CAUSES.name(Number(row['cause'])),
    state: STATES.name(Number(row['state'])),
    attempts: Number(row['attempts']),
  };
}

function attempt(row: Row): LedgerAttempt {
  return {
    delivery: Number(row['delivery']),
    number: Number(row['number']),
    startedMs: Number(row['started_ms']),
    endedMs: Number(row['started_ms']) + Number(row['duration_ms']),
    delivered: OUTCOMES.name(Number(row['outcome'])) === 'delivered',
  };
}

/** SQLite's own look through every page, on a store whose process is gone: `ok`, or what is wrong. Changes nothing. */
export function checkEmbedded(folder: string): string {
  const db = new DatabaseSync(join(folder, 'waxwing.db'), { readOnly: true });
  try {
    return db
      .prepare('PRAGMA integrity_check')
      .all()
      .map((row) => String(Object.values(row)[0]))
      .join('; ');
  } finally {
    db.close();
  }
}
