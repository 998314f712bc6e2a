// The model's feed: the list of each batch, and reading on from a place.

import { afterAttempt, BATCH_END, type FeedEntry, type FeedMark, type FeedPage, type FeedPlace, type FeedQuery } from './feed.ts';
import type { ModelDisk } from './model-disk.ts';
import { listRowOf } from './model-reader.ts';
import type { StoreReader } from './store.ts';

export type FeedReader = Pick<StoreReader, 'feed' | 'feedHead'>;

const SOURCE = 0;

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

  /** Writes the batch's list; part of the batch. */
  flush(): void {
    if (this.#marks.length === 0) return;
    const newest = newestOf(this.#disk);
    const atMs = Math.max(this.#latestMs, this.#disk.feed.get(newest)?.atMs ?? 0);
    this.#disk.feed.put(newest + 1, { no: newest + 1, atMs, marks: this.#marks });
    this.#disk.feedNewest.put('no', newest + 1);
    this.reset();
  }

  reset(): void {
    this.#marks = [];
    this.#latestMs = 0;
  }

  trim(beforeMs: number, limit: number): number {
    const newest = newestOf(this.#disk);
    let trimmed = 0;
    for (const { no, atMs } of this.#disk.feed.values()) {
      if (atMs >= beforeMs || no === newest || trimmed === limit) break; // both rise
      this.#disk.feed.delete(no);
      trimmed += 1;
    }
    return trimmed;
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
      return [{ source: SOURCE, no: newestOf(held()), index: BATCH_END }];
    },
  };
}

function page(disk: ModelDisk, query: FeedQuery): FeedPage {
  const from = query.after.find(({ source }) => source === SOURCE) ?? { source: SOURCE, no: 0, index: BATCH_END };
  const newest = newestOf(disk);
  const oldest = disk.feed.values()[0]?.no ?? newest + 1;
  const gone = from.no > newest ? 'unknown' : from.no < oldest - 1 ? 'retention' : null;
  if (gone !== null) return { gone, entries: [], reached: query.after, more: false };
  const entries: FeedEntry[] = [];
  let reached: FeedPlace = from;
  let [looked, bytes] = [0, 0];
  for (let no = Math.max(from.no, oldest); no <= newest; no++) {
    for (const [index, mark] of (disk.feed.get(no)?.marks ?? []).entries()) {
      if (no === from.no && index <= from.index) continue;
      if (looked >= query.entriesMax || bytes >= query.bytesMax) return { gone: null, entries, reached: [reached], more: true };
      looked += 1;
      reached = { source: SOURCE, no, index };
      const entry = entryOf(disk, mark, reached);
      if (entry === null || !query.kinds.includes(entry.kind)) continue;
      if (query.tenants !== null && !query.tenants.includes(tenantOf(entry))) continue;
      entries.push(entry);
      bytes += entry.kind === 'event' ? entry.event.data.length : entry.kind === 'attempt' ? (entry.attempt?.record.length ?? 0) : 0;
    }
    reached = { source: SOURCE, no, index: BATCH_END };
  }
  return { gone: null, entries, reached: [reached], more: false };
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

function newestOf(disk: ModelDisk): number {
  return disk.feedNewest.get('no') ?? 0;
}
