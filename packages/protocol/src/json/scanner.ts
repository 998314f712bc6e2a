// The scanner: one pass over a JSON text (RFC 8259), by hand, that accepts only what every receiver reads alike.
//
// What the grammar forbids is `invalid_json`, with line, column and offset. What the grammar allows but some parser would
// change is `invalid_event_data`: a key twice in one object ("a" and "\u0061" are one key), nesting beyond the limit, a
// number that a double holds only as infinity or, not being zero, as zero, half a surrogate pair. Each comes with its
// JSON Pointer (RFC 6901). Integers beyond ±(2^53 - 1) pass, the first one's place is noted.
// Time is linear in the text; recursion is as deep as the limit and no deeper. Nothing is built but the spans asked for.

import { escapeEnd } from './escape.ts';
import { KeyLedger, keyName } from './key-ledger.ts';
import type { NameSet } from './key-ledger.ts';
import { escaped, found, shortened } from './refusals.ts';
import { Trail } from './trail.ts';
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
  OPEN_BRACE,
  CLOSE_BRACE,
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

// An integer of at most this many characters, sign included, is within ±(2^53 - 1).
const SAFE_INTEGER_LENGTH = 15;
// Without an exponent a number needs more characters than this to leave a double's range.
const SAFE_DECIMAL_LENGTH = 300;

export class Scanner {
  private readonly text: string;
  private readonly depthMax: number;
  private at = 0;
  private depth = 0;
  private deepest = 0;
  private unsafeIntegerPath: string | null = null;
  private readonly trail: Trail;
  private readonly keys: KeyLedger;

  constructor(text: string, basePath: string, depthMax: number) {
    this.text = text;
    this.trail = new Trail(text, basePath);
    this.keys = new KeyLedger(text);
    this.depthMax = Math.min(depthMax, DEPTH_CAP);
  }

  /** Scans the whole text. With `each`, nesting is counted within the members or elements handed to it. */
  scan(each: EachSpan | null): Span {
    if (this.text.charCodeAt(0) === 0xfeff) this.trail.fail(0, 'the text begins with a byte order mark (U+FEFF): send it without');
    if (each !== null) this.depth = -1;
    this.space();
    const start = this.at;
    const kind = this.value(each);
    const end = this.at;
    this.space();
    if (this.at < this.text.length) this.trail.fail(this.at, `expected nothing after the value, found ${found(this.text, this.at)}`);
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
        if (unit !== MINUS && !isDigit(unit)) this.trail.fail(this.at, `expected a value, found ${found(this.text, this.at)}`);
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
      const step = this.trail.mark();
      const mark = this.keys.open();
      let names: NameSet | null = null;
      for (;;) {
        if (text.charCodeAt(this.at) !== QUOTE)
          this.trail.fail(this.at, `expected a key in double quotes, found ${found(this.text, this.at)}`);
        const start = this.at + 1;
        const plain = this.string();
        const end = this.at - 1;
        this.trail.atKey(step, start, end);
        const claimed = this.keys.claim(mark, names, start, end, plain);
        if (claimed === 'taken') this.trail.refuse(start - 1, 'stands twice in one object, and receivers differ in which they keep');
        names = claimed;
        this.space();
        if (text.charCodeAt(this.at) !== COLON) this.trail.fail(this.at, `expected ":" after a key, found ${found(this.text, this.at)}`);
        this.at++;
        this.space();
        if (each === null) this.value(null);
        else this.hand(each, keyName(this.text, start, end));
        this.trail.back(step);
        if (this.closes(CLOSE_BRACE)) break;
      }
      this.keys.close(mark);
    }
    this.at++;
    this.depth--;
  }

  private array(each: EachSpan | null): void {
    this.descend();
    this.at++;
    this.space();
    if (this.text.charCodeAt(this.at) !== CLOSE_BRACKET) {
      const step = this.trail.mark();
      for (let index = 0; ; index++) {
        this.trail.atIndex(step, index);
        if (each === null) this.value(null);
        else this.hand(each, String(index));
        this.trail.back(step);
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
      this.trail.refuse(this.at, `is nested too deeply: at most ${this.depthMax} levels of arrays and objects`);
  }

  /** After a value: whether the container closes here. Otherwise the scanner stands at the next value or key. */
  private closes(close: number): boolean {
    this.space();
    const unit = this.text.charCodeAt(this.at);
    if (unit === close) return true;
    if (unit !== COMMA) this.trail.fail(this.at, `expected "," or "${String.fromCharCode(close)}", found ${found(this.text, this.at)}`);
    this.at++;
    this.space();
    return false;
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
        at = escapeEnd(text, at, this.trail);
      } else if (unit >= 0xe000) {
        at++;
      } else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(at + 1))) {
        at += 2;
      } else if (unit >= 0xd800) {
        this.trail.refuse(at, 'holds half a surrogate pair, which is no character');
      } else if (unit < 0x20) {
        this.trail.fail(at, `a control character in a string must be escaped: ${escaped(unit)}`);
      } else {
        this.trail.fail(at, `a string that began at offset ${start} does not end`);
      }
    }
  }

  private number(): void {
    const { text } = this;
    const start = this.at;
    const first = text.charCodeAt(start) === MINUS ? start + 1 : start;
    let at = this.digits(first);
    if (text.charCodeAt(first) === ZERO && at - first > 1) this.trail.fail(first, 'a number must not begin with a needless 0');
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
      this.trail.refuse(start, `is a number beyond a double's range: ${shortened(literal)} would ${becomes} in most receivers`);
    }
    if (integer && this.unsafeIntegerPath === null && !Number.isSafeInteger(value)) this.unsafeIntegerPath = this.trail.pointer();
  }

  /** Passes one digit or more. Where they end. */
  private digits(at: number): number {
    let end = at;
    while (isDigit(this.text.charCodeAt(end))) end++;
    if (end === at) this.trail.fail(at, `expected a digit, found ${found(this.text, at)}`);
    return end;
  }

  private word(word: string): void {
    if (!this.text.startsWith(word, this.at)) this.trail.fail(this.at, `expected a value, found ${found(this.text, this.at, word.length)}`);
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
}
