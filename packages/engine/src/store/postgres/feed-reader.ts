// The feed reader: goes on from a place in each source, batch by batch, and loads what each entry is about.
//
// One page is read in one snapshot of the database: what its rows say fits together, and a trim in between cannot open a gap.
// What has been removed since is left out (retention trims the feed first).

import { afterAttempt, BATCH_END, type FeedEntry, type FeedMark, type FeedPage, type FeedPlace, type FeedQuery } from '../feed.ts';
import type { AttemptRow, EventRow } from '../rows.ts';
import { integer, integerOrNull, text } from '../columns.ts';
import { EVENT_SELECTION, eventOf } from '../event-rows.ts';
import { everEndpointOf } from '../stored-rows.ts';
import type { DeliveryListRow, EverEndpoint, StoreReader } from '../store.ts';
import { readMarks } from './feed-marks.ts';
import { attemptOf, DELIVERY_JOINS, DELIVERY_SELECTION, deliveryOf } from './history.ts';
import type { Ask } from './list-scan.ts';
import type { Together } from './stat-reader.ts';

const BATCHES_AT_ONCE = 500;

interface Placed {
  readonly at: FeedPlace;
  readonly mark: FeedMark;
}

export class FeedReader implements Pick<StoreReader, 'feed' | 'feedHead'> {
  readonly #together: Together;

  constructor(together: Together) {
    this.#together = together;
  }

  feedHead(): Promise<readonly FeedPlace[]> {
    return this.#together(async (ask) =>
      (await bounds(ask)).map(({ source, newest }): FeedPlace => ({ source, no: newest, index: BATCH_END })),
    );
  }

  feed(query: FeedQuery): Promise<FeedPage> {
    return this.#together(async (ask) => {
      const reached = new Map(query.after.map((place) => [place.source, place]));
      const found = new Map((await bounds(ask)).map((bound) => [bound.source, bound]));
      for (const source of new Set([...found.keys(), ...reached.keys()])) {
        const { newest, oldest } = found.get(source) ?? { newest: 0, oldest: null };
        // Whoever made this cursor was told of every source that there was: one that is not in it began later.
        const from = reached.get(source) ?? { source, no: 0, index: BATCH_END };
        const gone = from.no > newest ? 'unknown' : oldest !== null && from.no < oldest - 1 ? 'retention' : null;
        if (gone !== null) return { gone, entries: [], reached: query.after, more: false };
        reached.set(source, from);
      }
      return this.#page(ask, query, reached);
    });
  }

  async #page(ask: Ask, query: FeedQuery, reached: Map<number, FeedPlace>): Promise<FeedPage> {
    const entries: FeedEntry[] = [];
    const page = (more: boolean): FeedPage => ({ gone: null, entries, reached: inOrder(reached), more });
    let [looked, bytes] = [0, 0];
    for (;;) {
      const from = [...reached.values()];
      const first = from.map(({ no, index }) => (index === BATCH_END ? no + 1 : no));
      const batches = await ask({ text: BATCHES }, [from.map(({ source }) => source), first]);
      for (const row of batches) {
        const [source, no] = [integer(row, 'source'), integer(row, 'no')];
        const before = reached.get(source);
        const marks = readMarks(text(row, 'list'))
          .map((mark, index): Placed => ({ mark, at: { source, no, index } }))
          .filter(({ at }) => no !== before?.no || at.index > before.index);
        const rows = await Loaded.of(ask, marks, query);
        for (const { mark, at } of marks) {
          if (looked >= query.entriesMax || bytes >= query.bytesMax) return page(true);
          looked += 1;
          reached.set(source, at);
          const entry = rows.entry(mark, at, query);
          if (entry === null) continue;
          entries.push(entry);
          bytes += sizeOf(entry);
        }
        reached.set(source, { source, no, index: BATCH_END });
      }
      if (batches.length < BATCHES_AT_ONCE) return page(false);
    }
  }
}

function inOrder(reached: ReadonlyMap<number, FeedPlace>): readonly FeedPlace[] {
  return [...reached.values()].toSorted((a, b) => a.source - b.source);
}

interface Bounds {
  readonly source: number;
  /** 0 where it has written nothing. */
  readonly newest: number;
  readonly oldest: number | null;
}

/** Every node is a source, also one that has written nothing yet, and one that has left. */
async function bounds(ask: Ask): Promise<readonly Bounds[]> {
  return (await ask({ text: BOUNDS }, [])).map((row) => ({
    source: integer(row, 'source'),
    newest: integerOrNull(row, 'newest') ?? 0,
    oldest: integerOrNull(row, 'oldest'),
  }));
}

/** What the marks of a batch are about, read at once. */
class Loaded {
  readonly #events = new Map<number, EventRow>();
  readonly #deliveries = new Map<number, DeliveryListRow>();
  readonly #attempts = new Map<string, AttemptRow>();
  readonly #endpoints = new Map<number, EverEndpoint>();

  static async of(ask: Ask, placed: readonly Placed[], { kinds }: FeedQuery): Promise<Loaded> {
    const loaded = new Loaded();
    const marks = placed.map(({ mark }) => mark).filter((mark) => kinds.includes(kindOf(mark)));
    const events = marks.flatMap((mark) => (mark.kind === 'event' ? [mark.seq] : []));
    const deliveries = marks.flatMap((mark) => (mark.kind === 'attempt' || mark.kind === 'delivery' ? [mark.deliverySeq] : []));
    const attempts = marks.flatMap((mark) => (mark.kind === 'attempt' ? [mark] : []));
    const endpoints = marks.flatMap((mark) => (mark.kind === 'endpoint' ? [mark.endpointSeq] : []));
    if (events.length > 0)
      for (const row of await ask({ text: EVENTS }, [events])) loaded.#events.set(integer(row, 'event_seq'), eventOf(row));
    if (deliveries.length > 0)
      for (const row of await ask({ text: DELIVERIES }, [deliveries])) loaded.#deliveries.set(integer(row, 'seq'), deliveryOf(row));
    if (attempts.length > 0) {
      const keys = [attempts.map(({ deliverySeq }) => deliverySeq), attempts.map(({ number }) => number)];
      for (const row of await ask({ text: ATTEMPTS }, keys)) {
        const attempt = attemptOf(row);
        loaded.#attempts.set(`${attempt.deliverySeq} ${attempt.number}`, attempt);
      }
    }
    if (endpoints.length > 0)
      for (const row of await ask({ text: ENDPOINTS }, [endpoints])) loaded.#endpoints.set(integer(row, 'seq'), everEndpointOf(row));
    return loaded;
  }

  entry(mark: FeedMark, at: FeedPlace, { tenants, kinds }: FeedQuery): FeedEntry | null {
    if (!kinds.includes(kindOf(mark))) return null;
    const isTaken = (tenant: string): boolean => tenants === null || tenants.includes(tenant);
    switch (mark.kind) {
      case 'event': {
        const event = this.#events.get(mark.seq);
        return event === undefined || !isTaken(event.tenant) ? null : { kind: 'event', at, event };
      }
      case 'attempt':
      case 'delivery': {
        const delivery = this.#deliveries.get(mark.deliverySeq);
        if (delivery === undefined || !isTaken(delivery.tenant)) return null;
        if (mark.kind === 'delivery') return { kind: 'attempt', at, delivery, attempt: null };
        const attempt = this.#attempts.get(`${mark.deliverySeq} ${mark.number}`);
        return attempt === undefined ? null : { kind: 'attempt', at, delivery: afterAttempt(delivery, attempt, mark.isKeptOnly), attempt };
      }
      case 'endpoint': {
        const endpoint = this.#endpoints.get(mark.endpointSeq);
        return endpoint === undefined || !isTaken(endpoint.row.tenant) ? null : { kind: 'endpoint', at, endpoint };
      }
      default:
        return mark satisfies never;
    }
  }
}

function kindOf(mark: FeedMark): FeedEntry['kind'] {
  return mark.kind === 'delivery' ? 'attempt' : mark.kind;
}

function sizeOf(entry: FeedEntry): number {
  if (entry.kind === 'event') return entry.event.data.length;
  return entry.kind === 'attempt' ? (entry.attempt?.record.length ?? 0) : 0;
}

const BOUNDS = `SELECT n.no AS source, (SELECT max(f.no) FROM waxwing.feed f WHERE f.source = n.no) AS newest,
  (SELECT min(f.no) FROM waxwing.feed f WHERE f.source = n.no) AS oldest FROM waxwing.nodes n ORDER BY n.no`;
/** Between sources by time: none waits for the end of another. */
const BATCHES = `SELECT b.source, b.no, b.list FROM unnest($1::integer[], $2::bigint[]) AS p(source, no)
  CROSS JOIN LATERAL (SELECT * FROM waxwing.feed f WHERE f.source = p.source AND f.no >= p.no ORDER BY f.no LIMIT ${BATCHES_AT_ONCE}) AS b
  ORDER BY b.at_ms, b.no - p.no, b.source LIMIT ${BATCHES_AT_ONCE}`;
const EVENTS = `SELECT ${EVENT_SELECTION} FROM waxwing.events e WHERE e.seq = ANY($1::bigint[])`;
const DELIVERIES = `SELECT ${DELIVERY_SELECTION} FROM waxwing.deliveries d ${DELIVERY_JOINS} WHERE d.seq = ANY($1::bigint[])`;
const ATTEMPTS = `SELECT a.* FROM unnest($1::bigint[], $2::integer[]) AS k(delivery_seq, number)
  JOIN waxwing.attempts a ON a.delivery_seq = k.delivery_seq AND a.number = k.number`;
const ENDPOINTS = 'SELECT seq, "row", deleted_ms FROM waxwing.endpoints WHERE seq = ANY($1::bigint[])';
