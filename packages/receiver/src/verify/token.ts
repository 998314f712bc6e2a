// A shared token: no signature at all, the sender repeats what both sides know. Compared in constant time for its length.

import type { SharedToken } from '../scheme.ts';
import { sameText } from './encoding.ts';
import type { Claim, SignedSpan, UsableKey } from './question.ts';
import { NeededHeader } from './reader.ts';
import type { SignatureReader } from './reader.ts';
import { textOf } from './request.ts';
import type { ReceivedRequest } from './request.ts';
import type { Refused } from './result.ts';
import { sharedKey } from './secret.ts';

export function tokenReader(scheme: SharedToken): SignatureReader {
  const header = new NeededHeader(scheme.header);
  return {
    key: (secret) => sharedKey(secret, 'utf8'),
    claim(request: ReceivedRequest): Claim | Refused {
      const token = header.read(request);
      if (token === null) return header.missing();
      return {
        holds(key: UsableKey): boolean {
          return sameText(token, textOf(key.bytes));
        },
        span: (): SignedSpan => ({ signedAtMs: null }),
      };
    },
  };
}
