// Tampering: the body as somebody on the way would change it. What a parser would take before still parses, and says another thing.
//
// A receiver that only fails because the JSON is broken would look safe under a test that breaks it.

import type { Place } from '../scheme.ts';
import { atPointer, isRecord, jsonOf, strictTextOf } from '../verify/request.ts';

/** @param dataPlace where the sender keeps what an event is about: a value there is changed rather than an id or a name */
export function tamperedBody(body: Uint8Array, dataPlace: Place): Uint8Array<ArrayBuffer> {
  const json = jsonOf(body);
  if (isRecord(json)) {
    const data = atPointer(json, dataPlace);
    const changed = changeSomeValue(isRecord(data) ? data : json) || changeSomeValue(json);
    if (!changed) Object.assign(isRecord(data) && !Array.isArray(data) ? data : json, { tampered: true });
    return bytesOf(JSON.stringify(json));
  }
  if (json !== undefined) return bytesOf(JSON.stringify(otherThan(json) ?? true));
  const text = strictTextOf(body) ?? '';
  if (/^[^=&\s]+=[^=&]*/.test(text)) return bytesOf(text.replace(/=([^&]*)/, '=$1x')); // a form's first value
  return flipped(body);
}

/** Changes the first value found that is no object, in depth; false where there is none. */
function changeSomeValue(record: { readonly [name: string]: unknown }): boolean {
  for (const [name, value] of Object.entries(record)) {
    const other = otherThan(value);
    if (other !== null) return Reflect.set(record, name, other);
    if (isRecord(value) && changeSomeValue(value)) return true;
  }
  return false;
}

/** Another value of the same kind; null for what has no other. */
function otherThan(value: unknown): string | number | boolean | null {
  switch (typeof value) {
    case 'string':
      return `${value}!`;
    case 'number':
      return Math.abs(value) < 1e15 ? value + 1 : 1;
    case 'boolean':
      return !value;
    default:
      return null;
  }
}

/** One byte changed in the middle; one added where there is none. */
function flipped(body: Uint8Array): Uint8Array<ArrayBuffer> {
  if (body.length === 0) return new Uint8Array([33]);
  const bytes = new Uint8Array(body);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text));
}
