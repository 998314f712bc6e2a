// Keys for tests: fresh ones of the form that a scheme needs, with what a receiver holds of each.

import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Signature } from '../scheme.ts';
import type { SigningKey } from './signing.ts';

export interface TestKey {
  readonly signing: SigningKey;
  /** What the receiver is given: the shared secret, or the public key. */
  readonly verifySecret: string;
}

export function sharedTestKey(secret: string): TestKey {
  return { signing: { kind: 'shared', secret }, verifySecret: secret };
}

export function freshTestKey(signature: Signature): TestKey {
  if (signature.kind === 'standard-webhooks') return sharedTestKey(`whsec_${randomBytes(32).toString('base64')}`);
  if (signature.kind === 'signed-template') {
    const { algorithm, secret } = signature;
    if (algorithm === 'ed25519' || algorithm === 'ecdsa-p256') {
      const privateKey =
        algorithm === 'ed25519' ? generateKeyPairSync('ed25519').privateKey : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
      const shown = algorithm === 'ed25519' ? spki.subarray(-32) : spki; // Discord shows the 32 bytes, SendGrid the whole structure
      return { signing: { kind: 'pair', privateKey }, verifySecret: shown.toString(secret === 'hex' ? 'hex' : 'base64') };
    }
    if (secret !== 'utf8') return sharedTestKey(randomBytes(32).toString(secret));
  }
  if (signature.kind === 'hmac-template' && signature.secret === 'base64') return sharedTestKey(randomBytes(32).toString('base64'));
  return sharedTestKey(randomBytes(24).toString('hex'));
}
