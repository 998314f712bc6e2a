// Refusals: the two errors a scan ends with, in words that find the place.
//
// A message quotes little, however long the text or the path is; `fields` has the whole path.

import { WaxwingError } from '../errors.ts';

const QUOTED_MAX = 40;

/** `invalid_json`: the grammar forbids it. Line and column count from 1, in UTF-16 units, as editors do. */
export function notJson(text: string, at: number, path: string, what: string): WaxwingError {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  const place = `line ${line}, column ${column} (offset ${at})`;
  return new WaxwingError('invalid_json', `Not valid JSON at ${place}: ${what}.`, { fields: [{ path, message: what }] });
}

/** `invalid_event_data`: the grammar allows it, but it would not reach every receiver unchanged. `what` is a predicate. */
export function notPortable(path: string, at: number, what: string): WaxwingError {
  const subject = path === '' ? 'The value' : shortened(path);
  return new WaxwingError('invalid_event_data', `${subject} ${what} (offset ${at}).`, { fields: [{ path, message: what }] });
}

/** What stands at a place, quoted; never half a surrogate pair. */
export function found(text: string, at: number, length = 1): string {
  if (at >= text.length) return 'the end of the text';
  return JSON.stringify(text.slice(at, at + Math.max(length, (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)));
}

/** A unit as JSON would escape it. */
export function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

export function shortened(text: string): string {
  return text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text;
}
