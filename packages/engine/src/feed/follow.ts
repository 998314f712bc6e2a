// Following the feed: from a place on, without an end, nothing left out and nothing twice.
//
// The follower takes its seat at the tail first and then reads the store from its place to the end: what is committed
// meanwhile lies in the seat, and what comes twice is known by its place. A seat that ran over is emptied, and the store is
// read on from where the follower is. So a follower that is fast lives from the tail, and one that is slow from the store,
// in pages that it asks for; neither is ever waited for.

import type { FeedEntry, FeedPage, Store } from '../store/store.ts';
import type { Waits } from '../waits.ts';
import { FeedCursor } from './cursor.ts';
import type { Seat, SeatFilter, Tail } from './tail.ts';

export interface FollowOptions {
  readonly tail: Tail;
  readonly store: Store;
  readonly waits: Waits;
  readonly filter: SeatFilter;
  /** Where to go on; null for now. */
  readonly from: FeedCursor | null;
  readonly signal: AbortSignal | null;
}

/** What a follower sees. `begun` comes first. After `gone` it goes on from the end as it then is. */
export type Followed =
  | { readonly kind: 'begun' }
  | { readonly kind: 'entry'; readonly entry: FeedEntry }
  | { readonly kind: 'gone'; readonly reason: 'retention' | 'unknown' };

const PAGE_ENTRIES = 500;
const PAGE_BYTES = 512 * 1_024;
const AGAIN_MS = 500;

export class Follower {
  readonly #options: FollowOptions;
  readonly #seat: Seat;
  #cursor: FeedCursor;
  /** Whether it lives from the tail. */
  #isLive = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#cursor = options.from ?? new FeedCursor([]);
    this.#seat = options.tail.join(options.filter);
  }

  /** The place up to which everything was given, or left out by the filter. */
  get cursor(): string {
    if (this.#isLive && this.#seat.isEmpty) this.#cursor.reach(this.#options.tail.places);
    return this.#cursor.toString();
  }

  /** Ends when the signal says so or the engine closes. Iterate it once. */
  async *entries(): AsyncGenerator<Followed, void, undefined> {
    const { signal } = this.#options;
    const wake = (): void => this.#seat.wake();
    signal?.addEventListener('abort', wake);
    try {
      yield* this.#entries();
    } finally {
      signal?.removeEventListener('abort', wake);
      this.#options.tail.leave(this.#seat);
    }
  }

  get #isOver(): boolean {
    return this.#options.tail.closed || this.#options.signal?.aborted === true;
  }

  async *#entries(): AsyncGenerator<Followed, void, undefined> {
    const { tail, store, from } = this.#options;
    for (let isFirst = true; !this.#isOver; isFirst = false) {
      if ((await this.#insist(() => tail.begin(this.#seat).then(() => true))) === null) return;
      if (isFirst && from === null && !(await this.#toTheEnd(store))) return;
      if (isFirst) yield { kind: 'begun' };
      yield* this.#fromStore();
      yield* this.#fromTail();
    }
  }

  async *#fromStore(): AsyncGenerator<Followed, void, undefined> {
    const { store, filter } = this.#options;
    this.#isLive = false;
    for (let more = true; more && !this.#isOver;) {
      const page = await this.#insist(() => store.read.feed(this.#query()));
      if (page === null) return;
      if (page.gone !== null) {
        if (await this.#toTheEnd(store)) yield { kind: 'gone', reason: page.gone };
        return;
      }
      yield* this.#taken(page, filter);
      this.#cursor.reach(page.reached);
      more = page.more;
    }
  }

  *#taken(page: FeedPage, filter: SeatFilter): Generator<Followed, void, undefined> {
    for (const entry of page.entries) {
      if (this.#isOver) return;
      this.#cursor.reach([entry.at]);
      if (filter.takes(entry)) yield { kind: 'entry', entry };
    }
  }

  async *#fromTail(): AsyncGenerator<Followed, void, undefined> {
    this.#isLive = true;
    while (!this.#seat.ranOver && !this.#isOver) {
      const entry = this.#seat.take();
      if (entry === undefined) {
        await this.#seat.changed();
      } else if (!this.#cursor.covers(entry.at)) {
        this.#cursor.reach([entry.at]);
        yield { kind: 'entry', entry };
      }
    }
    this.#isLive = false;
  }

  /** Moves to the end of the feed. False when it is over. */
  async #toTheEnd(store: Store): Promise<boolean> {
    const head = await this.#insist(() => store.read.feedHead());
    if (head === null) return false;
    this.#cursor = new FeedCursor(head);
    return true;
  }

  #query(): Parameters<Store['read']['feed']>[0] {
    const { tenant, kinds } = this.#options.filter;
    const tenants = tenant === null ? null : [tenant];
    return { after: this.#cursor.places, tenants, kinds, entriesMax: PAGE_ENTRIES, bytesMax: PAGE_BYTES };
  }

  /** Asks the store until it answers. Null when it is over before. */
  async #insist<T>(ask: () => Promise<T>): Promise<T | null> {
    while (!this.#isOver) {
      try {
        return await ask();
      } catch {
        if (!this.#isOver) await this.#options.waits.wait(AGAIN_MS); // the store is away: it comes back, or the engine closes
      }
    }
    return null;
  }
}
