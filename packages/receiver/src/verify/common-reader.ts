// The readers of the common kinds: what every verifier has in it.

import type { CommonSignature } from '../scheme.ts';
import type { SignatureReader } from './reader.ts';
import { standardReader } from './standard.ts';
import { templateReader, widened } from './template.ts';

export function commonReader(signature: CommonSignature): SignatureReader {
  switch (signature.kind) {
    case 'hmac-template':
      return templateReader(widened(signature));
    case 'signed-template':
      return templateReader(signature);
    case 'standard-webhooks':
      return standardReader(signature);
    default:
      return signature satisfies never;
  }
}
