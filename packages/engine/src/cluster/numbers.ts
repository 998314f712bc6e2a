// Numbers: the rising numbers of rows. One program alone counts for itself; nodes that share a store take runs from it.
//
// A run is taken after what a batch holds has arrived: so whatever was acknowledged before an event was published has a
// lower number, on whichever node, and an endpoint's order of publishing is the order of numbers. A batch that needs more
// than its run is prepared again with a longer one; what is left of a run is given up.

import { awayBecause, awayError } from '../commit/away.ts';
import type { Sharing, StoreSnapshot } from '../store/store.ts';

export type NumberedRow = keyof StoreSnapshot['nextSeq'];

/** Thrown by `take` while a batch is prepared whose run was too short. */
export class RunTooShort extends Error {
  constructor() {
    super('the run of numbers is used up');
    this.name = 'RunTooShort';
  }
}

export class Numbers {
  readonly #counters: Record<NumberedRow, number>;
  readonly #sharing: Sharing | null;
  #next = 0;
  #end = 0;

  /** @param sharing null where one program has the store: then from `nextSeq` on, for each kind of row */
  constructor(nextSeq: StoreSnapshot['nextSeq'], sharing: Sharing | null) {
    this.#counters = { ...nextSeq };
    this.#sharing = sharing;
  }

  /** Whether a batch has to be given a run before it is prepared. */
  get comeInRuns(): boolean {
    return this.#sharing !== null;
  }

  /** What is left of the run. */
  get left(): number {
    return this.#end - this.#next;
  }

  /** A new run of at least so many. Rejects with StoreError. */
  async provide(count: number): Promise<void> {
    if (this.#sharing === null) return;
    this.#next = await this.#sharing.numbers(count);
    this.#end = this.#next + count;
  }

  /** The next number of its kind. Call while a batch is prepared. */
  take(row: NumberedRow): number {
    if (this.#sharing === null) return this.#counters[row]++;
    if (this.#next >= this.#end) throw new RunTooShort();
    return this.#next++;
  }

  /** One that lies above every delivery that was acknowledged until now, and above none that is made later. Rejects as a publish does. */
  async newest(): Promise<number> {
    if (this.#sharing === null) return this.#counters.delivery - 1;
    return this.#sharing.numbers(1).catch((error: unknown) => {
      throw awayError(awayBecause(error), error);
    });
  }
}
