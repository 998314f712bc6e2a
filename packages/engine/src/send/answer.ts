// Answers: what is read of a response and what is kept of it.
//
// A body is kept up to 16 KiB of a failure and 1 KiB of a success, and read up to 1 MiB: past that the connection is cut,
// and the attempt stands by its status, since the receiver has decided and only talks on. Bytes are kept as bytes: as
// UTF-8 text where they are that and hold no NUL, as base64 otherwise. Nothing is decompressed.

import { isUtf8 } from 'node:buffer';
import type { AttemptRecord } from './order.ts';

export const KEPT_OF_FAILURE_BYTES = 16_384;
export const KEPT_OF_SUCCESS_BYTES = 1_024;
export const READ_BYTES_MAX = 1_048_576;
const KEPT_HEADERS_MAX = 100; // their bytes are bounded by the client's own limit, 16 KiB

type KeptAnswer = NonNullable<AttemptRecord['response']>;

export class Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly #keepBytes: number;
  #chunks: Buffer[] | null = null;
  #keptBytes = 0;
  #bodyBytes = 0;
  #complete = false;

  /** @param rawHeaders names and values by turns, as undici hands them over */
  constructor(status: number, rawHeaders: unknown) {
    this.status = status;
    this.headers = headerPairs(rawHeaders);
    this.#keepBytes = this.success ? KEPT_OF_SUCCESS_BYTES : KEPT_OF_FAILURE_BYTES;
  }

  get success(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The first value of a header, by its lower-case name. */
  header(name: string): string | null {
    for (const [given, value] of this.headers) if (given.length === name.length && given.toLowerCase() === name) return value;
    return null;
  }

  /** Takes a piece of the body; false when no more is worth reading. */
  add(chunk: Buffer): boolean {
    this.#bodyBytes += chunk.length;
    if (this.#keptBytes < this.#keepBytes) {
      // A copy: the chunk is a view of a larger read, which must not be held on to.
      const kept = Buffer.from(chunk.subarray(0, this.#keepBytes - this.#keptBytes));
      this.#keptBytes += kept.length;
      if (this.#chunks === null) this.#chunks = [kept];
      else this.#chunks.push(kept);
    }
    return this.#bodyBytes <= READ_BYTES_MAX;
  }

  end(): void {
    this.#complete = true;
  }

  /** What the record keeps. `bodyBytes` counts what was read; `bodyTruncated` says that more was sent, or would have been. */
  kept(): KeptAnswer {
    const truncated = !this.#complete || this.#bodyBytes > this.#keptBytes;
    const { text, encoding } = bodyText(this.#chunks, truncated);
    return {
      status: this.status,
      headers: this.headers,
      body: text,
      bodyEncoding: encoding,
      bodyBytes: this.#bodyBytes,
      bodyTruncated: truncated,
    };
  }
}

function bodyText(chunks: Buffer[] | null, truncated: boolean): { readonly text: string; readonly encoding: 'utf8' | 'base64' } {
  const first = chunks?.[0];
  if (chunks === null || first === undefined) return { text: '', encoding: 'utf8' };
  const bytes = chunks.length === 1 ? first : Buffer.concat(chunks);
  if (!bytes.includes(0)) {
    // A cut may have gone through a character: up to three of its bytes are left over.
    const spareMax = truncated ? Math.min(3, bytes.length - 1) : 0;
    for (let spare = 0; spare <= spareMax; spare++) {
      const whole = bytes.subarray(0, bytes.length - spare);
      if (isUtf8(whole)) return { text: whole.toString('utf8'), encoding: 'utf8' };
    }
  }
  return { text: bytes.toString('base64'), encoding: 'base64' };
}

function headerPairs(raw: unknown): readonly (readonly [string, string])[] {
  if (!Array.isArray(raw)) return [];
  const pairs: (readonly [string, string])[] = [];
  const end = Math.min(raw.length - 1, KEPT_HEADERS_MAX * 2);
  for (let i = 0; i < end; i += 2) pairs.push([latin1(raw[i]), latin1(raw[i + 1])]);
  return pairs;
}

function latin1(bytes: unknown): string {
  return Buffer.isBuffer(bytes) ? bytes.toString('latin1') : String(bytes);
}
