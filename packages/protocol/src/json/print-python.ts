// The Python printer: JSON as `json.dumps(json.loads(text))` gives it back, for receivers that hash what they re-print.
//
// Order, keys and structure stay; what changes is the white space (", " and ": "), the strings (every unit beyond ASCII,
// and 0x7f, as lower-case \uXXXX, surrogates separately) and the numbers with a point or an exponent (as Python's repr of
// a float). So it walks flat over the tokens and builds no value. It takes only what the scanner accepted.

import { BACKSLASH, COLON, COMMA, isDigit, MINUS, QUOTE } from './units.ts';

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const INTEGER = /^-?\d+$/;
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * Prints accepted JSON text exactly as Python 3 would: `json.dumps(json.loads(text))`. Printing the result again changes nothing.
 * @param text what {@link scanJson} accepted (no key twice, no number beyond a double's range)
 */
export function printPython(text: string): string {
  let printed = '';
  let at = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      const end = stringEnd(text, at);
      printed += string(text.slice(at, end));
      at = end;
    } else if (unit === COMMA) {
      printed += ', ';
      at++;
    } else if (unit === COLON) {
      printed += ': ';
      at++;
    } else if (unit === MINUS || isDigit(unit)) {
      NUMBER.lastIndex = at;
      const literal = NUMBER.exec(text)?.[0] ?? '-';
      printed += number(literal);
      at += literal.length;
    } else {
      if (unit > 0x20) printed += text[at]; // brackets and the letters of true, false, null; white space falls away
      at++;
    }
  }
  return printed;
}

/** Where a string that begins at `start` ends, past its closing quote. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

function string(literal: string): string {
  if (/^[ !#-[\]-~"]*$/.test(literal)) return literal; // plain ASCII, nothing escaped: as it stands
  const value: unknown = literal.includes('\\') ? JSON.parse(literal) : literal.slice(1, -1);
  return `"${String(value).replaceAll(/[^ !#-[\]-~]/g, escaped)}"`;
}

// Without the `u` flag a pattern sees UTF-16 units, so each half of a surrogate pair comes here by itself, as in Python.
function escaped(unit: string): string {
  return SHORT_ESCAPES.get(unit) ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function number(literal: string): string {
  if (literal === '-0') return '0';
  return INTEGER.test(literal) ? literal : float(Number(literal));
}

/**
 * A float as Python's repr writes it: the shortest digits that read back the same (the same ones as JavaScript's), with an
 * exponent of at least two digits below 1e-4 and from 1e16 on, and otherwise with a point.
 */
function float(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponentText = ''] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const decimal = String(value); // JavaScript writes an exponent only below 1e-6 and from 1e21 on
  return decimal.includes('.') ? decimal : `${decimal}.0`;
}
