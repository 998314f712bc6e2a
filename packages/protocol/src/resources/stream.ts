// The live stream: what is told as it happens, one message after the other. Each has a cursor, to go on after it.

import type { Attempt, AttemptResponse, DeliverySummary } from './delivery.ts';
import type { Endpoint } from './endpoint.ts';
import type { EventSummary } from './event.ts';
import type { EndpointId } from '../ids.ts';

export const STREAM_KINDS = ['event', 'attempt', 'endpoint'] as const;

/** What a stream tells of. */
export type StreamKind = (typeof STREAM_KINDS)[number];

/** An attempt as streams tell it: without bodies and headers. GET the delivery for them. */
export type StreamAttempt = Omit<Attempt, 'request' | 'response'> & {
  readonly request: Pick<Attempt['request'], 'method' | 'url'>;
  readonly response: Pick<AttemptResponse, 'status' | 'bodyBytes' | 'bodyTruncated'> | null;
};

/** What an attempt made of a delivery; `attempt` null where the state changed without one (skipped, cancelled, retried by hand). */
export interface StreamDelivery {
  /** As the attempt left it; without an attempt, as it stood when it was told. */
  readonly delivery: DeliverySummary;
  readonly attempt: StreamAttempt | null;
}

export interface DeletedEndpoint {
  readonly id: EndpointId;
  readonly tenant: string;
  readonly deleted: true;
}

/** Why the place asked for is gone: what came after it is no longer kept, or this store never had it. */
export type StreamResetReason = 'retention' | 'unknown';

/** One message. `cursor` is the place behind it: going on from there loses nothing and repeats nothing that was told before. */
export type StreamMessage =
  /** First of all: the stream stands. */
  | { readonly kind: 'ready'; readonly cursor: string; readonly data: Record<never, never> }
  | { readonly kind: 'event'; readonly cursor: string; readonly data: EventSummary }
  | { readonly kind: 'attempt'; readonly cursor: string; readonly data: StreamDelivery }
  /** As it stands when it is told, with its headers' values hidden. */
  | { readonly kind: 'endpoint'; readonly cursor: string; readonly data: Endpoint | DeletedEndpoint }
  /** What lay between was not told. The stream goes on from now. */
  | { readonly kind: 'reset'; readonly cursor: string; readonly data: { readonly reason: StreamResetReason } };
