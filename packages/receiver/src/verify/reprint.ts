// Other spellings of a JSON body: what its bytes may have been before something parsed it and printed it again.
//
// Used only to explain a signature that does not hold. A body that matches under another spelling is still refused.

import { parseJson, strictTextOf } from './request.ts';

/** Beyond this a refused body is not spelled out again: a forger must not buy work with size. */
const TEXT_MAX = 64 * 1024;

export interface Reprint {
  readonly text: string;
  /** Completes "the signature holds for …". */
  readonly description: string;
}

export function* reprints(body: string | Uint8Array): Generator<Reprint, void, undefined> {
  if (body.length > TEXT_MAX) return;
  const text = strictTextOf(body);
  const value = text === null ? undefined : parseJson(text);
  if (text === null || value === undefined) return;
  const compact = JSON.stringify(value);
  const forms: readonly Reprint[] = [
    { text: compact, description: 'the same JSON printed compactly, as JSON.stringify does' },
    { text: text.trim(), description: 'the same text without the white space around it' },
    { text: `${text}\n`, description: 'the same text with a line break at its end' },
    { text: JSON.stringify(value, null, 2), description: 'the same JSON indented by two spaces' },
    { text: spaced(value), description: "the same JSON with a space after each comma and colon, as Python's json.dumps does" },
    { text: asciiOnly(compact), description: 'the same JSON with every non-ASCII character escaped' },
    { text: compact.replaceAll('/', '\\/'), description: 'the same JSON with escaped slashes, as PHP prints it' },
    { text: asciiOnly(compact).replaceAll('/', '\\/'), description: 'the same JSON as PHP prints it' },
    { text: compact.replace(/[<>&]/g, escaped), description: 'the same JSON with <, > and & escaped, as Go prints it' },
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
