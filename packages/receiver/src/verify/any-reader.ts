// The readers of all kinds: for schemes that are known by name or come as plain data, not from this package's modules.

import { printPython } from '@waxwing/protocol/print-python';
import type { Signature } from '../scheme.ts';
import { commonReader } from './common-reader.ts';
import { jwtReader } from './jwt.ts';
import type { SignatureReader } from './reader.ts';
import { tokenReader } from './token.ts';
import { twilioReader } from './twilio.ts';

export function anyReader(signature: Signature): SignatureReader {
  switch (signature.kind) {
    case 'jwt-body-hash':
      return jwtReader(signature, signature.reprinted === false ? null : printPython);
    case 'twilio':
      return twilioReader(signature);
    case 'shared-token':
      return tokenReader(signature);
    default:
      return commonReader(signature);
  }
}
