// The judge: whether a request is what its sender signed, as a run of questions about cryptography.
//
// 1. The signature is judged before the time, so that "too old" is only ever said of a genuine message.
// 2. Every secret is tried; one that cannot be a key is passed over, and named when nothing matched.
// 3. Whatever a request holds, the answer is a value: nothing throws.
// 4. A body that would match when spelled otherwise is refused like any other; only the sentence differs.

import { readEvent } from '../event.ts';
import type { ReceivedEvent } from '../event.ts';
import type { Scheme } from '../scheme.ts';
import { commonReader } from './common-reader.ts';
import type { Asking, Claim, Key } from './question.ts';
import { rawBodyFix } from './raw-body.ts';
import type { Framework } from './raw-body.ts';
import type { SignatureReader } from './reader.ts';
import { reprints } from './reprint.ts';
import { readBody } from './request.ts';
import type { HeadersInput, ReceivedRequest } from './request.ts';
import { refuse } from './result.ts';
import type { Refused, Verified, VerifyResult } from './result.ts';
import { judgeTime } from './time.ts';

export interface VerifyOptions {
  /** The clock, epoch milliseconds. Default: the machine's. */
  readonly now?: () => number;
  /** How far a signed timestamp may lie from now, either way. Default: the scheme's (300 unless its sender says otherwise). */
  readonly toleranceSeconds?: number;
  /** Whose fix `explain()` tells when the body's bytes are lost. */
  readonly framework?: Framework;
  /** Whether a signature that does not hold is looked into further. Default true; costs a few hashes of a refused body. */
  readonly diagnose?: boolean;
}

export type Judge = (request: ReceivedRequest, secrets: readonly string[], options: VerifyOptions) => Asking<VerifyResult<ReceivedEvent>>;

/** Keys are kept per secret, up to this many, so that each is decoded and imported once. */
const KEYS_KEPT_MAX = 256;

export function createJudge(scheme: Scheme): Judge {
  const reader = readerOf(scheme);
  const keys = new Map<string, Key>();

  function keyOf(secret: unknown): Key {
    if (typeof secret !== 'string') return { usable: false, fault: 'it is not a text; an environment variable may be unset' };
    let key = keys.get(secret);
    if (key === undefined) {
      if (keys.size >= KEYS_KEPT_MAX) keys.clear();
      key = reader.key(secret);
      keys.set(secret, key);
    }
    return key;
  }

  return function* judge(request, secrets, options): Asking<VerifyResult<ReceivedEvent>> {
    const reading = readBody(request.body);
    if (reading.kind !== 'raw') return noRawBody(reading.kind, options.framework);
    const { body } = reading;
    const claimants = secrets.map(keyOf);
    if (!claimants.some((key) => key.usable)) return noUsableSecret(claimants);

    const claim = reader.claim(request);
    if ('ok' in claim) return claim;
    // As `match` does, but with no generator inside this one: `yield*` would cost more than all else but the cryptography.
    let secretIndex = -1;
    for (let index = 0; secretIndex === -1 && index < claimants.length; index++) {
      const key = claimants[index];
      if (key?.usable !== true) continue;
      const held = claim.holds(key, body);
      let yes: boolean;
      if (typeof held === 'boolean') yes = held;
      else if ('ask' in held) yes = yield held;
      else {
        let step = held.next();
        while (step.done !== true) step = held.next(yield step.value);
        yes = step.value;
      }
      if (yes) secretIndex = index;
    }
    if (secretIndex === -1) return yield* explainMismatch(claim, claimants, body, options);

    const span = claim.span(body);
    if ('ok' in span) return span;
    const nowMs = (options.now ?? Date.now)();
    const refused = judgeTime(span, nowMs, options.toleranceSeconds ?? scheme.toleranceSeconds);
    return refused ?? new VerifiedMessage(scheme, request.headers, body, secretIndex, span.json);
  };
}

/** Why a secret can never verify under a scheme, or null when it can be a key. For whoever takes secrets at start. */
export function secretFault(scheme: Scheme, secret: string): string | null {
  const key = readerOf(scheme).key(secret);
  return key.usable ? null : key.fault;
}

function readerOf({ signature, reader }: Scheme): SignatureReader {
  return reader === undefined ? commonReader(signature) : reader();
}

/** The place of the first secret whose claim holds, or -1. */
function* match(claim: Claim, keys: readonly Key[], body: string | Uint8Array): Asking<number> {
  let index = 0;
  for (const key of keys) {
    if (key.usable) {
      const held = claim.holds(key, body);
      if (typeof held === 'boolean' ? held : 'ask' in held ? yield held : yield* held) return index;
    }
    index += 1;
  }
  return -1;
}

/** A verified message. Its event is read when it is first asked for: a receiver that only checks does not pay for parsing. */
class VerifiedMessage implements Verified<ReceivedEvent> {
  readonly ok = true;
  readonly secretIndex: number;
  readonly #scheme: Scheme;
  readonly #headers: HeadersInput;
  readonly #body: string | Uint8Array;
  readonly #json: unknown;
  #event: ReceivedEvent | null = null;

  constructor(scheme: Scheme, headers: HeadersInput, body: string | Uint8Array, secretIndex: number, json: unknown) {
    this.#scheme = scheme;
    this.#headers = headers;
    this.#body = body;
    this.#json = json;
    this.secretIndex = secretIndex;
  }

  get event(): ReceivedEvent {
    return (this.#event ??= readEvent(this.#scheme.event, this.#scheme.signature, this.#headers, this.#body, this.#json));
  }
}

function* explainMismatch(claim: Claim, keys: readonly Key[], body: string | Uint8Array, options: VerifyOptions): Asking<Refused> {
  if (options.diagnose !== false) {
    for (const { text, description } of reprints(body)) {
      if ((yield* match(claim, keys, text)) === -1) continue;
      return refuse(
        'body_was_reserialized',
        () =>
          `The signature does not hold for the body given, but it holds for the same JSON ${description}: it was parsed and printed again on the way. ${rawBodyFix(options.framework)}`,
      );
    }
  }
  return refuse('no_match', () => {
    const passedOver = keys.flatMap((key, index) => (key.usable ? [] : [`Secret ${index + 1} was passed over: ${key.fault}.`]));
    return [
      `The signature is well-formed, but none of the secrets given (${keys.length}) made it over these bytes: another endpoint's secret, a secret that was rotated, or a body that changed on the way.`,
      ...passedOver,
    ].join(' ');
  });
}

function noRawBody(kind: 'parsed' | 'stream' | 'absent', framework: Framework | undefined): Refused {
  switch (kind) {
    case 'parsed':
      return refuse(
        'body_was_parsed',
        () => `The body given was already parsed, so the bytes that were signed are gone. ${rawBodyFix(framework)}`,
      );
    case 'stream':
      return refuse('body_missing', () => `The body given is a stream: read it to its end first. ${rawBodyFix(framework)}`);
    case 'absent':
      return refuse('body_missing', () => `No body was given. ${rawBodyFix(framework)}`);
    default:
      return kind satisfies never;
  }
}

function noUsableSecret(keys: readonly Key[]): Refused {
  return refuse('wrong_secret_format', () => {
    if (keys.length === 0) return 'No secret was given, and without one nothing can be verified.';
    const faults = keys.flatMap((key, index) => (key.usable ? [] : [`secret ${index + 1}: ${key.fault}`]));
    return `No secret given can be a key of this scheme (${faults.join('; ')}).`;
  });
}
