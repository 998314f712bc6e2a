// A profile's parts in a few words.

import type { SignatureScheme } from '@waxwing/protocol/schemes';

/** `HMAC-SHA256 of {timestamp}.{body}, hex, in X-MeetLoyd-Signature`. */
export function signatureWords(scheme: SignatureScheme): string {
  switch (scheme.kind) {
    case 'standard-webhooks':
      return 'Standard Webhooks 1.0: v1 (HMAC-SHA256) or v1a (ed25519) of {id}.{timestamp}.{body}, in webhook-signature';
    case 'hmac-template':
      return `HMAC-${scheme.algorithm.toUpperCase()} of ${scheme.content}, ${scheme.encoding}${scheme.prefix === '' ? '' : ` behind ${scheme.prefix}`}, in ${scheme.header}`;
    case 'jwt-body-hash':
      return `JWT (HS256) whose claim ${scheme.claim} is the body’s SHA-256, in ${scheme.header}`;
    default:
      return scheme satisfies never;
  }
}

/** What a rotation does while its grace lasts: where several signatures fit, both secrets sign. */
export function rotationWords(scheme: SignatureScheme): string {
  return scheme.kind === 'standard-webhooks'
    ? 'Until the grace ends, every message carries two signatures: by the old secret and by the new one.'
    : 'Until the grace ends, the old secret goes on signing, since a message of this profile carries one signature. Have your receiver accept both before.';
}
