// Escapes: what may follow a backslash in a JSON string, and that both halves of a surrogate pair do.
//
// Apart from the scanner's loop over a string, which seldom meets one. Nothing is unescaped, only judged.

import { escaped, found } from './refusals.ts';
import type { Trail } from './trail.ts';
import { BACKSLASH, hexDigit, isHighSurrogate, isLowSurrogate, LOWER_U } from './units.ts';

/** Judges the escape that begins at a backslash. Where it ends. */
export function escapeEnd(text: string, at: number, trail: Trail): number {
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
      const unit = hexUnit(text, at + 2, trail);
      if (unit < 0xd800 || unit > 0xdfff) return at + 6;
      const pairs = isHighSurrogate(unit) && text.charCodeAt(at + 6) === BACKSLASH && text.charCodeAt(at + 7) === LOWER_U;
      if (pairs && isLowSurrogate(hexUnit(text, at + 8, trail))) return at + 12;
      return trail.refuse(at, `holds half a surrogate pair (${escaped(unit)}), which is no character`);
    }
    default:
      return trail.fail(at, `${found(text, at, 2)} is not an escape`);
  }
}

function hexUnit(text: string, at: number, trail: Trail): number {
  let unit = 0;
  for (let i = at; i < at + 4; i++) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit < 0) trail.fail(i, `expected four hexadecimal digits after "\\u", found ${found(text, i)}`);
    unit = unit * 16 + digit;
  }
  return unit;
}
