// A reader: one kind of signature made ready, from its data. It makes keys of secrets and claims of headers.

import type { Claim, Key } from './question.ts';
import type { ReceivedRequest } from './request.ts';
import { headerValue } from './request.ts';
import { refuse } from './result.ts';
import type { Refused } from './result.ts';

export interface SignatureReader {
  key(secret: string): Key;
  /** What the headers claim, before any cryptography. */
  claim(request: ReceivedRequest): Claim | Refused;
}

/** At most this many signatures of one header are looked at, so that a long header costs no more than a rotation. */
export const SIGNATURES_MAX = 16;

/** A header that must be there; its name as the sender writes it, for the sentence. */
export class NeededHeader {
  readonly name: string;
  readonly #lowerCase: string;

  constructor(name: string) {
    this.name = name;
    this.#lowerCase = name.toLowerCase();
  }

  read(request: ReceivedRequest): string | null {
    const value = headerValue(request.headers, this.#lowerCase);
    return value === '' ? null : value;
  }

  missing(): Refused {
    return refuse(
      'missing_header',
      () =>
        `The request has no ${this.name} header (or an empty one). Either it does not come from this sender, or a proxy or framework on the way took the header off.`,
    );
  }

  malformed(expected: string): Refused {
    return refuse('bad_format', () => `The ${this.name} header is not of the sender's form: expected ${expected}.`);
  }
}
