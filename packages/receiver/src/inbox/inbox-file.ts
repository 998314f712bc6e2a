// The inbox's file: an embedded SQLite database that one process holds, and the verbs that move messages through it.
//
// 1. What `write` returned for is on the disk (WAL, synchronous=FULL), all of it or nothing.
// 2. A message is waiting (0), claimed (1), done (2) or failed (3). Claims are this process's; those found at opening are
//    of one that died, and wait again, later than the rest, so that a message that kills the process cannot do so at once.
// 3. The file is locked: a second process is refused in words.
// 4. SQL moves rows; times are handed in.

import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { WaxwingError } from '@waxwing/protocol/errors';
import { createPrivate } from '../private-file.ts';
import type { InboxMessage, KeptMessage } from './message.ts';

/** A message that comes in; claimed at once where there is room to handle it. */
export interface Arrival {
  readonly message: InboxMessage;
  readonly claimed: boolean;
}

/** What became of a claimed message. */
export type Settlement =
  | { readonly seq: number; readonly to: 'done'; readonly untilMs: number }
  | { readonly seq: number; readonly to: 'waiting'; readonly dueMs: number }
  | { readonly seq: number; readonly to: 'failed'; readonly error: string };

export interface FailedMessage {
  readonly seq: number;
  readonly key: string;
  readonly attempts: number;
  readonly receivedMs: number;
  readonly error: string;
}

const SCHEMA = `
  create table if not exists inbox (
    seq integer primary key autoincrement,
    key text not null unique,
    state integer not null, -- 0 waiting, 1 claimed, 2 done, 3 failed
    attempts integer not null,
    due_ms integer not null, -- waiting: when it is to be handled; done: when it is forgotten
    received_ms integer not null,
    headers text,
    body blob,
    method text,
    url text,
    error text
  ) strict;
  create index if not exists inbox_due on inbox (due_ms) where state = 0;
  create index if not exists inbox_done on inbox (due_ms) where state = 2;
  pragma user_version = 1;`;

export class InboxFile {
  readonly #db: DatabaseSync;
  readonly #arrive: StatementSync;
  readonly #claim: StatementSync;
  readonly #nextDue: StatementSync;
  readonly #settle: Readonly<Record<Settlement['to'], StatementSync>>;

  /** @throws WaxwingError `data_folder_in_use` when another process has it, `invalid_setting` when it cannot be written */
  constructor(path: string) {
    this.#db = open(path);
    const prepare = (sql: string): StatementSync => this.#db.prepare(sql);
    this.#arrive = prepare(`
      insert into inbox (key, state, attempts, due_ms, received_ms, headers, body, method, url)
      values (:key, :state, :state, :now, :now, :headers, :body, :method, :url) 
      on conflict (key) do update set -- one that was given up, and is sent again
        state = excluded.state, attempts = excluded.attempts, due_ms = excluded.due_ms, error = null where state = 3
      returning seq`);
    this.#claim = prepare(`
      update inbox set state = 1, attempts = attempts + 1
      where seq in (select seq from inbox where state = 0 and due_ms <= :now order by due_ms, seq limit :limit)
      returning seq, key, attempts, headers, body, method, url`);
    this.#nextDue = prepare('select min(due_ms) as dueMs from inbox where state = 0');
    this.#settle = {
      done: prepare('update inbox set state = 2, due_ms = :value, headers = null, body = null, url = null, error = null where seq = :seq'),
      waiting: prepare('update inbox set state = 0, due_ms = :value where seq = :seq'),
      failed: prepare('update inbox set state = 3, error = :value where seq = :seq'),
    };
  }

  /** One transaction. Answers, arrival by arrival, its place, or null where its key is known already. */
  write(arrivals: readonly Arrival[], settlements: readonly Settlement[], nowMs: number): readonly (number | null)[] {
    return this.#transaction(() => {
      for (const settlement of settlements) {
        this.#settle[settlement.to].run({ seq: settlement.seq, value: valueOf(settlement) });
      }
      return arrivals.map(({ message, claimed }) => {
        const row = this.#arrive.get({
          key: message.key,
          state: claimed ? 1 : 0,
          now: nowMs,
          headers: JSON.stringify(message.headers),
          body: message.body,
          method: message.method,
          url: message.url,
        });
        return row === undefined ? null : Number(row['seq']);
      });
    });
  }

  /** Up to so many messages that are due, longest due first. */
  claim(limit: number, nowMs: number): readonly KeptMessage[] {
    return this.#claim
      .all({ now: nowMs, limit })
      .map(messageOf)
      .toSorted((a, b) => a.seq - b.seq);
  }

  /** When the next waiting message is due; null when none waits. */
  nextDueMs(): number | null {
    const dueMs = this.#nextDue.get()?.['dueMs'];
    return typeof dueMs === 'number' ? dueMs : null;
  }

  /** Messages that a process which died had claimed wait again. `dueMs` says when, by how often each was tried; null gives it up. */
  recover(dueMs: (attempts: number) => number | null): void {
    this.#transaction(() => {
      for (const row of this.#db.prepare('select seq, attempts from inbox where state = 1').all()) {
        const due = dueMs(Number(row['attempts']));
        const seq = Number(row['seq']);
        if (due === null) this.#settle.failed.run({ seq, value: 'the process ended while it was handled, each time' });
        else this.#settle.waiting.run({ seq, value: due });
      }
    });
  }

  /** Forgets what was done long enough ago. */
  sweep(nowMs: number): void {
    this.#db.prepare('delete from inbox where state = 2 and due_ms <= :now').run({ now: nowMs });
  }

  counts(): { readonly waiting: number; readonly failed: number } {
    const row = this.#db.prepare('select sum(state < 2) as waiting, sum(state = 3) as failed from inbox').get();
    return { waiting: Number(row?.['waiting'] ?? 0), failed: Number(row?.['failed'] ?? 0) };
  }

  failed(limit: number): readonly FailedMessage[] {
    const rows = this.#db
      .prepare('select seq, key, attempts, received_ms as receivedMs, error from inbox where state = 3 order by seq limit :limit')
      .all({ limit });
    return rows.map((row) => ({
      seq: Number(row['seq']),
      key: String(row['key']),
      attempts: Number(row['attempts']),
      receivedMs: Number(row['receivedMs']),
      error: String(row['error'] ?? ''),
    }));
  }

  /** Failed messages wait again, from their first try. Answers how many. */
  retryFailed(nowMs: number): number {
    return Number(
      this.#db.prepare('update inbox set state = 0, attempts = 0, due_ms = :now, error = null where state = 3').run({ now: nowMs }).changes,
    );
  }

  close(): void {
    this.#db.close();
  }

  #transaction<T>(run: () => T): T {
    this.#db.exec('begin immediate');
    try {
      const result = run();
      this.#db.exec('commit');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('rollback');
      throw error;
    }
  }
}

function valueOf(settlement: Settlement): number | string {
  switch (settlement.to) {
    case 'done':
      return settlement.untilMs;
    case 'waiting':
      return settlement.dueMs;
    case 'failed':
      return settlement.error;
    default:
      return settlement satisfies never;
  }
}

type Row = ReturnType<StatementSync['all']>[number];

function messageOf(row: Row): KeptMessage {
  const { body, method, url } = row;
  return {
    seq: Number(row['seq']),
    key: String(row['key']),
    attempt: Number(row['attempts']),
    headers: JSON.parse(String(row['headers'])),
    body: body instanceof Uint8Array ? body : new Uint8Array(),
    method: typeof method === 'string' ? method : null,
    url: typeof url === 'string' ? url : null,
  };
}

function open(path: string): DatabaseSync {
  const db = new DatabaseSync(createPrivate(path), { timeout: 0 });
  try {
    db.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
    db.exec('begin exclusive; commit');
    const version = Number(db.prepare('pragma user_version').get()?.['user_version']);
    if (version > 1) throw new WaxwingError('store_too_new', `The inbox ${path} was written by a newer version (form ${version}).`);
    db.exec(SCHEMA);
    return db;
  } catch (cause) {
    db.close();
    if (cause instanceof WaxwingError) throw cause;
    if (String(cause).includes('locked')) {
      throw new WaxwingError('data_folder_in_use', `The inbox ${path} is open already. Give each receiver an inbox of its own.`, { cause });
    }
    throw new WaxwingError('invalid_setting', `The inbox ${path} cannot be used: ${String(cause)}.`, { cause });
  }
}
