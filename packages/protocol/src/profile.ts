// A profile: one platform's wire convention as data and small pure functions.
//
// `ProfileDefinition` is the data: plain JSON, what `GET /v1/profiles/{name}` shows and `PUT` takes. `Profile` is a
// definition made ready to use: it renders bodies. A built-in profile is one file in profiles/ that exports a definition
// and, where data alone cannot say it, a pure function beside it. Nothing outside profiles/ asks which profile it has.

import type { FieldError } from './errors.ts';
import type { EndpointCall } from './resources/endpoint.ts';
import type { SignatureScheme } from './schemes.ts';

/** How event data is printed into a body: as the publisher wrote it, or as a language's own JSON printer would print it back. */
export type PrintForm = 'raw' | 'javascript' | 'python';

/** Where a timestamp stands in an envelope, in what form. `iso` has milliseconds; `iso-micros` six decimals; `iso-seconds` none. */
export type TimestampForm = 'iso' | 'iso-micros' | 'iso-seconds';

/**
 * An envelope: a JSON object whose string leaves may be exactly one of these placeholders; every other leaf is literal.
 * `{id}` the event's id (as `eventIdPrefix` shapes it), `{type}`, `{timestamp}`, `{data}` (the data, spliced in as JSON),
 * `{endpoint.id}`, `{endpoint.name}`.
 */
export type EnvelopeTemplate = { readonly [member: string]: EnvelopeValue };
export type EnvelopeValue = string | number | boolean | null | EnvelopeTemplate;

/** When to try again. Each delay runs from the previous failure. */
export interface RetrySchedule {
  /** Seconds before retry 1, 2, 3…; where fewer than the retries allowed, the last one repeats. */
  readonly delaysSeconds: readonly number[];
  readonly maxRetriesDefault: number;
  readonly maxRetriesLimit: number;
  /** Added at random to each delay: at most this share of it (0.1 is 10 %). 0 means exact. */
  readonly jitterRatio: number;
}

/** What the engine does of itself when an endpoint answers badly. An endpoint may override each. */
export interface Reactions {
  /** 410 Gone disables the endpoint. */
  readonly goneDisables: boolean;
  /** `Retry-After` on a failure moves the next attempt, capped at 24 h. */
  readonly retryAfterHonoured: boolean;
  /** 429, 502 and 504 slow the endpoint down. */
  readonly overloadSlows: boolean;
  /** Seconds of nothing but failure after which the endpoint is disabled; null for never. */
  readonly disableAfterSeconds: number | null;
}

export interface SecretRules {
  /** What a generated secret begins with. */
  readonly prefix: string;
  /** `utf8`: the text whole is the key. `standard`: `whsec_` + base64 of 24–64 bytes, or an ed25519 `whsk_` pair. */
  readonly form: 'utf8' | 'base64' | 'standard';
  /** Fewest and most key bytes. */
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Under this many bytes the answer carries a warning. */
  readonly warnBelowBytes: number;
}

/** One event type of a catalogue. */
export interface EventTypeDefinition {
  readonly name: string;
  readonly description: string;
  readonly group: string;
  /** JSON Schema (2020-12) of `data`. Open: more fields may come. */
  readonly schema: { readonly [keyword: string]: unknown };
  /** A sample `data`, valid under the schema. */
  readonly sample: { readonly [member: string]: unknown };
}

export interface ProfileDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly envelope: EnvelopeTemplate;
  readonly timestampForm: TimestampForm;
  readonly print: PrintForm;
  /** How the event's id is shown: with `prefix` in place of `evt_`, unless it begins with `prefix` already. Null: as it is. */
  readonly eventIdPrefix: string | null;
  /** Fixed headers beyond the ones every profile sends. */
  readonly headers: { readonly [name: string]: string };
  readonly signature: SignatureScheme;
  readonly secret: SecretRules;
  readonly schedule: RetrySchedule;
  readonly timeoutSecondsDefault: number;
  readonly timeoutSecondsMax: number;
  readonly httpsRequired: boolean;
  readonly reactions: Reactions;
  /** The word the console uses for an endpoint whose latest delivery was exhausted. */
  readonly failingWord: string;
  /** A closed catalogue refuses undeclared event types; an open one takes them without a schema. */
  readonly catalogueClosed: boolean;
  readonly eventTypes: readonly EventTypeDefinition[];
}

/** An event as a body needs it. `data` is JSON text as the scanner accepted it. */
export interface WireEvent {
  readonly id: string;
  readonly type: string;
  readonly timestampMs: number;
  readonly data: string;
  /** Whether `data` holds an integer beyond ±2^53, which a JavaScript printer would change. */
  readonly hasUnsafeInteger: boolean;
}

/** Deployment settings that bodies may depend on. */
export interface WireSettings {
  /** Where MeshAgent rooms live: an absent `room_url` becomes `{roomUrlBase}/rooms/{room_name}`. */
  readonly roomUrlBase: string;
}

export const DEFAULT_WIRE_SETTINGS: WireSettings = { roomUrlBase: 'wss://api.meshagent.com' };

/** What of an endpoint a body may take. */
export interface WireEndpoint {
  readonly id: string;
  readonly name: string;
  readonly call?: EndpointCall | null;
}

/**
 * A wire convention ready to use. Pure: the same arguments give the same bytes for ever.
 *
 * What a body takes from the endpoint and the settings is fixed at publish as `facts` (an opaque short text, or null when
 * the profile needs none), stored with the delivery, and given back for every attempt.
 */
export interface Profile {
  readonly definition: ProfileDefinition;
  facts(endpoint: WireEndpoint, settings: WireSettings): string | null;
  /** The body's text; its UTF-8 bytes are what is signed and sent. */
  body(event: WireEvent, endpointId: string, facts: string | null): string;
  /** The event's id as this profile shows it, in the body and in `webhook-id`. */
  eventId(id: string): string;
  /** The event's type as the body names it: its own, save where the endpoint calls an agent. */
  eventType(type: string, facts: string | null): string;
  /** What is wrong with an endpoint's call, by path from it; null where this profile has no calls. */
  readonly callFaults: ((call: EndpointCall) => readonly FieldError[]) | null;
}
