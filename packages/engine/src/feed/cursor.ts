// A feed cursor: how far a reader has come, in each source. Text for others, who give it back and read nothing in it.
//
//   0.812       all of batch 812 of source 0
//   0.813.5     and of batch 813 the entries 0 to 5
//
// It says where, never whose: what its reader may see is decided where it reads.

import { BATCH_END, type FeedPlace } from '../store/feed.ts';

const PLACE = /^(\d{1,9})\.(\d{1,15})(?:\.(\d{1,9}))?$/;
const SOURCES_MAX = 1_000;

export class FeedCursor {
  readonly #reached = new Map<number, FeedPlace>();

  constructor(places: readonly FeedPlace[]) {
    this.reach(places);
  }

  /** Null for what is not a cursor. */
  static parse(text: string): FeedCursor | null {
    const parts = text.split('-', SOURCES_MAX + 1);
    if (parts.length > SOURCES_MAX) return null;
    const places: FeedPlace[] = [];
    for (const part of parts) {
      const [, source, no, index] = PLACE.exec(part) ?? [];
      if (source === undefined || no === undefined) return null;
      places.push({ source: Number(source), no: Number(no), index: index === undefined ? BATCH_END : Number(index) });
    }
    return new FeedCursor(places);
  }

  /** Whether an entry lies at or before it. */
  covers({ source, no, index }: FeedPlace): boolean {
    const reached = this.#reached.get(source);
    return reached !== undefined && (reached.no > no || (reached.no === no && reached.index >= index));
  }

  reach(places: readonly FeedPlace[]): void {
    for (const place of places) if (!this.covers(place)) this.#reached.set(place.source, place);
  }

  get places(): readonly FeedPlace[] {
    return [...this.#reached.values()];
  }

  toString(): string {
    const parts = this.places.toSorted((a, b) => a.source - b.source);
    return parts.map(({ source, no, index }) => `${source}.${no}${index === BATCH_END ? '' : `.${index}`}`).join('-');
  }
}
