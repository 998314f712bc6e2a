// JoAi: HMAC-SHA256 of the body in X-Webhook-Signature; HTTPS only; up to ten retries, exponential.
//
// The page's own receiver signs JSON.stringify of the parsed body, so the body is what JavaScript prints. The page names
// no base for its back-off: ours is 10 s, tripling to at most an hour.

import type { ProfileDefinition } from '../profile.ts';
import { JOAI_SCHEME } from '../schemes.ts';
import { eventType, openObject, TEXT } from './catalogue.ts';
import { NO_REACTIONS } from './defaults.ts';

const NAMED = openObject({ id: TEXT, name: TEXT }, ['id', 'name']);
const AGENT = { id: 'agent-uuid', name: 'My Agent' };

export const joai: ProfileDefinition = {
  name: 'joai',
  title: 'JoAi',
  description: 'JoAi: HMAC-SHA256 over the body, hexadecimal; the body is exactly what JSON.stringify prints.',
  envelope: {
    event: '{type}',
    webhook: { id: '{endpoint.id}', name: '{endpoint.name}' },
    timestamp: '{timestamp}',
    data: '{data}',
  },
  timestampForm: 'iso-micros',
  print: 'javascript',
  eventIdPrefix: null,
  headers: {},
  signature: JOAI_SCHEME,
  secret: { prefix: '', form: 'utf8', minBytes: 8, maxBytes: 512, warnBelowBytes: 16 },
  schedule: { delaysSeconds: [10, 30, 90, 270, 810, 2430, 3600], maxRetriesDefault: 3, maxRetriesLimit: 10, jitterRatio: 0 },
  timeoutSecondsDefault: 30,
  timeoutSecondsMax: 300,
  httpsRequired: true,
  reactions: NO_REACTIONS,
  failingWord: 'failing',
  catalogueClosed: true,
  eventTypes: [
    eventType(
      'agent.action',
      'Agent performs an action',
      { agent: NAMED, room: TEXT, action: TEXT, content: { type: 'string', description: 'JSON, as a string' } },
      ['agent', 'room', 'action', 'content'],
      {
        agent: AGENT,
        room: 'room-hashid',
        action: 'WARP_EXECUTE',
        content: '{"identifier":"action-id","inputs":{"city":"Lyon"}}',
      },
    ),
    eventType('agent.message', 'Agent sends a message', { agent: NAMED, room: TEXT, content: TEXT }, ['agent', 'room', 'content'], {
      agent: AGENT,
      room: 'room-hashid',
      content: 'Hello, this is a message from the agent',
    }),
    eventType(
      'user.message',
      'User sends a message to an agent',
      { agent: NAMED, user: NAMED, room: NAMED, content: TEXT },
      ['agent', 'user', 'room', 'content'],
      {
        agent: AGENT,
        user: { id: 'user-hashid', name: 'John Doe' },
        room: { id: 'room-hashid', name: 'Room Name' },
        content: 'Hello, this is a message from the user',
      },
    ),
  ],
};
