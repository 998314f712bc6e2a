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

    const made = (key: UsableKey, spelling: string, fields: string): Question => ({
      ask: 'hmac',
      hash: 'sha1',
      key: key.bytes,
      content: [spelling, fields],
      encoding: 'base64',
      signatures: [signature],
    });
    return {
      *holds(key: UsableKey, body: string | Uint8Array): Asking<boolean> {
        if (bodyHash !== undefined && !(yield { ask: 'sha256', content: [body], encoding: 'hex', digest: bodyHash })) return false;
        const fields = bodyHash === undefined ? sortedFields(textOf(body)) : '';
        if (yield made(key, url, fields)) return true;
        const other = otherSpelling(url);
        return other !== null && (yield made(key, other, fields));
      },
      span: (): SignedSpan => ({ signedAtMs: null }),
    };
  }

  return { key: (secret) => sharedKey(secret, 'utf8'), claim };
}

/**
 * The form's fields as Twilio signs them: sorted by name; of a name that comes more than once each distinct value, sorted.
 * One sort and one pass, since whoever forges a request chooses how many fields it has.
 */
export function sortedFields(body: string): string {
  const form = new URLSearchParams(body);
  form.sort(); // by name alone
  const texts: string[] = [];
  let lastName: string | null = null;
  let values: string[] = []; // of that name, where it comes again
  const endRepeated = (): void => {
    if (values.length < 2) return;
    texts.length -= 2 * values.length;
    for (const value of [...new Set(values)].toSorted()) texts.push(lastName ?? '', value);
  };
  form.forEach((value, name) => {
    if (name === lastName) values.push(value);
    else {
      endRepeated();
      values = [value];
      lastName = name;
    }
    texts.push(name, value);
  });
  endRepeated();
  return texts.join('');
}

/** The URL with its default port added, or its port taken off. */
function otherSpelling(url: string): string | null {
  const match = /^(https?:\/\/(?:[^/?#]*@)?(?:\[[^\]/?#]*\]|[^/?#:]*))(:\d+)?(.*)$/s.exec(url);
  if (match === null) return null;
  const [, start = '', port, rest = ''] = match;
  const other = port === undefined ? `:${start.startsWith('https') ? 443 : 80}` : '';
  return start + other + rest;
}
