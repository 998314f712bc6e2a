// Scanned JSON: text that the scanner accepted, whole or sliced into its members or elements without parsing it.
//
// Only the scanner makes a `ScannedJson`, so whoever holds one needs no further check: it reads alike in every receiver,
// encodes to UTF-8, and may be spliced into a body. Paths are JSON Pointers from the root of the text first scanned.

import { WaxwingError } from '../errors.ts';
import { pointerTo } from './pointer.ts';
import { DEPTH_CAP, Scanner } from './scanner.ts';
import type { EachSpan, JsonKind, Span } from './scanner.ts';

/** How deep event data may nest (DESIGN §3). */
export const JSON_DEPTH_MAX = 64;

export interface ScanLimits {
  /** How many arrays and objects may stand within each other; default 64, at most 1,000. */
  readonly depthMax?: number;
  /** JSON Pointer that stands before every path, when the text is itself a part of something. Default `''`. */
  readonly path?: string;
}

// Set by the class itself: its constructor stays private, and with it the promise that holding one is proof.
let create: (text: string, path: string, span: Span) => ScannedJson;

/** A JSON value as text, accepted by the scanner. */
export class ScannedJson {
  /** The exact text of the value, without the white space around it. A slice: it keeps the text it was cut from alive. */
  readonly text: string;
  readonly kind: JsonKind;
  /** JSON Pointer of this value. */
  readonly path: string;
  /** How deep its arrays and objects nest: 0 for a plain value, 1 for `[]`. */
  readonly depth: number;
  /** JSON Pointer of the first integer beyond ±(2^53 - 1), which JavaScript would change; null when there is none. */
  readonly unsafeIntegerPath: string | null;

  private constructor(text: string, path: string, span: Span) {
    this.text = text.slice(span.start, span.end);
    this.kind = span.kind;
    this.path = path;
    this.depth = span.depth;
    this.unsafeIntegerPath = span.unsafeIntegerPath;
  }

  static {
    create = (text, path, span) => new ScannedJson(text, path, span);
  }

  get hasUnsafeInteger(): boolean {
    return this.unsafeIntegerPath !== null;
  }

  /**
   * An object's members, sliced from its text in its order.
   * @throws WaxwingError `invalid_request` when the value is not an object
   */
  members(): ReadonlyMap<string, ScannedJson> {
    return membersOf(this.text, this.path, DEPTH_CAP);
  }

  /**
   * An array's elements, sliced from its text.
   * @throws WaxwingError `invalid_request` when the value is not an array
   */
  elements(): readonly ScannedJson[] {
    return elementsOf(this.text, this.path, DEPTH_CAP);
  }
}

/**
 * Checks a JSON text and takes it as it stands.
 * @throws WaxwingError `invalid_json` (not RFC 8259: line, column, offset) or `invalid_event_data` (a key twice, nested
 *   too deeply, a number beyond a double's range, half a surrogate pair), with the JSON Pointer in `fields`
 */
export function scanJson(text: string, limits: ScanLimits = {}): ScannedJson {
  const path = limits.path ?? '';
  return create(text, path, new Scanner(text, path, limits.depthMax ?? JSON_DEPTH_MAX).scan(null));
}

/**
 * Checks the text of a JSON object and slices its members, in one pass. Nesting is counted within each member.
 * @throws WaxwingError as {@link scanJson}, and `invalid_request` when the value is not an object
 */
export function scanObject(text: string, limits: ScanLimits = {}): ReadonlyMap<string, ScannedJson> {
  return membersOf(text, limits.path ?? '', limits.depthMax ?? JSON_DEPTH_MAX);
}

/**
 * Checks the text of a JSON array and slices its elements, in one pass. Nesting is counted within each element.
 * @throws WaxwingError as {@link scanJson}, and `invalid_request` when the value is not an array
 */
export function scanArray(text: string, limits: ScanLimits = {}): readonly ScannedJson[] {
  return elementsOf(text, limits.path ?? '', limits.depthMax ?? JSON_DEPTH_MAX);
}

function membersOf(text: string, path: string, depthMax: number): ReadonlyMap<string, ScannedJson> {
  const members = new Map<string, ScannedJson>();
  slice(text, path, depthMax, 'object', (name, span) => members.set(name, create(text, pointerTo(path, name), span)));
  return members;
}

function elementsOf(text: string, path: string, depthMax: number): readonly ScannedJson[] {
  const elements: ScannedJson[] = [];
  slice(text, path, depthMax, 'array', (index, span) => elements.push(create(text, pointerTo(path, index), span)));
  return elements;
}

function slice(text: string, path: string, depthMax: number, wanted: 'object' | 'array', each: EachSpan): void {
  const { kind } = new Scanner(text, path, depthMax).scan(each);
  if (kind === wanted) return;
  const message = `must be an ${wanted}, not ${kind === 'null' ? 'null' : `${/^[ao]/.test(kind) ? 'an' : 'a'} ${kind}`}`;
  throw new WaxwingError('invalid_request', `${path === '' ? 'The JSON' : path} ${message}.`, { fields: [{ path, message }] });
}
