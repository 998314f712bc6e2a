// What the model store checks of a row, as a database's own columns would.

import { StoreError, type Insert } from './store.ts';
import { type Candidate } from './judge.ts';

export function candidateOf(insert: Insert): Candidate {
  if (insert.kind === 'replay')
    return { kind: 'replay', replaySeq: insert.replay.seq, eventSeqs: insert.deliveries.map(({ eventSeq }) => eventSeq) };
  if (insert.kind !== 'event') return { kind: insert.kind, eventSeq: insert.eventSeq };
  const { seq, id, tenant, type, timestampMs, receivedMs } = insert.event;
  const expands = insert.expansion !== null && insert.expansion.length > 0;
  const { idempotency, deliveryCount } = insert;
  return { kind: 'event', seq, id, tenant, type, timestampMs, receivedMs, idempotency, deliveryCount, expands };
}

export function whole(...values: readonly number[]): void {
  for (const value of values) if (!Number.isSafeInteger(value)) throw new StoreError('row', `a whole number was expected, not ${value}`);
}

export function texts(...values: readonly unknown[]): void {
  for (const value of values) if (typeof value !== 'string') throw new StoreError('row', `a text was expected, not ${typeof value}`);
}

export function unused(isUnused: boolean, what: string): void {
  if (!isUnused) throw new StoreError('row', `${what} exists already`);
}
