// Held rows: what the database answers to the judge of inserts, read at once for all groups of a batch, and what the batch's
// earlier groups add to it.

import type { Known, RememberedName } from '../judge.ts';
import { answerOf } from '../judge.ts';
import { integer, text } from '../columns.ts';
import type { Insert, InsertGroup } from '../store.ts';
import type { Session } from './session.ts';

export class HeldRows implements Known {
  readonly #names = new Map<string, RememberedName>();
  readonly #ids = new Set<string>();
  readonly #seqs = new Set<number>();
  readonly #expansions = new Set<number>();
  readonly #replays = new Set<number>();

  /** Asks within the caller's transaction; a replay that runs stays locked until its end, so that nothing ends it meanwhile. */
  static async read(session: Session, groups: readonly InsertGroup[]): Promise<HeldRows> {
    const asked = askedOf(groups);
    const held = new HeldRows();
    const [names, ids, seqs, expansions, replays] = await Promise.all([
      session.rows(NAMES, [asked.names.map(([tenant]) => tenant), asked.names.map(([, name]) => name)]),
      session.rows(IDS, [asked.ids.map(([tenant]) => tenant), asked.ids.map(([, id]) => id)]),
      session.rows(SEQS, [asked.events]),
      session.rows(EXPANSIONS, [asked.expansions]),
      session.rows(REPLAYS, [asked.replays]),
    ]);
    for (const row of names) {
      held.#names.set(`${text(row, 'tenant')} ${text(row, 'name')}`, {
        contentHash: text(row, 'content_hash'),
        eventId: text(row, 'event_id'),
        type: text(row, 'type'),
        timestampMs: integer(row, 'timestamp_ms'),
        receivedMs: integer(row, 'received_ms'),
        deliveryCount: integer(row, 'delivery_count'),
      });
    }
    for (const row of ids) held.#ids.add(`${text(row, 'tenant')} ${text(row, 'id')}`);
    for (const row of seqs) held.#seqs.add(integer(row, 'seq'));
    for (const row of expansions) held.#expansions.add(integer(row, 'event_seq'));
    for (const row of replays) held.#replays.add(integer(row, 'seq'));
    return held;
  }

  /** An insert that the batch writes. */
  add(insert: Insert): void {
    if (insert.kind === 'replay' && insert.replay.finishedMs !== null) this.#replays.delete(insert.replay.seq);
    if (insert.kind !== 'event') return;
    const { event, idempotency, deliveryCount, expansion } = insert;
    this.#seqs.add(event.seq);
    this.#ids.add(`${event.tenant} ${event.id}`);
    if (expansion !== null && expansion.length > 0) this.#expansions.add(event.seq);
    if (idempotency === null) return;
    const remembered = { contentHash: idempotency.contentHash, ...answerOf({ ...event, deliveryCount }) };
    for (const name of idempotency.names) this.#names.set(`${event.tenant} ${name}`, remembered);
  }

  expansionEnded(eventSeq: number): void {
    this.#expansions.delete(eventSeq);
  }

  name(tenant: string, name: string): RememberedName | null {
    return this.#names.get(`${tenant} ${name}`) ?? null;
  }

  eventId(tenant: string, id: string): boolean {
    return this.#ids.has(`${tenant} ${id}`);
  }

  eventSeq(seq: number): boolean {
    return this.#seqs.has(seq);
  }

  expansion(eventSeq: number): boolean {
    return this.#expansions.has(eventSeq);
  }

  replayRuns(replaySeq: number): boolean {
    return this.#replays.has(replaySeq);
  }
}

const NAMES = {
  name: 'waxwing_names',
  text: 'SELECT i.* FROM waxwing.idempotency i JOIN unnest($1::text[], $2::text[]) AS a(tenant, name) ON i.tenant = a.tenant AND i.name = a.name',
};
const IDS = {
  name: 'waxwing_ids',
  text: 'SELECT e.id, e.tenant FROM waxwing.events e JOIN unnest($1::text[], $2::text[]) AS a(tenant, id) ON e.id = a.id AND e.tenant = a.tenant',
};
/** Locked, so that retention does not take an event whose next delivery is about to be written (removal.ts). */
const SEQS = {
  name: 'waxwing_seqs',
  text: 'SELECT seq FROM waxwing.events WHERE seq = ANY($1::bigint[]) ORDER BY seq FOR KEY SHARE',
};
const EXPANSIONS = { name: 'waxwing_expansions', text: 'SELECT event_seq FROM waxwing.expansions WHERE event_seq = ANY($1::bigint[])' };
const REPLAYS = {
  name: 'waxwing_replays',
  text: 'SELECT seq FROM waxwing.replays WHERE seq = ANY($1::bigint[]) AND finished_ms IS NULL ORDER BY seq FOR UPDATE',
};

interface Asked {
  readonly names: (readonly [tenant: string, name: string])[];
  readonly ids: (readonly [tenant: string, id: string])[];
  readonly events: number[];
  readonly expansions: number[];
  readonly replays: number[];
}

function askedOf(groups: readonly InsertGroup[]): Asked {
  const asked: Asked = { names: [], ids: [], events: [], expansions: [], replays: [] };
  for (const insert of groups.flatMap(({ inserts }) => inserts)) {
    switch (insert.kind) {
      case 'event': {
        const { event, idempotency } = insert;
        if (idempotency === null) break;
        for (const name of idempotency.names) asked.names.push([event.tenant, name]);
        asked.ids.push([event.tenant, event.id]);
        break;
      }
      case 'deliveries':
        asked.events.push(insert.eventSeq);
        break;
      case 'chunk':
        asked.expansions.push(insert.eventSeq);
        break;
      case 'replay':
        asked.replays.push(insert.replay.seq);
        asked.events.push(...insert.deliveries.map(({ eventSeq }) => eventSeq));
        break;
      default:
        insert satisfies never;
    }
  }
  return asked;
}
