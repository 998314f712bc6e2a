// The live stream: of one tenant, and over all of them for operators.

import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Clock, Engine, StreamFilter } from '@waxwing/engine';
import { isEventId, STREAM_KINDS, WaxwingError } from '@waxwing/protocol';
import type { ErrorCode, Key, StreamKind } from '@waxwing/protocol';
import { invalidRequest } from '../problems.ts';
import { defineRoute } from '../route.ts';
import type { Answered, Route } from '../route.ts';
import { eventStreamExample, eventStreamText, formatMessage, streamQuery } from '../schemas/stream.ts';
import type { StreamQuery } from '../schemas/stream.ts';
import { EVENT_STREAM_HEADERS, serverSentEvents } from '../stream/server-sent-events.ts';
import type { Streams } from '../stream/streams.ts';

const TAG = 'Events';
const ERRORS: readonly ErrorCode[] = ['endpoint_not_found', 'invalid_event_types', 'invalid_cursor', 'rate_limited'];
const ANSWER = {
  schema: eventStreamText,
  media: 'text/event-stream; charset=utf-8',
  example: eventStreamExample,
  statuses: { 200: 'Messages, as they happen, until either side ends it.' },
} as const;

export interface StreamRouteOptions {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly clock: Pick<Clock, 'after'>;
}

interface Asked {
  readonly query: StreamQuery;
  readonly key: Key | null;
  readonly headers: IncomingHttpHeaders;
  readonly onClose: (then: () => void) => void;
}

export function streamRoutes({ engine, streams, clock }: StreamRouteOptions): readonly Route[] {
  async function answer(tenant: string | null, { query, key, headers, onClose }: Asked): Promise<Answered<string | Readable>> {
    const keyId = key?.id ?? '';
    const filter = filterOf(query, headers);
    const stream = streams.open(keyId);
    onClose(() => stream.end());
    try {
      await engine.refresh(); // what it asks for may have been made on another node just now
      const messages = engine.stream(tenant, { ...filter, signal: stream.signal });
      const mayRead = (): boolean => engine.keys.usable(keyId) !== null;
      const whenQuiet = (): string => `id: ${messages.cursor}\n`;
      const body = serverSentEvents({ messages, format: formatMessage, whenQuiet, stream, clock, mayRead });
      return { status: 200, body, headers: EVENT_STREAM_HEADERS };
    } catch (error) {
      stream.end();
      throw error;
    }
  }

  return [
    defineRoute({
      method: 'GET',
      path: '/v1/tenants/{tenant}/stream',
      ids: { tenant: 'tenant' },
      name: 'stream',
      tag: TAG,
      summary: 'What happens, as it happens',
      description: 'One connection that stays open. A key may have 100 of them.',
      need: 'read',
      query: streamQuery,
      answer: ANSWER,
      errors: ['tenant_not_found', ...ERRORS],
      handle: (request) => answer(request.path.tenant, request),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/stream',
      ids: {},
      name: 'streamAll',
      tag: TAG,
      summary: 'What happens in all tenants, as it happens',
      need: 'operate',
      query: streamQuery,
      answer: ANSWER,
      errors: ERRORS,
      handle: (request) => answer(null, request),
    }),
  ];
}

function filterOf({ kinds, types, endpoint, cursor }: StreamQuery, headers: IncomingHttpHeaders): StreamFilter {
  // A browser that reconnects sends where it is beside the query that it began with.
  const last = headers['last-event-id'];
  const from = typeof last === 'string' && last !== '' ? last : cursor;
  if (endpoint !== undefined && !isEventId(endpoint)) throw new WaxwingError('endpoint_not_found', 'There is no such endpoint.');
  return {
    ...(kinds === undefined ? {} : { kinds: kinds.split(',').map(kindOf) }),
    ...(types === undefined ? {} : { types: types.split(',') }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(from === undefined ? {} : { cursor: from }),
  };
}

function kindOf(text: string): StreamKind {
  const kind = STREAM_KINDS.find((known) => known === text);
  if (kind === undefined) throw invalidRequest([{ path: 'query/kinds', message: `must be some of ${STREAM_KINDS.join(', ')}` }]);
  return kind;
}
