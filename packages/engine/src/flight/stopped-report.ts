// Stopped report: what is on record of an attempt that the process did not outlive, twice.

import type { AttemptRecord, AttemptReport } from '../send/order.ts';
import type { PendingDelivery } from '../store/rows.ts';

/** The stable code of an attempt's error that says so. */
export const PROCESS_STOPPED = 'process_stopped';

/** The report of an attempt that was alone under way when the process stopped. When it began is not known: it counts from now. */
export function stoppedReport(delivery: PendingDelivery, url: string, nowMs: number): AttemptReport {
  const record: AttemptRecord = {
    url,
    requestHeaders: [],
    response: null,
    address: null,
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    firstByteMs: null,
    totalMs: 0,
    error: {
      code: PROCESS_STOPPED,
      message: 'the process stopped while this attempt was under way',
      explanation:
        'Waxwing stopped unexpectedly twice while this delivery was under way, the second time with nothing else under way. ' +
        'It counts as a failed attempt, so that it cannot go on for ever. The receiver may have got it. The server’s own log says how it stopped.',
    },
  };
  return {
    delivery: delivery.seq,
    startedMs: nowMs,
    durationMs: 0,
    outcome: { kind: 'unreachable', reason: 'protocol' },
    retryAfterMs: null,
    error: 'the process stopped',
    record: JSON.stringify(record),
  };
}
