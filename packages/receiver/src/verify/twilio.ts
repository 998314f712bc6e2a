// Twilio's signature: HMAC-SHA1 in base64 over the URL, and over the form fields sorted by name, each name followed by
// its value. A JSON body is signed through the URL instead, which then carries `bodySHA256`, the body's hash in hex.
// Twilio writes the port or leaves it out as it pleases, so both spellings of the URL are tried.

import type { TwilioSignature } from '../scheme.ts';
import type { Asking, Claim, SignedSpan, UsableKey } from './question.ts';
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

    return {
      *holds(key: UsableKey, body: string | Uint8Array): Asking<boolean> {
        if (bodyHash !== undefined && !(yield { ask: 'sha256', content: [body], encoding: 'hex', digest: bodyHash })) return false;
        const fields = bodyHash === undefined ? sortedFields(textOf(body)) : '';
        for (const spelling of spellings(url)) {
          const content = [spelling + fields];
          if (yield { ask: 'hmac', hash: 'sha1', key: key.bytes, content, encoding: 'base64', signatures: [signature] }) return true;
        }
        return false;
      },
      span: (): SignedSpan => ({ signedAtMs: null }),
    };
  }

  return { key: (secret) => sharedKey(secret, 'utf8'), claim };
}

/** The form's fields as Twilio signs them; a name that comes more than once counts each distinct value, sorted. */
export function sortedFields(body: string): string {
  const fields = new Map<string, string | Set<string>>(); // one pass: a forger chooses how many fields there are
  for (const [name, value] of new URLSearchParams(body)) {
    const known = fields.get(name);
    if (known === undefined) fields.set(name, value);
    else if (typeof known === 'string') fields.set(name, new Set([known, value]));
    else known.add(value);
  }
  let text = '';
  for (const name of [...fields.keys()].toSorted()) {
    const value = fields.get(name) ?? '';
    if (typeof value === 'string') text += name + value;
    else for (const one of [...value].toSorted()) text += name + one;
  }
  return text;
}

/** The URL as given, and with its default port added or its port taken off. */
function* spellings(url: string): Generator<string, void, undefined> {
  yield url;
  const match = /^(https?:\/\/(?:[^/?#]*@)?(?:\[[^\]/?#]*\]|[^/?#:]*))(:\d+)?(.*)$/s.exec(url);
  if (match === null) return;
  const [, start = '', port, rest = ''] = match;
  const other = port === undefined ? `:${start.startsWith('https') ? 443 : 80}` : '';
  yield start + other + rest;
}
