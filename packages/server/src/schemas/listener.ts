// A listener: what makes one, what it is sent, and what it answers.

import type { Readable } from 'node:stream';
import Type from 'typebox';
import { RELAY_ERRORS } from '@waxwing/protocol';
import type { ListenerInput, ListenerMessage, RelayAccepted, RelayResponse, RelayResult } from '@waxwing/protocol';
import { closed, exactly, headerList, id, named, open, text, word } from './schema.ts';
import type { NamedSchema, Schema } from './schema.ts';
import { eventBlock } from '../stream/server-sent-events.ts';

export const listenerInput: NamedSchema<ListenerInput> = named(
  'ListenerInput',
  exactly<ListenerInput>()(
    closed({
      name: Type.Optional(text(200)),
      endpoint: Type.Optional(text(64, 'An endpoint whose profile, subscription and call are copied. Its own deliveries are not touched.')),
      profile: Type.Optional(text(64, "The wire convention. Defaults to the copied endpoint's, else the tenant's.")),
      eventTypes: Type.Optional(Type.Array(text(256), { maxItems: 1_000, description: "Defaults to the copied endpoint's, else to all." })),
      timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, description: 'For the local exchange.' })),
      retryScheduleSeconds: Type.Optional(
        Type.Array(Type.Integer({ minimum: 1, maximum: 604_800 }), {
          minItems: 1,
          maxItems: 50,
          description: 'Seconds before each retry of what failed locally. Defaults to seven within about two minutes.',
        }),
      ),
      secret: Type.Optional(text(512, 'The signing secret. One is made when none is given.')),
    }),
  ),
);

export const listenerInputExample: ListenerInput = { endpoint: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k', name: 'on my machine' };

const response = exactly<RelayResponse>()(
  closed({
    status: Type.Integer({ minimum: 200, maximum: 999 }),
    headers: headerList('As they came, at most a hundred are kept.'),
    body: text(65_536, 'Base64; the first 16 KiB are enough.'),
    bodyBytes: Type.Optional(Type.Integer({ minimum: 0, description: 'How many bytes came, where `body` holds fewer.' })),
  }),
);

const result: Schema<RelayResult> = exactly<RelayResult>()(
  closed({
    attempt: id<RelayResult['attempt']>('att'),
    url: Type.Optional(text(2_048, 'Where it was sent on to, for the record.')),
    durationMs: Type.Optional(Type.Number({ minimum: 0 })),
    response: Type.Optional(response),
    error: Type.Optional(exactly<NonNullable<RelayResult['error']>>()(closed({ code: word(RELAY_ERRORS), message: text(1_000) }))),
    notTried: Type.Optional(
      exactly<NonNullable<RelayResult['notTried']>>()(
        closed({
          retryInMs: Type.Integer({ minimum: 100, maximum: 60_000, description: 'When it is to come again. No attempt is counted.' }),
        }),
      ),
    ),
  }),
);

export interface RelayResults {
  readonly results: readonly RelayResult[];
}

export const relayResults: NamedSchema<RelayResults> = named(
  'RelayResults',
  exactly<RelayResults>()(
    closed({
      results: Type.Unsafe<readonly RelayResult[]>({
        type: 'array',
        items: result,
        minItems: 1,
        maxItems: 100,
        description: 'Each with exactly one of `response`, `error` and `notTried`.',
      }),
    }),
  ),
);

export const relayResultsExample: RelayResults = {
  results: [
    {
      attempt: 'att_01jv2q8w5e7r9t1y3v5b7n9m3k_1',
      url: 'http://localhost:3000/webhook',
      durationMs: 12.4,
      response: { status: 200, headers: [['content-type', 'text/plain']], body: 'b2s=' },
    },
  ],
};

export const relayAccepted: NamedSchema<RelayAccepted> = named(
  'RelayAccepted',
  exactly<RelayAccepted>()(
    open({
      accepted: Type.Integer({
        description:
          'How many of them were waited for, or were passed on to the node that works for the endpoint. The others change nothing.',
      }),
    }),
  ),
);

export const listenerText: Schema<string | Readable> = Type.Unsafe<string | Readable>({
  type: 'string',
  description:
    'Server-sent events, each one line of JSON as `data`: `ready` `{ listener, waiting }`, always first; `message`, one signed message: `{ attempt, number, delivery, cause, event, eventType, method, headers, body, timeoutMs }` with the body in base64, the next one after its result; `detached` `{ reason }`, always last, where the server ends it: `replaced` by another connection, `deleted`, or `unresponsive`. A comment every 15 seconds of quiet.',
});

const messages: readonly ListenerMessage[] = [
  { kind: 'ready', data: { listener: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k', waiting: 1 } },
  {
    kind: 'message',
    data: {
      attempt: 'att_01jv2q8w5e7r9t1y3v5b7n9m3k_1',
      number: 1,
      delivery: 'dlv_01jv2q8w5e7r9t1y3v5b7n9m3k',
      cause: 'publish',
      event: 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k',
      eventType: 'meeting.completed',
      method: 'POST',
      headers: [
        ['content-type', 'application/json'],
        ['webhook-id', 'evt_01jv2q8w5e7r9t1y3v5b7n9m1k'],
      ],
      body: 'eyJ0eXBlIjoibWVldGluZy5jb21wbGV0ZWQifQ==',
      timeoutMs: 15_000,
    },
  },
];

export function formatListenerMessage({ kind, data }: ListenerMessage): string {
  return eventBlock(null, kind, data);
}

export const listenerTextExample: string = messages.map(formatListenerMessage).join('');
