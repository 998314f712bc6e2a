// An event as handlers get it: the same five fields whoever sent it, and the whole payload beside them.
//
// Built from a verified message only, when it is first asked for. A field that the sender's messages do not have is null
// (or the empty text, for the type); nothing is made up.

import type { EventPlaces, Place, Signature } from './scheme.ts';
import { parseTime } from './verify/time.ts';
import { atPointer, bytesOf, headerValue, jsonOf, textOf } from './verify/request.ts';
import type { HeadersInput } from './verify/request.ts';

export interface ReceivedEvent<Type extends string = string, Data = unknown> {
  /** The sender's id of the event, the same for every try; null where it has none. */
  readonly id: string | null;
  /** Whether the signature covers the id. Where it does not, an id alone could be forged: tell events apart by id and body. */
  readonly idSigned: boolean;
  /** The empty text where the sender names none. */
  readonly type: Type;
  /** When the event happened, as far as the sender says. */
  readonly timestamp: Date | null;
  readonly data: Data;
  /** The whole body: the value of JSON, the fields of a form, else its text. */
  readonly payload: unknown;
  readonly bodyForm: 'json' | 'form' | 'text';
  /** The body's exact bytes. */
  readonly raw: Uint8Array;
}

/** Types of events and what their data is: what a profile's catalogue says. */
export type EventMap = { readonly [type: string]: unknown };

/** The union of a catalogue's events, told apart by `type`. */
export type EventUnion<Events> = Events extends unknown // one catalogue after the other, where the sender is one of several
  ? { [Type in keyof Events & string]: ReceivedEvent<Type, Events[Type]> }[keyof Events & string]
  : never;

/** @param json what the body holds, where it was parsed before */
export function readEvent(
  places: EventPlaces,
  signature: Signature,
  headers: HeadersInput,
  body: string | Uint8Array,
  json: unknown = jsonOf(body),
): ReceivedEvent {
  const bodyForm = json !== undefined ? 'json' : isForm(headers) ? 'form' : 'text';
  const payload = bodyForm === 'json' ? json : bodyForm === 'form' ? Object.fromEntries(new URLSearchParams(textOf(body))) : textOf(body);
  const find = (place: Place | null): unknown => {
    if (place === null) return undefined;
    return place === '' || place.startsWith('/') ? atPointer(payload, place) : headerValue(headers, place.toLowerCase());
  };
  const id = find(places.id) ?? find(otherIdHeader(places.id, signature));
  const type = find(places.type);
  return {
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : null,
    idSigned: idIsSigned(places.id, signature),
    type: typeof type === 'string' || typeof type === 'number' ? String(type) : '',
    timestamp: places.timestamp && dateOf(find(places.timestamp.at), places.timestamp.form),
    data: find(places.data),
    payload,
    bodyForm,
    raw: bytesOf(body),
  };
}

/** Svix's messages may come under the standard header names as well: the id then too. */
function otherIdHeader(place: Place | null, signature: Signature): Place | null {
  if (signature.kind !== 'standard-webhooks') return null;
  return signature.headerPrefixes?.map((prefix) => `${prefix}-id`).find((name) => name !== place) ?? null;
}

function isForm(headers: HeadersInput): boolean {
  return headerValue(headers, 'content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
}

function dateOf(value: unknown, form: 'seconds' | 'milliseconds' | 'iso'): Date | null {
  const ms = typeof value === 'string' || typeof value === 'number' ? parseTime(String(value), form) : null;
  return ms === null ? null : new Date(ms);
}

/** A place in the body is signed with the body, save under a bare token; a header only where the signed content names it. */
function idIsSigned(place: Place | null, signature: Signature): boolean {
  if (place === null || signature.kind === 'shared-token') return false;
  if (place.startsWith('/')) return true;
  if (signature.kind === 'standard-webhooks') return true;
  const template = signature.kind === 'hmac-template' || signature.kind === 'signed-template' ? signature.content : '';
  return template.includes('{id}');
}
