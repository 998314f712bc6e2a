// Publish: an event comes in by this door, checked, and leaves it durable.
//
// What accept.ts finds nothing wrong with waits for the committer as one group; its subscribers are matched when its batch is formed; publishers are answered once it is on disk;
// then the new deliveries are handed to their lanes in memory.

import {
  OPERATIONAL_TENANT,
  scanJson,
  scanObject,
  WaxwingError,
  type DeliveryId,
  type IdMint,
  type PublishResult,
} from '@waxwing/protocol';
import { acceptEvent, type AcceptedEvent, type AcceptOptions } from './accept.ts';
import type { Catalogue } from './catalogue.ts';
import type { Numbers } from './cluster/numbers.ts';
import type { Committer } from './commit/committer.ts';
import type { PublishInput } from './engine.ts';
import type { Clock } from './ports.ts';
import { newDelivery, pending } from './new-delivery.ts';
import type { EndpointEntry, Registry } from './registry.ts';
import type { DeliveryRow, EventRow, PendingDelivery, TenantRow } from './store/rows.ts';
import type { OutboxRow } from './store/outbox.ts';
import type { GroupResult, Insert, InsertGroup, InsertResult } from './store/store.ts';

export interface PublishLimits {
  /** Most bytes of one event's data, as UTF-8. */
  readonly dataBytesMax: number;
  readonly batchEventsMax: number;
  /** Above this many matches an event's deliveries are made in chunks after it is committed. */
  readonly fanOutAtOnceMax: number;
}

export const PUBLISH_LIMITS: PublishLimits = { dataBytesMax: 256 * 1024, batchEventsMax: 1_000, fanOutAtOnceMax: 1_000 };

export interface PublisherOptions {
  readonly clock: Clock;
  readonly ids: IdMint;
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly committer: Committer;
  readonly limits: PublishLimits;
  readonly numbers: Numbers;
  /** Takes the deliveries of a committed event. */
  readonly handOver: (deliveries: readonly PendingDelivery[]) => void;
  /** Takes a committed event whose deliveries are to be made in chunks. */
  readonly expand: (insert: Insert & { readonly kind: 'event' }) => void;
}

/** An event of Waxwing's own, for the change that it tells of to carry. */
export interface OwnEvent {
  readonly group: InsertGroup | null;
  /** Call when durable: hands its deliveries over. */
  readonly stored: (result: GroupResult | null) => void;
}

const NOBODY = 'no endpoint of this tenant subscribes to this event type';

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #accepting: AcceptOptions;
  #published = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#accepting = { ...options, dataBytesMax: options.limits.dataBytesMax };
  }

  get published(): number {
    return this.#published;
  }

  async publish(tenantId: string, input: PublishInput): Promise<PublishResult> {
    const tenant = this.#tenant(tenantId);
    const [result] = await this.#commit(tenant, [acceptEvent(this.#accepting, tenant, input)]);
    if (result === undefined) throw new WaxwingError('internal', 'The store answered nothing for this event.');
    return result;
  }

  async publishBatch(tenantId: string, inputs: readonly PublishInput[]): Promise<readonly PublishResult[]> {
    const tenant = this.#tenant(tenantId);
    const { batchEventsMax } = this.#options.limits;
    if (inputs.length > batchEventsMax)
      throw new WaxwingError('batch_too_large', `A batch holds at most ${batchEventsMax} events; this one has ${inputs.length}.`);
    if (inputs.length === 0)
      throw new WaxwingError('invalid_request', 'A batch holds at least one event.', {
        fields: [{ path: '/events', message: 'is empty' }],
      });
    const accepted = inputs.map((input, index) => {
      try {
        return acceptEvent(this.#accepting, tenant, input);
      } catch (error) {
        throw at(index, error);
      }
    });
    return this.#commit(tenant, accepted);
  }

  /**
   * Makes an event of an outbox row, which goes with it. False when the row is not there any more.
   * Throws what `publish` throws; an error without `retryAfterSeconds` says that the event cannot be accepted.
   */
  async take({ no, tenant: tenantId, type, data, id, idempotencyKey, timestamp }: OutboxRow): Promise<boolean> {
    const tenant = this.#tenant(tenantId);
    const input: PublishInput = {
      type,
      data: scanObject(`{"data":${data}}`).get('data'),
      ...(id === null ? {} : { id }),
      ...(idempotencyKey === null ? {} : { idempotencyKey }),
      ...(timestamp === null ? {} : { timestamp }),
    };
    const made = await this.#commit(tenant, [acceptEvent(this.#accepting, tenant, input)], no);
    return made.length > 0;
  }

  /**
   * An operational event, to be stored with the change that it tells of. Call when the batch is formed: subscribers are
   * matched now. With the same id it is stored once, however often the change is tried.
   */
  tell(type: string, data: object, id: string): OwnEvent {
    const { registry, clock } = this.#options;
    const tenant = registry.tenants.get(OPERATIONAL_TENANT);
    if (tenant === undefined) return { group: null, stored: () => {} };
    const scanned = scanJson(JSON.stringify(data, wellFormed));
    const idempotency = { names: [`id:${id}`], contentHash: id };
    const accepted = { id, type, timestampMs: clock.nowMs(), data: scanned, bytes: scanned.text.length, idempotency };
    const inserts = [this.#insert(tenant, accepted)];
    return {
      group: { inserts },
      stored: (result) => {
        if (result?.kind === 'stored') this.#stored(inserts, result.inserts);
      },
    };
  }

  #tenant(id: string): TenantRow {
    if (id === OPERATIONAL_TENANT)
      throw new WaxwingError('reserved_tenant', `The tenant ${id} is reserved: Waxwing alone publishes to it, its operational events.`);
    const tenant = this.#options.registry.tenants.get(id);
    if (tenant === undefined)
      throw new WaxwingError('tenant_not_found', `There is no tenant ${JSON.stringify(id)}. Create it with PUT /v1/tenants/{tenant}.`);
    return tenant;
  }

  /** Nothing when the outbox row is gone that it is made of. */
  #commit(tenant: TenantRow, accepted: readonly AcceptedEvent[], outboxNo?: number): Promise<readonly PublishResult[]> {
    const { committer } = this.#options;
    let bytes = 0;
    for (const event of accepted) bytes += event.bytes;
    committer.admit(tenant.id, bytes);
    return new Promise((resolve, reject) => {
      let inserts: EventInsert[] = [];
      committer.submit({
        kind: 'group',
        tenant: tenant.id,
        rows: accepted.length * 3,
        bytes,
        prepare: () => {
          this.#tenant(tenant.id); // it may have been deleted meanwhile
          inserts = accepted.map((event) => this.#insert(tenant, event, accepted.length > 1));
          return outboxNo === undefined ? { inserts } : { inserts, outboxNo };
        },
        done: (result) => {
          if (result.kind === 'stored') resolve(this.#stored(inserts, result.inserts));
          else if (result.kind === 'missing' && outboxNo !== undefined) resolve([]);
          else reject(refused(result, accepted.length > 1));
        },
        failed: reject,
      });
    });
  }

  /**
   * Matches the subscribers, as the configuration stands when the batch is formed.
   * @param sharesText whether the data is a slice of a text that other events' data is cut from as well
   */
  #insert(tenant: TenantRow, event: AcceptedEvent, sharesText = false): EventInsert {
    const { registry, clock, numbers, limits } = this.#options;
    const nowMs = clock.nowMs();
    const row: EventRow = {
      seq: numbers.take('event'),
      id: event.id,
      tenant: tenant.id,
      type: event.type,
      timestampMs: event.timestampMs,
      receivedMs: nowMs,
      data: sharesText ? copied(event.data.text) : event.data.text,
      hasUnsafeInteger: event.data.hasUnsafeInteger,
    };
    const matches = registry.subscribers(tenant.id, event.type);
    const wide = matches.length > limits.fanOutAtOnceMax;
    return {
      kind: 'event',
      event: row,
      deliveries: wide ? [] : matches.map((entry) => this.#delivery(row, entry, nowMs)),
      expansion: wide
        ? matches.map((entry) => ({ endpointSeq: entry.row.seq, facts: entry.facts, skippedReason: skippedReason(entry) }))
        : null,
      idempotency: event.idempotency,
      deliveryCount: matches.length,
    };
  }

  #delivery(event: EventRow, entry: EndpointEntry, nowMs: number): DeliveryRow {
    return newDelivery({
      ...this.#next(),
      event,
      endpointSeq: entry.row.seq,
      facts: entry.facts,
      skippedReason: skippedReason(entry),
      nowMs,
    });
  }

  #next(): { readonly seq: number; readonly id: DeliveryId } {
    return { seq: this.#options.numbers.take('delivery'), id: this.#options.ids.mint('dlv') };
  }

  #stored(inserts: readonly EventInsert[], results: readonly InsertResult[]): PublishResult[] {
    const fresh: PendingDelivery[] = [];
    const answers = inserts.map((insert, index): PublishResult => {
      const result = results[index];
      if (result?.kind === 'duplicate') return answer(result, true);
      this.#published += 1;
      for (const delivery of insert.deliveries) if (delivery.state === 'pending') fresh.push(pending(delivery, insert.event));
      if (insert.expansion !== null) this.#options.expand(insert);
      const { id, type, timestampMs, receivedMs } = insert.event;
      return answer({ eventId: id, type, timestampMs, receivedMs, deliveryCount: insert.deliveryCount }, false);
    });
    if (fresh.length > 0) this.#options.handOver(fresh);
    return answers;
  }
}

/** A slice keeps the whole text alive that it was cut from: one pending event of a batch would hold all of its megabyte. */
function copied(slice: string): string {
  return Buffer.from(slice).toString();
}

/** Names and errors may hold halves of characters, which JSON for others must not. */
function wellFormed(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

type EventInsert = Insert & { readonly kind: 'event' };

/** New events to a disabled endpoint are recorded as skipped; to a paused one they are held. */
function skippedReason(entry: EndpointEntry): string | null {
  if (entry.row.status !== 'disabled') return null;
  return `the endpoint was disabled${entry.row.statusReason === null ? '' : `: ${entry.row.statusReason}`}`;
}

/** The error of one event of a batch, with its place. */
function at(index: number, error: unknown): unknown {
  if (!(error instanceof WaxwingError)) return error;
  const fields = error.fields.map((field) => ({
    path: field.path.startsWith('/events/') || !field.path.startsWith('/') ? field.path : `/events/${index}${field.path}`,
    message: field.message,
  }));
  return new WaxwingError(error.code, `Event ${index} of the batch: ${error.message}`, { cause: error, fields });
}

function refused(result: Exclude<GroupResult, { kind: 'stored' }>, batch: boolean): WaxwingError {
  const where = batch ? `Event ${result.index} of the batch: ` : '';
  if (result.kind === 'missing') return new WaxwingError('event_not_found', `${where}the event does not exist any more.`);
  const [kind, name] = [result.name.slice(0, result.name.indexOf(':')), result.name.slice(result.name.indexOf(':') + 1)];
  return new WaxwingError(
    'idempotency_conflict',
    `${where}${kind === 'id' ? 'the event id' : 'the Idempotency-Key'} ${JSON.stringify(name)} was used before with other content. Nothing was accepted.`,
  );
}

function answer(
  first: {
    readonly eventId: string;
    readonly type: string;
    readonly timestampMs: number;
    readonly receivedMs: number;
    readonly deliveryCount: number;
  },
  duplicate: boolean,
): PublishResult {
  return {
    id: first.eventId,
    type: first.type,
    timestamp: new Date(first.timestampMs).toISOString(),
    receivedAt: new Date(first.receivedMs).toISOString(),
    deliveries: first.deliveryCount,
    duplicate,
    ...(first.deliveryCount === 0 ? { warning: NOBODY } : {}),
  };
}
