// The scanner: one pass over a JSON text (RFC 8259), by hand, that accepts only what every receiver reads alike.
//
// What the grammar forbids is `invalid_json`, with line, column and offset. What the grammar allows but some parser would
// change is `invalid_event_data`: a key twice in one object ("a" and "\u0061" are one key), nesting beyond the limit, a
// number that a double holds only as infinity or, not being zero, as zero, half a surrogate pair. Each comes with its
// JSON Pointer (RFC 6901). Integers beyond ±(2^53 - 1) pass, the first one's place is noted.
// Time is linear in the text; recursion is as deep as the limit and no deeper. Nothing is built but the spans asked for.

import { WaxwingError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { pointerTo } from './pointer.ts';
import {
  QUOTE,
  PLUS,
  COMMA,
  MINUS,
  POINT,
  ZERO,
  COLON,
  OPEN_BRACKET,
  BACKSLASH,
  CLOSE_BRACKET,
  LOWER_E,
  LOWER_F,
  LOWER_N,
  LOWER_T,
  LOWER_U,
  OPEN_BRACE,
  CLOSE_BRACE,
  hexDigit,
  isDigit,
  isHighSurrogate,
  isLowSurrogate,
} from './units.ts';

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

/** Where a value stands in the text, and what was found in it. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: JsonKind;
  /** How deep its arrays and objects nest: 0 for a plain value, 1 for `[]`. */
  readonly depth: number;
  /** JSON Pointer of its first integer beyond ±(2^53 - 1). */
  readonly unsafeIntegerPath: string | null;
}

/** Takes the members or elements of the outermost value, in order. */
export type EachSpan = (step: string, value: Span) => void;

/** Nesting that a caller may ask for at most, since each level is a few stack frames. */
export const DEPTH_CAP = 1000;

// Keys of an object that are compared pair by pair before a set is worth its allocations.
const KEYS_COMPARED_MAX = 8;
// An integer of at most this many characters, sign included, is within ±(2^53 - 1).
const SAFE_INTEGER_LENGTH = 15;
// Without an exponent a number needs more characters than this to leave a double's range.
const SAFE_DECIMAL_LENGTH = 300;
// How much of a text an error message quotes.
const QUOTED_MAX = 40;

export class Scanner {
  private readonly text: string;
  private readonly basePath: string;
  private readonly depthMax: number;
  private at = 0;
  private depth = 0;
  private deepest = 0;
  private unsafeIntegerPath: string | null = null;
  // The way to the value under the scanner, two numbers a step: a key's span, or an index and -1.
  private readonly steps: number[] = [];
  private stepsTop = 0;
  // The keys so far of the objects that are open, two numbers a key: its span.
  private readonly keys: number[] = [];
  private keysTop = 0;

  constructor(text: string, basePath: string, depthMax: number) {
    this.text = text;
    this.basePath = basePath;
    this.depthMax = Math.min(depthMax, DEPTH_CAP);
  }

  /** Scans the whole text. With `each`, nesting is counted within the members or elements handed to it. */
  scan(each: EachSpan | null): Span {
    if (this.text.charCodeAt(0) === 0xfeff) this.fail(0, 'the text begins with a byte order mark (U+FEFF): send it without');
    if (each !== null) this.depth = -1;
    this.space();
    const start = this.at;
    const kind = this.value(each);
    const end = this.at;
    this.space();
    if (this.at < this.text.length) this.fail(this.at, `expected nothing after the value, found ${this.found(this.at)}`);
    return { start, end, kind, depth: this.deepest, unsafeIntegerPath: this.unsafeIntegerPath };
  }

  private value(each: EachSpan | null): JsonKind {
    const unit = this.text.charCodeAt(this.at);
    switch (unit) {
      case QUOTE:
        this.string();
        return 'string';
      case OPEN_BRACE:
        this.object(each);
        return 'object';
      case OPEN_BRACKET:
        this.array(each);
        return 'array';
      case LOWER_T:
        this.word('true');
        return 'boolean';
      case LOWER_F:
        this.word('false');
        return 'boolean';
      case LOWER_N:
        this.word('null');
        return 'null';
      default:
        if (unit !== MINUS && !isDigit(unit)) this.fail(this.at, `expected a value, found ${this.found(this.at)}`);
        this.number();
        return 'number';
    }
  }

  private object(each: EachSpan | null): void {
    const { text } = this;
    this.descend();
    this.at++;
    this.space();
    if (text.charCodeAt(this.at) !== CLOSE_BRACE) {
      const step = this.stepsTop;
      const firstKey = this.keysTop;
      let names: Set<string> | null = null;
      for (;;) {
        if (text.charCodeAt(this.at) !== QUOTE) this.fail(this.at, `expected a key in double quotes, found ${this.found(this.at)}`);
        const start = this.at + 1;
        const plain = this.string();
        const end = this.at - 1;
        this.steps[step] = start;
        this.steps[step + 1] = end;
        this.stepsTop = step + 2;
        names = this.claimKey(names, firstKey, start, end, plain);
        this.space();
        if (text.charCodeAt(this.at) !== COLON) this.fail(this.at, `expected ":" after a key, found ${this.found(this.at)}`);
        this.at++;
        this.space();
        if (each === null) this.value(null);
        else this.hand(each, this.name(start, end));
        this.stepsTop = step;
        if (this.closes(CLOSE_BRACE)) break;
      }
      this.keysTop = firstKey;
    }
    this.at++;
    this.depth--;
  }

  private array(each: EachSpan | null): void {
    this.descend();
    this.at++;
    this.space();
    if (this.text.charCodeAt(this.at) !== CLOSE_BRACKET) {
      const step = this.stepsTop;
      for (let index = 0; ; index++) {
        this.steps[step] = index;
        this.steps[step + 1] = -1;
        this.stepsTop = step + 2;
        if (each === null) this.value(null);
        else this.hand(each, String(index));
        this.stepsTop = step;
        if (this.closes(CLOSE_BRACKET)) break;
      }
    }
    this.at++;
    this.depth--;
  }

  /** Scans one value of the outermost object or array and hands it out with findings of its own. */
  private hand(each: EachSpan, step: string): void {
    this.deepest = 0;
    this.unsafeIntegerPath = null;
    const start = this.at;
    const kind = this.value(null);
    each(step, { start, end: this.at, kind, depth: this.deepest, unsafeIntegerPath: this.unsafeIntegerPath });
  }

  private descend(): void {
    this.depth++;
    if (this.depth <= this.deepest) return;
    this.deepest = this.depth;
    if (this.depth > this.depthMax)
      this.refuse(this.at, `is nested too deeply: at most ${this.depthMax} arrays and objects within each other`);
  }

  /** After a value: whether the container closes here. Otherwise the scanner stands at the next value or key. */
  private closes(close: number): boolean {
    this.space();
    const unit = this.text.charCodeAt(this.at);
    if (unit === close) return true;
    if (unit !== COMMA) this.fail(this.at, `expected "," or "${String.fromCharCode(close)}", found ${this.found(this.at)}`);
    this.at++;
    this.space();
    return false;
  }

  /** Refuses a key that the object has already. Gives back the set of its names once there is one. */
  private claimKey(names: Set<string> | null, firstKey: number, start: number, end: number, plain: boolean): Set<string> | null {
    const { text, keys } = this;
    let claimed = names;
    if (claimed === null) {
      if (plain && this.keysTop - firstKey < 2 * KEYS_COMPARED_MAX) {
        for (let key = firstKey; key < this.keysTop; key += 2) {
          if (this.sameSpan(keys[key] ?? 0, keys[key + 1] ?? 0, start, end)) this.refuseKey(start);
        }
        keys[this.keysTop++] = start;
        keys[this.keysTop++] = end;
        return null;
      }
      claimed = new Set();
      for (let key = firstKey; key < this.keysTop; key += 2) claimed.add(text.slice(keys[key], keys[key + 1]));
    }
    const name = plain ? text.slice(start, end) : this.name(start, end);
    if (claimed.has(name)) this.refuseKey(start);
    claimed.add(name);
    return claimed;
  }

  private sameSpan(aStart: number, aEnd: number, bStart: number, bEnd: number): boolean {
    const length = aEnd - aStart;
    if (length !== bEnd - bStart) return false;
    for (let i = 0; i < length; i++) if (this.text.charCodeAt(aStart + i) !== this.text.charCodeAt(bStart + i)) return false;
    return true;
  }

  /** Passes a string. Whether it is plain: without a backslash. */
  private string(): boolean {
    const { text } = this;
    const start = this.at;
    let plain = true;
    let at = start + 1;
    for (;;) {
      const unit = text.charCodeAt(at); // NaN past the end fails each comparison below
      if (unit >= 0x20 && unit < 0xd800 && unit !== QUOTE && unit !== BACKSLASH) {
        at++;
      } else if (unit === QUOTE) {
        this.at = at + 1;
        return plain;
      } else if (unit === BACKSLASH) {
        plain = false;
        at = this.escape(at);
      } else if (unit >= 0xe000) {
        at++;
      } else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(at + 1))) {
        at += 2;
      } else if (unit >= 0xd800) {
        this.refuse(at, 'holds half a surrogate pair, which is no character');
      } else if (unit < 0x20) {
        this.fail(at, `a control character in a string must be escaped: ${escaped(unit)}`);
      } else {
        this.fail(at, `a string that began at offset ${start} does not end`);
      }
    }
  }

  /** Judges the escape that begins at a backslash. Where it ends. */
  private escape(at: number): number {
    const { text } = this;
    switch (text[at + 1]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        return at + 2;
      case 'u': {
        const unit = this.hex(at + 2);
        if (unit < 0xd800 || unit > 0xdfff) return at + 6;
        const pairs = isHighSurrogate(unit) && text.charCodeAt(at + 6) === BACKSLASH && text.charCodeAt(at + 7) === LOWER_U;
        if (pairs && isLowSurrogate(this.hex(at + 8))) return at + 12;
        return this.refuse(at, `holds half a surrogate pair (${escaped(unit)}), which is no character`);
      }
      default:
        return this.fail(at, `${this.found(at, 2)} is not an escape`);
    }
  }

  private hex(at: number): number {
    let unit = 0;
    for (let i = at; i < at + 4; i++) {
      const digit = hexDigit(this.text.charCodeAt(i));
      if (digit < 0) this.fail(i, `expected four hexadecimal digits after "\\u", found ${this.found(i)}`);
      unit = unit * 16 + digit;
    }
    return unit;
  }

  private number(): void {
    const { text } = this;
    const start = this.at;
    const first = text.charCodeAt(start) === MINUS ? start + 1 : start;
    let at = this.digits(first);
    if (text.charCodeAt(first) === ZERO && at - first > 1) this.fail(first, 'a number must not begin with a needless 0');
    let integer = true;
    let exponent = false;
    if (text.charCodeAt(at) === POINT) {
      integer = false;
      at = this.digits(at + 1);
    }
    if ((text.charCodeAt(at) | 0x20) === LOWER_E) {
      integer = false;
      exponent = true;
      const sign = text.charCodeAt(at + 1);
      at = this.digits(sign === PLUS || sign === MINUS ? at + 2 : at + 1);
    }
    this.at = at;
    if (integer ? at - start > SAFE_INTEGER_LENGTH : exponent || at - start > SAFE_DECIMAL_LENGTH) this.judge(start, integer);
  }

  /** Looks at a number as a double has it. */
  private judge(start: number, integer: boolean): void {
    const literal = this.text.slice(start, this.at);
    const value = Number(literal);
    const vanished = value === 0 && /^-?[0.]*[1-9]/.test(literal);
    if (vanished || !Number.isFinite(value)) {
      const becomes = vanished ? 'become 0' : 'become infinite';
      this.refuse(start, `is a number beyond a double's range: ${cut(literal)} would ${becomes} in most receivers`);
    }
    if (integer && this.unsafeIntegerPath === null && !Number.isSafeInteger(value)) this.unsafeIntegerPath = this.pointer();
  }

  /** Passes one digit or more. Where they end. */
  private digits(at: number): number {
    let end = at;
    while (isDigit(this.text.charCodeAt(end))) end++;
    if (end === at) this.fail(at, `expected a digit, found ${this.found(at)}`);
    return end;
  }

  private word(word: string): void {
    if (!this.text.startsWith(word, this.at)) this.fail(this.at, `expected a value, found ${this.found(this.at, word.length)}`);
    this.at += word.length;
  }

  private space(): void {
    const { text } = this;
    for (;;) {
      const unit = text.charCodeAt(this.at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.at++;
    }
  }

  /** A key as its reader sees it. */
  private name(start: number, end: number): string {
    const raw = this.text.slice(start, end);
    if (!raw.includes('\\')) return raw;
    const name: unknown = JSON.parse(`"${raw}"`);
    return typeof name === 'string' ? name : raw;
  }

  private pointer(): string {
    let path = this.basePath;
    for (let i = 0; i < this.stepsTop; i += 2) {
      const start = this.steps[i] ?? 0;
      const end = this.steps[i + 1] ?? -1;
      path = pointerTo(path, end < 0 ? String(start) : this.name(start, end));
    }
    return path;
  }

  private found(at: number, length = 1): string {
    if (at >= this.text.length) return 'the end of the text';
    const code = this.text.codePointAt(at) ?? 0;
    return JSON.stringify(this.text.slice(at, at + Math.max(length, code > 0xffff ? 2 : 1)));
  }

  private refuseKey(start: number): never {
    return this.refuse(start - 1, 'stands twice in one object, and receivers differ in which they keep');
  }

  /** Ends the scan: the grammar allows this, but it would not arrive unchanged. */
  private refuse(at: number, what: string): never {
    const path = this.pointer();
    return this.end('invalid_event_data', `${path === '' ? 'The value' : cut(path)} ${what} (offset ${at}).`, path, what);
  }

  /** Ends the scan: this is not JSON. */
  private fail(at: number, what: string): never {
    const before = this.text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    return this.end('invalid_json', `Not valid JSON at line ${line}, column ${column} (offset ${at}): ${what}.`, this.pointer(), what);
  }

  private end(code: ErrorCode, message: string, path: string, what: string): never {
    throw new WaxwingError(code, message, { fields: [{ path, message: what }] });
  }
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

function cut(text: string): string {
  return text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text;
}
