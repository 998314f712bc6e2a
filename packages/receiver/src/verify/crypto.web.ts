// Answers from Web Crypto, for Workers, Deno, Bun and browsers. Imported keys are kept as long as their bytes.

import { sameText, toBase64, toBase64Url, toHex } from './encoding.ts';
import type { Content, Encoding, Question } from './question.ts';
import { bytesOf } from './request.ts';

const keys = new WeakMap<Uint8Array, Promise<CryptoKey>>();
const HASHES = { sha1: 'SHA-1', sha256: 'SHA-256', sha512: 'SHA-512' } as const;
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export async function answer(question: Question): Promise<boolean> {
  const { subtle } = crypto;
  const content = joined(question.content);
  switch (question.ask) {
    case 'hmac': {
      const algorithm = { name: 'HMAC', hash: HASHES[question.hash] };
      const key = await imported(question.key, (bytes) => subtle.importKey('raw', bytes, algorithm, false, ['sign']));
      const digest = encoded(new Uint8Array(await subtle.sign('HMAC', key, content)), question.encoding);
      let match = false;
      for (const signature of question.signatures) match = sameText(signature, digest) || match;
      return match;
    }
    case 'sha256':
      return sameText(question.digest, encoded(new Uint8Array(await subtle.digest('SHA-256', content)), question.encoding));
    case 'ed25519':
      try {
        const key = await imported(question.key, (bytes) => subtle.importKey('raw', bytes, 'Ed25519', false, ['verify']));
        for (const signature of question.signatures) if (await subtle.verify('Ed25519', key, signature, content)) return true;
        return false;
      } catch {
        return false; // no point on the curve: nothing verifies under it
      }
    case 'ecdsa-p256':
      try {
        const key = await imported(question.key, (bytes) => subtle.importKey('spki', bytes, P256, false, ['verify']));
        for (const der of question.signatures) {
          const signature = fixedWidth(der);
          if (signature && (await subtle.verify(P256, key, signature, content))) return true;
        }
        return false;
      } catch {
        return false;
      }
    default:
      return question satisfies never;
  }
}

function imported(bytes: Uint8Array<ArrayBuffer>, make: (bytes: Uint8Array<ArrayBuffer>) => Promise<CryptoKey>): Promise<CryptoKey> {
  let key = keys.get(bytes);
  if (key === undefined) {
    key = make(bytes);
    keys.set(bytes, key);
  }
  return key;
}

function encoded(bytes: Uint8Array, encoding: Encoding): string {
  switch (encoding) {
    case 'hex':
      return toHex(bytes);
    case 'base64':
      return toBase64(bytes);
    case 'base64url':
      return toBase64Url(bytes);
    default:
      return encoding satisfies never;
  }
}

function joined(content: Content): Uint8Array<ArrayBuffer> {
  const pieces = content.map(bytesOf);
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}

/** An ECDSA signature as Web Crypto takes it (r and s, 32 bytes each) from DER's SEQUENCE of two INTEGERs; null when it is none. */
function fixedWidth(der: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const out = new Uint8Array(64);
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1];
    if (der[at] !== 0x02 || length === undefined) return null;
    let number = der.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    while (number.length > 32 && number[0] === 0) number = number.subarray(1);
    if (number.length > 32) return null;
    out.set(number, end - number.length);
  }
  return at === der.length ? out : null;
}
