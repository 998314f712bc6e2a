// A JWT over the body's hash: MeshAgent's and LiveKit's way.
//
// Only HS256 is known; `none` and every other algorithm is refused before a key is touched. MeshAgent's own receivers
// hash what Python prints back of the parsed body, so either hash is taken: of the bytes, or of that printing.

import type { JwtSignature } from '../scheme.ts';
import { textFromBase64Url } from './encoding.ts';
import type { Asking, Claim, SignedSpan, UsableKey } from './question.ts';
import { NeededHeader } from './reader.ts';
import type { SignatureReader } from './reader.ts';
import { isRecord, parseJson, strictTextOf } from './request.ts';
import type { ReceivedRequest } from './request.ts';
import { refuse } from './result.ts';
import type { Refused } from './result.ts';
import { sharedKey } from './secret.ts';

const TOKEN = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/; // HS256: 32 bytes are 43 characters

/** @param reprint how the sender's own receivers print a body before they hash it; null where they hash its bytes alone */
export function jwtReader(scheme: JwtSignature, reprint: ((json: string) => string) | null): SignatureReader {
  const header = new NeededHeader(scheme.header);
  const encoding = scheme.digest ?? 'hex';
  const digestShape = encoding === 'hex' ? /^[0-9a-f]{64}$/ : /^[A-Za-z0-9+/]{43}=$/;

  function claim(request: ReceivedRequest): Claim | Refused {
    const value = header.read(request);
    if (value === null) return header.missing();
    if (!value.startsWith(scheme.prefix)) return header.malformed(`\`${scheme.prefix}\` and a JWT`);
    const parts = TOKEN.exec(value.slice(scheme.prefix.length));
    if (parts === null) return header.malformed(`${scheme.prefix === '' ? '' : `\`${scheme.prefix}\` and `}a JWT signed with HS256`);
    const [, head = '', payload = '', signature = ''] = parts;
    const { alg, crit } = membersOf(head);
    if (alg !== 'HS256' || crit !== undefined) return header.malformed('a JWT signed with HS256, without `crit`');
    const claims = membersOf(payload);
    const digest = claims[scheme.claim];
    if (typeof digest !== 'string' || !digestShape.test(digest)) {
      return header.malformed(`a claim \`${scheme.claim}\` with the body's SHA-256 in ${encoding}`);
    }

    return {
      *holds(key: UsableKey, body: string | Uint8Array): Asking<boolean> {
        const signed = [`${head}.${payload}`];
        const genuine = yield {
          ask: 'hmac',
          hash: 'sha256',
          key: key.bytes,
          content: signed,
          encoding: 'base64url',
          signatures: [signature],
        };
        if (!genuine) return false;
        if (yield { ask: 'sha256', content: [body], encoding, digest }) return true;
        const printed = reprint === null ? null : printedBody(body, reprint);
        return printed !== null && (yield { ask: 'sha256', content: [printed], encoding, digest });
      },
      span: (): SignedSpan | Refused => {
        const { exp: expires, nbf: notBefore } = claims;
        if (!isTimeOrAbsent(expires) || !isTimeOrAbsent(notBefore)) {
          return refuse('bad_format', () => `The token in ${scheme.header} has an \`exp\` or \`nbf\` that is no number.`);
        }
        return {
          signedAtMs: null,
          ...(expires !== undefined && { expiresMs: expires * 1000 }),
          ...(notBefore !== undefined && { notBeforeMs: notBefore * 1000 }),
        };
      },
    };
  }

  return { key: (secret) => sharedKey(secret, 'utf8'), claim };
}

/** The members of a token's part; none where it is no JSON object. */
function membersOf(segment: string): { readonly [name: string]: unknown } {
  const value = parseJson(textFromBase64Url(segment) ?? '');
  return isRecord(value) ? value : {};
}

function isTimeOrAbsent(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && Number.isFinite(value));
}

function printedBody(body: string | Uint8Array, reprint: (json: string) => string): string | null {
  const text = strictTextOf(body);
  try {
    // White space around a body was added on the way: no JSON printer writes it. The printer takes nothing but JSON.
    return text === null || text.trim() !== text || parseJson(text) === undefined ? null : reprint(text);
  } catch {
    return null; // not JSON: there is no other form
  }
}
