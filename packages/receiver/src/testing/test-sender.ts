// A test sender: the requests that a sender, an attacker or a broken network would bring to your receiver.
//
// For test suites of any framework: each request is plain data, with a fetch `Request` at hand. Nothing is sent.

import type { SenderInput } from '../catalogue.ts';
import type { Place, Scheme } from '../scheme.ts';
import { isRecord } from '../verify/request.ts';
import { schemeOf } from '../verify/sender.ts';
import { freshTestKey, givenTestKey, strangerTestKey } from './keys.ts';
import type { TestKey } from './keys.ts';
import { signatureHeaders } from './signing.ts';
import { tamperedBody } from './tampering.ts';
import { formatTime } from './time.ts';

export interface TestSenderOptions {
  /** Default: a fresh one. Of Standard Webhooks also a private key (`whsk_`); other senders with a key pair always have a fresh one. */
  readonly secret?: string;
  /** The clock, epoch milliseconds. Default: the machine's. */
  readonly now?: () => number;
  /** The URL that is called, and signed where the sender signs it. */
  readonly url?: string;
}

/** An event as the sender would publish it, put where its messages keep such things; or the body itself. */
export type TestEvent =
  | { readonly id?: string; readonly type?: string; readonly data?: unknown; readonly body?: never }
  | { readonly id?: string; readonly type?: string; readonly body: string | Uint8Array };

export interface TestRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The same as a fetch `Request`, for receivers that take one. */
  toRequest(): Request;
}

const DAY_SECONDS = 86_400;

/**
 * Signs as a sender does, and missigns as others do.
 * @example
 * const github = new TestSender('github', { secret: 'the secret of my tests' });
 * const response = await app.request(github.signed({ type: 'issues', data: { action: 'opened' } }).toRequest());
 * assert.equal((await app.request(github.tampered({ type: 'issues' }).toRequest())).status, 401);
 */
export class TestSender {
  /** What the receiver under test is given: the shared secret, or the public key of a pair. */
  readonly secret: string;
  readonly #scheme: Scheme;
  readonly #key: TestKey;
  readonly #now: () => number;
  readonly #url: string;
  #count = 0;

  constructor(sender: SenderInput, options: TestSenderOptions = {}) {
    this.#scheme = schemeOf(sender);
    this.#key = options.secret === undefined ? freshTestKey(this.#scheme.signature) : givenTestKey(options.secret);
    this.secret = this.#key.verifySecret;
    this.#now = options.now ?? Date.now;
    this.#url = options.url ?? 'https://receiver.test/webhook';
  }

  /** As the sender makes it. */
  signed(event: TestEvent = {}): TestRequest {
    return this.#request(event, this.#now(), this.#key);
  }

  /** Without the headers that prove it. */
  unsigned(event: TestEvent = {}): TestRequest {
    const request = this.signed(event);
    const proof = Object.keys(this.#prove(request.body, 'x', 0, this.#key));
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !proof.includes(name)));
    return testRequest(request.url, headers, request.body);
  }

  /** Signed, and then a value in the body changed: JSON stays JSON of the same form. A bare token (GitLab's) does not notice. */
  tampered(event: TestEvent = {}): TestRequest {
    const request = this.signed(event);
    return testRequest(request.url, request.headers, tamperedBody(request.body, this.#scheme.event.data));
  }

  /** Signed longer ago than the sender's tolerance, by default a day. The same as `signed` where no time is signed. */
  stale(event: TestEvent = {}, ageSeconds: number = this.#scheme.toleranceSeconds + DAY_SECONDS): TestRequest {
    return this.#request(event, this.#now() - ageSeconds * 1000, this.#key);
  }

  /** Signed by a clock that is ahead, by default a day. */
  ahead(event: TestEvent = {}, skewSeconds: number = this.#scheme.toleranceSeconds + DAY_SECONDS): TestRequest {
    return this.#request(event, this.#now() + skewSeconds * 1000, this.#key);
  }

  /** Signed with another secret. */
  wrongSecret(event: TestEvent = {}): TestRequest {
    return this.#request(event, this.#now(), strangerTestKey(this.#scheme.signature, this.#key));
  }

  /** The same event twice, as when an answer was lost: same id and body, each with a signature of its own time. */
  duplicated(event: TestEvent = {}): readonly [TestRequest, TestRequest] {
    const named = { id: this.#nextId(), ...event };
    const now = this.#now();
    const [first, again] = [this.#request(named, now, this.#key), this.#request(named, now, this.#key)];
    return [first, again];
  }

  #request(event: TestEvent, timeMs: number, key: TestKey): TestRequest {
    const id = event.id ?? this.#nextId();
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    const body = event.body === undefined ? this.#body(event, id, timeMs, headers) : event.body;
    if (event.body !== undefined) this.#place(null, this.#scheme.event.id, id, headers);
    const bytes = new Uint8Array(typeof body === 'string' ? Buffer.from(body) : body);
    return testRequest(this.#url, { ...headers, ...this.#prove(bytes, id, timeMs, key) }, bytes);
  }

  #prove(body: Uint8Array, id: string, timeMs: number, key: TestKey): Readonly<Record<string, string>> {
    return signatureHeaders(this.#scheme.signature, { body, id, timeMs, method: 'POST', url: this.#url }, key.signing);
  }

  /** The event in the sender's own form: each part at its place, in the body or in a header. */
  #body(event: TestEvent, id: string, timeMs: number, headers: Record<string, string>): string {
    const { event: places, signature } = this.#scheme;
    const given = 'data' in event ? event.data : undefined;
    const root: Record<string, unknown> = places.data === '' && isRecord(given) ? { ...given } : {};
    if (places.data !== '') this.#place(root, places.data, given ?? {}, headers);
    this.#place(root, this.#scheme.event.id, id, headers);
    this.#place(root, places.type, event.type ?? 'test.event', headers);
    if (places.timestamp !== null) this.#place(root, places.timestamp.at, timeAt(timeMs, places.timestamp.form), headers);
    if (signature.kind === 'signed-template' && signature.time?.in === 'body') {
      this.#place(root, signature.time.pointer, timeAt(timeMs, signature.time.form), headers);
    }
    return JSON.stringify(root);
  }

  #place(root: Record<string, unknown> | null, place: Place | null, value: unknown, headers: Record<string, string>): void {
    if (place === null || place === '') return;
    if (!place.startsWith('/')) headers[place] = String(value);
    else if (root !== null) setPointer(root, place.slice(1).split('/'), value);
  }

  #nextId(): string {
    this.#count += 1;
    return `evt_test_${this.#count}`;
  }
}

function timeAt(ms: number, form: 'seconds' | 'milliseconds' | 'iso'): string | number {
  const text = formatTime(ms, form);
  return form === 'iso' ? text : Number(text);
}

function setPointer(root: Record<string, unknown>, steps: readonly string[], value: unknown): void {
  const [step, ...rest] = steps;
  if (step === undefined) return;
  if (rest.length === 0) {
    root[step] = value;
    return;
  }
  const inner: Record<string, unknown> = isRecord(root[step]) ? { ...root[step] } : {};
  setPointer(inner, rest, value);
  root[step] = inner;
}

function testRequest(url: string, headers: Readonly<Record<string, string>>, body: Uint8Array<ArrayBuffer>): TestRequest {
  return { method: 'POST', url, headers, body, toRequest: () => new Request(url, { method: 'POST', headers, body }) };
}
