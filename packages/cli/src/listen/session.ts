// A listening session: an endpoint of its own at the server, whose messages go to the local app and whose outcomes are the
// local app's answers.
//
// Invariants:
//  1. No other endpoint is touched: what is copied is a profile and a subscription.
//  2. Where the session is comes from the server, which keeps what was not answered, in order, until it is. The state file
//     says which endpoint is the session's, and what was answered last.
//  3. What cannot be had any more is said, once, and the session ends with a status that shows it.
//  4. At its end the endpoint is removed, unless it is to be kept. Who was replaced by another listener removes nothing.

import { hostname } from 'node:os';

import { WaxwingApiError } from '@waxwing/client';
import type { ListenEnd, TenantClient, Waxwing } from '@waxwing/client';
import type { Endpoint, RelayedMessage } from '@waxwing/protocol';

import { createdListener, resumedListener } from './own-endpoint.ts';
import { watchForGaps } from './gaps.ts';
import type { ListenNews } from './news.ts';
import type { ListenerPlan } from './plan.ts';
import { schemeFor } from './refusal.ts';
import { Relay } from './relay.ts';
import type { Exchanged } from './relay.ts';
import type { SessionState, StateFile } from './session-state.ts';

export interface SessionOptions {
  readonly client: Waxwing;
  readonly plan: ListenerPlan;
  readonly state: StateFile;
  /** Whether the endpoint stays, asleep, when the session ends. */
  readonly keep: boolean;
  readonly verifyTls: boolean;
  /** Where the console shows its endpoint. */
  readonly consoleUrl: (endpoint: string) => string;
  readonly tell: (news: ListenNews, exchange?: Exchanged) => void;
}

export interface SessionEnd {
  readonly reason: 'asked' | ListenEnd;
  readonly gap: boolean;
}

/** How long what is under way may take when the session is asked to end. */
const GRACE_MS = 2_000;

export class Session {
  readonly #options: SessionOptions;
  readonly #acme: TenantClient;
  readonly #seen = new Set<string>();
  #endpoint: Endpoint | null = null;
  #relay: Relay | null = null;
  #resumed = false;
  #waiting = 0;
  #isReady = false;
  #isLost = false;
  #gap = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#acme = options.client.tenant(options.plan.tenant);
  }

  /** Where it stands on disk. */
  get #state(): SessionState {
    const state = this.#options.state.get(this.#options.plan.key);
    if (state === null) throw new Error('the session is not open');
    return state;
  }

  /** Finds the session's endpoint, or makes it. Throws what the server refuses. */
  async open(): Promise<void> {
    const { client, plan, state } = this.#options;
    const found = await resumedListener(this.#acme, plan, state, (news) => this.#tell(news));
    this.#resumed = found !== null;
    const endpoint = found ?? (await createdListener(this.#acme, plan, state, `waxwing listen on ${hostname()}`.slice(0, 200)));
    this.#endpoint = endpoint;
    this.#relay = new Relay({
      plan,
      endpoint,
      secret: this.#state.secret,
      scheme: await schemeFor(client, endpoint.profile),
      verifyTls: this.#options.verifyTls,
      answered: () => this.#state.answered,
      keep: (answered) => this.#keep({ answered, until: new Date().toISOString(), received: this.#state.received + 1 }),
      tell: (news, exchanged) => this.#options.tell(news, exchanged),
    });
  }

  /** Listens until it is asked to end, or another listener takes over. */
  async run(stop: AbortSignal): Promise<SessionEnd> {
    const { id } = this.#opened().endpoint;
    const over = new AbortController();
    const until = AbortSignal.any([stop, over.signal]);
    const exchanges = new AbortController();
    stop.addEventListener('abort', () => setTimeout(() => exchanges.abort(stop.reason), GRACE_MS).unref(), { once: true });
    const watching = watchForGaps({
      acme: this.#acme,
      endpoint: id,
      cursor: this.#state.cursor,
      keep: (cursor) => this.#keep({ cursor }),
      tell: (news) => this.#tell(news),
      signal: until,
    });
    let reason: SessionEnd['reason'];
    try {
      reason = await this.#acme.listen({
        listener: id,
        signal: until,
        receive: async (message) => {
          const answer = await this.#opened().relay.receive(message, exchanges.signal);
          if (answer.notTried === undefined) this.#countDown(message);
          return answer;
        },
        onReady: (waiting) => this.#onReady(waiting),
        onLost: ({ cause, retryInMs }) => this.#onLost(cause, retryInMs),
      });
    } catch (error) {
      // Deleted while an answer was on its way, or while the connection was lost.
      if (error instanceof WaxwingApiError && error.code === 'endpoint_not_found') reason = 'deleted';
      else if (stop.aborted) reason = 'asked';
      else throw error;
    } finally {
      over.abort();
      await watching;
    }
    return this.#close(reason);
  }

  async #close(reason: SessionEnd['reason']): Promise<SessionEnd> {
    const { keep, state } = this.#options;
    const { endpoint, relay } = this.#opened();
    const { id } = endpoint;
    const kept = reason === 'replaced' || (reason === 'asked' && (keep || !(await this.#remove(id))));
    if (!kept) this.#keep({ listener: null, cursor: null, answered: null });
    this.#tell({
      kind: 'ended',
      listener: id,
      reason,
      kept,
      delivered: relay.delivered,
      undelivered: relay.undelivered,
      gap: this.#gap,
      state: kept ? state.path : null,
    });
    return { reason, gap: this.#gap };
  }

  /** Whether it is gone. */
  async #remove(id: string): Promise<boolean> {
    try {
      await this.#acme.endpoints.delete(id, { signal: AbortSignal.timeout(5_000) });
      return true;
    } catch (error) {
      if (error instanceof WaxwingApiError && error.status === 404) return true;
      const why = error instanceof Error ? error.message : String(error);
      this.#tell({
        kind: 'note',
        sentence: `The session’s endpoint ${id} could not be removed: ${why} Events wait for it; listen again to take them, or remove it in the console.`,
      });
      return false;
    }
  }

  #onReady(waiting: number): void {
    const { plan, consoleUrl } = this.#options;
    const { endpoint } = this.#opened();
    this.#seen.clear();
    this.#waiting = waiting;
    if (this.#isReady) {
      if (this.#isLost) this.#tell({ kind: 'back', listener: endpoint.id, waiting });
      this.#isLost = false;
      return;
    }
    this.#isReady = true;
    this.#tell({
      kind: 'ready',
      listener: endpoint.id,
      name: plan.name,
      tenant: plan.tenant,
      profile: endpoint.profile,
      eventTypes: endpoint.eventTypes,
      secret: this.#state.secret,
      routes: plan.routes.map(({ pattern, url }) => ({ events: pattern, forwardTo: url.href })),
      console: consoleUrl(endpoint.id),
      resumed: this.#resumed,
      waiting,
    });
  }

  #onLost(cause: unknown, retryInMs: number): void {
    this.#isLost = true;
    this.#tell({ kind: 'lost', listener: this.#opened().endpoint.id, reason: reasonOf(cause), retryInMs });
  }

  #countDown({ delivery }: RelayedMessage): void {
    if (this.#waiting === 0) return;
    this.#seen.add(delivery);
    if (this.#seen.size < this.#waiting) return;
    this.#tell({ kind: 'caught_up', listener: this.#opened().endpoint.id, replayed: this.#waiting });
    this.#waiting = 0;
  }

  #tell(news: ListenNews): void {
    if (news.kind === 'gap') this.#gap = true;
    this.#options.tell(news);
  }

  #keep(change: Partial<SessionState>): void {
    this.#options.state.update(this.#options.plan.key, change);
  }

  #opened(): { readonly endpoint: Endpoint; readonly relay: Relay } {
    if (this.#endpoint === null || this.#relay === null) throw new Error('the session is not open');
    return { endpoint: this.#endpoint, relay: this.#relay };
  }
}

/** fetch hides the reason one cause deep. */
function reasonOf(cause: unknown): string {
  const error = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return error instanceof Error ? error.message || error.name : String(error);
}
