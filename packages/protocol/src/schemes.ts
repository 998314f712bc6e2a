// Signature schemes as data: how a message is signed, in a form that both the sender and a receiver read.
//
// A scheme is plain JSON. The sender signs by it (sign.ts), a receiver verifies by it, a platform's own profile is
// written in it. Adding a platform whose signature is an HMAC over a template adds data here and no code.

/** An HMAC over a template, in a header of its own: what most platforms do. */
export interface TemplateScheme {
  readonly kind: 'hmac-template';
  /** The header that carries the signature. */
  readonly header: string;
  readonly algorithm: 'sha256' | 'sha512' | 'sha1';
  /** What is signed. Placeholders: `{id}`, `{timestamp}` (Unix seconds), `{body}` (the exact bytes, once, last). */
  readonly content: string;
  readonly encoding: 'hex' | 'base64';
  /** What stands before the digest in the header, such as `sha256=`. May be empty. */
  readonly prefix: string;
  /** Where the timestamp goes, when the template signs one; null where none is sent. */
  readonly timestampHeader: string | null;
  /** How the secret becomes key bytes: its UTF-8 text whole, or base64 behind a prefix. */
  readonly secret: 'utf8' | 'base64';
}

/** Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature` with any number of `v1,` and `v1a,` parts. */
export interface StandardScheme {
  readonly kind: 'standard-webhooks';
}

/** A JWT (HS256) in a header, whose claim holds the body's SHA-256: MeshAgent. */
export interface JwtBodyHashScheme {
  readonly kind: 'jwt-body-hash';
  readonly header: string;
  /** What stands before the token, such as `Bearer `. */
  readonly prefix: string;
  /** The claim that holds the lower-case hex SHA-256 of the body. */
  readonly claim: string;
}

export type SignatureScheme = TemplateScheme | StandardScheme | JwtBodyHashScheme;

/** Standard Webhooks 1.0. */
export const STANDARD_SCHEME: StandardScheme = { kind: 'standard-webhooks' };

/** MeetLoyd's page: HMAC-SHA256 of `{timestamp}.{payload}`, lower-case hex. */
export const MEETLOYD_SCHEME: TemplateScheme = {
  kind: 'hmac-template',
  header: 'X-MeetLoyd-Signature',
  algorithm: 'sha256',
  content: '{timestamp}.{body}',
  encoding: 'hex',
  prefix: '',
  timestampHeader: 'X-MeetLoyd-Timestamp',
  secret: 'utf8',
};

/** JoAi's page: HMAC-SHA256 of the body, lower-case hex. */
export const JOAI_SCHEME: TemplateScheme = {
  kind: 'hmac-template',
  header: 'X-Webhook-Signature',
  algorithm: 'sha256',
  content: '{body}',
  encoding: 'hex',
  prefix: '',
  timestampHeader: null,
  secret: 'utf8',
};

/** HumanConnection's page: `sha256=` and the lower-case hex HMAC-SHA256 of the body; the secret is used whole, `whsec_` included. */
export const HUMANCONNECTION_SCHEME: TemplateScheme = {
  kind: 'hmac-template',
  header: 'X-HumanConnection-Signature',
  algorithm: 'sha256',
  content: '{body}',
  encoding: 'hex',
  prefix: 'sha256=',
  timestampHeader: null,
  secret: 'utf8',
};

/** MeshAgent's page and SDK: `Bearer ` and a JWT whose claim `sha256` is the body's hash. */
export const MESHAGENT_SCHEME: JwtBodyHashScheme = {
  kind: 'jwt-body-hash',
  header: 'Meshagent-Signature',
  prefix: 'Bearer ',
  claim: 'sha256',
};
