// The model's feed: the list of each batch, and reading on from a place in each source.

import { afterAttempt, BATCH_END, type FeedEntry, type FeedMark, type FeedPage, type FeedPlace, type FeedQuery } from './feed.ts';
import type { ModelDisk } from './model-disk.ts';
import { listRowOf } from './model-reader.ts';
import type { StoreReader } from './store.ts';

export type FeedReader = Pick<StoreReader, 'feed' | 'feedHead'>;

export class ModelFeedWriter {
  readonly #disk: ModelDisk;
  #marks: FeedMark[] = [];
  #latestMs = 0;

  constructor(disk: ModelDisk) {
    this.#disk = disk;
  }

  add(mark: FeedMark, atMs: number): void {
    this.#marks.push(mark);
    this.#latestMs = Math.max(this.#latestMs, atMs);
  }

  /** Writes the batch's list; part of the batch. Gives what it holds. */
  flush(source: number): readonly FeedMark[] {
    const marks = this.#marks;
    if (marks.length === 0) return marks;
    const newest = newestOf(this.#disk, source);
    const atMs = Math.max(this.#latestMs, this.#disk.feed.get(keyOf(source, newest))?.atMs ?? 0);
    this.#disk.feed.put(keyOf(source, newest + 1), { source, no: newest + 1, atMs, marks });
    this.#disk.feedNewest.put(source, newest + 1);
    this.reset();
    return marks;
  }

  reset(): void {
    this.#marks = [];
    this.#latestMs = 0;
  }

  trim(beforeMs: number, limit: number): number {
    const old = this.#disk.feed.values().filter(({ source, no, atMs }) => atMs < beforeMs && no !== newestOf(this.#disk, source));
    const oldest = old.slice(0, limit);
    for (const { source, no } of oldest) this.#disk.feed.delete(keyOf(source, no));
    return oldest.length;
  }
}

export function deliveryMark(deliverySeq: number): FeedMark {
  return { kind: 'delivery', deliverySeq };
}

export function modelFeedReader(held: () => ModelDisk): FeedReader {
  return {
    async feed(query) {
      return page(held(), query);
    },
    async feedHead() {
      const disk = held();
      return sourcesOf(disk).map((source) => ({ source, no: newestOf(disk, source), index: BATCH_END }));
    },
  };
}

function page(disk: ModelDisk, query: FeedQuery): FeedPage {
  const entries: FeedEntry[] = [];
  const reached = new Map(query.after.map((place) => [place.source, place]));
  const answer = (gone: FeedPage['gone'], more: boolean): FeedPage => ({ gone, entries, reached: [...reached.values()], more });
  let [looked, bytes] = [0, 0];
  for (const source of new Set([...sourcesOf(disk), ...reached.keys()])) {
    const from = reached.get(source) ?? { source, no: 0, index: BATCH_END };
    const newest = newestOf(disk, source);
    const oldest = disk.feed.values().find((batch) => batch.source === source)?.no ?? newest + 1;
    const gone = from.no > newest ? 'unknown' : from.no < oldest - 1 ? 'retention' : null;
    if (gone !== null) return { gone, entries: [], reached: query.after, more: false };
    reached.set(source, from);
    for (let no = Math.max(from.no, oldest); no <= newest; no++) {
      for (const [index, mark] of (disk.feed.get(keyOf(source, no))?.marks ?? []).entries()) {
        if (no === from.no && index <= from.index) continue;
        if (looked >= query.entriesMax || bytes >= query.bytesMax) return answer(null, true);
        looked += 1;
        const at = { source, no, index };
        reached.set(source, at);
        const entry = entryOf(disk, mark, at);
        if (entry === null || !query.kinds.includes(entry.kind)) continue;
        if (query.tenants !== null && !query.tenants.includes(tenantOf(entry))) continue;
        entries.push(entry);
        bytes += entry.kind === 'event' ? entry.event.data.length : entry.kind === 'attempt' ? (entry.attempt?.record.length ?? 0) : 0;
      }
      reached.set(source, { source, no, index: BATCH_END });
    }
  }
  return answer(null, false);
}

function entryOf(disk: ModelDisk, mark: FeedMark, at: FeedPlace): FeedEntry | null {
  switch (mark.kind) {
    case 'event': {
      const event = disk.events.get(mark.seq);
      return event === undefined ? null : { kind: 'event', at, event };
    }
    case 'attempt':
    case 'delivery': {
      const row = disk.deliveries.get(mark.deliverySeq);
      const delivery = row === undefined ? null : listRowOf(disk, row);
      if (delivery === null) return null;
      if (mark.kind === 'delivery') return { kind: 'attempt', at, delivery, attempt: null };
      const attempt = disk.attempts.get(mark.deliverySeq)?.get(mark.number);
      return attempt === undefined ? null : { kind: 'attempt', at, delivery: afterAttempt(delivery, attempt, mark.isKeptOnly), attempt };
    }
    case 'endpoint': {
      const kept = disk.endpoints.get(mark.endpointSeq);
      return kept === undefined ? null : { kind: 'endpoint', at, endpoint: kept };
    }
    default:
      return mark satisfies never;
  }
}

function tenantOf(entry: FeedEntry): string {
  switch (entry.kind) {
    case 'event':
      return entry.event.tenant;
    case 'attempt':
      return entry.delivery.tenant;
    case 'endpoint':
      return entry.endpoint.row.tenant;
    default:
      return entry satisfies never;
  }
}

/** Every source that has ever written; the one that the embedded stores have, always. */
function sourcesOf(disk: ModelDisk): readonly number[] {
  return [...new Set([0, ...disk.feedNewest.entries().map(([source]) => source)])].toSorted((a, b) => a - b);
}

function newestOf(disk: ModelDisk, source: number): number {
  return disk.feedNewest.get(source) ?? 0;
}

function keyOf(source: number, no: number): string {
  return `${source} ${no}`;
}
