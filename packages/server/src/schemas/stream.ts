// The live stream: what it can be asked for, and its text.

import type { Readable } from 'node:stream';
import Type from 'typebox';
import type { StreamMessage } from '@waxwing/protocol';
import { closed, exactly, text } from './schema.ts';
import type { Schema } from './schema.ts';
import { deliveryExample } from './delivery.ts';
import { eventExample } from './event.ts';
import { eventBlock } from '../stream/server-sent-events.ts';

export interface StreamQuery {
  readonly kinds?: string;
  readonly types?: string;
  readonly endpoint?: string;
  readonly cursor?: string;
}

export const streamQuery: Schema<StreamQuery> = exactly<StreamQuery>()(
  closed({
    kinds: Type.Optional(text(64, 'Which messages, comma separated: `event`, `attempt`, `endpoint`. All unless told.')),
    types: Type.Optional(
      text(4_096, 'Event type patterns, comma separated: only events of these types and their attempts. Endpoints are told all the same.'),
    ),
    endpoint: Type.Optional(
      text(64, "An endpoint's id: only its attempts, its changes, and the events that it subscribes to as they are told."),
    ),
    cursor: Type.Optional(
      text(
        4_096,
        'The `id` of the last message seen: goes on after it. For clients that cannot send it as `Last-Event-ID`, which goes first.',
      ),
    ),
  }),
);

/** Text that goes out as it comes. */
export const eventStreamText: Schema<string | Readable> = Type.Unsafe<string | Readable>({
  type: 'string',
  description:
    'Server-sent events. Each has an `id` (a cursor: going on after it loses nothing and repeats nothing), an `event` and one line of JSON as `data`: `ready` `{}`, always first; `event`, an Event; `attempt`, `{ delivery, attempt }`, the attempt without bodies and headers, or null where the delivery changed without one; `endpoint`, an Endpoint with its headers hidden, or `{ id, tenant, deleted: true }`; `reset` `{ reason }`, when the place asked for is gone (`retention`) or was never here (`unknown`): the stream then goes on from now. Every 15 seconds without a message comes a comment, with the `id` that the stream has come to.',
});

const messages: readonly StreamMessage[] = [
  { kind: 'ready', cursor: '0.811', data: {} },
  { kind: 'event', cursor: '0.812.0', data: eventExample },
  { kind: 'attempt', cursor: '0.813.0', data: { delivery: deliveryExample, attempt: null } },
];

export function formatMessage({ kind, cursor, data }: StreamMessage): string {
  return eventBlock(cursor, kind, data);
}

export const eventStreamExample: string = messages.map(formatMessage).join('');
