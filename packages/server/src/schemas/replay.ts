// A replay: what is asked for, how far it is; and what a dry run counts.

import Type from 'typebox';
import { REPLAY_STATES, REPLAYABLE_STATES } from '@waxwing/protocol';
import type { Replay, ReplayableState, ReplayCount, ReplayInput } from '@waxwing/protocol';
import { closed, exactly, id, named, nullable, open, ref, string, text, time, timeOrNull, word } from './schema.ts';
import type { NamedSchema } from './schema.ts';

const states = (description: string, minItems: number) =>
  Type.Unsafe<readonly ReplayableState[]>({ type: 'array', items: word(REPLAYABLE_STATES), minItems, maxItems: 4, description });

export const replayInput: NamedSchema<ReplayInput> = named(
  'ReplayInput',
  exactly<ReplayInput>()(
    closed({
      endpoint: Type.Optional(text(64, "An endpoint's id; all of the tenant's when left out.")),
      types: Type.Optional(
        Type.Unsafe<readonly string[]>({
          type: 'array',
          items: text(256),
          minItems: 1,
          maxItems: 100,
          description: 'Event types: names, `prefix.*` or `*`; all when left out.',
        }),
      ),
      states: Type.Optional(states('What became of the deliveries. Default: failed and skipped.', 1)),
      from: Type.Optional(time('By when the delivery was made, from this time on (included): ISO 8601.')),
      to: Type.Optional(time('Up to this time (not included): ISO 8601.')),
      dryRun: Type.Optional(Type.Boolean({ description: 'Only counts.' })),
    }),
  ),
);

export const replay: NamedSchema<Replay> = named(
  'Replay',
  exactly<Replay>()(
    open({
      id: id<Replay['id']>('rpl'),
      tenant: string(),
      state: word(REPLAY_STATES),
      endpoint: nullable<string>(string('As asked for; null for all.')),
      types: Type.Unsafe<readonly string[] | null>({
        type: ['array', 'null'],
        items: { type: 'string' },
        description: 'As asked for; null for all.',
      }),
      states: states('As asked for.', 0),
      from: timeOrNull(),
      to: timeOrNull(),
      total: nullable<number>(Type.Integer({ description: 'Deliveries that it takes; null while they are counted.' })),
      made: Type.Integer({ description: 'New deliveries made so far.' }),
      done: Type.Integer({ description: 'Of these, how many have ended.' }),
      failed: Type.Integer({ description: 'Of these, how many without being delivered.' }),
      note: nullable<string>(string('What it waits for, where it waits.')),
      createdAt: time(),
      finishedAt: timeOrNull(),
    }),
  ),
);

/** A replay, or what a dry run counts. */
export const replayAnswer: NamedSchema<Replay | ReplayCount> = named(
  'ReplayAnswer',
  Type.Unsafe<Replay | ReplayCount>({
    type: 'object',
    anyOf: [
      ref(replay),
      { type: 'object', required: ['count'], properties: { count: { type: 'integer', description: 'What a replay would take.' } } },
    ],
  }),
);

export const replayInputExample: ReplayInput = { endpoint: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k', from: '2026-05-12T00:00:00.000Z' };

export const replayExample: Replay = {
  id: 'rpl_01jv2q8w5e7r9t1y3v5b7n9m5k',
  tenant: 'acme',
  state: 'running',
  endpoint: 'ep_01jv2q8w5e7r9t1y3v5b7n9m2k',
  types: null,
  states: ['failed', 'skipped'],
  from: '2026-05-12T00:00:00.000Z',
  to: null,
  total: 1_204,
  made: 310,
  done: 302,
  failed: 1,
  note: null,
  createdAt: '2026-05-12T15:30:00.000Z',
  finishedAt: null,
};
