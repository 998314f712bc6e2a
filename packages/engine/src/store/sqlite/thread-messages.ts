// What passes between a store and its threads. Plain data: everything survives structured clone. One message a call, one an answer.

import type { PendingDelivery } from '../rows.ts';
import type { RefillQuery, StoreError, StoreReader, StoreSnapshot } from '../store.ts';
import type { WireResult } from './batch-writer.ts';
import type { OpeningError } from './database.ts';
import type { WireBatch } from './wire.ts';

/** Handed to both threads at their start. */
export interface ThreadSettings {
  readonly folder: string;
  readonly cacheBytes: number;
}

/** A thread's verbs: what each takes and answers. */
export interface WriterVerbs {
  open(): StoreSnapshot;
  commit(batch: WireBatch): WireResult;
  refill(query: RefillQuery): readonly PendingDelivery[];
  load(seqs: readonly number[]): readonly PendingDelivery[];
  close(): null;
}

export type ReaderVerbs = { [V in keyof StoreReader]: (...args: Parameters<StoreReader[V]>) => Awaited<ReturnType<StoreReader[V]>> } & {
  close(): null;
};

/** A call of a thread's verb. */
export type Call<Verbs> = {
  readonly [V in keyof Verbs]: Verbs[V] extends (...args: infer A) => unknown ? { readonly id: number; readonly verb: V; readonly args: A } : never;
}[keyof Verbs];

/** An error as it crosses: classes do not survive structured clone. */
export interface WireError {
  readonly kind: StoreError['kind'] | null;
  readonly code: OpeningError['code'] | null;
  readonly message: string;
  readonly cause: string | null;
}

export type Answer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: WireError };
