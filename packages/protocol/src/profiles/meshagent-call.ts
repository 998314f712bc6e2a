// MeshAgent's completions: a room's address where the publisher gives none, and events that become calls.
//
// A webhook whose action is `call` turns each event that it takes into a `room.call`: the event's data with the endpoint's
// payload merged in, member by member (the payload's wins). `arguments` is an object there, never absent and never null,
// and an absent `room_url` is made of the room's name. The rest is not invented: a call without a `token` says so at the
// receiver. Facts are null, the base of rooms' addresses, or a call with that base (JSON, which no address begins like).

import { WaxwingError } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import { scanJson, scanObject } from '../json/scan.ts';
import type { ScannedJson } from '../json/scan.ts';
import { DEFAULT_WIRE_SETTINGS } from '../profile.ts';
import type { EndpointCall } from '../resources/endpoint.ts';
import type { Completion } from './compile.ts';

/** A payload stands in every delivery's facts, so it has to be small. In bytes of compact JSON. */
const PAYLOAD_BYTES_MAX = 8_192;
const PAYLOAD_DEPTH_MAX = 32;
const ROOM_CALL = 'room.call';
const TEXTS = ['room_name', 'room_url', 'token'];

/** What stands in the facts of a call. */
interface CallFacts {
  readonly base: string;
  readonly payload: ReadonlyMap<string, ScannedJson>;
}

export const meshagentCompletion: Completion = {
  facts({ call }, { roomUrlBase }) {
    if (call !== undefined && call !== null) return JSON.stringify({ roomUrlBase, payload: call.payload });
    return roomUrlBase === DEFAULT_WIRE_SETTINGS.roomUrlBase ? null : roomUrlBase;
  },
  eventType: (type, facts) => (isCall(facts) ? ROOM_CALL : type),
  complete(type, data, facts) {
    if (isCall(facts)) return callData(data, readCall(facts));
    return type === 'room.started' ? withRoomUrl(data, facts ?? DEFAULT_WIRE_SETTINGS.roomUrlBase) : data;
  },
  callFaults,
};

function isCall(facts: string | null): facts is string {
  return facts !== null && facts.startsWith('{');
}

function readCall(facts: string): CallFacts {
  const members = scanObject(facts);
  const base = members.get('roomUrlBase');
  return { base: base === undefined ? '' : textOf(base), payload: members.get('payload')?.members() ?? new Map<string, ScannedJson>() };
}

/** A member keeps the place that the event gave it, whoever gave its value, as an update of a dictionary does. */
function callData(data: string, { base, payload }: CallFacts): string {
  const merged = new Map([...scanObject(data), ...payload].map(([name, value]) => [name, value.text]));
  if ((merged.get('arguments') ?? 'null') === 'null') merged.set('arguments', '{}');
  return withRoomUrl(`{${[...merged].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`, base);
}

/** Fills an absent `room_url` in, as `{base}/rooms/{room_name}`. */
function withRoomUrl(data: string, base: string): string {
  const scanned = scanJson(data);
  if (scanned.kind !== 'object') return data;
  const members = scanned.members();
  const name = members.get('room_name');
  if (members.has('room_url') || name?.kind !== 'string') return data;
  const url = `${base.replace(/\/+$/, '')}/rooms/${pathSegment(textOf(name))}`;
  return `${scanned.text.slice(0, -1)},"room_url":${JSON.stringify(url)}}`;
}

function textOf(scanned: ScannedJson): string {
  return String(JSON.parse(scanned.text));
}

// RFC 3986 §3.3: a segment may hold these as they are. What may not must be escaped, or a room called `a/b` or `a#b`
// would name another URL.
function pathSegment(text: string): string {
  return encodeURIComponent(text).replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

/** What of a call could not arrive as it is given. */
function callFaults({ payload }: EndpointCall): readonly FieldError[] {
  const text = JSON.stringify(payload);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > PAYLOAD_BYTES_MAX)
    return [{ path: '/payload', message: `has ${bytes} bytes as JSON; at most ${PAYLOAD_BYTES_MAX} are taken` }];
  const fault = scanFault(text);
  if (fault !== null) return [fault];
  const callArguments = payload['arguments'];
  return [
    ...TEXTS.filter((name) => payload[name] !== undefined && typeof payload[name] !== 'string').map((name) => ({
      path: `/payload/${name}`,
      message: 'must be a string',
    })),
    ...(callArguments === undefined || (typeof callArguments === 'object' && callArguments !== null && !Array.isArray(callArguments))
      ? []
      : [{ path: '/payload/arguments', message: 'must be an object' }]),
  ];
}

/** What the scanner would refuse of a payload where it is merged into an event's data. */
function scanFault(text: string): FieldError | null {
  try {
    const { depth, unsafeIntegerPath } = scanJson(text);
    if (depth > PAYLOAD_DEPTH_MAX) return { path: '/payload', message: `nests ${depth} deep; at most ${PAYLOAD_DEPTH_MAX} are taken` };
    if (unsafeIntegerPath === null) return null;
    return { path: `/payload${unsafeIntegerPath}`, message: 'is an integer beyond 2^53, which would not arrive as it was given' };
  } catch (error) {
    const field = error instanceof WaxwingError ? error.fields[0] : undefined;
    if (field === undefined) throw error;
    return { path: `/payload${field.path}`, message: field.message };
  }
}
