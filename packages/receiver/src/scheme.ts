// A scheme: what a receiver knows of one sender. How it signs, and where its messages keep id, type, time and data.
//
// Plain data, so that one more sender is one more file in schemes/. The kinds of signature are few: a template under an
// HMAC or a key pair, Standard Webhooks, a JWT over the body's hash, Twilio's own, a plain shared token. The wire
// profiles' schemes (@waxwing/protocol/schemes) are among them unchanged.

import type { JwtBodyHashScheme, StandardScheme, TemplateScheme } from '@waxwing/protocol/schemes';
import type { SignatureReader } from './verify/reader.ts';

/** How a timestamp is written: whole Unix seconds, Unix milliseconds, or ISO 8601 with any number of decimals. */
export type TimeForm = 'seconds' | 'milliseconds' | 'iso';

/** How the signature stands in its header. */
export type SignatureForm =
  /** The header is one signature behind a prefix (which may be empty). */
  | { readonly kind: 'whole'; readonly prefix: string }
  /** Several signatures behind one prefix each, as during a rotation; entries with another prefix are passed over. */
  | { readonly kind: 'list'; readonly separator: string; readonly prefix: string }
  /** `name=value` entries, one of which may be the timestamp; the signature's name may come more than once. */
  | { readonly kind: 'fields'; readonly separator: string; readonly signature: string; readonly timestamp: string | null };

/** Where the signed timestamp stands. `body` is a JSON Pointer: the time is then covered by the body's own signature. */
export type SignedTime =
  | { readonly in: 'header'; readonly name: string; readonly form: TimeForm }
  | { readonly in: 'signature'; readonly form: TimeForm }
  | { readonly in: 'body'; readonly pointer: string; readonly form: TimeForm };

/** A template of the request's parts, signed with a shared secret or a private key: what nearly every sender does. */
export interface SignedTemplate {
  readonly kind: 'signed-template';
  readonly algorithm: 'hmac-sha256' | 'hmac-sha512' | 'hmac-sha1' | 'ed25519' | 'ecdsa-p256';
  readonly header: string;
  readonly form: SignatureForm;
  readonly encoding: 'hex' | 'base64';
  /** What is signed, of `{id}`, `{timestamp}`, `{method}`, `{url}`, `{url:decoded}` (as HubSpot decodes it) and `{body}`. */
  readonly content: string;
  readonly idHeader?: string;
  readonly time?: SignedTime;
  /** What the key is: the secret's UTF-8 text, or bytes in base64 or hex (a public key for the key-pair algorithms). */
  readonly secret: 'utf8' | 'base64' | 'hex';
}

/** Standard Webhooks 1.0, under its own header names or a vendor's (`svix-id` and so on). The first prefix found wins. */
export interface StandardSignature extends StandardScheme {
  readonly headerPrefixes?: readonly string[];
}

/** A JWT (HS256) whose claim holds the body's SHA-256. */
export interface JwtSignature extends JwtBodyHashScheme {
  /** How the claim writes the hash. Default `hex`. */
  readonly digest?: 'hex' | 'base64';
  /** Whether the hash of what Python's json.dumps makes of the body counts too. Default true: MeshAgent's own receivers hash that. */
  readonly reprinted?: boolean;
}

/** Twilio's: HMAC-SHA1 over the URL and the sorted form fields, or over a URL that carries the body's hash. */
export interface TwilioSignature {
  readonly kind: 'twilio';
  readonly header: string;
}

/** No signature: the sender repeats a token that both sides know. The body is not protected against change. */
export interface SharedToken {
  readonly kind: 'shared-token';
  readonly header: string;
}

/** The kinds that every verifier has in it. */
export type CommonSignature = TemplateScheme | SignedTemplate | StandardSignature;

export type Signature = CommonSignature | JwtSignature | TwilioSignature | SharedToken;

/** A place in a message: a JSON Pointer into the body (`/data/id`; the empty text is the whole body) or a header's name. */
export type Place = string;

/** Where a sender's messages keep what an event is made of; null where they do not have it. */
export interface EventPlaces {
  readonly id: Place | null;
  readonly type: Place | null;
  readonly timestamp: { readonly at: Place; readonly form: TimeForm } | null;
  readonly data: Place;
}

/**
 * A message by which a sender asks whether this URL is meant to receive its webhooks, and what it wants to hear. Such a message
 * is signed like any other (save the subscription, a GET with a token that both sides know), and reaches no handler.
 */
export type Challenge =
  /** A message that has these values at these places (null: nothing there) is answered with what stands at `echo`, as text. */
  | { readonly kind: 'echo'; readonly when: readonly Condition[]; readonly echo: Place }
  /** …is answered with this. */
  | { readonly kind: 'fixed'; readonly when: readonly Condition[]; readonly status: number; readonly body: string }
  /** …is answered with the token at `token` and its HMAC-SHA256 in hex under the secret, as JSON members. */
  | {
      readonly kind: 'signed-token';
      readonly when: readonly Condition[];
      readonly token: Place;
      readonly members: readonly [plain: string, signed: string];
    }
  /** A GET whose query has the receiver's own `verifyToken` is answered with the query's challenge, as text. */
  | { readonly kind: 'subscription'; readonly token: string; readonly challenge: string };

export interface Condition {
  readonly at: Place;
  readonly is: string | number | null;
}

export interface SchemeFacts<Name extends string = string> {
  readonly name: Name;
  /** The sender's own page that the facts come from. */
  readonly page: string;
  /** How far a signed timestamp may lie from now, either way. The sender's own figure where it names one. */
  readonly toleranceSeconds: number;
  readonly event: EventPlaces;
  readonly challenges?: readonly Challenge[];
}

/** A scheme whose kind of signature is rare brings the reader of that kind along, so that no bundle holds kinds it does not use. */
export type Scheme<Name extends string = string> = SchemeFacts<Name> &
  (
    | { readonly signature: CommonSignature; readonly reader?: never }
    | { readonly signature: Signature; readonly reader: () => SignatureReader }
  );
