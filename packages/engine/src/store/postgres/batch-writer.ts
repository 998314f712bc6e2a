// The batch writer: one batch, one transaction. Groups first, then settles, then changes.
//
//  1. All of a batch is written or nothing is, save what a group's own result says.
//  2. Most batches are one statement (batch-rows.ts). What needs to be judged first, or brings changes, takes a transaction.
//  3. A name that another writer took meanwhile fails the statement; the batch is judged again and finds it.
//  4. An error before the commit is `row` or `unavailable`; one of the commit itself `unknown`, unless the server said
//     that it rolled back.

import { isTold } from '../feed.ts';
import { judge } from '../judge.ts';
import { candidateOf } from '../model-checks.ts';
import type { Batch, BatchResult, GroupResult, Insert, InsertGroup, InsertResult } from '../store.ts';
import { integer, textOrNull } from '../columns.ts';
import { BatchRows } from './batch-rows.ts';
import { applyChange } from './change-writer.ts';
import { ToldChanges } from './feed-marks.ts';
import type { FeedNumbers } from './feed-numbers.ts';
import { commitFailed, isRace, rolledBack } from './failure.ts';
import { HeldRows } from './held-rows.ts';
import { lockOutbox, takeFromOutbox } from './outbox.ts';
import type { Session } from './session.ts';
import { WRITE } from './write-statement.ts';

const STORED: InsertResult = { kind: 'stored' };
const STORED_ALONE: GroupResult = { kind: 'stored', inserts: [STORED] };
/** How often a batch that lost a race is judged again, before its rows are blamed. */
const RACES_MAX = 5;

/** Throws StoreError. `writer` names the counts that are this writer's own. */
export async function writeBatch(session: Session, writer: string, feed: FeedNumbers, batch: Batch): Promise<BatchResult> {
  const simple = simpleRows(batch);
  if (simple !== null) {
    try {
      return await writeAlone(session, writer, feed, batch, simple);
    } catch (error) {
      if (!isRace(error)) throw commitFailed(error);
    }
  }
  for (let races = 0; ; races++) {
    try {
      return await new JudgedBatch(session, writer, feed).write(batch);
    } catch (error) {
      if (races >= RACES_MAX || !isRace(error)) throw rolledBack(error);
    }
  }
}

/** The batch's rows, when one statement can write it: publishes alone, each delivery settled once, and no change but touches. */
function simpleRows(batch: Batch): BatchRows | null {
  const rows = new BatchRows();
  for (const { inserts, outboxNo } of batch.groups) {
    const [only] = inserts;
    if (inserts.length !== 1 || only?.kind !== 'event' || outboxNo !== undefined) return null;
    rows.event(only.event, only.deliveryCount, only.idempotency, only.expansion);
    for (const delivery of only.deliveries) rows.delivery(delivery, isTold('event', delivery.state === 'pending'));
  }
  for (const settle of batch.settles) if (!rows.settle(settle)) return null;
  for (const change of batch.changes) {
    if (change.kind !== 'touchEndpoint') return null;
    rows.touch(change.seq, change.lastTriggeredMs);
  }
  return rows;
}

async function writeAlone(session: Session, writer: string, feed: FeedNumbers, batch: Batch, rows: BatchRows): Promise<BatchResult> {
  const atMs = feed.timeOf(rows.latestMs);
  const [written = {}] = await session.rows(WRITE, rows.values(writer, feed.next, atMs));
  if (integer(written, 'told') > 0) feed.written(atMs);
  const touched = new Set((textOrNull(written, 'touched') ?? '').split(',').map(Number));
  const changes = batch.changes.map((change) => (change.kind === 'touchEndpoint' && touched.has(change.seq) ? 1 : 0));
  return { groups: batch.groups.map(() => STORED_ALONE), changes };
}

/** A batch that takes a transaction. Rows are gathered, and written before anything that must see them. */
class JudgedBatch {
  readonly #session: Session;
  readonly #writer: string;
  readonly #feed: FeedNumbers;
  readonly #told = new ToldChanges();
  /** Outbox rows that have become events. */
  readonly #taken: number[] = [];
  #rows = new BatchRows();

  constructor(session: Session, writer: string, feed: FeedNumbers) {
    this.#session = session;
    this.#writer = writer;
    this.#feed = feed;
  }

  async write(batch: Batch): Promise<BatchResult> {
    const begun = this.#session.run({ text: 'BEGIN' });
    begun.catch(() => undefined); // awaited below; when the session ends it may fail before that
    try {
      const [held, outbox] = await Promise.all([HeldRows.read(this.#session, batch.groups), lockOutbox(this.#session, batch.groups)]);
      await begun;
      const groups: GroupResult[] = [];
      for (const group of batch.groups) groups.push(await this.#group(group, held, outbox));
      await takeFromOutbox(this.#session, this.#taken);
      for (const settle of batch.settles) {
        if (this.#rows.settle(settle)) continue;
        await this.#flush();
        this.#rows.settle(settle);
      }
      const changes: number[] = [];
      for (const change of batch.changes) {
        await this.#flush();
        changes.push(await applyChange(this.#session, this.#writer, change, this.#told));
      }
      await this.#flush();
      await this.#commit(this.#told.list, this.#feed.timeOf(this.#told.latestMs));
      return { groups, changes };
    } catch (error) {
      await begun.catch(() => undefined);
      await this.#session.run({ text: 'ROLLBACK' }).catch(() => undefined);
      throw error;
    }
  }

  async #group({ inserts, outboxNo }: InsertGroup, held: HeldRows, outbox: ReadonlySet<number>): Promise<GroupResult> {
    if (outboxNo !== undefined && !outbox.has(outboxNo)) return { kind: 'missing', index: 0 };
    const judgement = judge(inserts.map(candidateOf), held);
    if (judgement.kind !== 'write') return judgement;
    if (outboxNo !== undefined) this.#taken.push(outboxNo);
    for (const [index, insert] of inserts.entries()) {
      if (judgement.inserts[index]?.kind !== 'stored') continue;
      held.add(insert);
      await this.#insert(insert, held);
    }
    return { kind: 'stored', inserts: judgement.inserts };
  }

  async #insert(insert: Insert, held: HeldRows): Promise<void> {
    switch (insert.kind) {
      case 'event':
        this.#rows.event(insert.event, insert.deliveryCount, insert.idempotency, insert.expansion);
        break;
      case 'chunk': {
        await this.#flush();
        await this.#session.run({ text: 'UPDATE waxwing.expansions SET done = $2 WHERE event_seq = $1' }, [insert.eventSeq, insert.done]);
        const ended = await this.#session.run({ text: END_EXPANSION }, [insert.eventSeq]);
        if (ended > 0) held.expansionEnded(insert.eventSeq);
        break;
      }
      case 'replay': {
        const { seq, finishedMs } = insert.replay;
        await this.#session.run({ text: MOVE_REPLAY }, [seq, finishedMs, JSON.stringify(insert.replay)]);
        break;
      }
      case 'deliveries':
        break;
      default:
        insert satisfies never;
    }
    for (const delivery of insert.deliveries) this.#rows.delivery(delivery, isTold(insert.kind, delivery.state === 'pending'));
  }

  async #flush(): Promise<void> {
    if (this.#rows.empty) return;
    const rows = this.#rows;
    this.#rows = new BatchRows();
    const [written = {}] = await this.#session.rows(WRITE, rows.values(this.#writer, null, 0));
    this.#told.add(rows.marks, rows.latestMs);
    this.#told.add(textOrNull(written, 'marks') ?? '', rows.latestMs);
  }

  async #commit(list: string, atMs: number): Promise<void> {
    if (list !== '') await this.#session.run({ text: TELL }, [this.#feed.next, atMs, list]);
    try {
      await this.#session.run({ text: 'COMMIT' });
    } catch (error) {
      throw commitFailed(error);
    }
    if (list !== '') this.#feed.written(atMs);
  }
}

const TELL = 'INSERT INTO waxwing.feed (source, no, at_ms, list) VALUES (0, $1, $2, $3)';
const END_EXPANSION = 'DELETE FROM waxwing.expansions WHERE event_seq = $1 AND done >= match_count';
const MOVE_REPLAY = 'UPDATE waxwing.replays SET finished_ms = $2, "row" = $3 WHERE seq = $1';
