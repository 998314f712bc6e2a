// Secrets: from what a person pasted to key bytes, refusing what could never be a key.
//
// An empty or short secret never verifies anything: an unset environment variable must not open the door. A fault says
// what is wrong without repeating the secret.

import { fromBase64, fromHex } from './encoding.ts';
import type { Key } from './question.ts';
import { bytesOf } from './request.ts';

/** Under this many bytes a shared secret is refused (the sender's side has the same rule). */
const SHARED_BYTES_MIN = 8;
/** Standard Webhooks 1.0: 24 to 64 bytes. */
const STANDARD_BYTES_MIN = 24;
const STANDARD_BYTES_MAX = 64;
const ED25519_PUBLIC_BYTES = 32;

/** A shared secret as text, base64 or hex. */
export function sharedKey(secret: string, form: 'utf8' | 'base64' | 'hex'): Key {
  const bytes = decoded(secret, form);
  if (bytes === null) return fault(`it is not ${form}`);
  if (bytes.length === 0) return fault('it is empty; an environment variable may be unset');
  if (bytes.length < SHARED_BYTES_MIN) return fault(`it has ${bytes.length} bytes, fewer than ${SHARED_BYTES_MIN}`);
  return { usable: true, use: 'shared', bytes };
}

/** A public key as text: base64 (SPKI or raw) or hex (raw). */
export function publicKey(secret: string, form: 'utf8' | 'base64' | 'hex', rawBytes: number | null): Key {
  const bytes = decoded(secret.trim(), form);
  if (bytes === null || bytes.length === 0) return fault(`a public key in ${form} is needed`);
  if (rawBytes !== null && bytes.length !== rawBytes) return fault(`the public key must have ${rawBytes} bytes, it has ${bytes.length}`);
  return { usable: true, use: 'public', bytes };
}

/** A Standard Webhooks secret: `whsec_` (or nothing) and base64, or a public key `whpk_`. */
export function standardKey(secret: string): Key {
  if (secret.startsWith('whsk_')) return fault('it is a private key (whsk_); a receiver takes the public one (whpk_)');
  if (secret.startsWith('whpk_')) return publicKey(secret.slice(5), 'base64', ED25519_PUBLIC_BYTES);
  const bytes = fromBase64(secret.startsWith('whsec_') ? secret.slice(6) : secret);
  if (bytes === null) return fault('it is not base64 behind whsec_');
  if (bytes.length === 0) return fault('it is empty; an environment variable may be unset');
  if (bytes.length < STANDARD_BYTES_MIN || bytes.length > STANDARD_BYTES_MAX) {
    return fault(`it has ${bytes.length} bytes, not ${STANDARD_BYTES_MIN} to ${STANDARD_BYTES_MAX}`);
  }
  return { usable: true, use: 'shared', bytes };
}

function decoded(secret: string, form: 'utf8' | 'base64' | 'hex'): Uint8Array<ArrayBuffer> | null {
  switch (form) {
    case 'utf8':
      return new Uint8Array(bytesOf(secret)); // a copy of its own buffer: key bytes are never shared memory
    case 'base64':
      return fromBase64(secret.slice(secret.lastIndexOf('_') + 1)); // a prefix may stand before it, as in whsec_
    case 'hex':
      return fromHex(secret);
    default:
      return form satisfies never;
  }
}

function fault(text: string): Key {
  return { usable: false, fault: text };
}
