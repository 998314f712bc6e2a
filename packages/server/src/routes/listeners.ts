// Listeners: endpoints that are relayed to whoever listens, over a connection that the listener makes. No tunnel.

import type { Clock, Engine } from '@waxwing/engine';
import type { ErrorCode } from '@waxwing/protocol';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { endpointWithSecret, endpointWithSecretExample } from '../schemas/endpoint.ts';
import {
  formatListenerMessage,
  listenerInput,
  listenerInputExample,
  listenerText,
  listenerTextExample,
  relayAccepted,
  relayResults,
  relayResultsExample,
} from '../schemas/listener.ts';
import { ref } from '../schemas/schema.ts';
import { EVENT_STREAM_HEADERS, serverSentEvents } from '../stream/server-sent-events.ts';
import type { Streams } from '../stream/streams.ts';

const TAG = 'Endpoints';
const PATH = '/v1/tenants/{tenant}/listeners';
const OF_LISTENER = { tenant: 'tenant', id: 'endpoint' } as const;
const NOT_FOUND: readonly ErrorCode[] = ['tenant_not_found', 'endpoint_not_found', 'not_a_listener'];

export interface ListenerRouteOptions {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly clock: Pick<Clock, 'after'>;
}

export function listenerRoutes({ engine, streams, clock }: ListenerRouteOptions): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: PATH,
      ids: { tenant: 'tenant' },
      name: 'createListener',
      tag: TAG,
      summary: 'Create an endpoint that is relayed to whoever listens',
      description:
        'An endpoint of its own, with a secret of its own, in the order of publishing. Its deliveries wait until a listener is attached. The endpoint routes read, edit and delete it.',
      need: 'manage',
      body: { schema: listenerInput, example: listenerInputExample, optional: true },
      answer: {
        schema: ref(endpointWithSecret),
        example: { ...endpointWithSecretExample, url: 'relay:listener' },
        statuses: { 201: 'Created.' },
      },
      errors: [
        'tenant_not_found',
        'endpoint_not_found',
        'reserved_tenant',
        'unknown_profile',
        'invalid_secret',
        'invalid_event_types',
        'limit_exceeded',
        'overloaded',
        'store_unavailable',
        'disk_full',
        'disk_failing',
        'commit_unknown',
      ],
      handle: async ({ path, body, key }) => ({
        status: 201,
        body: await engine.listeners.create(path.tenant, body, { createTenant: key?.scope === 'admin' }),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: `${PATH}/{id}/messages`,
      ids: OF_LISTENER,
      name: 'listen',
      tag: TAG,
      summary: 'Attach a listener, and receive its messages',
      description:
        'One connection at a time: the newest has it. What was handed over and not answered when it ends comes again, with the same attempt id. Send each message on as it is, and its answer to `results`.',
      need: 'manage',
      answer: {
        schema: listenerText,
        media: 'text/event-stream; charset=utf-8',
        example: listenerTextExample,
        statuses: { 200: 'Messages, oldest first, one at a time, until either side ends it.' },
      },
      errors: [...NOT_FOUND, 'rate_limited'],
      handle: async ({ path, key, onClose }) => {
        const keyId = key?.id ?? '';
        const stream = streams.open(keyId);
        onClose(() => stream.end());
        try {
          await engine.refresh(); // it may have been made on another node just now
          const messages = engine.listeners.attach(path.tenant, path.id, { signal: stream.signal });
          const mayRead = (): boolean => engine.keys.usable(keyId) !== null;
          const body = serverSentEvents({ messages, format: formatListenerMessage, whenQuiet: () => '', stream, clock, mayRead });
          return { status: 200, body, headers: EVENT_STREAM_HEADERS };
        } catch (error) {
          stream.end();
          throw error;
        }
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${PATH}/{id}/results`,
      ids: OF_LISTENER,
      name: 'answerMessages',
      tag: TAG,
      summary: 'Say what became of messages',
      description: "Each result becomes that attempt's outcome. Repeating one, or sending it too late, changes nothing.",
      need: 'manage',
      body: { schema: relayResults, example: relayResultsExample },
      answer: { schema: ref(relayAccepted), example: { accepted: 1 }, statuses: { 200: 'Taken.' } },
      errors: [...NOT_FOUND, 'store_unavailable'],
      handle: async ({ path, body }) => ({ status: 200, body: await engine.listeners.answer(path.tenant, path.id, body.results) }),
    }),
  ];
}
