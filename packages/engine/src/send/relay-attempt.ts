// Relayed attempts as the engine's side of the boundary knows them: their names, and the report of a test that found nobody.

import { attemptId } from '@waxwing/protocol';
import type { PendingDelivery } from '../store/rows.ts';
import type { AttemptRecord, AttemptReport, RelayedAttempt } from './order.ts';
import { RELAY_URL } from './relay-url.ts';

export function relayedAttempt({ id, attempts, cause }: PendingDelivery): RelayedAttempt {
  const number = attempts + 1;
  return { attempt: attemptId(id, number), number, delivery: id, cause };
}

/** A test has one attempt, now or never: without a listener it fails. */
export function noListenerReport(delivery: PendingDelivery, nowMs: number): AttemptReport {
  const record: AttemptRecord = {
    url: RELAY_URL,
    requestHeaders: [],
    response: null,
    address: null,
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    firstByteMs: null,
    totalMs: 0,
    error: {
      code: 'no_listener',
      message: 'no listener is attached',
      explanation: 'The endpoint is relayed to whoever listens, and nobody did. Attach a listener (waxwing listen), then test again.',
    },
  };
  return {
    delivery: delivery.seq,
    startedMs: nowMs,
    durationMs: 0,
    outcome: { kind: 'unreachable', reason: 'connect' },
    retryAfterMs: null,
    error: 'no listener',
    record: JSON.stringify(record),
  };
}
