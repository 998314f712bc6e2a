// The feed writer: one small row a batch, in the batch's transaction, that lists what the batch holds for streams to tell.
//
// One row at the table's end costs a part of one page, whatever the batch holds; a number or an index on attempts and
// deliveries would dirty pages of its own. The list is flat: a code and its numbers, one entry after the other.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreError } from '../store.ts';
import type { FeedMark } from '../feed.ts';
import { integer } from '../columns.ts';

const EVENT = 0;
const ATTEMPT = 1;
const ATTEMPT_KEPT_ONLY = 2;
const DELIVERY = 3;
const ENDPOINT = 4;

export class FeedWriter {
  readonly #insert: StatementSync;
  /** The first number that is free. */
  #next: number;
  #isNumbered = false;
  #list = '';
  #latestMs: number;
  /** The latest time that the rows before name: the feed's times never step back. */
  #writtenMs: number;

  constructor(db: DatabaseSync) {
    const newest = db.prepare('SELECT no, at_ms FROM feed ORDER BY no DESC LIMIT 1').get();
    this.#next = newest === undefined ? 1 : integer(newest, 'no') + 1;
    this.#writtenMs = newest === undefined ? 0 : integer(newest, 'at_ms');
    this.#latestMs = this.#writtenMs;
    this.#insert = db.prepare('INSERT INTO feed (no, at_ms, list) VALUES (?, ?, ?)');
  }

  event(seq: number, atMs: number): void {
    this.#add(`${EVENT},${seq}`, atMs);
  }

  attempt(deliverySeq: number, number: number, isKeptOnly: boolean, atMs: number): void {
    this.#add(`${isKeptOnly ? ATTEMPT_KEPT_ONLY : ATTEMPT},${deliverySeq},${number}`, atMs);
  }

  delivery(seq: number, atMs: number): void {
    this.#add(`${DELIVERY},${seq}`, atMs);
  }

  endpoint(seq: number, atMs: number): void {
    this.#add(`${ENDPOINT},${seq}`, atMs);
  }

  /** Writes the batch's row; part of its transaction. */
  flush(): void {
    if (this.#list === '') return;
    this.#insert.run(this.#next, this.#latestMs, this.#list);
    this.#isNumbered = true;
  }

  /** The batch is committed. */
  committed(): void {
    if (this.#isNumbered) {
      this.#next += 1;
      this.#writtenMs = this.#latestMs;
    }
    this.reset();
  }

  /** The batch was not written, or is over. */
  reset(): void {
    this.#isNumbered = false;
    this.#list = '';
    this.#latestMs = this.#writtenMs;
  }

  #add(entry: string, atMs: number): void {
    this.#list += this.#list === '' ? entry : `,${entry}`;
    if (atMs > this.#latestMs) this.#latestMs = Math.trunc(atMs);
  }
}

/** A row's list as it was written. */
export function readList(list: string): readonly FeedMark[] {
  const numbers: readonly number[] = JSON.parse(`[${list}]`);
  const marks: FeedMark[] = [];
  for (let at = 0; at < numbers.length;) {
    const [code, seq = 0, number = 0] = [numbers[at], numbers[at + 1], numbers[at + 2]];
    switch (code) {
      case EVENT:
        marks.push({ kind: 'event', seq });
        break;
      case ATTEMPT:
      case ATTEMPT_KEPT_ONLY:
        marks.push({ kind: 'attempt', deliverySeq: seq, number, isKeptOnly: code === ATTEMPT_KEPT_ONLY });
        at += 1;
        break;
      case DELIVERY:
        marks.push({ kind: 'delivery', deliverySeq: seq });
        break;
      case ENDPOINT:
        marks.push({ kind: 'endpoint', endpointSeq: seq });
        break;
      default:
        throw new StoreError('unavailable', `the store is damaged: the feed holds an unknown code: ${code}`);
    }
    at += 2;
  }
  return marks;
}
