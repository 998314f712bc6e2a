// Whether a stored request's signature is the one that a secret makes. Computed in this page by the browser's own
// cryptography; the secret goes nowhere.

import { fromBase64, joined, toBase64, toBase64Url, toHex, utf8 } from './bytes.ts';
import type { SignedContent } from './signed-content.ts';

export type Verdict =
  | { readonly kind: 'matches' }
  /** What the signature would be with this secret. */
  | { readonly kind: 'differs'; readonly expected: string }
  /** Nothing can be computed with what was given. */
  | { readonly kind: 'unusable'; readonly why: string };

/** Browsers hand out cryptography on https and on localhost only. */
export function canCompute(): boolean {
  return globalThis.isSecureContext && 'subtle' in crypto;
}

export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** @param secret as the receiver has it: the endpoint's secret, or `whpk_…`, the public half of an ed25519 pair */
export async function checkSignature(signed: SignedContent, secret: string): Promise<Verdict> {
  const content = joined(...signed.pieces.map(({ text }) => utf8(text)));
  const { scheme } = signed;
  try {
    switch (scheme.kind) {
      case 'standard-webhooks': {
        if (secret.startsWith('whsk_'))
          return { kind: 'unusable', why: 'This is the private half of the pair: check with the public one, whpk_…' };
        if (secret.startsWith('whpk_')) return await checkEd25519(signed, content, fromBase64(secret.slice('whpk_'.length)));
        const key = fromBase64(secret.replace(/^whsec_/, ''));
        return compare(signed, `v1,${toBase64(await hmac('SHA-256', key, content))}`);
      }
      case 'hmac-template': {
        const key = scheme.secret === 'utf8' ? utf8(secret) : fromBase64(secret.slice(secret.lastIndexOf('_') + 1));
        const digest = await hmac(DIGESTS[scheme.algorithm], key, content);
        return compare(signed, scheme.prefix + (scheme.encoding === 'hex' ? toHex(digest) : toBase64(digest)));
      }
      case 'jwt-body-hash':
        return compare(signed, (signed.signatures[0]?.before ?? '') + toBase64Url(await hmac('SHA-256', utf8(secret), content)));
      default:
        return scheme satisfies never;
    }
  } catch {
    return { kind: 'unusable', why: 'This is not a secret of this profile: it cannot be decoded.' };
  }
}

const DIGESTS = { sha256: 'SHA-256', sha512: 'SHA-512', sha1: 'SHA-1' } as const;

async function hmac(digest: string, key: Uint8Array<ArrayBuffer>, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: digest }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, content));
}

async function checkEd25519(signed: SignedContent, content: Uint8Array<ArrayBuffer>, key: Uint8Array<ArrayBuffer>): Promise<Verdict> {
  const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
  for (const { before, value } of signed.signatures) {
    if (before === 'v1a,' && (await crypto.subtle.verify('Ed25519', imported, fromBase64(value), content))) return { kind: 'matches' };
  }
  return { kind: 'unusable', why: 'None of the signatures was made by the private half of this key.' };
}

function compare({ signatures }: SignedContent, expected: string): Verdict {
  return signatures.some(({ before, value }) => before + value === expected) ? { kind: 'matches' } : { kind: 'differs', expected };
}
