// Other spellings of a JSON body: what its bytes may have been before something parsed it and printed it again.
//
// Used only to explain a signature that does not hold. A body that matches under another spelling is still refused.

import { parseJson, strictTextOf } from './request.ts';

/** Beyond this a refused body is not spelled out again: a forger must not buy work with size. */
const TEXT_MAX = 64 * 1024;

export interface Reprint {
  readonly text: string;
  /** Completes "the signature holds for the same JSON …". */
  readonly description: string;
}

export function* reprints(body: string | Uint8Array): Generator<Reprint, void, undefined> {
  if (body.length > TEXT_MAX) return;
  const text = strictTextOf(body);
  const value = text === null ? undefined : parseJson(text);
  if (text === null || value === undefined) return;
  const compact = JSON.stringify(value);
  const ascii = asciiOnly(compact);
  const forms: readonly Reprint[] = [
    { text: compact, description: 'printed compactly, as JSON.stringify does' },
    { text: text.trim(), description: 'without the white space around it' },
    { text: `${text}\n`, description: 'with a line break at its end' },
    { text: JSON.stringify(value, null, 2), description: 'indented by two spaces' },
    { text: spaced(value), description: "as Python's json.dumps prints it" },
    { text: ascii, description: 'with non-ASCII characters escaped' },
    { text: compact.replaceAll('/', '\\/'), description: 'with slashes escaped' },
    { text: ascii.replaceAll('/', '\\/'), description: 'as PHP prints it' },
    { text: compact.replace(/[<>&]/g, escaped), description: 'as Go prints it' },
  ];
  const seen = new Set([text]);
  for (const form of forms) {
    if (seen.has(form.text)) continue;
    seen.add(form.text);
    yield form;
  }
}

function spaced(value: unknown): string {
  return asciiOnly(
    JSON.stringify(value, null, 1) // line breaks stand only between tokens: within strings they are escaped
      .replace(/([[{])\n\s*/g, '$1')
      .replace(/\n\s*([\]}])/g, '$1')
      .replace(/,\n\s*/g, ', '),
  );
}

function asciiOnly(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
