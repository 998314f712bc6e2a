// Request bodies: bytes to text to JSON, refused loudly when they are not.
//
// Bytes must be UTF-8 (RFC 8259 §8.1); text must be JSON without duplicate keys, so that no field is silently the last of
// two. Member names that reach an object's prototype are refused. Publish routes take the text alone: see publish-body.ts.

import { isUtf8 } from 'node:buffer';
import { scanJson, WaxwingError } from '@waxwing/protocol';
import { pointer } from './json-pointer.ts';

const BOM = 0xfeff;

/** The body's text. Throws `invalid_json` when the bytes are not UTF-8. */
export function decodeBody(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new WaxwingError('invalid_json', 'The body is not valid UTF-8.');
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === BOM ? text.slice(1) : text; // some shells on Windows put one there (RFC 8259 §8.1 lets us ignore it)
}

/** The body as a value; undefined when it is empty. Throws `invalid_json`. */
export function parseBody(bytes: Buffer): unknown {
  const text = decodeBody(bytes);
  if (/^[ \t\r\n]*$/.test(text)) return undefined;
  try {
    scanJson(text);
  } catch (error) {
    // Only events promise to be delivered unchanged; in any other body what the scanner refuses is simply not good JSON.
    if (error instanceof WaxwingError && error.code === 'invalid_event_data')
      throw new WaxwingError('invalid_json', plainWords(error), { cause: error, fields: error.fields });
    throw error;
  }
  const value: unknown = JSON.parse(text);
  const path = text.includes('__proto__') || text.includes('\\u') ? pathOfPrototype(value, '') : null;
  if (path !== null)
    throw new WaxwingError('invalid_json', `${path} may not be named so.`, { fields: [{ path, message: 'may not be named so' }] });
  return value;
}

function plainWords(error: WaxwingError): string {
  const [first] = error.fields;
  return first === undefined ? error.message : `The body is not good JSON: ${first.path || 'it'} ${first.message}.`;
}

function pathOfPrototype(value: unknown, path: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, member] of Object.entries(value)) {
    const at = pointer(path, name);
    if (name === '__proto__') return at;
    const found = pathOfPrototype(member, at);
    if (found !== null) return found;
  }
  return null;
}
