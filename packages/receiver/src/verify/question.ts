// Questions: how a verification asks for cryptography without having any.
//
// A verification is a generator. It yields questions that are answered yes or no, and returns its result. On Node the
// answers come at once (node:crypto), elsewhere each is awaited (Web Crypto), and the logic is written once.

import type { Refused } from './result.ts';

/** Signed content in order; text stands for its UTF-8 bytes. */
export type Content = readonly (string | Uint8Array)[];

export type HashName = 'sha1' | 'sha256' | 'sha512';
export type Encoding = 'hex' | 'base64' | 'base64url';

export type Question =
  /** Is one of the signatures the HMAC of the content? Compared in constant time. */
  | {
      readonly ask: 'hmac';
      readonly hash: HashName;
      readonly key: Uint8Array<ArrayBuffer>;
      readonly content: Content;
      readonly encoding: Encoding;
      readonly signatures: readonly string[];
    }
  /** Is this the SHA-256 of the content? */
  | { readonly ask: 'sha256'; readonly content: Content; readonly encoding: Encoding; readonly digest: string }
  /** Is one of the signatures an ed25519 signature of the content? The key is the 32 public bytes. */
  | {
      readonly ask: 'ed25519';
      readonly key: Uint8Array<ArrayBuffer>;
      readonly content: Content;
      readonly signatures: readonly Uint8Array<ArrayBuffer>[];
    }
  /** Is one of the signatures (DER) an ECDSA P-256 signature of the content's SHA-256? The key is SPKI in DER. */
  | {
      readonly ask: 'ecdsa-p256';
      readonly key: Uint8Array<ArrayBuffer>;
      readonly content: Content;
      readonly signatures: readonly Uint8Array<ArrayBuffer>[];
    };

/** A run of questions, each answered with true or false. */
export type Asking<T> = Generator<Question, T, boolean>;

/** A key made of a secret, or why it cannot be one. `use` tells apart the keys of a scheme that has two kinds. */
export type Key =
  | { readonly usable: true; readonly use: 'shared' | 'public'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly usable: false; readonly fault: string };

export type UsableKey = Extract<Key, { usable: true }>;

/** When a message says it was signed, and the span in which it holds, in epoch milliseconds. */
export interface SignedSpan {
  readonly signedAtMs: number | null;
  readonly notBeforeMs?: number;
  readonly expiresMs?: number;
  /** What the body holds, where it had to be parsed for this. */
  readonly json?: unknown;
}

/** What a request's headers claim: asked for each key, and over the body as given or as it may have been before. */
export interface Claim {
  /** What has to be answered with yes: the answer itself, one question, or a run of them. */
  holds(key: UsableKey, body: string | Uint8Array): boolean | Question | Asking<boolean>;
  /** Read once the claim holds. */
  span(body: string | Uint8Array): SignedSpan | Refused;
}
