// Keys for tests: fresh ones of the form that a scheme needs, with what a receiver holds of each.
//
// Standard Webhooks knows two forms: a shared `whsec_`, and an ed25519 `whsk_` of which the receiver holds the `whpk_`.

import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { generateSigningKey, publicKeyOf } from '@waxwing/protocol';
import type { Signature } from '../scheme.ts';
import type { SigningKey } from './signing.ts';

export interface TestKey {
  readonly signing: SigningKey;
  /** What the receiver is given: the shared secret, or the public key. */
  readonly verifySecret: string;
}

/**
 * The key of a secret that is given.
 * @throws WaxwingError `invalid_secret` when it begins with `whsk_` and holds no key
 */
export function givenTestKey(secret: string): TestKey {
  return { signing: { kind: 'shared', secret }, verifySecret: publicKeyOf(secret) ?? secret };
}

/** Another key of the same form as one that is given. */
export function strangerTestKey(signature: Signature, { signing }: TestKey): TestKey {
  const isPair = signing.kind === 'shared' && publicKeyOf(signing.secret) !== null;
  return isPair ? givenTestKey(generateSigningKey(randomBytes)) : freshTestKey(signature);
}

export function freshTestKey(signature: Signature): TestKey {
  if (signature.kind === 'standard-webhooks') return givenTestKey(`whsec_${randomBytes(32).toString('base64')}`);
  if (signature.kind === 'signed-template') {
    const { algorithm, secret } = signature;
    if (algorithm === 'ed25519' || algorithm === 'ecdsa-p256') {
      const privateKey =
        algorithm === 'ed25519' ? generateKeyPairSync('ed25519').privateKey : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
      const shown = algorithm === 'ed25519' ? spki.subarray(-32) : spki; // Discord shows the 32 bytes, SendGrid the whole structure
      return { signing: { kind: 'pair', privateKey }, verifySecret: shown.toString(secret === 'hex' ? 'hex' : 'base64') };
    }
    if (secret !== 'utf8') return givenTestKey(randomBytes(32).toString(secret));
  }
  if (signature.kind === 'hmac-template' && signature.secret === 'base64') return givenTestKey(randomBytes(32).toString('base64'));
  return givenTestKey(randomBytes(24).toString('hex'));
}
