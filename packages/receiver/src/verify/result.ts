// The result of verifying: an event, or the reason why not, which `explain()` says in a sentence.
//
// A closed union. Nothing here throws, and no sentence holds a secret or a computed signature.

export type Reason =
  /** A header that the scheme needs is absent or empty. */
  | 'missing_header'
  /** A header is there but is not of the form the sender writes. */
  | 'bad_format'
  /** Well-formed, but no secret given made it over these bytes. */
  | 'no_match'
  | 'timestamp_too_old'
  | 'timestamp_in_future'
  /** The body given is what a parser made of it, not its bytes. */
  | 'body_was_parsed'
  /** The signature holds for another spelling of the same JSON: the body was parsed and printed again on the way. */
  | 'body_was_reserialized'
  /** No body was given, or a stream that has not been read. */
  | 'body_missing'
  /** No secret given can be a key of this scheme: absent, too short, of another form. */
  | 'wrong_secret_format'
  /** The sender signs the URL, and none was given. */
  | 'missing_url'
  /** The sender signs the method, and none was given. */
  | 'missing_method';

export interface Verified<Event = unknown> {
  readonly ok: true;
  readonly event: Event;
  /** Which of the secrets given made the signature, from 0. Past 0 during a rotation. */
  readonly secretIndex: number;
}

export interface Refused {
  readonly ok: false;
  readonly reason: Reason;
  /** The reason in a sentence or two, with what was measured and what to do. */
  readonly explain: () => string;
}

export type VerifyResult<Event = unknown> = Verified<Event> | Refused;

export function refuse(reason: Reason, explain: () => string): Refused {
  return { ok: false, reason, explain };
}
