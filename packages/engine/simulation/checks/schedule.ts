// Schedule: no attempt comes before it is due, each is set for when the endpoint's schedule (or the receiver's own word)
// says, and a delivery is given up only when its schedule is exhausted.

import type { AttemptRow, DeliveryRow, EndpointRow } from '../../src/store/rows.ts';
import type { Scene, Watcher } from '../scene.ts';

export function schedulesAreKept(scene: Scene): Watcher {
  /** Every form that an endpoint has had: an attempt under way was judged by the one of its time. */
  const forms = new Map<number, EndpointRow[]>();
  const retryAfterMs = new Map<number, number>();

  function noteForms(): void {
    for (const { row } of scene.disk.endpoints.values()) {
      const known = forms.get(row.seq);
      if (known === undefined) forms.set(row.seq, [row]);
      else if (known.at(-1) !== row) known.push(row);
    }
  }

  function isAllowed(row: DeliveryRow, attempt: AttemptRow): boolean {
    const endedMs = attempt.startedMs + attempt.durationMs;
    const asked = retryAfterMs.get(row.seq) ?? 0;
    return (forms.get(row.endpointSeq) ?? []).some((form) => {
      if (attempt.nextDueMs === null) return attempt.number > form.maxRetries || row.cause === 'test';
      const { retryScheduleSeconds: delays, jitterRatio } = form;
      const leastMs = (delays[Math.min(attempt.number, delays.length) - 1] ?? 0) * 1_000;
      const dueInMs = attempt.nextDueMs - endedMs;
      if (attempt.number > form.maxRetries) return false;
      if (form.reactions.retryAfterHonoured && asked > leastMs && dueInMs === asked) return true;
      const mostMs = Math.round(leastMs * (1 + jitterRatio));
      return dueInMs >= leastMs && dueInMs <= mostMs;
    });
  }

  return {
    claim: 'schedules are kept',
    sent({ order, test }) {
      const row = scene.disk.deliveries.get(order.delivery);
      if (row !== undefined && !test && row.dueMs > scene.time.nowMs)
        scene.found(this.claim, `delivery ${row.seq} is sent ${row.dueMs - scene.time.nowMs} ms before it is due`);
    },
    ended(flight, report) {
      if (report.retryAfterMs === null) retryAfterMs.delete(flight.order.delivery);
      else retryAfterMs.set(flight.order.delivery, report.retryAfterMs);
    },
    attempt(row, attempt) {
      noteForms();
      if (attempt.outcome === 'delivered' || (attempt.nextDueMs === null && (row.state === 'cancelled' || isGone(row, attempt)))) return;
      if (!isAllowed(row, attempt))
        scene.found(
          this.claim,
          `attempt ${attempt.number} of delivery ${row.seq} is followed ${attempt.nextDueMs === null ? 'by none' : `after ${attempt.nextDueMs - attempt.startedMs - attempt.durationMs} ms`}, which is on no schedule of its endpoint`,
        );
    },
    committed: noteForms,
  };

  /** Ended for a reason beyond its schedule: 410, or its endpoint is deleted. */
  function isGone(row: DeliveryRow, attempt: AttemptRow): boolean {
    const kept = scene.disk.endpoints.get(row.endpointSeq);
    return (
      (attempt.status === 410 && (forms.get(row.endpointSeq) ?? []).some((form) => form.reactions.goneDisables)) ||
      kept === undefined ||
      kept.deletedMs !== null
    );
  }
}
