// The relay: each message of a session to the local app, and what came of it told and kept.
//
// Invariants:
//  1. An answer is kept on disk before it goes back. A message whose answer did not get through comes again, and is
//     answered from there: the app is not called twice for it.
//  2. While the app takes no connections nothing is counted as tried: the message waits, and everything behind it.

import type { RelayAnswer } from '@waxwing/client';
import type { Endpoint, RelayedMessage, RelayResult } from '@waxwing/protocol';
import type { Scheme } from '@waxwing/receiver';

import { exchangeLocally } from './exchange.ts';
import type { LocalExchange } from './exchange.ts';
import type { Answered, ListenNews, Relayed } from './news.ts';
import { routeOf } from './plan.ts';
import type { ListenerPlan } from './plan.ts';
import { whyRefused } from './refusal.ts';

/** What details are made of. */
export interface Exchanged {
  readonly message: RelayedMessage;
  readonly result: Extract<LocalExchange, { readonly kind: 'ended' }>;
}

export interface RelayOptions {
  readonly plan: ListenerPlan;
  /** The session's own. */
  readonly endpoint: Endpoint;
  readonly secret: string;
  /** How its messages are verified; null when that cannot be known. */
  readonly scheme: Scheme | null;
  readonly verifyTls: boolean;
  /** The last answer that was kept. */
  readonly answered: () => RelayResult | null;
  readonly keep: (answer: RelayResult) => void;
  readonly tell: (news: ListenNews, exchange?: Exchanged) => void;
}

/** How soon to look again whether the app is there: often at first. */
const AWAY_MS_MIN = 200;
const AWAY_MS_MAX = 2_000;

export class Relay {
  delivered = 0;
  undelivered = 0;
  readonly #options: RelayOptions;
  /** Above 0 while the app takes no connections. */
  #awayMs = 0;
  #told = '';

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Rejects with the signal's reason when it was aborted in the middle. */
  async receive(message: RelayedMessage, signal: AbortSignal): Promise<RelayAnswer> {
    const { plan, verifyTls, answered: lastAnswer, keep, tell } = this.#options;
    const answered = lastAnswer();
    if (answered?.attempt === message.attempt) {
      const { attempt: _attempt, ...answer } = answered;
      return answer; // its answer did not get through; the app has had it
    }
    const route = routeOf(plan, message.eventType);
    if (route === null) {
      return { error: { code: 'connect_failed', message: `no route of this listener takes ${message.eventType}` } };
    }
    const relayed = this.#relayed(message, route.url.href);
    if (this.#awayMs === 0) this.#tellOnce(relayed);
    const result = await exchangeLocally(message, { url: route.url, headers: plan.headers, verifyTls, signal });
    if (result.kind === 'away') return this.#away(route.url.href, result.reason);
    if (this.#awayMs > 0) tell({ kind: 'app_back', forwardTo: route.url.href });
    this.#awayMs = 0;
    this.#tellOnce(relayed);
    keep({ ...result.answer, attempt: message.attempt });
    await this.#answered(relayed, message, result);
    return result.answer;
  }

  async #answered(relayed: Relayed, message: RelayedMessage, result: Exchanged['result']): Promise<void> {
    const { response, error = null, durationMs = 0 } = result.answer;
    const status = response?.status ?? null;
    const delivered = status !== null && status >= 200 && status < 300;
    if (delivered) this.delivered += 1;
    else this.undelivered += 1;
    const why = await this.#why(status, result.text, message);
    const news: Answered = {
      ...relayed,
      status,
      error,
      durationMs,
      delivered,
      againInSeconds: delivered ? null : this.#againIn(message),
      why,
    };
    this.#options.tell({ kind: 'answer', ...news }, { message, result });
  }

  async #why(status: number | null, text: string, message: RelayedMessage): Promise<string | null> {
    if (status === null || (status >= 200 && status < 300)) return null;
    const { plan, secret, scheme } = this.#options;
    return whyRefused({ status, text, message, secret, scheme, copied: plan.endpoint });
  }

  /** As the schedule of the session's own endpoint says. */
  #againIn({ number, cause }: RelayedMessage): number | null {
    const { retryScheduleSeconds: schedule, maxRetries } = this.#options.endpoint;
    return cause === 'test' || number > maxRetries ? null : (schedule[number - 1] ?? schedule.at(-1) ?? null);
  }

  /** Nothing was sent on: it comes again, soon at first. */
  #away(forwardTo: string, reason: string): RelayAnswer {
    if (this.#awayMs === 0) this.#options.tell({ kind: 'app_away', forwardTo, reason });
    this.#awayMs = Math.min(AWAY_MS_MAX, Math.max(AWAY_MS_MIN, this.#awayMs * 2));
    return { notTried: { retryInMs: this.#awayMs } };
  }

  #relayed(message: RelayedMessage, forwardTo: string): Relayed {
    const { event, eventType, delivery, attempt, number, cause, body } = message;
    return {
      tenant: this.#options.plan.tenant,
      listener: this.#options.endpoint.id,
      event,
      eventType,
      delivery,
      attempt,
      number,
      cause,
      forwardTo,
      bytes: Buffer.byteLength(body, 'base64'),
    };
  }

  #tellOnce(relayed: Relayed): void {
    if (this.#told === relayed.attempt) return;
    this.#told = relayed.attempt;
    this.#options.tell({ kind: 'message', ...relayed });
  }
}
