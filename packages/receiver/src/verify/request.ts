// A received request, as any framework holds it: headers of every usual form, and the body's exact bytes.
//
// Reading never throws. Header names match in any case. A body that is not bytes or text is not turned into either:
// what a parser made of it can no longer be held against a signature.

/** Anything that holds headers: Node's object, fetch `Headers`, a `Map`, pairs, in any case. */
export type HeadersInput =
  | { readonly get: (name: string) => string | null }
  | ReadonlyMap<string, string | readonly string[]>
  | Iterable<readonly [name: string, value: string]>
  | { readonly [name: string]: string | readonly string[] | undefined };

export interface ReceivedRequest {
  readonly headers: HeadersInput;
  /** The body's exact bytes; text stands for its UTF-8 bytes. */
  readonly body: string | Uint8Array | ArrayBuffer;
  /** Needed where the sender signs it (HubSpot). */
  readonly method?: string | undefined;
  /** The public URL the sender was given, whole. Needed where the sender signs it (Twilio, Square, HubSpot). */
  readonly url?: string | undefined;
}

/** A header's value, or null when it is absent. Values of a repeated header are joined as HTTP does: `a, b`. */
export function headerValue(headers: HeadersInput, lowerCaseName: string): string | null {
  if (!isRecord(headers)) return null;
  const direct = ownText(headers, lowerCaseName);
  if (direct !== null) return direct;
  if (headers instanceof Map) return searchPairs(headers, lowerCaseName);
  if (hasGet(headers)) {
    const value: unknown = headers.get(lowerCaseName);
    return typeof value === 'string' ? value : null;
  }
  if (isIterable(headers)) return searchPairs(headers, lowerCaseName);
  return searchPairs(Object.entries(headers), lowerCaseName);
}

/** Node's form, lower-case names in a plain object: asked first, since most requests come that way. */
function ownText(headers: { readonly [name: string]: unknown }, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

function searchPairs(pairs: Iterable<readonly [string, unknown]>, lowerCaseName: string): string | null {
  let found: string | null = null;
  for (const pair of pairs) {
    if (!Array.isArray(pair)) return null; // not pairs after all
    const [name, value] = pair;
    if (typeof name !== 'string' || name.length !== lowerCaseName.length || name.toLowerCase() !== lowerCaseName) continue;
    const text: unknown = Array.isArray(value) ? value.filter((one) => typeof one === 'string').join(', ') : value;
    if (typeof text === 'string' && (text !== '' || typeof value === 'string')) found = found === null ? text : `${found}, ${text}`;
  }
  return found;
}

function hasGet(headers: object): headers is { get: (name: string) => unknown } {
  return 'get' in headers && typeof headers.get === 'function';
}

function isIterable(headers: object): headers is Iterable<readonly [string, unknown]> {
  return Symbol.iterator in headers;
}

/** What a body turned out to be. */
export type BodyReading =
  | { readonly kind: 'raw'; readonly body: string | Uint8Array }
  | { readonly kind: 'parsed' }
  | { readonly kind: 'stream' }
  | { readonly kind: 'absent' };

export function readBody(body: unknown): BodyReading {
  if (typeof body === 'string' || body instanceof Uint8Array) return { kind: 'raw', body };
  if (body instanceof ArrayBuffer) return { kind: 'raw', body: new Uint8Array(body) };
  if (ArrayBuffer.isView(body)) return { kind: 'raw', body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) };
  if (body === undefined || body === null) return { kind: 'absent' };
  if (typeof body === 'object' && ('getReader' in body || 'pipe' in body)) return { kind: 'stream' };
  return { kind: 'parsed' };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bytesOf(piece: string | Uint8Array): Uint8Array {
  return typeof piece === 'string' ? encoder.encode(piece) : piece;
}

export function textOf(piece: string | Uint8Array): string {
  return typeof piece === 'string' ? piece : decoder.decode(piece);
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text, or null when the bytes are not UTF-8: what they would decode to is not what was signed. */
export function strictTextOf(piece: string | Uint8Array): string | null {
  if (typeof piece === 'string') return piece;
  try {
    return strictDecoder.decode(piece);
  } catch {
    return null;
  }
}

/** The value of JSON text, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value of a body that is JSON in UTF-8 (with a byte order mark or not), or undefined. */
export function jsonOf(body: string | Uint8Array): unknown {
  const text = strictTextOf(body);
  if (text === null) return undefined;
  return parseJson(typeof body !== 'string' && text.startsWith('\uFEFF') ? text.slice(1) : text);
}

/** What a JSON Pointer points at, or undefined. The empty pointer is the whole value. */
export function atPointer(value: unknown, pointer: string): unknown {
  if (pointer === '') return value;
  let here = value;
  for (let start = 1; start !== 0;) {
    const end = pointer.indexOf('/', start);
    const step = end === -1 ? pointer.slice(start) : pointer.slice(start, end);
    if (!isRecord(here) || !Object.hasOwn(here, step)) return undefined;
    here = here[step];
    start = end + 1;
  }
  return here;
}

/** Whether a value is an object (or an array) whose members can be asked for by name. */
export function isRecord(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
