// Feed numbers: the number that the feed's next row takes, and a time that never steps back. Held by the source's one writer.

import { integer, type SqlRow } from '../columns.ts';
import type { Session } from './session.ts';

export class FeedNumbers {
  #next: number;
  #writtenMs: number;

  private constructor(newest: SqlRow | undefined) {
    this.#next = newest === undefined ? 1 : integer(newest, 'no') + 1;
    this.#writtenMs = newest === undefined ? 0 : integer(newest, 'at_ms');
  }

  static async read(session: Session, source: number): Promise<FeedNumbers> {
    const [newest] = await session.rows({ text: 'SELECT no, at_ms FROM waxwing.feed WHERE source = $1 ORDER BY no DESC LIMIT 1' }, [
      source,
    ]);
    return new FeedNumbers(newest);
  }

  get next(): number {
    return this.#next;
  }

  timeOf(latestMs: number): number {
    return Math.max(this.#writtenMs, latestMs);
  }

  /** The row with the next number is committed. */
  written(atMs: number): void {
    this.#next += 1;
    this.#writtenMs = atMs;
  }
}
