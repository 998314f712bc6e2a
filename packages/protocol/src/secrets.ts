// Secrets: which texts may sign, what a new one looks like, and what key bytes a text stands for.
//
// Three forms (SecretRules.form): `utf8`, the text whole, prefix included; `base64`, what follows the last underscore;
// `standard`, Standard Webhooks' `whsec_` (24–64 bytes) or an ed25519 `whsk_`: base64 of the 32-byte seed, alone or with
// the 32-byte public key behind it as the reference libraries write it. An empty key is refused wherever a key is made,
// since an HMAC under an empty key is one that anybody can compute. No message ever repeats a secret.

import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { WaxwingError } from './errors.ts';
import type { SecretRules } from './profile.ts';

/** What a secret of Standard Webhooks signs with. */
export type StandardKey =
  | { readonly kind: 'hmac'; readonly bytes: Uint8Array }
  | { readonly kind: 'ed25519'; readonly privateKey: KeyObject };

const HMAC_PREFIX = 'whsec_';
const PRIVATE_PREFIX = 'whsk_';
const PUBLIC_PREFIX = 'whpk_';
const HMAC_BYTES_MIN = 24;
const HMAC_BYTES_MAX = 64;
const SEED_BYTES = 32;
const GENERATED_BYTES = 32;
// RFC 8410: a PKCS #8 ed25519 key is these 16 bytes and the seed.
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Whether a secret may sign under a profile's rules.
 * @returns a warning when it may but should not: it is short, or white space surrounds it
 * @throws WaxwingError `invalid_secret`, without the secret in its message
 */
export function checkSecret(rules: SecretRules, secret: string): { warning: string | null } {
  const bytes = keyLength(rules, secret);
  if (bytes < rules.minBytes || bytes > rules.maxBytes) {
    throw refused(
      `The secret has ${bytes} bytes of key; between ${rules.minBytes} and ${rules.maxBytes} are needed. Leave it out to have one made.`,
    );
  }
  if (secret.trim() !== secret) {
    return {
      warning: 'White space stands at the secret’s beginning or end and is part of the key. If that was a copying slip, rotate it.',
    };
  }
  if (bytes < rules.warnBelowBytes) {
    return {
      warning: `The secret has only ${bytes} bytes of key. Use at least ${rules.warnBelowBytes}, or leave it out to have one made.`,
    };
  }
  return { warning: null };
}

/**
 * A new secret that satisfies the rules: the prefix and the base64 of 32 random bytes.
 * @param randomBytes cryptographic randomness
 */
export function generateSecret(rules: SecretRules, randomBytes: (size: number) => Uint8Array): string {
  return rules.prefix + Buffer.from(randomBytes(GENERATED_BYTES)).toString('base64');
}

/**
 * A new ed25519 signing key for Standard Webhooks: `whsk_` and the base64 of seed and public key, 64 bytes, which is what
 * the reference libraries read. Give receivers {@link publicKeyOf} it.
 * @param randomBytes cryptographic randomness
 */
export function generateSigningKey(randomBytes: (size: number) => Uint8Array): string {
  const seed = Buffer.from(randomBytes(SEED_BYTES));
  return PRIVATE_PREFIX + Buffer.concat([seed, publicBytes(privateKeyOf(seed))]).toString('base64');
}

/**
 * The public key (`whpk_…`) of an ed25519 signing key (`whsk_…`); null for every other secret.
 * @throws WaxwingError `invalid_secret` when it begins with `whsk_` and holds no key
 */
export function publicKeyOf(secret: string): string | null {
  if (!secret.startsWith(PRIVATE_PREFIX)) return null;
  return PUBLIC_PREFIX + publicBytes(signingKey(secret)).toString('base64');
}

/**
 * The key that a Standard Webhooks secret stands for.
 * @throws WaxwingError `invalid_secret`
 */
export function standardKey(secret: string): StandardKey {
  if (secret.startsWith(PRIVATE_PREFIX)) return { kind: 'ed25519', privateKey: signingKey(secret) };
  if (secret.startsWith(PUBLIC_PREFIX))
    throw refused('The secret is a public key (whpk_), which verifies and cannot sign. Give the whsk_ key.');
  if (!secret.startsWith(HMAC_PREFIX)) {
    throw refused('The secret must be whsec_ and the base64 of 24 to 64 random bytes, or an ed25519 key that begins with whsk_.');
  }
  const bytes = decodeBase64(secret.slice(HMAC_PREFIX.length));
  if (bytes.length < HMAC_BYTES_MIN || bytes.length > HMAC_BYTES_MAX) {
    throw refused(`The secret holds ${bytes.length} bytes behind whsec_; ${HMAC_BYTES_MIN} to ${HMAC_BYTES_MAX} are needed.`);
  }
  return { kind: 'hmac', bytes };
}

/**
 * The key bytes of a `utf8` or `base64` secret.
 * @throws WaxwingError `invalid_secret` when there are none, or the text does not decode
 */
export function plainKey(form: 'utf8' | 'base64', secret: string): Uint8Array {
  const bytes = form === 'utf8' ? encodeUtf8(secret) : decodeBase64(secret.slice(secret.lastIndexOf('_') + 1));
  if (bytes.length === 0) throw refused('The secret is empty, and an empty key signs nothing.');
  return bytes;
}

function keyLength(rules: SecretRules, secret: string): number {
  switch (rules.form) {
    case 'standard': {
      const key = standardKey(secret);
      return key.kind === 'hmac' ? key.bytes.length : SEED_BYTES;
    }
    case 'base64':
      if (!secret.startsWith(rules.prefix)) throw refused(`The secret must begin with ${rules.prefix}.`);
      return plainKey('base64', secret).length;
    case 'utf8':
      return plainKey('utf8', secret).length;
    default:
      return rules.form satisfies never;
  }
}

function signingKey(secret: string): KeyObject {
  const bytes = decodeBase64(secret.slice(PRIVATE_PREFIX.length));
  if (bytes.length !== SEED_BYTES && bytes.length !== 2 * SEED_BYTES) {
    throw refused(`The whsk_ key holds ${bytes.length} bytes; 32 (the seed) or 64 (the seed and the public key) are needed.`);
  }
  const privateKey = privateKeyOf(bytes.subarray(0, SEED_BYTES));
  const given = bytes.subarray(SEED_BYTES);
  if (given.length > 0 && !publicBytes(privateKey).equals(given)) {
    throw refused('The public half of the whsk_ key does not belong to its seed. Was it copied whole?');
  }
  return privateKey;
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
}

// RFC 8410: a SubjectPublicKeyInfo of ed25519 ends in the 32 bytes of the key.
function publicBytes(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES);
}

// A lone surrogate has no UTF-8 and would silently become U+FFFD: two secrets would be one key.
function encodeUtf8(text: string): Buffer {
  if (!text.isWellFormed()) throw refused('The secret holds half a surrogate pair, which has no UTF-8 form.');
  return Buffer.from(text, 'utf8');
}

// Strict, because receivers' decoders are: Node's own takes any text and drops what it does not know.
function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) {
    throw refused('What follows the secret’s prefix is not base64 (A–Z a–z 0–9 + /, padded with =). Was it copied whole?');
  }
  return bytes;
}

function refused(message: string): WaxwingError {
  return new WaxwingError('invalid_secret', message, { fields: [{ path: '/secret', message }] });
}
