// What each step of signing does, in words, for any scheme that a profile can be written in.

import type { SignatureScheme } from '@waxwing/protocol/schemes';

export interface SchemeWords {
  readonly content: string;
  readonly key: string;
  readonly algorithm: string;
  /** What a receiver checks with. */
  readonly secretLabel: string;
}

export function wordsOf(scheme: SignatureScheme): SchemeWords {
  switch (scheme.kind) {
    case 'standard-webhooks':
      return {
        content: 'The id, the timestamp and the body as it was sent, joined by dots.',
        key: 'What follows whsec_ in the secret, decoded from base64. With an ed25519 pair, the receiver checks with the public key, whpk_.',
        algorithm: 'HMAC-SHA256 of the content with the key, in base64, behind “v1,”; ed25519 signatures stand behind “v1a,”.',
        secretLabel: 'Secret (whsec_…) or public key (whpk_…)',
      };
    case 'hmac-template':
      return {
        content:
          scheme.content === '{body}'
            ? 'The body as it was sent, and nothing else. A body that was parsed and printed again is signed differently.'
            : `By the template ${scheme.content}: the body is the one that was sent, byte for byte.`,
        key:
          scheme.secret === 'utf8'
            ? 'The secret’s text as it is, whole, with its prefix.'
            : 'What follows the last underscore of the secret, decoded from base64.',
        algorithm: `HMAC-${scheme.algorithm.toUpperCase()} of the content with the key, in ${scheme.encoding === 'hex' ? 'lower-case hexadecimal' : 'base64'}${
          scheme.prefix === '' ? '' : `, behind “${scheme.prefix}”`
        }.`,
        secretLabel: 'Secret',
      };
    case 'jwt-body-hash':
      return {
        content: 'The token’s head and its claims, each in base64url, joined by a dot.',
        key: 'The secret’s text as it is, whole.',
        algorithm: `HMAC-SHA256 (HS256) of the content with the key, in base64url, as the token’s third part${
          scheme.prefix === '' ? '' : `, behind “${scheme.prefix.trim()}”`
        }.`,
        secretLabel: 'Secret',
      };
    default:
      return scheme satisfies never;
  }
}
