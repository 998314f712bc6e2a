// The ids that stand in paths: how each looks, and what is said of one that cannot be.
//
// Ids that callers choose (tenants, events, event types, profiles) answer `invalid_id` when malformed. Ids that only this
// system mints answer like any other that does not exist. Either way, no odd text reaches the engine or a store.

import { isEventId, isEventTypeName, isMintedId, isTenantId, WaxwingError } from '@waxwing/protocol';
import type { ErrorCode } from '@waxwing/protocol';

interface PathId {
  readonly description: string;
  readonly example: string;
  readonly accepts: (text: string) => boolean;
  /** The code of a malformed one. */
  readonly code: ErrorCode;
  readonly refusal: string;
}

/** What a part of a path names. */
export type PathIdKind =
  | 'tenant'
  | 'event'
  | 'eventType'
  | 'profile'
  | 'endpoint'
  | 'delivery'
  | 'replay'
  | 'key'
  | 'portalLink'
  | 'anything';

const PATH_IDS: { readonly [K in PathIdKind]: PathId } = {
  tenant: {
    description: "The tenant's id.",
    example: 'acme',
    accepts: isTenantId,
    code: 'invalid_id',
    refusal: "A tenant's id is 1 to 64 of A-Z a-z 0-9 _ -.",
  },
  event: {
    description: "The event's id.",
    example: 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k',
    accepts: isEventId,
    code: 'invalid_id',
    refusal: "An event's id is 1 to 64 of A-Z a-z 0-9 _ -.",
  },
  eventType: {
    description: "The event type's name.",
    example: 'invoice.paid',
    accepts: isEventTypeName,
    code: 'invalid_id',
    refusal: "An event type's name is letters, digits, _ and -, in parts joined by dots, at most 128 characters.",
  },
  profile: {
    description: "The profile's name.",
    example: 'standard',
    accepts: (text) => /^[a-z0-9-]{1,64}$/.test(text),
    code: 'invalid_id',
    refusal: "A profile's name is 1 to 64 of a-z 0-9 -.",
  },
  endpoint: {
    description: "The endpoint's id.",
    example: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
    accepts: (text) => isMintedId(text, 'ep'),
    code: 'endpoint_not_found',
    refusal: "There is no such endpoint: an endpoint's id is ep_ and 26 characters.",
  },
  delivery: {
    description: "The delivery's id.",
    example: 'dlv_01jv2q8w5e7r9t1y3v5b7n9m3k',
    accepts: (text) => isMintedId(text, 'dlv'),
    code: 'delivery_not_found',
    refusal: "There is no such delivery: a delivery's id is dlv_ and 26 characters.",
  },
  replay: {
    description: "The replay's id.",
    example: 'rpl_01jv2q8w5e7r9t1y3v5b7n9m5k',
    accepts: (text) => isMintedId(text, 'rpl'),
    code: 'replay_not_found',
    refusal: "There is no such replay: a replay's id is rpl_ and 26 characters.",
  },
  key: {
    description: "The key's id.",
    example: 'key_01jv2q8w5e7r9t1y3v5b7n9m4k',
    accepts: (text) => isMintedId(text, 'key'),
    code: 'key_not_found',
    refusal: "There is no such key: a key's id is key_ and 26 characters.",
  },
  portalLink: {
    description: "The portal link's id.",
    example: 'key_01jv2q8w5e7r9t1y3v5b7n9m8k',
    accepts: (text) => isMintedId(text, 'key'),
    code: 'portal_link_not_found',
    refusal: "There is no such portal link: a portal link's id is key_ and 26 characters.",
  },
  anything: {
    description: 'An id of any kind: event, delivery, attempt, endpoint, key.',
    example: 'dlv_01jv2q8w5e7r9t1y3v5b7n9m3k',
    accepts: (text) => /^[A-Za-z0-9_-]{1,128}$/.test(text),
    code: 'invalid_id',
    refusal: 'An id is letters, digits, _ and -.',
  },
};

/** Which part of a route's path names what, by the part's name. */
export type PathIds = { readonly [part: string]: PathIdKind };

/** Throws the kind's own error when a text cannot be its id. */
export function checkPathId(kind: PathIdKind, part: string, text: string): void {
  const known = PATH_IDS[kind];
  if (!known.accepts(text))
    throw new WaxwingError(known.code, known.refusal, { fields: [{ path: `path/${part}`, message: 'does not have the expected form' }] });
}

/** The code that a malformed id of this kind answers. */
export function malformedCode(kind: PathIdKind): ErrorCode {
  return PATH_IDS[kind].code;
}

/** A part of a path as OpenAPI shows it. */
export function pathParameter(kind: PathIdKind): {
  readonly type: 'string';
  readonly description: string;
  readonly examples: readonly string[];
} {
  const { description, example } = PATH_IDS[kind];
  return { type: 'string', description, examples: [example] };
}
