// Event types: what a name looks like, what a subscription's patterns are, which of them match.
//
// A name is segments of `A-Z a-z 0-9 _ -` joined by dots, at most 128 characters. A pattern is a name (matches exactly),
// `prefix.*` (any depth below the prefix, the prefix itself not) or `*`. Matching is on the publish path: it compiles
// nothing, compares plain text, and takes patterns as checked.

import { WaxwingError } from './errors.ts';
import type { FieldError } from './errors.ts';

/** Most characters of an event type's name. */
export const EVENT_TYPE_LENGTH_MAX = 128;

/** Most patterns of one subscription. */
export const EVENT_TYPE_PATTERNS_MAX = 100;

const NAME = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const NEAR_MAX = 5;

/** Whether a text can name an event type: `meeting.completed`, `storage.file.updated`, `ping`. */
export function isEventTypeName(name: string): boolean {
  return name.length <= EVENT_TYPE_LENGTH_MAX && NAME.test(name);
}

/**
 * Checks a subscription: 1 to 100 patterns, none twice.
 * @throws WaxwingError `invalid_event_types`, with a field (`/eventTypes/<index>`) for each pattern that is wrong
 */
export function checkEventTypes(patterns: readonly string[]): void {
  if (patterns.length === 0) throw refused([{ path: '/eventTypes', message: 'must name at least one event type; "*" takes them all' }]);
  if (patterns.length > EVENT_TYPE_PATTERNS_MAX) {
    const message = `must hold at most ${EVENT_TYPE_PATTERNS_MAX} patterns, not ${patterns.length}; "prefix.*" takes everything below a prefix`;
    throw refused([{ path: '/eventTypes', message }]);
  }
  const fields: FieldError[] = [];
  const firstAt = new Map<string, number>();
  for (const [index, pattern] of patterns.entries()) {
    const path = `/eventTypes/${index}`;
    const earlier = firstAt.get(pattern);
    if (!isPattern(pattern)) {
      const what = typeof pattern === 'string' ? quoted(pattern) : `a value of type ${typeof pattern}`;
      fields.push({ path, message: `${what} is not an event type's name, "prefix.*" or "*"` });
    } else if (earlier !== undefined) {
      fields.push({ path, message: `${quoted(pattern)} stands at /eventTypes/${earlier} already` });
    } else {
      firstAt.set(pattern, index);
    }
  }
  if (fields.length > 0) throw refused(fields);
}

/** Whether any of a subscription's patterns, checked before by {@link checkEventTypes}, takes this event type. */
export function matchesEventType(patterns: readonly string[], type: string): boolean {
  for (const pattern of patterns) {
    if (pattern === type || pattern === '*') return true;
    if (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))) return true;
  }
  return false;
}

/**
 * The known name that a mistyped one most likely meant: the least edit distance (insert, drop, change, swap of
 * neighbours; case ignored), at most a third of the name's length and at most 5. Null when nothing is near.
 * Of equally near ones the first.
 */
export function nearestName(name: string, known: Iterable<string>): string | null {
  if (name.length === 0 || name.length > EVENT_TYPE_LENGTH_MAX) return null;
  const wanted = name.toLowerCase();
  let limit = Math.min(NEAR_MAX, Math.max(1, Math.floor(name.length / 3)));
  let nearest: string | null = null;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    nearest = candidate;
    if (distance === 0) break;
    limit = distance - 1; // only a nearer one replaces it
  }
  return nearest;
}

// A caller in plain JavaScript may pass anything; what is no string must not reach the matcher.
function isPattern(pattern: string): boolean {
  if (typeof pattern !== 'string') return false;
  return pattern === '*' || isEventTypeName(pattern.endsWith('.*') ? pattern.slice(0, -2) : pattern);
}

function refused(fields: readonly FieldError[]): WaxwingError {
  const first = fields[0];
  const detail = first === undefined ? '' : `${first.path} ${first.message}`;
  return new WaxwingError('invalid_event_types', `The subscription cannot match: ${detail}.`, { fields });
}

// Shown whole up to twice a name's length: enough to recognise, too little to fill a log.
function quoted(text: string): string {
  return JSON.stringify(text.length > 2 * EVENT_TYPE_LENGTH_MAX ? `${text.slice(0, 2 * EVENT_TYPE_LENGTH_MAX)}…` : text);
}

// Optimal string alignment over three rows. Cells further than `limit` from the diagonal cannot be within it, so they are
// never looked at, and a row without a cell within it ends the search: either way the answer is then `limit + 1`.
function editDistance(a: string, b: string, limit: number): number {
  const far = limit + 1;
  if (Math.abs(a.length - b.length) > limit) return far;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => Math.min(column, far));
  for (let row = 1; row <= a.length; row++) {
    const current = last.slice().fill(far);
    let least = Math.min(row, far);
    current[0] = least;
    for (let column = Math.max(1, row - limit); column <= Math.min(b.length, row + limit); column++) {
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      let cost = Math.min((last[column] ?? far) + 1, (current[column - 1] ?? far) + 1, (last[column - 1] ?? far) + changed, far);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? far) + 1);
      }
      current[column] = cost;
      least = Math.min(least, cost);
    }
    if (least > limit) return far;
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? far;
}
