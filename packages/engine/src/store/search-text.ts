// Search text: the forms in which a searched text may stand in event data, which is kept as the publisher's JSON.
//
// A stored document is not decoded to be searched. Instead the text is looked for as given (a fragment of JSON, or plain
// words) and as each common JSON writer would have escaped it: JavaScript's form, and the ASCII-only forms that Python
// and others print, with lower- and upper-case digits. Plain ASCII words have one form and cost one look.

/** Every form to look for; any of them found is a match. */
export function searchForms(text: string): readonly string[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  const lower = asciiOnly(escaped, false);
  return [...new Set([text, escaped, lower, asciiOnly(escaped, true), escaped.replaceAll('/', '\\/')])];
}

function asciiOnly(escaped: string, upperCase: boolean): string {
  let text = '';
  for (let i = 0; i < escaped.length; i++) {
    const unit = escaped.charCodeAt(i);
    if (unit < 0x7f) {
      text += escaped[i];
      continue;
    }
    const digits = unit.toString(16).padStart(4, '0');
    text += `\\u${upperCase ? digits.toUpperCase() : digits}`;
  }
  return text;
}

/** The bounds of the names that an event type filter takes: an exact name, or all below `prefix.`. Null takes any. */
export type TypeBounds = { readonly exact: string } | { readonly from: string; readonly to: string } | null;

/** `prefix.*` is a range of names, so that a store compares and never matches patterns: '/' is the character after '.'. */
export function typeBounds(filter: string | null): TypeBounds {
  if (filter === null || filter === '*') return null;
  if (!filter.endsWith('.*')) return { exact: filter };
  const prefix = filter.slice(0, -2);
  return { from: `${prefix}.`, to: `${prefix}/` };
}
