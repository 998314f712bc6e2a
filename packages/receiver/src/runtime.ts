// A runtime: the cryptography a receiver needs, which answers at once on Node and later elsewhere.

import type { ReceivedEvent } from './event.ts';
import type { Asking } from './verify/question.ts';
import type { VerifyResult } from './verify/result.ts';

export interface Runtime {
  /** Settles a verification's questions. */
  readonly settle: (asking: Asking<VerifyResult<ReceivedEvent>>) => VerifyResult<ReceivedEvent> | Promise<VerifyResult<ReceivedEvent>>;
  /** SHA-256 in lowercase hex. */
  readonly sha256Hex: (bytes: Uint8Array) => string | Promise<string>;
  /** HMAC-SHA256 of a text under a text, in lowercase hex. */
  readonly hmacSha256Hex: (secret: string, text: string) => string | Promise<string>;
}
