// MeshAgent: `Bearer` and a JWT that holds the body's SHA-256, in Meshagent-Signature.
//
// Its published receiver hashes Python's json.dumps(json.loads(body)), so the body is what Python prints. It also refuses
// a room.started without a room_url, which its page does not name: an absent one is filled in, a present one never
// touched, whatever it holds. room.call and storage.file.moved come from the published code and later pages.

import { scanJson } from '../json/scan.ts';
import { DEFAULT_WIRE_SETTINGS } from '../profile.ts';
import type { ProfileDefinition } from '../profile.ts';
import { MESHAGENT_SCHEME } from '../schemes.ts';
import { eventType, TEXT } from './catalogue.ts';
import type { Completion } from './compile.ts';
import { STANDARD_REACTIONS, STANDARD_SCHEDULE, TIMEOUT_SECONDS_MAX } from './defaults.ts';

export const meshagent: ProfileDefinition = {
  name: 'meshagent',
  title: 'MeshAgent',
  description: 'MeshAgent: a JWT (HS256) whose claim is the SHA-256 of the body; the body is exactly what Python’s json.dumps prints.',
  envelope: { event: '{type}', data: '{data}' },
  timestampForm: 'iso',
  print: 'python',
  eventIdPrefix: null,
  headers: {},
  signature: MESHAGENT_SCHEME,
  secret: { prefix: '', form: 'utf8', minBytes: 8, maxBytes: 512, warnBelowBytes: 16 },
  schedule: STANDARD_SCHEDULE,
  timeoutSecondsDefault: 15,
  timeoutSecondsMax: TIMEOUT_SECONDS_MAX,
  httpsRequired: false,
  reactions: STANDARD_REACTIONS,
  failingWord: 'failing',
  catalogueClosed: true,
  eventTypes: [
    eventType('room.started', 'Room session started', { room_name: TEXT, room_url: TEXT }, ['room_name'], { room_name: 'my-room' }),
    eventType('room.ended', 'Room session ended', { room_name: TEXT }, ['room_name'], { room_name: 'my-room' }),
    eventType(
      'room.call',
      'An agent is called into a room',
      { room_name: TEXT, room_url: TEXT, token: TEXT, arguments: { type: 'object' } },
      ['room_name', 'room_url', 'token', 'arguments'],
      {
        room_name: 'my-room',
        room_url: 'wss://api.meshagent.com/rooms/my-room',
        token: 'a-participant-token',
        arguments: { name: 'samples.adder' },
      },
    ),
    eventType('storage.file.updated', 'File written or updated', { path: TEXT, participant_id: TEXT }, ['path', 'participant_id'], {
      path: 'notes/minutes.md',
      participant_id: 'part-4c1d',
    }),
    eventType('storage.file.deleted', 'File deleted', { path: TEXT, participant_id: TEXT }, ['path', 'participant_id'], {
      path: 'notes/draft.md',
      participant_id: 'part-4c1d',
    }),
    eventType(
      'storage.file.moved',
      'File moved',
      { source_path: TEXT, destination_path: TEXT, participant_id: TEXT },
      ['source_path', 'destination_path', 'participant_id'],
      { source_path: 'notes/draft.md', destination_path: 'notes/minutes.md', participant_id: 'part-4c1d' },
    ),
  ],
};

/** Fills an absent `room_url` of `room.started` in, as `{roomUrlBase}/rooms/{room_name}`. */
export const roomUrlCompletion: Completion = {
  facts: ({ roomUrlBase }) => (roomUrlBase === DEFAULT_WIRE_SETTINGS.roomUrlBase ? null : roomUrlBase),
  complete(type, data, facts) {
    if (type !== 'room.started') return data;
    const scanned = scanJson(data);
    if (scanned.kind !== 'object') return data;
    const members = scanned.members();
    const name = members.get('room_name');
    if (members.has('room_url') || name?.kind !== 'string') return data;
    const base = (facts ?? DEFAULT_WIRE_SETTINGS.roomUrlBase).replace(/\/+$/, '');
    const url = `${base}/rooms/${pathSegment(String(JSON.parse(name.text)))}`;
    return `${scanned.text.slice(0, -1)},"room_url":${JSON.stringify(url)}}`;
  },
};

// RFC 3986 §3.3: a segment may hold these as they are. What may not must be escaped, or a room called `a/b` or `a#b`
// would name another URL.
function pathSegment(text: string): string {
  return encodeURIComponent(text).replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}
