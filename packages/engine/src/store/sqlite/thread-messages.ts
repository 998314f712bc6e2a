// What passes between a store and its threads. Plain data: everything survives structured clone. One message a call, one an answer.

import type { DeliveryId, ReplayId } from '@waxwing/protocol';
import type {
  DeliveryQuery,
  DiskFault,
  EndpointStatQuery,
  EventQuery,
  FeedQuery,
  NoticeQuery,
  OldDeliveriesQuery,
  OldEventsQuery,
  RefillQuery,
  SelectionQuery,
  StatQuery,
  StoreError,
  StoreReader,
} from '../store.ts';
import type { OpeningError } from './database.ts';
import type { WireBatch } from './wire.ts';

/** Handed to both threads at their start. */
export interface ThreadSettings {
  readonly folder: string;
  readonly cacheBytes: number;
}

export type WriterCall =
  | { readonly verb: 'open' }
  | { readonly verb: 'commit'; readonly batch: WireBatch }
  | { readonly verb: 'refill'; readonly query: RefillQuery }
  | { readonly verb: 'load'; readonly seqs: readonly number[] }
  | { readonly verb: 'close' };

export type ReaderCall =
  | { readonly verb: 'events'; readonly query: EventQuery }
  | { readonly verb: 'event'; readonly tenant: string | null; readonly id: string }
  | { readonly verb: 'deliveries'; readonly query: DeliveryQuery }
  | { readonly verb: 'delivery'; readonly id: DeliveryId }
  | { readonly verb: 'attempts'; readonly deliverySeq: number }
  | { readonly verb: 'endpoint'; readonly seq: number }
  | RecoveryCall
  | { readonly verb: 'notices'; readonly query: NoticeQuery }
  | { readonly verb: 'mailsDue'; readonly limit: number }
  | { readonly verb: 'feed'; readonly query: FeedQuery }
  | { readonly verb: 'feedHead' }
  | { readonly verb: 'counts' }
  | StatCall
  | { readonly verb: 'close' };

/** What the statistics ask. */
export type StatCall =
  | { readonly verb: 'stats'; readonly query: StatQuery }
  | { readonly verb: 'endpointStats'; readonly query: EndpointStatQuery }
  | { readonly verb: 'oldestPending'; readonly endpointSeqs: readonly number[] };

/** What replays and retention ask. */
export type RecoveryCall =
  | { readonly verb: 'endpointEver'; readonly id: string }
  | { readonly verb: 'replay'; readonly id: ReplayId }
  | { readonly verb: 'replays'; readonly query: Parameters<StoreReader['replays']>[0] }
  | { readonly verb: 'replayCounts'; readonly replaySeq: number }
  | { readonly verb: 'replayPending'; readonly replaySeq: number; readonly limit: number }
  | { readonly verb: 'selection'; readonly query: SelectionQuery }
  | { readonly verb: 'selectionCounts'; readonly query: SelectionQuery }
  | { readonly verb: 'oldDeliveries'; readonly query: OldDeliveriesQuery }
  | { readonly verb: 'oldEvents'; readonly query: OldEventsQuery };

export interface Asked<Call> {
  readonly id: number;
  readonly call: Call;
}

/** An error as it crosses: classes do not survive structured clone. */
export interface WireError {
  readonly kind: StoreError['kind'];
  /** Set when the store could not be opened. */
  readonly code: OpeningError['code'] | null;
  /** Where it is the disk's fault. */
  readonly disk: DiskFault | null;
  readonly message: string;
  readonly cause: string | null;
}

export type Answered<Value> = { readonly id: number; readonly value: Value } | { readonly id: number; readonly error: WireError };
