// Settle: an attempt's end comes in by this door and leaves durable.
//
// The outcome is judged by decide.ts; the delivery's new state and the attempt's record go to the committer as one row
// each, together with what they mean for the endpoint's status and the notice of that: one transaction, so that no stop in
// between leaves an endpoint failing that nobody hears of. Once they are on disk the delivery leaves memory, or goes back to its lane with its next due time.

import { WaxwingError, type OutcomeKind, type DeliveryState, type EndpointStatus } from '@waxwing/protocol';
import type { Committer } from './commit/committer.ts';
import { untold, type AttachedChange } from './commit/items.ts';
import { decide, type StatusChange, type Transition } from './decide.ts';
import type { Health } from './health.ts';
import type { FailureCount } from './notices/failure-count.ts';
import { explanationOf, together, type NoticeWriter, type Occasion } from './notices/writing.ts';
import type { Clock, Log, Randomness } from './ports.ts';
import type { EndpointEntry, Registry } from './registry.ts';
import type { AttemptReport } from './send/order.ts';
import { isRelayUrl } from './send/relay-url.ts';
import type { EndpointRow, PendingDelivery } from './store/rows.ts';
import type { Settle } from './store/store.ts';

export interface SettlerOptions {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly registry: Registry;
  readonly committer: Committer;
  readonly health: Health;
  readonly notices: NoticeWriter;
  readonly failures: FailureCount;
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
  /** The status that an endpoint is about to have: its change waits to be durable. */
  readonly #changing = new Map<number, EndpointStatus>();
  /** Who waits for a delivery's attempt to be on record: a test. */
  readonly #waiters = new Map<number, PromiseWithResolvers<void>>();
  readonly attempts: Record<OutcomeKind, number> = { delivered: 0, refused: 0, timed_out: 0, unreachable: 0, blocked: 0 };
  readonly finished: Record<DeliveryState, number> = { pending: 0, delivered: 0, failed: 0, cancelled: 0, skipped: 0 };

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Resolves when the delivery's next attempt is on record. */
  recorded(seq: number): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#waiters.set(seq, waiter);
    return waiter.promise;
  }

  /** No attempt is going to end any more. */
  close(): void {
    const closing = new WaxwingError('shutting_down', 'The engine is shutting down; the attempt was cut off.');
    for (const waiter of this.#waiters.values()) waiter.reject(closing);
    this.#waiters.clear();
  }

  /** The attempt under way is the delivery's last, whatever comes of it. Say so before the settle that ends the delivery. */
  endsWithAttempt(seq: number): void {
    this.#ended.add(seq);
  }

  /** Whether a hand has ended a delivery whose attempt came to nothing. */
  wasEnded({ seq }: PendingDelivery): boolean {
    if (!this.#ended.delete(seq)) return false;
    this.finished.cancelled += 1;
    return true;
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
      this.#submit(delivery, report, ended(delivered ? 'delivered' : 'cancelled', delivered ? null : why), null, null);
      return;
    }
    const endedMs = report.startedMs + Math.ceil(report.durationMs);
    const failingSinceMs = health.failingSinceMs(entry.row);
    const transition = decide(
      { attempts: delivery.attempts + 1, retries: delivery.cause !== 'test' },
      policy(entry, this.#changing.get(entry.row.seq) ?? entry.row.status, failingSinceMs),
      { outcome: report.outcome, retryAfterMs: report.retryAfterMs, startedMs: report.startedMs, endedMs },
      randomness.unit(),
    );
    health.note(entry.row, report.startedMs, transition.failingSinceMs);
    attempted(delivery, delivered, transition.slowMs > 0 ? clock.nowMs() + transition.slowMs : 0);
    const { next, status } = transition;
    const change = status === null ? null : this.#statusChange(entry, status, failingSinceMs, { delivery, report });
    this.#submit(delivery, report, ending(transition), next.kind === 'retry' ? next.dueMs : null, change);
    if (next.kind === 'failed' && delivery.cause !== 'test' && !isRelayUrl(entry.row.url))
      this.#options.failures.add(entry.row, next.reason, delivery, explanationOf(report));
  }

  #submit(delivery: PendingDelivery, report: AttemptReport, end: Ending, dueMs: number | null, change: AttachedChange | null): void {
    const { committer, settled, log } = this.#options;
    const attempts = delivery.attempts + 1;
    const { outcome } = report;
    const finishedMs = dueMs === null ? report.startedMs + Math.ceil(report.durationMs) : null;
    const settle: Settle = {
      deliverySeq: delivery.seq,
      endpointSeq: delivery.endpointSeq,
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
      waiter.resolve();
    };
    committer.submit({
      kind: 'settle',
      bytes: report.record.length,
      settle,
      change,
      done,
      failed: (error) => {
        this.#changing.delete(delivery.endpointSeq);
        log.error('an attempt could not be recorded', { delivery: delivery.id, error: String(error) });
        done();
      },
    });
  }

  /** An endpoint's new status and the notice of it, unless a person or another attempt was there first. */
  #statusChange(entry: EndpointEntry, change: StatusChange, failingSinceMs: number | null, occasion: Occasion): AttachedChange {
    const { registry, clock, notices, statusChanged, log } = this.#options;
    const { seq, id } = entry.row;
    let next: EndpointRow | null = null;
    this.#changing.set(seq, change.status);
    return {
      key: `endpoint:${id}`,
      prepare: () => {
        const row = registry.endpoint(seq)?.row;
        next = null;
        if (row === undefined || !applies(row, change)) return untold([]);
        next = { ...row, status: change.status, statusReason: change.reason, statusChangedMs: clock.nowMs() };
        const put = untold([{ kind: 'putEndpoint', endpoint: next }]);
        // Whoever listens sees it fail: nobody else need hear of it.
        return isRelayUrl(row.url) ? put : together(put, notices.ofStatus(row, change, failingSinceMs, occasion));
      },
      done: () => {
        if (this.#changing.get(seq) === change.status) this.#changing.delete(seq);
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
    };
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

function policy({ row }: EndpointEntry, status: EndpointStatus, failingSinceMs: number | null): Parameters<typeof decide>[1] {
  return {
    maxRetries: row.maxRetries,
    delaysSeconds: row.retryScheduleSeconds,
    jitterRatio: row.jitterRatio,
    reactions: row.reactions,
    status,
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
