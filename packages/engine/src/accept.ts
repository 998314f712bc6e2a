// Accept: everything that can be wrong with an event is found here, before anything is stored.

import { createHash } from 'node:crypto';
import { isEventId, ScannedJson, scanJson, WaxwingError, type IdMint } from '@waxwing/protocol';
import type { Catalogue } from './catalogue.ts';
import type { PublishInput } from './engine.ts';
import type { Clock } from './ports.ts';
import type { Registry } from './registry.ts';
import type { TenantRow } from './store/rows.ts';
import type { Idempotency } from './store/store.ts';

/** An event that passed every check. */
export interface AcceptedEvent {
  readonly id: string;
  readonly type: string;
  readonly timestampMs: number;
  readonly data: ScannedJson;
  /** Of the data, as UTF-8. */
  readonly bytes: number;
  readonly idempotency: Idempotency | null;
}

export interface AcceptOptions {
  readonly clock: Clock;
  readonly ids: IdMint;
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  /** Most bytes of one event's data, as UTF-8. */
  readonly dataBytesMax: number;
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Throws what is wrong with an event: `unknown_event_type`, `invalid_request`, `invalid_event_data`, `event_data_too_large`, `schema_mismatch`. */
export function acceptEvent(options: AcceptOptions, tenant: TenantRow, input: PublishInput): AcceptedEvent {
  const { registry, catalogue, dataBytesMax, ids, clock } = options;
  const profile = registry.latestProfile(tenant.profile)?.profile;
  if (profile === undefined)
    throw new WaxwingError('unknown_profile', `Tenant ${tenant.id} has profile ${tenant.profile}, which does not exist.`);
  const schema = catalogue.schemaFor(profile, registry.eventTypes, input.type);
  if (input.id !== undefined && !isEventId(input.id)) throw invalid('/id', "an event's id is 1 to 64 of A-Z a-z 0-9 _ - (no dots)");
  const timestampMs = input.timestamp === undefined ? clock.nowMs() : parseTimestamp(input.timestamp);
  const data = input.data instanceof ScannedJson ? input.data : scanValue(input.data);
  if (data.kind !== 'object') throw invalid('/data', `must be a JSON object, not ${data.kind === 'array' ? 'an' : 'a'} ${data.kind}`);
  const bytes = Buffer.byteLength(data.text);
  if (bytes > dataBytesMax) {
    throw new WaxwingError('event_data_too_large', `The data has ${bytes} bytes; at most ${dataBytesMax} are taken.`, {
      fields: [{ path: '/data', message: `over ${dataBytesMax} bytes` }],
    });
  }
  if (data.hasUnsafeInteger && profile.definition.print === 'javascript') throw unsafeInteger(tenant, input, data);
  if (schema !== null) catalogue.check(schema, input.type, data.text);
  return { id: input.id ?? ids.mint('evt'), type: input.type, timestampMs, data, bytes, idempotency: idempotencyOf(input, data) };
}

function unsafeInteger(tenant: TenantRow, input: PublishInput, data: ScannedJson): WaxwingError {
  // A scanned slice of a request names the place from the request's root; data given as a value is its own root.
  const path = input.data instanceof ScannedJson ? (data.unsafeIntegerPath ?? '/data') : `/data${data.unsafeIntegerPath ?? ''}`;
  const message = `${path} is an integer beyond 2^53, which receivers of profile ${tenant.profile} would read as another number. Send it as a string.`;
  return new WaxwingError('invalid_event_data', message, { fields: [{ path, message: 'an integer beyond 2^53' }] });
}

function idempotencyOf(input: PublishInput, data: ScannedJson): Idempotency | null {
  const names: string[] = [];
  if (input.id !== undefined) names.push(`id:${input.id}`);
  if (input.idempotencyKey !== undefined) {
    if (input.idempotencyKey.length < 1 || input.idempotencyKey.length > 255)
      throw invalid('header/idempotency-key', 'must have 1 to 255 characters');
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

/** Data given as a JavaScript value. */
function scanValue(value: unknown): ScannedJson {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WaxwingError('invalid_event_data', `The data cannot be written as JSON: ${why}.`, {
      cause: error,
      fields: [{ path: '/data', message: 'is not JSON' }],
    });
  }
  if (text === undefined) throw invalid('/data', 'is required');
  try {
    return scanJson(text);
  } catch (error) {
    if (!(error instanceof WaxwingError)) throw error;
    const fields = error.fields.map(({ path, message }) => ({ path: `/data${path}`, message }));
    throw new WaxwingError(error.code, error.message, { cause: error, fields });
  }
}

function parseTimestamp(text: string): number {
  const ms = ISO_8601.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(ms) || ms < 0) throw invalid('/timestamp', 'must be ISO 8601 with a zone, such as 2026-05-12T15:30:00Z');
  return ms;
}

function invalid(path: string, message: string): WaxwingError {
  return new WaxwingError('invalid_request', `${path} ${message}.`, { fields: [{ path, message }] });
}
