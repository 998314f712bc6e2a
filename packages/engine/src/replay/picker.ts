// The picker: which deliveries a replay makes next, of every stream that has room, in turns.

import type { Dispatcher } from '../lane/dispatcher.ts';
import type { ReplayRow, ReplayStream } from '../store/rows.ts';
import type { SelectedDelivery, Store } from '../store/store.ts';
import type { Outstanding } from './outstanding.ts';

/** Most deliveries made in one step, over all streams. */
const STEP_ROWS = 100;
/** Numbers read ahead of each stream. */
const READ_AHEAD = 200;

/** What lies ahead of a stream, read from the store. */
interface Ahead {
  readonly rows: SelectedDelivery[];
  /** Where reading goes on; null at the end. */
  next: number | null;
}

/** What a step makes. */
export interface Step {
  readonly deliveries: readonly SelectedDelivery[];
  /** The streams after it; those that are exhausted are gone. */
  readonly streams: readonly ReplayStream[];
  /** Streams whose endpoint is paused or disabled. */
  readonly held: number;
}

export class Picker {
  readonly #store: Store;
  readonly #dispatcher: Dispatcher;
  readonly #outstanding: Outstanding;
  readonly #ahead = new Map<number, Ahead>();
  #turn = 0;
  #held = 0;

  constructor(store: Store, dispatcher: Dispatcher, outstanding: Outstanding) {
    this.#store = store;
    this.#dispatcher = dispatcher;
    this.#outstanding = outstanding;
  }

  /** Streams that waited for a paused or disabled endpoint when last looked at. */
  get held(): number {
    return this.#held;
  }

  /** Forgets what was read ahead. */
  forget(): void {
    this.#ahead.clear();
  }

  /** Takes a few of each stream that has room, beginning with another one each time. */
  async pick(row: ReplayRow): Promise<Step> {
    const { streams } = row;
    const deliveries: SelectedDelivery[] = [];
    const moved = new Map<number, number | null>();
    this.#turn = (this.#turn + 1) % streams.length;
    let held = 0;
    for (const stream of [...streams.slice(this.#turn), ...streams.slice(0, this.#turn)]) {
      const { endpointSeq } = stream;
      const room = this.#outstanding.room(endpointSeq);
      if (room === null) moved.set(endpointSeq, null);
      if (room === 0 && this.#dispatcher.pace(endpointSeq)?.held === true) held += 1;
      const left = Math.min(room ?? 0, STEP_ROWS - deliveries.length);
      if (left === 0) continue;
      const ahead = await this.#readAhead(row, stream);
      const taken = ahead.rows.slice(0, left);
      deliveries.push(...taken);
      const last = taken.at(-1)?.seq;
      if (last !== undefined) moved.set(endpointSeq, last);
      if (taken.length === ahead.rows.length && ahead.next === null) moved.set(endpointSeq, null);
    }
    this.#held = held;
    return { deliveries, held, streams: streams.flatMap((stream) => movedOn(stream, moved.get(stream.endpointSeq))) };
  }

  /** What lies ahead of a stream: at least one row, unless there is none. */
  async #readAhead(row: ReplayRow, stream: ReplayStream): Promise<Ahead> {
    const { tenant, filter, upToSeq } = row;
    const kept = this.#ahead.get(stream.endpointSeq) ?? { rows: [], next: stream.after };
    const ahead: Ahead = { rows: kept.rows.filter(({ seq }) => seq > stream.after), next: kept.next };
    while (ahead.rows.length === 0 && ahead.next !== null) {
      const query = { tenant, filter: { ...filter, endpointSeq: stream.endpointSeq }, after: ahead.next, upToSeq, limit: READ_AHEAD };
      const page = await this.#store.read.selection(query);
      ahead.rows.push(...page.rows);
      ahead.next = page.next;
    }
    this.#ahead.set(stream.endpointSeq, ahead);
    return ahead;
  }
}

function movedOn(stream: ReplayStream, after: number | null | undefined): readonly ReplayStream[] {
  if (after === undefined) return [stream];
  return after === null ? [] : [{ ...stream, after }];
}
