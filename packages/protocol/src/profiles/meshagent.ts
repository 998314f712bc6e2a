// MeshAgent: `Bearer` and a JWT that holds the body's SHA-256, in Meshagent-Signature.
//
// Its published receiver hashes Python's json.dumps(json.loads(body)), so the body is what Python prints. It also refuses
// a room.started without a room_url, which its page does not name: an absent one is filled in, a present one never
// touched, whatever it holds (meshagent-call.ts). room.call and storage.file.moved come from the published code and later pages.

import type { ProfileDefinition } from '../profile.ts';
import { MESHAGENT_SCHEME } from '../schemes.ts';
import { eventType, TEXT } from './catalogue.ts';
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
