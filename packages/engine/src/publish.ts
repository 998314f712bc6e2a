// Publish: an event comes in by this door, checked, and leaves it durable.
//
// Everything that can be wrong with an event is refused here, before anything is stored. What is accepted waits for the
// committer as one group; its subscribers are matched when its batch is formed; publishers are answered once it is on disk;
// then the new deliveries are handed to their lanes in memory.

import { createHash } from 'node:crypto';
import { isEventId, ScannedJson, scanJson, WaxwingError, type DeliveryId, type IdMint, type PublishResult } from '@waxwing/protocol';
import type { Catalogue } from './catalogue.ts';
import type { Committer } from './commit/committer.ts';
import type { PublishInput } from './engine.ts';
import type { Clock } from './ports.ts';
import type { EndpointEntry, Registry } from './registry.ts';
import type { DeliveryRow, EventRow, PendingDelivery, TenantRow } from './store/rows.ts';
import type { GroupResult, Idempotency, Insert, InsertResult } from './store/store.ts';

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
  readonly seqs: Sequences;
  /** Takes the deliveries of a committed event. */
  readonly handOver: (deliveries: readonly PendingDelivery[]) => void;
  /** Takes a committed event whose deliveries are to be made in chunks. */
  readonly expand: (insert: Insert & { readonly kind: 'event' }) => void;
}

/** Rising numbers for rows; one each per process. */
export interface Sequences {
  event: number;
  delivery: number;
  endpoint: number;
}

/** An event that passed every check. */
interface Accepted {
  readonly id: string;
  readonly type: string;
  readonly timestampMs: number;
  readonly data: ScannedJson;
  readonly bytes: number;
  readonly idempotency: Idempotency | null;
}

const NOBODY = 'no endpoint of this tenant subscribes to this event type';

export class Publisher {
  readonly #options: PublisherOptions;
  #published = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  get published(): number {
    return this.#published;
  }

  async publish(tenantId: string, input: PublishInput): Promise<PublishResult> {
    const tenant = this.#tenant(tenantId);
    const [result] = await this.#commit(tenant, [this.#accept(tenant, input)]);
    if (result === undefined) throw new WaxwingError('internal', 'The store answered nothing for this event.');
    return result;
  }

  async publishBatch(tenantId: string, inputs: readonly PublishInput[]): Promise<readonly PublishResult[]> {
    const tenant = this.#tenant(tenantId);
    const { batchEventsMax } = this.#options.limits;
    if (inputs.length > batchEventsMax) throw new WaxwingError('batch_too_large', `A batch holds at most ${batchEventsMax} events; this one has ${inputs.length}.`);
    if (inputs.length === 0) throw new WaxwingError('invalid_request', 'A batch holds at least one event.', { fields: [{ path: '/events', message: 'is empty' }] });
    const accepted = inputs.map((input, index) => {
      try {
        return this.#accept(tenant, input);
      } catch (error) {
        throw at(index, error);
      }
    });
    return this.#commit(tenant, accepted);
  }

  #tenant(id: string): TenantRow {
    const tenant = this.#options.registry.tenants.get(id);
    if (tenant === undefined) throw new WaxwingError('tenant_not_found', `There is no tenant ${JSON.stringify(id)}. Create it with PUT /v1/tenants/{tenant}.`);
    return tenant;
  }

  /** Checks one event; throws what is wrong with it. */
  #accept(tenant: TenantRow, input: PublishInput): Accepted {
    const { registry, catalogue, limits, ids, clock } = this.#options;
    const profile = registry.latestProfile(tenant.profile)?.profile;
    if (profile === undefined) throw new WaxwingError('unknown_profile', `Tenant ${tenant.id} has profile ${tenant.profile}, which does not exist.`);
    const schema = catalogue.schemaFor(profile, registry.eventTypes, input.type);
    if (input.id !== undefined && !isEventId(input.id)) throw invalid('/id', "an event's id is 1 to 64 of A-Z a-z 0-9 _ - (no dots)");
    const timestampMs = input.timestamp === undefined ? clock.nowMs() : parseTimestamp(input.timestamp);
    const data = input.data instanceof ScannedJson ? input.data : scanValue(input.data);
    if (data.kind !== 'object') throw invalid('/data', `must be a JSON object, not ${data.kind === 'array' ? 'an' : 'a'} ${data.kind}`);
    const bytes = Buffer.byteLength(data.text);
    if (bytes > limits.dataBytesMax) {
      throw new WaxwingError('event_data_too_large', `The data has ${bytes} bytes; at most ${limits.dataBytesMax} are taken.`, { fields: [{ path: '/data', message: `over ${limits.dataBytesMax} bytes` }] });
    }
    if (data.unsafeIntegerPath !== null && profile.definition.print === 'javascript') {
      const path = `/data${data.unsafeIntegerPath}`;
      throw new WaxwingError('invalid_event_data', `${path} is an integer beyond 2^53, which receivers of profile ${tenant.profile} would read as another number. Send it as a string.`, {
        fields: [{ path, message: 'an integer beyond 2^53' }],
      });
    }
    if (schema !== null) catalogue.check(schema, input.type, data.text);
    return { id: input.id ?? ids.mint('evt'), type: input.type, timestampMs, data, bytes, idempotency: idempotency(input, data) };
  }

  #commit(tenant: TenantRow, accepted: readonly Accepted[]): Promise<readonly PublishResult[]> {
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
          inserts = accepted.map((event) => this.#insert(tenant, event));
          return { inserts };
        },
        done: (result) => {
          if (result.kind === 'stored') resolve(this.#stored(inserts, result.inserts));
          else reject(refused(result, accepted.length > 1));
        },
        failed: reject,
      });
    });
  }

  /** Matches the subscribers, as the configuration stands when the batch is formed. */
  #insert(tenant: TenantRow, event: Accepted): EventInsert {
    const { registry, clock, seqs, limits } = this.#options;
    const nowMs = clock.nowMs();
    const row: EventRow = {
      seq: seqs.event++,
      id: event.id,
      tenant: tenant.id,
      type: event.type,
      timestampMs: event.timestampMs,
      receivedMs: nowMs,
      data: event.data.text,
      hasUnsafeInteger: event.data.hasUnsafeInteger,
    };
    const matches = registry.subscribers(tenant.id, event.type);
    const wide = matches.length > limits.fanOutAtOnceMax;
    return {
      kind: 'event',
      event: row,
      deliveries: wide ? [] : matches.map((entry) => this.#delivery(row, entry, nowMs)),
      expansion: wide ? matches.map((entry) => ({ endpointSeq: entry.row.seq, facts: entry.facts, skippedReason: skippedReason(entry) })) : null,
      idempotency: event.idempotency,
      deliveryCount: matches.length,
    };
  }

  #delivery(event: EventRow, entry: EndpointEntry, nowMs: number): DeliveryRow {
    return newDelivery({ ...this.#next(), event, endpointSeq: entry.row.seq, facts: entry.facts, skippedReason: skippedReason(entry), nowMs });
  }

  #next(): { readonly seq: number; readonly id: DeliveryId } {
    return { seq: this.#options.seqs.delivery++, id: this.#options.ids.mint('dlv') };
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

type EventInsert = Insert & { readonly kind: 'event' };

/** A delivery's first row: pending and due at once, or skipped with the reason. */
export function newDelivery(from: {
  readonly seq: number;
  readonly id: DeliveryId;
  readonly event: EventRow;
  readonly endpointSeq: number;
  readonly facts: string | null;
  readonly skippedReason: string | null;
  readonly nowMs: number;
}): DeliveryRow {
  const skipped = from.skippedReason !== null;
  return {
    seq: from.seq,
    id: from.id,
    tenant: from.event.tenant,
    eventSeq: from.event.seq,
    endpointSeq: from.endpointSeq,
    cause: 'publish',
    origin: null,
    state: skipped ? 'skipped' : 'pending',
    stateReason: from.skippedReason,
    outcome: null,
    attempts: 0,
    dueMs: from.nowMs,
    facts: from.facts,
    createdMs: from.nowMs,
    finishedMs: skipped ? from.nowMs : null,
  };
}

/** A pending row as a lane holds it. */
export function pending(row: DeliveryRow, event: EventRow): PendingDelivery {
  return { seq: row.seq, id: row.id, tenant: row.tenant, endpointSeq: row.endpointSeq, cause: row.cause, attempts: row.attempts, dueMs: row.dueMs, facts: row.facts, event };
}

/** New events to a disabled endpoint are recorded as skipped; to a paused one they are held. */
function skippedReason(entry: EndpointEntry): string | null {
  if (entry.row.status !== 'disabled') return null;
  return `the endpoint was disabled${entry.row.statusReason === null ? '' : `: ${entry.row.statusReason}`}`;
}

function idempotency(input: PublishInput, data: ScannedJson): Idempotency | null {
  const names: string[] = [];
  if (input.id !== undefined) names.push(`id:${input.id}`);
  if (input.idempotencyKey !== undefined) {
    if (input.idempotencyKey.length < 1 || input.idempotencyKey.length > 255) throw invalid('header/idempotency-key', 'must have 1 to 255 characters');
    names.push(`key:${input.idempotencyKey}`);
  }
  if (names.length === 0) return null;
  // The same content however it is spaced: what counts is the value, not how a client happened to print it.
  const content = data.hasUnsafeInteger ? data.text : JSON.stringify(JSON.parse(data.text));
  const contentHash = createHash('sha256')
    .update(JSON.stringify([input.type, input.timestamp ?? null, input.id ?? null]))
    .update(content)
    .digest('base64url');
  return { names, contentHash };
}

function scanValue(value: unknown): ScannedJson {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new WaxwingError('invalid_event_data', `The data cannot be written as JSON: ${error instanceof Error ? error.message : String(error)}.`, { cause: error, fields: [{ path: '/data', message: 'is not JSON' }] });
  }
  if (text === undefined) throw invalid('/data', 'is required');
  return scanJson(text);
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

function parseTimestamp(text: string): number {
  const ms = ISO_8601.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(ms) || ms < 0) throw invalid('/timestamp', 'must be ISO 8601 with a zone, such as 2026-05-12T15:30:00Z');
  return ms;
}

function invalid(path: string, message: string): WaxwingError {
  return new WaxwingError('invalid_request', `${path} ${message}.`, { fields: [{ path, message }] });
}

/** The error of one event of a batch, with its place. */
function at(index: number, error: unknown): unknown {
  if (!(error instanceof WaxwingError)) return error;
  const fields = error.fields.map((field) => ({ path: `/events/${index}${field.path}`, message: field.message }));
  return new WaxwingError(error.code, `Event ${index} of the batch: ${error.message}`, { cause: error, fields });
}

function refused(result: Exclude<GroupResult, { kind: 'stored' }>, batch: boolean): WaxwingError {
  const where = batch ? `Event ${result.index} of the batch: ` : '';
  if (result.kind === 'missing') return new WaxwingError('event_not_found', `${where}the event does not exist any more.`);
  const [kind, name] = [result.name.slice(0, result.name.indexOf(':')), result.name.slice(result.name.indexOf(':') + 1)];
  return new WaxwingError('idempotency_conflict', `${where}${kind === 'id' ? 'the event id' : 'the Idempotency-Key'} ${JSON.stringify(name)} was used before with other content. Nothing was accepted.`);
}

function answer(
  first: { readonly eventId: string; readonly type: string; readonly timestampMs: number; readonly receivedMs: number; readonly deliveryCount: number },
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
