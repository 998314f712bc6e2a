// The batch writer: one batch, one transaction. Groups first, then settles, then changes.
//
//  1. All of a batch is written or nothing is, save what a group's own result says.
//  2. Most batches are one statement (batch-rows.ts), sent with its transaction's beginning and end in one round trip. What
//     needs to be judged first, or brings changes, goes step by step.
//  3. Both enter (`waxwing.enter`): a node whose lease was ended writes nothing, nor one that is behind in the configuration.
//  4. A name that another writer took meanwhile fails the statement; the batch is judged again and finds it.
//  5. What the server answered before the commit is `row`, `behind` or `unavailable`; where the commit was sent and nothing
//     was answered it is `unknown`, unless the server said that it rolled back.

import { isTold } from '../feed.ts';
import { judge } from '../judge.ts';
import { candidateOf } from '../model-checks.ts';
import type { Batch, BatchResult, GroupResult, Insert, InsertGroup, InsertResult } from '../store.ts';
import { integer, textOrNull } from '../columns.ts';
import { BatchRows, Range } from './batch-rows.ts';
import { applyChange } from './change-writer.ts';
import { logChanges } from './config-log.ts';
import { ToldChanges } from './feed-marks.ts';
import type { FeedNumbers } from './feed-numbers.ts';
import { commitFailed, isRace, rolledBack, sqlState } from './failure.ts';
import { HeldRows } from './held-rows.ts';
import { lockOutbox, takeFromOutbox } from './outbox.ts';
import type { Session } from './session.ts';
import type { ConfigUse } from './sharing-schema.ts';
import { WRITE } from './write-statement.ts';

/** Who writes, and what it relies on. */
export interface Entry {
  readonly source: number;
  readonly epoch: number;
  readonly configVersion: number;
  readonly configUse: ConfigUse;
}

/** What another program may have set on a pooled connection does not count. */
const BEGIN = { text: 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE' };
const STORED: InsertResult = { kind: 'stored' };
const STORED_ALONE: GroupResult = { kind: 'stored', inserts: [STORED] };
/** How often a batch that lost a race is judged again, before its rows are blamed. */
const RACES_MAX = 5;

/** Throws StoreError. */
export async function writeBatch(session: Session, entry: Entry, feed: FeedNumbers, batch: Batch): Promise<BatchResult> {
  const simple = simpleRows(batch);
  if (simple !== null) {
    try {
      return await writeAlone(session, entry, feed, batch, simple);
    } catch (error) {
      if (!isRace(error)) throw rolledBack(error);
    }
  }
  for (let races = 0; ; races++) {
    try {
      return await new JudgedBatch(session, entry, feed).write(batch);
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

async function writeAlone(session: Session, entry: Entry, feed: FeedNumbers, batch: Batch, rows: BatchRows): Promise<BatchResult> {
  const atMs = feed.timeOf(rows.latestMs);
  const under = rows.values(entry.source, { no: feed.next, atMs, isWritten: true });
  const [begun, entered, written, committed] = await Promise.allSettled([
    session.run(BEGIN),
    enter(session, entry),
    session.rows(WRITE, under),
    session.commit(),
  ]);
  for (const step of [begun, entered, written]) {
    if (step.status === 'fulfilled') continue;
    // Where the server answered, the commit came to a transaction that had failed, or to a session that had ended.
    throw sqlState(step.reason) === null ? commitFailed(step.reason) : step.reason;
  }
  if (committed.status === 'rejected') throw commitFailed(committed.reason);
  const [found = {}] = written.status === 'fulfilled' ? written.value : [];
  if (integer(found, 'told') > 0) feed.written(atMs);
  const touched = new Set((textOrNull(found, 'touched') ?? '').split(',').map(Number));
  const changes = batch.changes.map((change) => (change.kind === 'touchEndpoint' && touched.has(change.seq) ? 1 : 0));
  return { groups: batch.groups.map(() => STORED_ALONE), changes };
}

function enter(session: Session, { source, epoch, configVersion, configUse }: Entry): Promise<unknown> {
  return session.run(ENTER, [source, epoch, configVersion, configUse]);
}

/** A batch that goes step by step. Rows are gathered, and written before anything that must see them. */
class JudgedBatch {
  readonly #session: Session;
  readonly #entry: Entry;
  readonly #feed: FeedNumbers;
  readonly #told = new ToldChanges();
  readonly #pending = new Range();
  readonly #begun: string[] = [];
  /** Outbox rows that have become events. */
  readonly #taken: number[] = [];
  #rows = new BatchRows();

  constructor(session: Session, entry: Entry, feed: FeedNumbers) {
    this.#session = session;
    this.#entry = entry;
    this.#feed = feed;
  }

  async write(batch: Batch): Promise<BatchResult> {
    const begun = this.#session.run(BEGIN);
    const entering = enter(this.#session, this.#entry);
    begun.catch(() => undefined); // awaited below; when the session ends it may fail before that
    entering.catch(() => undefined);
    try {
      const reading = Promise.all([HeldRows.read(this.#session, batch.groups), lockOutbox(this.#session, batch.groups)]);
      reading.catch(() => undefined); // says no more than that the transaction has failed, where an earlier one says why
      await begun;
      await entering;
      const [held, outbox] = await reading;
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
        if (change.kind === 'putReplay') this.#begun.push(`r${change.replay.seq}`);
        changes.push(await applyChange(this.#session, this.#entry.source, change, this.#told));
      }
      await this.#flush();
      if (this.#entry.configUse === 'changes') await logChanges(this.#session, batch.changes);
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
        this.#begun.push(`r${seq}`);
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
    const [written = {}] = await this.#session.rows(
      WRITE,
      rows.values(this.#entry.source, { no: this.#feed.next, atMs: 0, isWritten: false }),
    );
    this.#pending.add(rows.pending.low, rows.pending.high);
    this.#begun.push(...rows.begun);
    this.#told.add(rows.marks, rows.latestMs);
    this.#told.add(textOrNull(written, 'marks') ?? '', rows.latestMs);
    this.#told.atLeast(rows.latestMs);
  }

  async #commit(list: string, atMs: number): Promise<void> {
    const { low, high } = this.#pending;
    const begun = this.#begun.length === 0 ? null : this.#begun.join(',');
    const tells = list !== '' || low !== null || begun !== null;
    if (tells) await this.#session.run(TELL, [this.#entry.source, this.#feed.next, atMs, list, low, high, begun]);
    try {
      await this.#session.commit();
    } catch (error) {
      throw commitFailed(error);
    }
    if (tells) this.#feed.written(atMs);
  }
}

const ENTER = { name: 'waxwing_enter', text: 'SELECT waxwing.enter($1::integer, $2::bigint, $3::bigint, $4::text)' };
const TELL = { text: 'INSERT INTO waxwing.feed (source, no, at_ms, list, low, high, begun) VALUES ($1, $2, $3, $4, $5, $6, $7)' };
const END_EXPANSION = 'DELETE FROM waxwing.expansions WHERE event_seq = $1 AND done >= match_count';
const MOVE_REPLAY = 'UPDATE waxwing.replays SET finished_ms = $2, "row" = $3 WHERE seq = $1';
