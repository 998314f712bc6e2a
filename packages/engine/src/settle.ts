// Settle: an attempt's end comes in by this door and leaves durable.
//
// The outcome is judged by decide.ts; the delivery's new state and the attempt's record go to the committer as one row
// each; once they are on disk the delivery leaves memory, or goes back to its lane with its next due time.

import type { OutcomeKind, DeliveryState } from '@waxwing/protocol';
import type { Committer } from './commit/committer.ts';
import { decide, type StatusChange, type Transition } from './decide.ts';
import type { Health } from './health.ts';
import type { Clock, Log, Randomness } from './ports.ts';
import type { EndpointEntry, Registry } from './registry.ts';
import type { AttemptReport } from './send/order.ts';
import type { EndpointRow, PendingDelivery } from './store/rows.ts';
import type { Settle } from './store/store.ts';

export interface SettlerOptions {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly registry: Registry;
  readonly committer: Committer;
  readonly health: Health;
  /** Told at once: the lane learns from the outcome and frees the slot. */
  readonly attempted: (delivery: PendingDelivery, delivered: boolean, restUntilMs: number) => void;
  /** Told when durable; `next` where the delivery goes on. */
  readonly settled: (delivery: PendingDelivery, next: PendingDelivery | null) => void;
  /** Told after an endpoint's status changed. */
  readonly statusChanged: (endpointSeq: number) => void;
}

export class Settler {
  readonly #options: SettlerOptions;
  /** Deliveries that a hand ended while an attempt was under way: it is recorded, and leads to nothing more. */
  readonly #ended = new Set<number>();
  /** Who waits for a delivery's attempt to be on record: a test. */
  readonly #waiters = new Map<number, () => void>();
  readonly attempts: Record<OutcomeKind, number> = { delivered: 0, refused: 0, timed_out: 0, unreachable: 0, blocked: 0 };
  readonly finished: Record<DeliveryState, number> = { pending: 0, delivered: 0, failed: 0, cancelled: 0, skipped: 0 };

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Resolves when the delivery's next attempt is on record. */
  recorded(seq: number): Promise<void> {
    return new Promise((resolve) => this.#waiters.set(seq, resolve));
  }

  /** The attempt under way is the delivery's last, whatever comes of it. Say so before the settle that ends the delivery. */
  endsWithAttempt(seq: number): void {
    this.#ended.add(seq);
  }

  settle(delivery: PendingDelivery, report: AttemptReport): void {
    const { registry, attempted, randomness, health, clock } = this.#options;
    this.attempts[report.outcome.kind] += 1;
    const entry = registry.endpoint(delivery.endpointSeq);
    const delivered = report.outcome.kind === 'delivered';
    const endedByHand = this.#ended.delete(delivery.seq);
    if (entry === undefined || endedByHand) {
      attempted(delivery, delivered, 0);
      const why = endedByHand ? 'cancelled while an attempt was under way' : 'the endpoint was deleted';
      this.#submit(delivery, report, ended(delivered ? 'delivered' : 'cancelled', delivered ? null : why), null);
      return;
    }
    const endedMs = report.startedMs + Math.ceil(report.durationMs);
    const transition = decide(
      { attempts: delivery.attempts + 1, retries: delivery.cause !== 'test' },
      policy(entry, health.failingSinceMs(entry.row)),
      { outcome: report.outcome, retryAfterMs: report.retryAfterMs, startedMs: report.startedMs, endedMs },
      randomness.unit(),
    );
    health.note(entry.row, report.startedMs, transition.failingSinceMs);
    attempted(delivery, delivered, transition.slowMs > 0 ? clock.nowMs() + transition.slowMs : 0);
    this.#submit(delivery, report, ending(transition), transition.next.kind === 'retry' ? transition.next.dueMs : null);
    if (transition.status !== null) this.#changeStatus(entry, transition.status);
  }

  #submit(delivery: PendingDelivery, report: AttemptReport, end: Ending, dueMs: number | null): void {
    const { committer, settled, log } = this.#options;
    const attempts = delivery.attempts + 1;
    const { outcome } = report;
    const finishedMs = dueMs === null ? report.startedMs + Math.ceil(report.durationMs) : null;
    const settle: Settle = {
      deliverySeq: delivery.seq,
      attempt: {
        deliverySeq: delivery.seq,
        number: attempts,
        startedMs: report.startedMs,
        durationMs: report.durationMs,
        outcome: outcome.kind,
        status: outcome.kind === 'delivered' || outcome.kind === 'refused' ? outcome.status : null,
        nextDueMs: dueMs,
        record: report.record,
      },
      state: end.state,
      stateReason: end.reason,
      outcome: outcome.kind,
      attempts,
      dueMs: dueMs ?? delivery.dueMs,
      finishedMs,
    };
    const done = (): void => {
      if (end.state !== 'pending') this.finished[end.state] += 1;
      settled(delivery, dueMs === null ? null : { ...delivery, attempts, dueMs });
      const waiter = this.#waiters.get(delivery.seq);
      if (waiter === undefined) return;
      this.#waiters.delete(delivery.seq);
      waiter();
    };
    committer.submit({
      kind: 'settle',
      bytes: report.record.length,
      settle,
      done,
      failed: (error) => {
        log.error('an attempt could not be recorded', { delivery: delivery.id, error: String(error) });
        done();
      },
    });
  }

  /** Writes an endpoint's new status, unless a person or another attempt was there first. */
  #changeStatus(entry: EndpointEntry, change: StatusChange): void {
    const { committer, registry, clock, statusChanged, log } = this.#options;
    const { seq, id } = entry.row;
    let next: EndpointRow | null = null;
    committer.submit({
      kind: 'change',
      key: `endpoint:${id}`,
      prepare: () => {
        const row = registry.endpoint(seq)?.row;
        next = null;
        if (row === undefined || !applies(row, change)) return [];
        next = { ...row, status: change.status, statusReason: change.reason, statusChangedMs: clock.nowMs() };
        return [{ kind: 'putEndpoint', endpoint: next }];
      },
      done: () => {
        if (next === null) return;
        registry.apply({ kind: 'putEndpoint', endpoint: next });
        statusChanged(seq);
        log.warn('an endpoint changed its status', {
          endpoint: id,
          tenant: entry.row.tenant,
          status: change.status,
          reason: change.reason,
        });
      },
      failed: (error) => log.error('an endpoint’s status could not be written', { endpoint: id, error: String(error) }),
    });
  }
}

interface Ending {
  readonly state: DeliveryState;
  readonly reason: string | null;
}

function ended(state: DeliveryState, reason: string | null): Ending {
  return { state, reason };
}

function ending({ next }: Transition): Ending {
  switch (next.kind) {
    case 'delivered':
      return ended('delivered', null);
    case 'retry':
      return ended('pending', null);
    case 'failed':
      return ended('failed', next.reason);
    default:
      return next satisfies never;
  }
}

function policy({ row }: EndpointEntry, failingSinceMs: number | null): Parameters<typeof decide>[1] {
  return {
    maxRetries: row.maxRetries,
    delaysSeconds: row.retryScheduleSeconds,
    jitterRatio: row.jitterRatio,
    reactions: row.reactions,
    status: row.status,
    failingSinceMs,
  };
}

/** What a person set (paused, disabled) is not undone by an attempt; disabling wins over everything else. */
function applies(row: EndpointRow, change: StatusChange): boolean {
  switch (change.status) {
    case 'disabled':
      return row.status !== 'disabled';
    case 'failing':
      return row.status === 'active';
    case 'active':
      return row.status === 'failing';
    default:
      return change satisfies never;
  }
}
