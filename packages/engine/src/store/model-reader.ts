// The model's reader: lists and details by filtering everything, newest first.

import type { DeliveryRow, EventRow, PendingDelivery } from './rows.ts';
import {
  StoreError,
  type DeliveryListRow,
  type DeliveryQuery,
  type EventQuery,
  type PageQuery,
  type RowPage,
  type StoreReader,
} from './store.ts';
import type { ModelDisk } from './model-disk.ts';
import type { FeedReader } from './model-feed.ts';
import type { NoticeReader } from './model-notice-reader.ts';
import type { ModelStatReader } from './model-stats.ts';
import type { RecoveryReader } from './model-recovery-reader.ts';
import { searchForms, typeBounds } from './search-text.ts';

/** What the other rooms of the model's reader leave to this one. */
type OtherReader = Omit<StoreReader, keyof RecoveryReader | keyof NoticeReader | keyof FeedReader | keyof ModelStatReader>;

/** @param held gives the disk, or throws when the store does not hold it */
export function modelReader(held: () => ModelDisk): OtherReader {
  return {
    async events(query) {
      const disk = held();
      return page(
        disk.events.values(),
        query,
        (row) => row.receivedMs,
        (row) => matchesEvent(row, query),
      );
    },
    async event(tenant, id) {
      const found = newestFirst(held().events.values()).find((row) => row.id === id && (tenant === null || row.tenant === tenant));
      return found ?? null;
    },
    async deliveries(query) {
      const disk = held();
      const shown = disk.deliveries.values().flatMap((row) => listRowOf(disk, row) ?? []);
      return page(
        shown,
        query,
        (row) => row.createdMs,
        (row) => matchesDelivery(row, query),
      );
    },
    async delivery(id) {
      const disk = held();
      const seq = disk.deliveryIds.get(id);
      const row = seq === undefined ? undefined : disk.deliveries.get(seq);
      return row === undefined ? null : listRowOf(disk, row);
    },
    async attempts(deliverySeq) {
      const kept = held().attempts.get(deliverySeq);
      return kept === undefined ? [] : [...kept.values()].toSorted((a, b) => a.number - b.number);
    },
    async endpoint(seq) {
      const kept = held().endpoints.get(seq);
      return kept === undefined ? null : { id: kept.row.id, profile: kept.row.profile, profileVersion: kept.row.profileVersion };
    },
    async endpointEver(id) {
      const kept = held()
        .endpoints.values()
        .find(({ row }) => row.id === id);
      return kept ?? null;
    },
    async counts() {
      const disk = held();
      const deliveries = { pending: 0, delivered: 0, failed: 0, cancelled: 0, skipped: 0 };
      for (const row of disk.deliveries.values()) deliveries[row.state] += 1;
      const events = disk.events.values();
      return { events: events.length, deliveries, bytes: events.reduce((bytes, row) => bytes + row.data.length, 0) };
    },
  };
}

/** A pending delivery with its event. */
export function pendingDeliveryOf(disk: ModelDisk, row: DeliveryRow): PendingDelivery {
  const event = disk.events.get(row.eventSeq);
  if (event === undefined) throw new StoreError('unavailable', `the store is damaged: event ${row.eventSeq} is missing`);
  const { seq, id, tenant, endpointSeq, cause, attempts, dueMs, facts } = row;
  return { seq, id, tenant, endpointSeq, cause, attempts, dueMs, facts, event };
}

/** A delivery as lists show it; null where its event or endpoint is not there. */
export function listRowOf(disk: ModelDisk, row: DeliveryRow): DeliveryListRow | null {
  const event = disk.events.get(row.eventSeq);
  const endpoint = disk.endpoints.get(row.endpointSeq);
  if (event === undefined || endpoint === undefined) return null;
  return { ...row, eventId: event.id, eventType: event.type, endpointId: endpoint.row.id };
}

function matchesEvent(row: EventRow, query: EventQuery): boolean {
  return ofType(row.type, query.type) && (query.text === null || searchForms(query.text).some((form) => row.data.includes(form)));
}

function matchesDelivery(row: DeliveryListRow, query: DeliveryQuery): boolean {
  return (
    ofType(row.eventType, query.type) &&
    (query.endpointSeq === null || row.endpointSeq === query.endpointSeq) &&
    (query.eventId === null || row.eventId === query.eventId) &&
    (query.state === null || row.state === query.state) &&
    (query.outcome === null || row.outcome === query.outcome) &&
    (query.cause === null || row.cause === query.cause)
  );
}

/** Whether an event type is one that a list's filter takes. */
export function ofType(type: string, filter: string | null): boolean {
  const bounds = typeBounds(filter);
  if (bounds === null) return true;
  return 'exact' in bounds ? type === bounds.exact : type >= bounds.from && type < bounds.to;
}

function page<R extends { readonly seq: number; readonly tenant: string }>(
  all: readonly R[],
  query: PageQuery,
  msOf: (row: R) => number,
  matches: (row: R) => boolean,
): RowPage<R> {
  const { tenant, before, fromMs, toMs, limit } = query;
  const found = newestFirst(all).filter(
    (row) =>
      (tenant === null || row.tenant === tenant) &&
      (before === null || row.seq < before) &&
      (fromMs === null || msOf(row) >= fromMs) &&
      (toMs === null || msOf(row) < toMs) &&
      matches(row),
  );
  const rows = found.slice(0, limit);
  return { rows, next: found.length > limit ? (rows.at(-1)?.seq ?? null) : null };
}

function newestFirst<R extends { readonly seq: number }>(rows: readonly R[]): readonly R[] {
  return rows.toSorted((a, b) => b.seq - a.seq);
}
