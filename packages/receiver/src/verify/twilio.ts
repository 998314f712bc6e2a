// Twilio's signature: HMAC-SHA1 in base64 over the URL, and over the form fields sorted by name, each name followed by
// its value. A JSON body is signed through the URL instead, which then carries `bodySHA256`, the body's hash in hex.
// Twilio writes the port or leaves it out as it pleases, so both spellings of the URL are tried.

import type { TwilioSignature } from '../scheme.ts';
import type { Asking, Claim, Question, SignedSpan, UsableKey } from './question.ts';
import { NeededHeader } from './reader.ts';
import type { SignatureReader } from './reader.ts';
import { textOf } from './request.ts';
import type { ReceivedRequest } from './request.ts';
import type { Refused } from './result.ts';
import { sharedKey } from './secret.ts';
import { missingUrl } from './template.ts';

const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/;
const BODY_HASH = /[?&]bodySHA256=([0-9a-f]{64})(?:&|$)/;

export function twilioReader(scheme: TwilioSignature): SignatureReader {
  const header = new NeededHeader(scheme.header);

  function claim(request: ReceivedRequest): Claim | Refused {
    const signature = header.read(request);
    if (signature === null) return header.missing();
    if (!SIGNATURE.test(signature)) return header.malformed('SHA-1 as base64');
    const { url } = request;
    if (!url) return missingUrl();
    const bodyHash = BODY_HASH.exec(url)?.[1];

    const made = (key: UsableKey, content: string): Question => ({
      ask: 'hmac',
      hash: 'sha1',
      key: key.bytes,
      content: [content],
      encoding: 'base64',
      signatures: [signature],
    });
    return {
      *holds(key: UsableKey, body: string | Uint8Array): Asking<boolean> {
        if (bodyHash !== undefined && !(yield { ask: 'sha256', content: [body], encoding: 'hex', digest: bodyHash })) return false;
        const fields = bodyHash === undefined ? sortedFields(textOf(body)) : '';
        if (yield made(key, url + fields)) return true;
        const other = otherSpelling(url);
        return other !== null && (yield made(key, other + fields));
      },
      span: (): SignedSpan => ({ signedAtMs: null }),
    };
  }

  return { key: (secret) => sharedKey(secret, 'utf8'), claim };
}

type Field = readonly [name: string, value: string];

/**
 * The form's fields as Twilio signs them: sorted by name, then value, each distinct one once. Sorted once and joined at the
 * end, since whoever forges a request chooses how many fields it has.
 */
export function sortedFields(body: string): string {
  const fields: Field[] = [];
  for (const pair of body.split('&')) if (pair !== '') fields.push(fieldOf(pair));
  fields.sort(byNameThenValue);
  const texts: string[] = [];
  let last: Field | null = null;
  for (const field of fields) {
    if (last === null || byNameThenValue(last, field) !== 0) texts.push(field[0], field[1]);
    last = field;
  }
  return texts.join('');
}

function fieldOf(pair: string): Field {
  const equals = pair.indexOf('=');
  return equals === -1 ? [formText(pair), ''] : [formText(pair.slice(0, equals)), formText(pair.slice(equals + 1))];
}

function byNameThenValue([name, value]: Field, [otherName, otherValue]: Field): number {
  if (name !== otherName) return name < otherName ? -1 : 1;
  if (value === otherValue) return 0;
  return value < otherValue ? -1 : 1;
}

/** A form's name or value decoded, as URLSearchParams does, which would be slower by half for a whole form. */
function formText(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return new URLSearchParams(`=${text}`).get('') ?? ''; // an escape that is none: left as it is
  }
}

/** The URL with its default port added, or its port taken off. */
function otherSpelling(url: string): string | null {
  const match = /^(https?:\/\/(?:[^/?#]*@)?(?:\[[^\]/?#]*\]|[^/?#:]*))(:\d+)?(.*)$/s.exec(url);
  if (match === null) return null;
  const [, start = '', port, rest = ''] = match;
  const other = port === undefined ? `:${start.startsWith('https') ? 443 : 80}` : '';
  return start + other + rest;
}
