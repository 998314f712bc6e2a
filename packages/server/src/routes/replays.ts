// Replays: asked for by filter, counted first where told, listed with their progress, cancelled.

import type { Engine } from '@waxwing/engine';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { listQuery } from '../schemas/query.ts';
import { replay, replayAnswer, replayExample, replayInput, replayInputExample } from '../schemas/replay.ts';
import { page, ref } from '../schemas/schema.ts';

const TAG = 'Deliveries';
const PATH = '/v1/tenants/{tenant}/replays';
const OF_REPLAY = { tenant: 'tenant', id: 'replay' } as const;

export function replayRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: PATH,
      ids: { tenant: 'tenant' },
      name: 'createReplay',
      tag: TAG,
      summary: 'Deliver again what a filter takes',
      description:
        'Of each event and endpoint the latest delivery counts: what a retry has delivered since is left alone. Slower than live traffic; goes on after a restart. `dryRun` only counts.',
      need: 'manage',
      body: { schema: replayInput, example: replayInputExample, optional: true },
      answer: {
        schema: ref(replayAnswer),
        example: replayExample,
        statuses: { 200: 'What a dry run counts.', 201: 'The replay.' },
      },
      errors: [
        'tenant_not_found',
        'endpoint_not_found',
        'invalid_event_types',
        'limit_exceeded',
        'overloaded',
        'store_unavailable',
        'disk_full',
        'disk_failing',
        'commit_unknown',
      ],
      handle: async ({ path, body }) => ({
        status: body.dryRun === true ? 200 : 201,
        body: await engine.replays.create(path.tenant, body),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: PATH,
      ids: { tenant: 'tenant' },
      name: 'listReplays',
      tag: TAG,
      summary: "List a tenant's replays",
      need: 'read',
      query: listQuery,
      answer: {
        schema: page(replay),
        example: { data: [replayExample], nextCursor: null },
        statuses: { 200: 'One page, newest first.' },
      },
      errors: ['tenant_not_found', 'invalid_cursor', 'store_unavailable'],
      handle: async ({ path, query }) => ({ status: 200, body: await engine.replays.list(path.tenant, query) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/replays',
      ids: {},
      name: 'listAllReplays',
      tag: TAG,
      summary: 'List the replays of all tenants',
      need: 'operate',
      query: listQuery,
      answer: {
        schema: page(replay),
        example: { data: [replayExample], nextCursor: null },
        statuses: { 200: 'One page, newest first.' },
      },
      errors: ['invalid_cursor', 'store_unavailable'],
      handle: async ({ query }) => ({ status: 200, body: await engine.replays.list(null, query) }),
    }),
    defineRoute({
      method: 'GET',
      path: `${PATH}/{id}`,
      ids: OF_REPLAY,
      name: 'getReplay',
      tag: TAG,
      summary: 'Get a replay and how far it is',
      need: 'read',
      answer: { schema: ref(replay), example: replayExample, statuses: { 200: 'The replay.' } },
      errors: ['tenant_not_found', 'replay_not_found', 'store_unavailable'],
      handle: async ({ path }) => ({ status: 200, body: await engine.replays.get(path.tenant, path.id) }),
    }),
    defineRoute({
      method: 'POST',
      path: `${PATH}/{id}/cancel`,
      ids: OF_REPLAY,
      name: 'cancelReplay',
      tag: TAG,
      summary: 'Cancel a replay',
      description: 'Nothing more is made, and what it made and is pending is cancelled.',
      need: 'manage',
      answer: {
        schema: ref(replay),
        example: { ...replayExample, state: 'cancelled', done: 310, failed: 9, finishedAt: '2026-05-12T15:31:00.000Z' },
        statuses: { 200: 'The replay, cancelled.' },
      },
      errors: [
        'tenant_not_found',
        'replay_not_found',
        'replay_final',
        'overloaded',
        'store_unavailable',
        'disk_full',
        'disk_failing',
        'commit_unknown',
      ],
      handle: async ({ path }) => ({ status: 200, body: await engine.replays.cancel(path.tenant, path.id) }),
    }),
  ];
}
