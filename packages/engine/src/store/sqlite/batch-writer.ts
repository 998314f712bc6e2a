// The batch writer: one batch, one transaction. Groups first, then settles, then changes.
//
//  1. All of a batch is written or nothing is, save what a group's own result says.
//  2. A settle moves only what is pending. One that comes too late keeps its attempt, and the count of attempts kept.
//  3. An error before COMMIT rolls back: `row` or `unavailable`. One of COMMIT is `unknown`, unless it is known to have
//     written nothing. After a failed fsync, or a rollback that failed, this writer is `broken`: nothing more is written
//     until the store is opened anew.
//  4. An empty batch asks whether the disk takes writes: it writes a page all the same, as an empty COMMIT always succeeds.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { judge, answerOf } from '../judge.ts';
import { StoreError, type GroupResult, type InsertResult } from '../store.ts';
import { STATES } from '../codes.ts';
import { ChangeWriter } from './change-writer.ts';
import { isTold } from '../feed.ts';
import { commitFailed, diskFault, isFailedFsync, messageOf, rolledBack } from './failure.ts';
import { NONE } from './fact-journal.ts';
import { FeedWriter } from './feed-writer.ts';
import { HeldRows } from './held-rows.ts';
import { Rollup } from './rollup.ts';
import { Tallies } from './tallies.ts';
import {
  ATTEMPT_NUMBER_BITS,
  BatchReader,
  DELIVERY_COLUMNS,
  EVENT_COLUMNS,
  type InsertPlan,
  type SettlePlan,
  type WireBatch,
} from './wire.ts';

/** A batch's result as it crosses back: only the groups that were not simply stored, by their index. */
export interface WireResult {
  readonly groups: readonly (readonly [index: number, result: GroupResult])[];
  readonly changes: readonly number[];
}

const PENDING = STATES.code('pending');

export class BatchWriter {
  readonly #db: DatabaseSync;
  readonly #held: HeldRows;
  readonly #tallies: Tallies;
  readonly #feed: FeedWriter;
  readonly #rollup: Rollup;
  readonly #changes: ChangeWriter;
  readonly #insertEvent: StatementSync;
  readonly #insertName: StatementSync;
  readonly #insertExpansion: StatementSync;
  readonly #insertDelivery: StatementSync;
  readonly #advanceExpansion: StatementSync;
  readonly #endExpansion: StatementSync;
  readonly #moveReplay: StatementSync;
  readonly #settle: StatementSync;
  /** As `settle`, by a hand: what was made of attempts stands. */
  readonly #end: StatementSync;
  readonly #keepAttempts: StatementSync;
  readonly #insertAttempt: StatementSync;
  readonly #probe: StatementSync;
  #broken: StoreError | null = null;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#held = new HeldRows(db);
    this.#tallies = new Tallies(db);
    this.#feed = new FeedWriter(db);
    this.#rollup = new Rollup(db);
    this.#changes = new ChangeWriter(db, this.#tallies, this.#feed, this.#rollup);
    this.#insertEvent = db.prepare(insertInto('events', EVENT_COLUMNS));
    this.#insertDelivery = db.prepare(insertInto('deliveries', DELIVERY_COLUMNS));
    this.#insertName = db.prepare('INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#insertExpansion = db.prepare('INSERT INTO expansions VALUES (?, ?, ?, 0)');
    this.#advanceExpansion = db.prepare('UPDATE expansions SET done = ? WHERE event_seq = ?');
    this.#endExpansion = db.prepare('DELETE FROM expansions WHERE event_seq = ? AND done >= match_count');
    this.#moveReplay = db.prepare('UPDATE replays SET finished_ms = ?2, row = ?3 WHERE seq = ?1');
    this.#settle = db.prepare(
      `UPDATE deliveries SET state = ?, state_reason = ?, outcome = ?, attempts = ?, due_ms = ?, finished_ms = ? WHERE seq = ? AND state = ${PENDING}`,
    );
    this.#end = db.prepare(
      `UPDATE deliveries SET state = ?, state_reason = ?, due_ms = ?, finished_ms = ? WHERE seq = ? AND state = ${PENDING}`,
    );
    this.#keepAttempts = db.prepare('UPDATE deliveries SET attempts = max(attempts, ?) WHERE seq = ?');
    this.#probe = db.prepare("INSERT OR REPLACE INTO store_facts (name, value) VALUES ('probe', '')");
    this.#insertAttempt = db.prepare(
      `INSERT INTO attempts VALUES ((? << ${ATTEMPT_NUMBER_BITS}) | ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
    );
  }

  /** Whether nothing more will be written; the next batch says why. */
  get broken(): boolean {
    return this.#broken !== null;
  }

  /** Something beside a commit failed in a way that only opening anew mends. The next batch is refused as `unknown`. */
  break(error: unknown): void {
    this.#broken ??= new StoreError('unknown', `the store must be opened anew: ${messageOf(error)}`, error, diskFault(error));
  }

  /** Throws StoreError. */
  write(batch: WireBatch): WireResult {
    if (this.#broken !== null) throw this.#takeBroken(this.#broken);
    let result: WireResult;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      result = this.#apply(batch);
      this.#tallies.flush();
      this.#feed.flush();
      this.#rollup.journal.flush();
    } catch (error) {
      this.#rollBack(error);
      throw isFailedFsync(error) ? this.#fail(new StoreError('unknown', messageOf(error), error, 'failing')) : rolledBack(error);
    }
    try {
      this.#db.exec('COMMIT');
    } catch (error) {
      const failure = commitFailed(error, this.#db.isTransaction);
      this.#rollBack(error);
      throw failure.kind === 'unknown' ? this.#fail(failure) : failure;
    }
    this.#feed.committed();
    this.#rollup.committed();
    return result;
  }

  #apply(batch: WireBatch): WireResult {
    const reader = new BatchReader(batch.cells);
    const groups: [number, GroupResult][] = [];
    for (let i = 0; i < batch.groups; i++) {
      const result = this.#group(reader.group());
      if (result !== null) groups.push([i, result]);
    }
    for (let i = 0; i < batch.settles; i++) this.#settleOne(reader.settle());
    if (batch.groups + batch.settles + batch.changes.length === 0) this.#probe.run();
    return { groups, changes: batch.changes.map((change) => this.#changes.apply(change)) };
  }

  /** Null when all of it was stored. */
  #group(plans: readonly InsertPlan[]): GroupResult | null {
    const [only] = plans;
    if (plans.length === 1 && only?.kind === 'event' && only.candidate.idempotency === null) {
      this.#insert(only);
      return null;
    }
    const judgement = judge(
      plans.map((plan) => plan.candidate),
      this.#held,
    );
    if (judgement.kind !== 'write') return judgement;
    for (const [index, plan] of plans.entries()) if (judgement.inserts[index]?.kind === 'stored') this.#insert(plan);
    return judgement.inserts.every(isStored) ? null : { kind: 'stored', inserts: judgement.inserts };
  }

  #insert(plan: InsertPlan): void {
    switch (plan.kind) {
      case 'event': {
        const { candidate } = plan;
        this.#insertEvent.run(...plan.cells);
        this.#tallies.event(candidate.seq, candidate.receivedMs);
        this.#feed.event(candidate.seq, candidate.receivedMs);
        this.#rollup.journal.event(candidate.tenant, candidate.receivedMs);
        if (plan.expansion !== null) this.#insertExpansion.run(candidate.seq, plan.expansion.matches, plan.expansion.count);
        if (candidate.idempotency !== null) {
          const { eventId, type, timestampMs, receivedMs, deliveryCount } = answerOf(candidate);
          for (const name of candidate.idempotency.names) {
            const hash = candidate.idempotency.contentHash;
            this.#insertName.run(candidate.tenant, name, hash, eventId, type, timestampMs, receivedMs, deliveryCount);
          }
        }
        break;
      }
      case 'chunk':
        this.#advanceExpansion.run(plan.done, plan.eventSeq);
        this.#endExpansion.run(plan.eventSeq);
        break;
      case 'replay':
        this.#moveReplay.run(...plan.cells);
        break;
      case 'deliveries':
        break;
      default:
        plan satisfies never;
    }
    for (const delivery of plan.deliveries) {
      this.#insertDelivery.run(...delivery.cells);
      this.#tallies.delivery(delivery.seq, delivery.state, delivery.createdMs);
      if (delivery.state !== PENDING) this.#rollup.journal.ended(delivery.endpointSeq, delivery.endedMs, delivery.state, 1);
      if (isTold(plan.kind, delivery.state === PENDING)) this.#feed.delivery(delivery.seq, delivery.createdMs);
    }
  }

  #settleOne(settle: SettlePlan): void {
    const [state = null, reason = null, , , dueMs = null, finishedMs = null] = settle.cells;
    const moved =
      settle.attempt === null ? this.#end.run(state, reason, dueMs, finishedMs, settle.deliverySeq) : this.#settle.run(...settle.cells);
    if (moved.changes === 1) {
      this.#tallies.moved(PENDING, settle.state, 1);
    } else if (settle.attempt === null || this.#keepAttempts.run(settle.attempts, settle.deliverySeq).changes === 0) {
      return; // nothing to keep, or nothing to keep it with
    }
    const endedMs = Number(finishedMs ?? dueMs);
    const endState = moved.changes === 1 && settle.state !== PENDING ? settle.state : NONE;
    if (settle.attempt === null) {
      this.#feed.delivery(settle.deliverySeq, endedMs);
      this.#rollup.journal.ended(settle.endpointSeq, endedMs, endState, 1);
      return;
    }
    const [number, startedMs, durationMs, outcome] = settle.attempt;
    if (this.#insertAttempt.run(settle.deliverySeq, ...settle.attempt).changes === 0) return; // told when it was first kept
    this.#feed.attempt(settle.deliverySeq, Number(number), moved.changes === 0, Number(startedMs));
    const attempt = { startedMs: Number(startedMs), durationMs: Number(durationMs), outcome: Number(outcome) };
    this.#rollup.journal.attempt(settle.endpointSeq, attempt, endState, endedMs);
  }

  #rollBack(cause: unknown): void {
    this.#tallies.reset();
    this.#feed.reset();
    this.#rollup.reset();
    if (!this.#db.isTransaction) return;
    try {
      this.#db.exec('ROLLBACK');
    } catch {
      this.break(cause);
    }
  }

  #fail(failure: StoreError): StoreError {
    this.#broken = closedUntilReopened(failure);
    return failure;
  }

  #takeBroken(broken: StoreError): StoreError {
    this.#broken = closedUntilReopened(broken);
    return broken;
  }
}

function closedUntilReopened(cause: StoreError): StoreError {
  return new StoreError('unavailable', 'the store failed and must be opened anew', cause, cause.disk);
}

function isStored(result: InsertResult): boolean {
  return result.kind === 'stored';
}

function insertInto(table: string, columns: readonly string[]): string {
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
}
