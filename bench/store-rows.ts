// Rows as the engine would write them, made without an engine: for the bare store, and for filling a store fast.

import { randomBytes } from 'node:crypto';
import type { Store } from '@waxwing/engine';
import { createIdMint, type IdMint } from '@waxwing/protocol';

type Batch = Parameters<Store['commit']>[0];
export type Groups = Batch['groups'];
export type Settles = Batch['settles'];

export interface RowTarget {
  readonly tenant: string;
  readonly endpointSeq: number;
  readonly type: string;
}

export interface RowMaker {
  /** Events with one pending delivery each, due at once. */
  inserts(first: number, count: number, nowMs: number): Groups;
  /** The first attempt of each, which delivered. */
  delivered(first: number, count: number, nowMs: number): Settles;
  /** The first attempt of each, refused with 503; the next is due at a time. */
  refused(first: number, count: number, nowMs: number, nextDueMs: number): Settles;
}

const record = (status: number): string =>
  JSON.stringify({
    url: 'http://127.0.0.1/',
    requestHeaders: [],
    response: { status, headers: [], body: '', bodyEncoding: 'utf8', bodyBytes: 0, bodyTruncated: false },
    address: '127.0.0.1',
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    firstByteMs: 1,
    totalMs: 1,
    error: null,
  });
const DELIVERED = record(200);
const REFUSED = record(503);

/** @param targets take the rows in turn */
export function rowMaker(targets: readonly RowTarget[], bodyBytes: number): RowMaker {
  const ids: IdMint = createIdMint(Date.now, randomBytes);
  const data = JSON.stringify({ padding: 'x'.repeat(Math.max(0, bodyBytes - 90)) });
  const each = <T>(first: number, count: number, make: (seq: number, target: RowTarget) => T): T[] =>
    Array.from({ length: count }, (_, index) => {
      const target = targets[(first + index) % targets.length];
      if (target === undefined) throw new Error('there is no endpoint to make rows for');
      return make(first + index, target);
    });
  const attempt = (seq: number, nowMs: number) => ({ deliverySeq: seq, number: 1, startedMs: nowMs, durationMs: 1 });
  return {
    inserts: (first, count, nowMs) =>
      each(first, count, (seq, { tenant, endpointSeq, type }) => ({
        inserts: [
          {
            kind: 'event',
            event: { seq, id: ids.mint('evt'), tenant, type, timestampMs: nowMs, receivedMs: nowMs, data, hasUnsafeInteger: false },
            deliveries: [
              {
                seq,
                id: ids.mint('dlv'),
                tenant,
                eventSeq: seq,
                endpointSeq,
                cause: 'publish',
                origin: null,
                replaySeq: null,
                state: 'pending',
                stateReason: null,
                outcome: null,
                attempts: 0,
                dueMs: nowMs,
                facts: null,
                createdMs: nowMs,
                finishedMs: null,
              },
            ],
            expansion: null,
            idempotency: null,
            deliveryCount: 1,
          },
        ],
      })),
    delivered: (first, count, nowMs) =>
      each(first, count, (seq, { endpointSeq }) => ({
        deliverySeq: seq,
        endpointSeq,
        attempt: { ...attempt(seq, nowMs), outcome: 'delivered', status: 200, nextDueMs: null, record: DELIVERED },
        state: 'delivered',
        stateReason: null,
        outcome: 'delivered',
        attempts: 1,
        dueMs: nowMs,
        finishedMs: nowMs,
      })),
    refused: (first, count, nowMs, nextDueMs) =>
      each(first, count, (seq, { endpointSeq }) => ({
        deliverySeq: seq,
        endpointSeq,
        attempt: { ...attempt(seq, nowMs), outcome: 'refused', status: 503, nextDueMs, record: REFUSED },
        state: 'pending',
        stateReason: null,
        outcome: 'refused',
        attempts: 1,
        dueMs: nextDueMs,
        finishedMs: null,
      })),
  };
}
