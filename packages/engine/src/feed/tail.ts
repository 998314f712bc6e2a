// The tail: reads the feed's end once for all who follow it, and hands each what it asked for.
//
// Invariants:
//  1. When nobody follows, a commit costs one comparison. When somebody does, it sets a flag; reading is the reader's work,
//     and many commits that come while a page is read are one next page.
//  2. A seat holds a bounded number of entries and bytes. One that runs over is emptied and marked: its follower reads on from
//     the store, at its own pace, and comes back.
//  3. Between a seat's `begin` and its running over, it is given every entry that it takes and that was committed after
//     `begin` resolved. It may be given older ones too: followers know by the place.

import type { Clock, Log } from '../ports.ts';
import type { FeedEntry, FeedKind, FeedPlace, Store } from '../store/store.ts';
import { FeedCursor } from './cursor.ts';

export interface TailOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a seat takes. The rest is never given to it. */
export interface SeatFilter {
  /** Null for all. */
  readonly tenant: string | null;
  readonly kinds: readonly FeedKind[];
  takes(entry: FeedEntry): boolean;
}

const PAGE_ENTRIES = 2_000;
const PAGE_BYTES = 2 * 1_048_576;
const SEAT_ENTRIES_MAX = 2_000;
const SEAT_BYTES_MAX = 4 * 1_048_576;
const AGAIN_MS = 500;

/** A follower's place at the tail. */
export class Seat {
  readonly filter: SeatFilter;
  #entries: FeedEntry[] = [];
  #next = 0;
  #bytes = 0;
  #ranOver = false;
  #wake: (() => void) | null = null;

  constructor(filter: SeatFilter) {
    this.filter = filter;
  }

  /** Whether entries were lost to it: they are in the store. */
  get ranOver(): boolean {
    return this.#ranOver;
  }

  get isEmpty(): boolean {
    return this.#next === this.#entries.length && !this.#ranOver;
  }

  give(entry: FeedEntry): void {
    if (this.#ranOver || !this.filter.takes(entry)) return;
    this.#bytes += bytesOf(entry);
    this.#entries.push(entry);
    if (this.#entries.length - this.#next > SEAT_ENTRIES_MAX || this.#bytes > SEAT_BYTES_MAX) this.runOver();
    this.wake();
  }

  runOver(): void {
    this.empty();
    this.#ranOver = true;
  }

  /** Starts anew, empty. */
  empty(): void {
    this.#entries = [];
    this.#next = 0;
    this.#bytes = 0;
    this.#ranOver = false;
  }

  take(): FeedEntry | undefined {
    const entry = this.#entries[this.#next];
    if (entry === undefined) return undefined;
    this.#next += 1;
    this.#bytes -= bytesOf(entry);
    if (this.#next === this.#entries.length) {
      this.#entries = [];
      this.#next = 0;
    }
    return entry;
  }

  /** Resolves when something may have come, or `wake` was called. One waits at a time. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

export class Tail {
  readonly #options: TailOptions;
  readonly #seats = new Set<Seat>();
  /** How far it has read; null while nobody follows. */
  #cursor: FeedCursor | null = null;
  #hasNews = false;
  #isReading = false;
  /** The page under way: it was asked for those who followed then. */
  #page: Promise<void> | null = null;
  #cancelAgain: (() => void) | null = null;
  #closed = false;

  constructor(options: TailOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How far it has read, and given to its seats; none while nobody follows. */
  get places(): readonly FeedPlace[] {
    return this.#cursor?.places ?? [];
  }

  /** A batch was committed. */
  committed(): void {
    if (this.#seats.size === 0) return;
    this.#hasNews = true;
    void this.#read();
  }

  join(filter: SeatFilter): Seat {
    const seat = new Seat(filter);
    this.#seats.add(seat);
    return seat;
  }

  leave(seat: Seat): void {
    this.#seats.delete(seat);
    if (this.#seats.size > 0) return;
    this.#cursor = null;
    this.#hasNews = false;
    this.#cancelAgain?.();
    this.#cancelAgain = null;
  }

  /** Resolves when the seat is given all that is committed from then on. What a read under way brings may have left it out. */
  async begin(seat: Seat): Promise<void> {
    await this.#page?.catch(() => undefined);
    seat.empty();
    if (this.#cursor !== null) return;
    const head = await this.#options.store.read.feedHead();
    // Others may have begun meanwhile: theirs is as good, as it was read no later than this one resolves.
    this.#cursor ??= new FeedCursor(head);
    this.committed(); // a commit while the head was read would else wait for the next one
  }

  /** Ends every follower. */
  close(): void {
    this.#closed = true;
    this.#cancelAgain?.();
    for (const seat of this.#seats) seat.wake();
  }

  /** Reads on while there is news. One at a time. */
  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#hasNews && this.#cursor !== null && !this.#closed) {
        this.#hasNews = false;
        this.#page = this.#readPage(this.#cursor);
        await this.#page;
      }
    } catch (error) {
      this.#tryAgain(error);
    } finally {
      this.#isReading = false;
    }
  }

  #tryAgain(error: unknown): void {
    if (this.#closed || this.#seats.size === 0) return;
    this.#options.log.warn('the feed could not be read; trying again', { error: String(error) });
    this.#cancelAgain ??= this.#options.clock.after(AGAIN_MS, () => {
      this.#cancelAgain = null;
      this.committed();
    });
  }

  async #readPage(cursor: FeedCursor): Promise<void> {
    const page = await this.#options.store.read.feed({
      after: cursor.places,
      tenants: this.#tenants(),
      kinds: this.#kinds(),
      entriesMax: PAGE_ENTRIES,
      bytesMax: PAGE_BYTES,
    });
    if (this.#cursor !== cursor) return; // everybody left meanwhile
    if (page.gone !== null) {
      this.#cursor = new FeedCursor(await this.#options.store.read.feedHead());
      for (const seat of this.#seats) {
        seat.runOver();
        seat.wake();
      }
      return;
    }
    cursor.reach(page.reached);
    for (const entry of page.entries) for (const seat of this.#seats) seat.give(entry);
    if (page.more) this.#hasNews = true;
  }

  #tenants(): readonly string[] | null {
    const tenants = new Set<string>();
    for (const { filter } of this.#seats) {
      if (filter.tenant === null) return null;
      tenants.add(filter.tenant);
    }
    return [...tenants];
  }

  #kinds(): readonly FeedKind[] {
    const kinds = new Set<FeedKind>();
    for (const { filter } of this.#seats) for (const kind of filter.kinds) kinds.add(kind);
    return [...kinds];
  }
}

function bytesOf(entry: FeedEntry): number {
  switch (entry.kind) {
    case 'event':
      return entry.event.data.length;
    case 'attempt':
      return entry.attempt?.record.length ?? 0;
    case 'endpoint':
      return 0;
    default:
      return entry satisfies never;
  }
}
