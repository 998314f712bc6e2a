// Publishing: the hot path. These routes take their bodies as bytes (publish-body.ts) and answer once it is on disk.

import type { Engine } from '@waxwing/engine';
import type { ErrorCode } from '@waxwing/protocol';
import { parseBatch, parseIdempotencyKey, parsePublish } from '../publish-body.ts';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import {
  batchBody,
  batchBodyExample,
  batchResult,
  publishBody,
  publishBodyExample,
  publishResult,
  publishResultExample,
} from '../schemas/event.ts';
import { ref } from '../schemas/schema.ts';

const TAG = 'Publishing';

const FROM_PUBLISHING: readonly ErrorCode[] = [
  'tenant_not_found',
  'invalid_event_data',
  'event_data_too_large',
  'unknown_event_type',
  'schema_mismatch',
  'idempotency_conflict',
  'reserved_tenant',
  'unknown_profile',
  'overloaded',
  'store_unavailable',
  'disk_full',
  'disk_failing',
  'commit_unknown',
];

export function publishRoutes(engine: Engine, batchEventsMax: number): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/tenants/{tenant}/events',
      ids: { tenant: 'tenant' },
      name: 'publishEvent',
      tag: TAG,
      summary: 'Publish an event',
      description:
        '202 means durable: the event and its deliveries are on disk. Publishing again with the same `id` or Idempotency-Key is safe.',
      need: 'publish',
      body: { schema: publishBody, example: publishBodyExample, raw: true },
      answer: { schema: ref(publishResult), example: publishResultExample, statuses: { 202: 'Stored; it will be delivered.' } },
      errors: FROM_PUBLISHING,
      handle: async ({ path, body, idempotencyKey }) => ({
        status: 202,
        body: await engine.publish(path.tenant, parsePublish(body, parseIdempotencyKey(idempotencyKey))),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/tenants/{tenant}/events/batch',
      ids: { tenant: 'tenant' },
      name: 'publishBatch',
      tag: TAG,
      summary: 'Publish several events, all or nothing',
      description: 'An Idempotency-Key covers the whole batch: event n of it is remembered under the key, `/` and n.',
      need: 'publish',
      body: { schema: batchBody, example: batchBodyExample, raw: true },
      answer: {
        schema: ref(batchResult),
        example: { data: [publishResultExample, { ...publishResultExample, id: 'cancel-mtg_2', type: 'meeting.cancelled' }] },
        statuses: { 202: 'All are stored.' },
      },
      errors: [...FROM_PUBLISHING, 'batch_too_large'],
      handle: async ({ path, body, idempotencyKey }) => ({
        status: 202,
        body: { data: await engine.publishBatch(path.tenant, parseBatch(body, parseIdempotencyKey(idempotencyKey), batchEventsMax)) },
      }),
    }),
  ];
}
