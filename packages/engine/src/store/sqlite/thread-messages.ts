// What passes between a store and its threads. Plain data: everything survives structured clone. One message a call, one an answer.

import type { DeliveryId } from '@waxwing/protocol';
import type { DeliveryQuery, EventQuery, RefillQuery, StoreError } from '../store.ts';
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
  | { readonly verb: 'counts' }
  | { readonly verb: 'close' };

export interface Asked<Call> {
  readonly id: number;
  readonly call: Call;
}

/** An error as it crosses: classes do not survive structured clone. */
export interface WireError {
  readonly kind: StoreError['kind'];
  /** Set when the store could not be opened. */
  readonly code: OpeningError['code'] | null;
  readonly message: string;
  readonly cause: string | null;
}

export type Answered<Value> = { readonly id: number; readonly value: Value } | { readonly id: number; readonly error: WireError };
