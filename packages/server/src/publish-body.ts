// The bodies of the publish routes, read from their raw text: the hot path.
//
// One pass of the scanner checks the whole body and slices its members; `data` goes to the engine as the text it came in,
// never parsed, never printed again. Unknown members are refused by name, all that is wrong is named at once.

import { JSON_DEPTH_MAX, scanObject, WaxwingError } from '@waxwing/protocol';
import type { FieldError, ScannedJson } from '@waxwing/protocol';
import type { PublishInput } from '@waxwing/engine';
import { decodeBody } from './body.ts';
import { pointer } from './json-pointer.ts';
import { invalidRequest } from './problems.ts';
import { unknownField } from './validation.ts';

const MEMBERS = ['type', 'data', 'id', 'timestamp'] as const;
// The array of events and each event are levels of the batch, not of anybody's data.
const LEVELS_ABOVE_DATA = 2;
const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;

/** The Idempotency-Key header, or null without one. Throws `invalid_request`. */
export function parseIdempotencyKey(header: string | readonly string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header !== 'string' || !IDEMPOTENCY_KEY.test(header)) {
    throw invalidRequest([{ path: 'header/idempotency-key', message: 'must be 1 to 255 printable ASCII characters' }]);
  }
  return header;
}

/** The event of a publish body. Throws `invalid_json`, `invalid_event_data`, `invalid_request`. */
export function parsePublish(body: unknown, idempotencyKey: string | null): PublishInput {
  const fields: FieldError[] = [];
  const input = readEvent(scanObject(textOf(body)), '', idempotencyKey, fields);
  if (input === null) throw invalidRequest(fields);
  return input;
}

/**
 * The events of a batch body, in order. An Idempotency-Key covers the batch: event n is remembered under `<key>/<n>`.
 * Throws as `parsePublish`, and `batch_too_large`.
 */
export function parseBatch(body: unknown, idempotencyKey: string | null, eventsMax: number): readonly PublishInput[] {
  const members = scanObject(textOf(body), { depthMax: JSON_DEPTH_MAX + LEVELS_ABOVE_DATA });
  const fields: FieldError[] = [];
  for (const name of members.keys())
    if (name !== 'events') fields.push({ path: pointer('', name), message: unknownField(name, ['events']) });
  const list = members.get('events');
  if (list === undefined) fields.push({ path: '/events', message: 'is required' });
  else if (list.kind !== 'array') fields.push({ path: '/events', message: `must be an array, not ${article(list.kind)}` });
  const elements = list?.kind === 'array' ? list.elements() : [];
  if (list?.kind === 'array' && elements.length === 0) fields.push({ path: '/events', message: 'must hold at least one event' });
  if (elements.length > eventsMax)
    throw new WaxwingError('batch_too_large', `A batch holds at most ${eventsMax} events; this one has ${elements.length}.`);
  const inputs: PublishInput[] = [];
  for (const [index, element] of elements.entries()) {
    const path = `/events/${index}`;
    if (element.kind !== 'object') {
      fields.push({ path, message: `must be an object, not ${article(element.kind)}` });
      continue;
    }
    if (element.depth > JSON_DEPTH_MAX + 1) {
      throw new WaxwingError('invalid_event_data', `${path} nests more than ${JSON_DEPTH_MAX} levels deep.`, {
        fields: [{ path, message: `nests more than ${JSON_DEPTH_MAX} levels deep` }],
      });
    }
    const input = readEvent(element.members(), path, idempotencyKey === null ? null : `${idempotencyKey}/${index}`, fields);
    if (input !== null) inputs.push(input);
  }
  if (fields.length > 0) throw invalidRequest(fields);
  return inputs;
}

function readEvent(
  members: ReadonlyMap<string, ScannedJson>,
  path: string,
  idempotencyKey: string | null,
  fields: FieldError[],
): PublishInput | null {
  const before = fields.length;
  let type: string | undefined;
  let data: ScannedJson | undefined;
  let id: string | undefined;
  let timestamp: string | undefined;
  for (const [name, value] of members) {
    switch (name) {
      case 'type':
        type = readString(value, `${path}/type`, fields);
        break;
      case 'data':
        data = value;
        if (value.kind !== 'object') fields.push({ path: `${path}/data`, message: `must be an object, not ${article(value.kind)}` });
        break;
      case 'id':
        id = readString(value, `${path}/id`, fields);
        break;
      case 'timestamp':
        timestamp = readString(value, `${path}/timestamp`, fields);
        break;
      default:
        fields.push({ path: pointer(path, name), message: unknownField(name, MEMBERS) });
    }
  }
  if (!members.has('type')) fields.push({ path: `${path}/type`, message: 'is required' });
  if (data === undefined) fields.push({ path: `${path}/data`, message: 'is required' });
  if (fields.length > before || type === undefined || data === undefined) return null;
  return {
    type,
    data,
    ...(id === undefined ? {} : { id }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(idempotencyKey === null ? {} : { idempotencyKey }),
  };
}

function readString(value: ScannedJson, path: string, fields: FieldError[]): string | undefined {
  if (value.kind === 'string') {
    const read: unknown = JSON.parse(value.text);
    if (typeof read === 'string') return read;
  }
  fields.push({ path, message: `must be a string, not ${article(value.kind)}` });
  return undefined;
}

function textOf(body: unknown): string {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new WaxwingError('invalid_request', 'The body is missing: send a JSON object.');
  return decodeBody(body);
}

function article(kind: ScannedJson['kind']): string {
  return kind === 'null' ? 'null' : `${kind === 'array' || kind === 'object' ? 'an' : 'a'} ${kind}`;
}
