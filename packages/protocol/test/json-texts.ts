// Arbitrary JSON for the property tests: texts with every spelling the grammar has, and ways to break them.

import fc from 'fast-check';

import { WaxwingError } from '../src/index.ts';

const PLAIN = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).filter((c) => c !== '"' && c !== '\\');
const SHORT_ESCAPES = ['\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t', '\\u0000', '\\u001F', '\\u007f', '\\uD83D\\uDE00'];
const BEYOND_ASCII = ['\x7f', '\x80', 'é', '€', '日', '\u2028', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'];

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n', '   ');

const digits = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength: 1, maxLength });

const integer = fc.tuple(fc.constantFrom('', '-'), digits(25)).map(([sign, text]) => sign + (text.replace(/^0+/, '') || '0'));

/** A number within a double's range: at most 25 digits before the point and an exponent of at most ±250. */
const number = fc
  .tuple(integer, fc.option(digits(20)), fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-', 'E-'), fc.integer({ min: 0, max: 250 }))))
  .map(([whole, fraction, exponent]) => whole + (fraction === null ? '' : `.${fraction}`) + (exponent === null ? '' : exponent.join('')));

const string = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...PLAIN) },
      { weight: 1, arbitrary: fc.constantFrom(...SHORT_ESCAPES) },
      { weight: 1, arbitrary: fc.constantFrom(...BEYOND_ASCII) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xd7ff }).map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`) },
    ),
    { maxLength: 12 },
  )
  .map((pieces) => `"${pieces.join('')}"`);

const key = fc.oneof(
  string,
  fc.integer({ min: 0, max: 30 }).map((index) => `"${index}"`),
  fc.constantFrom('"__proto__"', '"toJSON"', '"a"', '"b/c~d"'),
);

/** JSON texts that the scanner must accept: any spelling, no key twice, nothing beyond a double. */
export const jsonTexts: fc.Arbitrary<string> = fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false', '{}', '[]'),
    number,
    string,
    tie('array'),
    tie('object'),
  ),
  array: fc.array(fc.tuple(space, tie('value'), space), { maxLength: 5 }).map((all) => `[${all.map((parts) => parts.join('')).join(',')}]`),
  object: fc
    .uniqueArray(fc.tuple(space, key, space, space, tie('value'), space), {
      maxLength: 12,
      selector: (parts) => String(JSON.parse(parts[1])),
    })
    .map((all) => `{${all.map(([a, name, b, c, value, d]) => `${a}${name}${b}:${c}${value}${d}`).join(',')}}`),
})).value;

const FRAGMENTS = [
  ...Array.from('{}[]:,"\\ \n\t0123456789-+.eEu/tfnNa'),
  'true',
  'null',
  'NaN',
  'Infinity',
  '\\u',
  '\\ud800',
  '\\udc00',
  '1e400',
  '1e-400',
  '01',
  '"a":1,',
  '\ud800',
  '\udfff',
  '\ufeff',
  '\u0000',
  '\u001f',
  '\u00a0',
];

/** Texts a few edits away from accepted ones: most are broken, some still whole, some only not portable. */
export const brokenTexts: fc.Arbitrary<string> = fc
  .tuple(
    jsonTexts,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('insert', 'remove', 'replace', 'repeat'), fc.constantFrom(...FRAGMENTS)), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((edited, [place, edit, fragment]) => broken(edited, place % (edited.length + 1), edit, fragment), text),
  );

function broken(text: string, at: number, edit: string, fragment: string): string {
  const before = text.slice(0, at);
  if (edit === 'insert') return before + fragment + text.slice(at);
  if (edit === 'remove') return before + text.slice(at + 1);
  if (edit === 'replace') return before + fragment + text.slice(at + 1);
  return before + text.slice(at, at + 8) + text.slice(at);
}

/** The error that a call ends with; the test fails when it ends with none, or with another kind. */
export function refusal(call: () => unknown): WaxwingError {
  try {
    call();
  } catch (error) {
    if (error instanceof WaxwingError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
