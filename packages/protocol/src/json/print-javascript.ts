// The JavaScript printer: JSON as `JSON.stringify(JSON.parse(text))` gives it back, for receivers that parse before they verify.
//
// For any text the scanner accepted, the result r holds `JSON.stringify(JSON.parse(r)) === r`, save where an integer beyond
// ±(2^53 - 1) is known to be present: its digits are kept exactly, and r is what the platform would print if its numbers
// were wide enough. (Profiles whose receivers re-print refuse such integers at publish; an endpoint of another profile
// under the same tenant still deserves the number that was published.)

import { WaxwingError } from '../errors.ts';

/** The part of JavaScript's JSON that TypeScript's library does not describe yet: source text access (Node 21 and later). */
interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): object;
}

const INTEGER = /^-?\d+$/;

/**
 * Prints accepted JSON text as JavaScript's own printer would: compact, integer-like keys first in ascending order, no
 * needless escapes, numbers in JavaScript's shortest form.
 * @param text what {@link scanJson} accepted
 * @param hasUnsafeInteger whether it holds an integer beyond ±(2^53 - 1), as the scanner noted; costs a slower way
 */
export function printJavascript(text: string, hasUnsafeInteger: boolean): string {
  return JSON.stringify(hasUnsafeInteger ? parseExactly(text) : JSON.parse(text));
}

/** Parses JSON so that integers beyond ±(2^53 - 1) keep their digits when the value is printed as JSON again. */
export function parseExactly(text: string): unknown {
  const json: object = JSON;
  if (!readsSource(json)) throw new WaxwingError('internal', 'This JavaScript runtime has no JSON.rawJSON: use Node 24 or later.');
  return json.parse(text, (_key, value, { source }) => {
    const changed = typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && INTEGER.test(source);
    return changed ? json.rawJSON(source) : value;
  });
}

function readsSource(json: object): json is JsonWithSource {
  return 'rawJSON' in json;
}
