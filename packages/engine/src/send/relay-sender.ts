// The relay sender: stands before the sender of sockets, and hands the orders of relayed endpoints to their listeners.
//
// Invariants:
//  1. No outcome is invented. An order is reported when its listener says how it ended, and only then.
//  2. An order whose listener goes away unanswered, or that has none, comes back to the engine as if it had not been sent: the
//     delivery waits in its place, and goes again when a listener is back. At least once, in order.
//  3. One listener an endpoint: who attaches last has it. One that leaves a message unanswered well past its time-out is
//     taken for dead, and detached.
//  4. Every handing over is signed afresh; the attempt's id stays.

import type { ProfileDefinition, RelayResult } from '@waxwing/protocol';
import type { Clock } from '../ports.ts';
import type { HttpTarget } from './egress.ts';
import { internalFailure } from './failure.ts';
import { MessageWriter } from './message.ts';
import type { AttemptReport, SendOrder, Sender } from './order.ts';
import { isEnd, relayReport } from './relay-report.ts';
import { RelaySession, type DetachReason, type HandedOver } from './relay-session.ts';
import { unsentReport } from './report.ts';

export interface RelaySenderOptions {
  readonly clock: Clock;
  /** Sends everything that is not relayed. */
  readonly sockets: Sender;
  readonly userAgent: string;
  /** Told when an endpoint's listener comes or goes; before its orders come back. */
  readonly onPresence: (endpointId: string, isThere: boolean) => void;
}

/** How long past its time-out an answer is waited for. */
const SLACK_MS = 15_000;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 60_000;

/** A message has no target of its own here; its Host is whoever sends it on. */
const NO_TARGET: Pick<HttpTarget, 'authority'> = { authority: '' };

export class RelaySender implements Sender {
  readonly #options: RelaySenderOptions;
  readonly #writer: MessageWriter;
  readonly #sessions = new Map<string, RelaySession>();
  #onReports: (reports: readonly AttemptReport[]) => void = () => {};
  #onReturned: (deliveries: readonly number[]) => void = () => {};

  constructor(options: RelaySenderOptions) {
    this.#options = options;
    this.#writer = new MessageWriter(options.userAgent);
  }

  start(
    onReports: (reports: readonly AttemptReport[]) => void,
    onReturned: (deliveries: readonly number[]) => void = () => {},
  ): Promise<void> {
    this.#onReports = onReports;
    this.#onReturned = onReturned;
    return this.#options.sockets.start(onReports);
  }

  learnProfile(version: number, definition: ProfileDefinition): void {
    this.#writer.learn(version, definition);
    this.#options.sockets.learnProfile(version, definition);
  }

  send(orders: readonly SendOrder[]): void {
    const relayed = orders.filter(({ relayed: to }) => to !== undefined);
    if (relayed.length === 0) return this.#options.sockets.send(orders);
    this.#options.sockets.send(orders.filter(({ relayed: to }) => to === undefined));
    // After the turn: whoever sends has not noted them as sent yet.
    queueMicrotask(() => {
      for (const order of relayed) this.#relay(order);
    });
  }

  async close(graceMs: number): Promise<void> {
    this.detachAll();
    await this.#options.sockets.close(graceMs);
  }

  /** A listener is there. The one before it hears that it was replaced. */
  attach(endpointId: string): RelaySession {
    const before = this.#sessions.get(endpointId);
    if (before !== undefined) this.detach(before, 'replaced');
    const session = new RelaySession(endpointId);
    this.#sessions.set(endpointId, session);
    this.#options.onPresence(endpointId, true);
    return session;
  }

  /** It is gone. What it had comes back. Idempotent. */
  detach(session: RelaySession, reason: DetachReason | null): void {
    if (session.isOver) return;
    session.end(reason);
    if (this.#sessions.get(session.endpointId) === session) this.#sessions.delete(session.endpointId);
    this.#options.onPresence(session.endpointId, false);
    const deliveries: number[] = [];
    for (const { order, cancelTimer } of session.handed.values()) {
      cancelTimer();
      deliveries.push(order.delivery);
    }
    session.handed.clear();
    if (deliveries.length > 0) this.#onReturned(deliveries);
  }

  /** The endpoint is deleted. */
  forget(endpointId: string): void {
    const session = this.#sessions.get(endpointId);
    if (session !== undefined) this.detach(session, 'deleted');
  }

  detachAll(): void {
    for (const session of Array.from(this.#sessions.values())) this.detach(session, null);
  }

  /** Takes what a listener says; answers how many were waited for. */
  answer(endpointId: string, results: readonly RelayResult[]): number {
    const session = this.#sessions.get(endpointId);
    if (session === undefined) return 0;
    const reports: AttemptReport[] = [];
    let accepted = 0;
    for (const result of results) {
      const handed = session.handed.get(result.attempt);
      if (handed === undefined) continue;
      accepted += 1;
      handed.cancelTimer();
      if (isEnd(result)) {
        session.handed.delete(result.attempt);
        reports.push(relayReport(handed, result, this.#writer.definition(handed.order.target.profile)));
      } else {
        this.#again(session, handed, result.notTried?.retryInMs ?? RETRY_MS_MIN);
      }
    }
    if (reports.length > 0) this.#onReports(reports);
    return accepted;
  }

  /** Hands it over once more after a while. */
  #again(session: RelaySession, handed: HandedOver, retryInMs: number): void {
    const delayMs = Math.min(RETRY_MS_MAX, Math.max(RETRY_MS_MIN, retryInMs));
    handed.cancelTimer = this.#options.clock.after(delayMs, () => this.#handOver(session, handed.order));
  }

  #relay(order: SendOrder): void {
    const session = this.#sessions.get(order.target.endpointId);
    if (session === undefined) this.#onReturned([order.delivery]);
    else this.#handOver(session, order);
  }

  #handOver(session: RelaySession, order: SendOrder): void {
    const { relayed, target, event } = order;
    if (relayed === undefined || session.isOver) return;
    const startedMs = this.#options.clock.nowMs();
    try {
      const { headers, recorded, body } = this.#writer.write(order, NO_TARGET, Math.floor(startedMs / 1_000));
      const cancelTimer = this.#options.clock.after(target.timeoutMs + SLACK_MS, () => this.detach(session, 'unresponsive'));
      session.handed.set(relayed.attempt, { order, startedMs, headers: recorded.slice(2), bodyBytes: body.length, cancelTimer });
      session.push({
        kind: 'message',
        data: {
          attempt: relayed.attempt,
          number: relayed.number,
          delivery: relayed.delivery,
          cause: relayed.cause,
          event: event.id,
          eventType: event.type,
          method: 'POST',
          headers: pairs(headers),
          body: body.toString('base64'),
          timeoutMs: target.timeoutMs,
        },
      });
    } catch (error) {
      session.handed.delete(relayed.attempt);
      this.#onReports([unsentReport(order, internalFailure(error), startedMs)]);
    }
  }
}

function pairs(headers: readonly string[]): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) found.push([headers[at] ?? '', headers[at + 1] ?? '']);
  return found;
}
