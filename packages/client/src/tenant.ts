// One tenant's calls: publishing, endpoints, events, deliveries, replays.

import type {
  DeliveryDetail,
  DeliverySummary,
  Endpoint,
  EndpointInput,
  EndpointPatch,
  EndpointStats,
  EndpointWithSecret,
  EventDetail,
  EventSummary,
  Explanation,
  ListenerInput,
  ListenerMessage,
  PortalLink,
  PortalLinkInput,
  PublishResult,
  RejectedEvent,
  RelayAccepted,
  RelayResult,
  Replay,
  ReplayCount,
  ReplayInput,
  Stats,
  StreamMessage,
  Tenant,
} from '@waxwing/protocol';

import type { DeliveryFilter, EventFilter, ListFilter, ListOptions } from './filters.ts';
import { printEvent } from './json-text.ts';
import type { JsonText } from './json-text.ts';
import { listing } from './list-call.ts';
import type { LastingOptions } from './lasting.ts';
import { answerMessages, listen, listenerMessages } from './listen.ts';
import type { ListenEnd, ListenOptions } from './listen.ts';
import type { List } from './list.ts';
import { segment } from './segment.ts';
import { endpointStats } from './stats-call.ts';
import type { StatsQuery } from './stats-call.ts';
import { streamOf } from './stream.ts';
import type { StreamOptions } from './stream.ts';
import type { Call, CallOptions, Transport } from './transport.ts';

/** An event to publish. */
export interface EventInput {
  readonly type: string;
  /** A JSON object: a value, or its text in a JsonText when it must not be changed. */
  readonly data: { readonly [member: string]: unknown } | JsonText;
  /** Chosen by you: `[A-Za-z0-9_-]{1,64}`. Publishing it again within 7 days with the same content gives the first answer. */
  readonly id?: string;
  /** When it happened: ISO 8601. Default: when the server receives it. */
  readonly timestamp?: string;
}

export interface PublishOptions extends CallOptions {
  /** Your own name for this publish (1–255 characters). One is made when you give none; every retry carries the same. */
  readonly idempotencyKey?: string;
}

/** What a rotation takes: your own secret, and how long the old one is still good (default 24 h). */
export interface RotateOptions {
  readonly secret?: string;
  readonly graceSeconds?: number;
}

/** Which deliveries to replay. */
export type ReplayFilter = Omit<ReplayInput, 'dryRun'>;

export class TenantClient {
  readonly id: string;
  readonly #transport: Transport;
  readonly #path: string;

  constructor(transport: Transport, id: string) {
    this.id = id;
    this.#transport = transport;
    this.#path = `/v1/tenants/${segment(id)}`;
  }

  /** This tenant as the server knows it. */
  get(options: CallOptions = {}): Promise<Tenant> {
    return this.#transport.json({ method: 'GET', path: this.#path, ...options });
  }

  /**
   * Publishes one event. Resolves once the server has stored it durably.
   *
   * On 429, on 503 and when no answer comes it is tried again under one idempotency key, so that it is published once
   * however often it was sent; `Retry-After` is honoured.
   */
  publish(event: EventInput, options: PublishOptions = {}): Promise<PublishResult> {
    return this.#transport.json(this.#publishing('/events', printEvent({ ...event }), options));
  }

  /** Publishes 1 to 1,000 events, all or none, in order. Tried again as `publish` is. */
  async publishBatch(events: readonly EventInput[], options: PublishOptions = {}): Promise<readonly PublishResult[]> {
    const body = `{"events":[${events.map((event) => printEvent({ ...event })).join(',')}]}`;
    const answer = await this.#transport.json<{ readonly data: readonly PublishResult[] }>(
      this.#publishing('/events/batch', body, options),
    );
    return answer.data;
  }

  /**
   * What happens to this tenant from now on (or after `cursor`), as it happens: events, attempts, endpoints. Connects again by
   * itself and goes on where it was. Keep the last message's `cursor` to go on after a restart.
   * @example for await (const message of acme.stream({ kinds: ['attempt'] })) if (message.kind === 'attempt') console.log(message.data.delivery.state);
   */
  stream(options: StreamOptions = {}): AsyncGenerator<StreamMessage, void, undefined> {
    return streamOf(this.#transport, this.#transport.surroundings, `${this.#path}/stream`, options);
  }

  /**
   * Takes the messages of a listener one after the other, hands each to `receive`, and sends back what came of it: that
   * attempt's outcome. Connects again by itself. Resolves when another listener has taken over or the endpoint is deleted.
   * @example
   * const listener = await acme.listeners.create({ endpoint: 'ep_…' });
   * await acme.listen({ listener: listener.id, receive: async (message) => ({ response: { status: 200, headers: [], body: '' } }) });
   */
  listen(options: ListenOptions): Promise<ListenEnd> {
    return listen(this.#transport, this.#transport.surroundings, this.#path + listenerPath(options.listener), options);
  }

  readonly listeners = {
    /** An endpoint that is relayed to whoever listens. `endpoints` reads, edits and deletes it. */
    create: (input: ListenerInput = {}, options: CallOptions = {}): Promise<EndpointWithSecret> =>
      this.#json('POST', '/listeners', input, options),
    /** Attaches, again and again; for those who want more than `listen`. */
    messages: (id: string, options: LastingOptions = {}): AsyncGenerator<ListenerMessage, void, undefined> =>
      listenerMessages(this.#transport, this.#transport.surroundings, this.#path + listenerPath(id), options),
    /** What became of messages; tried again, as repeating one changes nothing. */
    answer: (id: string, results: readonly RelayResult[], options: CallOptions = {}): Promise<RelayAccepted> =>
      answerMessages(this.#transport, this.#path + listenerPath(id), results, options.signal),
  };

  /** A link to this tenant's own view of the console, for a while. The URL carries its token behind `#`. */
  createPortalLink(input: PortalLinkInput = {}, options: CallOptions = {}): Promise<PortalLink> {
    return this.#json('POST', '/portal-links', input, options);
  }

  readonly endpoints = {
    /** Creates one. The answer is the only one, with rotation's, that carries the secret. */
    create: (input: EndpointInput, options: CallOptions = {}): Promise<EndpointWithSecret> =>
      this.#json('POST', '/endpoints', input, options),
    get: (id: string, options: CallOptions = {}): Promise<Endpoint> => this.#json('GET', endpointPath(id), undefined, options),
    list: (filter: ListOptions = {}, options: CallOptions = {}): List<Endpoint> => this.#list('/endpoints', filter, options),
    /** Applies from the next attempt. */
    update: (id: string, patch: EndpointPatch, options: CallOptions = {}): Promise<Endpoint> =>
      this.#json('PATCH', endpointPath(id), patch, options),
    /** Cancels what is pending. */
    delete: async (id: string, options: CallOptions = {}): Promise<void> => {
      await this.#transport.send({ method: 'DELETE', path: this.#path + endpointPath(id), ...options });
    },
    enable: (id: string, options: CallOptions = {}): Promise<Endpoint> =>
      this.#json('POST', `${endpointPath(id)}/enable`, undefined, options),
    disable: (id: string, options: CallOptions = {}): Promise<Endpoint> =>
      this.#json('POST', `${endpointPath(id)}/disable`, undefined, options),
    pause: (id: string, options: CallOptions = {}): Promise<Endpoint> =>
      this.#json('POST', `${endpointPath(id)}/pause`, undefined, options),
    resume: (id: string, options: CallOptions = {}): Promise<Endpoint> =>
      this.#json('POST', `${endpointPath(id)}/resume`, undefined, options),
    rotateSecret: (id: string, rotation: RotateOptions = {}, options: CallOptions = {}): Promise<EndpointWithSecret> =>
      this.#json('POST', `${endpointPath(id)}/secret/rotate`, rotation, options),
    /** Ends a rotation's grace now. */
    activateSecret: (id: string, options: CallOptions = {}): Promise<Endpoint> =>
      this.#json('POST', `${endpointPath(id)}/secret/activate`, undefined, options),
    /** What happened to it within a window (default `1h`). */
    stats: (id: string, query: StatsQuery = {}, options: CallOptions = {}): Promise<Stats> =>
      this.#transport.json({ method: 'GET', path: `${this.#path}${endpointPath(id)}/stats`, query: { ...query }, ...options }),
    /** Sends the catalogue's sample at once and resolves with the delivery after its one attempt. */
    test: (id: string, test: { readonly eventType: string }, options: CallOptions = {}): Promise<DeliveryDetail> =>
      this.#json('POST', `${endpointPath(id)}/test`, test, options),
  };

  /** What happened to this tenant within a window (default `1h`), whole and by step. */
  stats(query: StatsQuery = {}, options: CallOptions = {}): Promise<Stats> {
    return this.#transport.json({ method: 'GET', path: `${this.#path}/stats`, query: { ...query }, ...options });
  }

  /** The same of up to 100 of its endpoints in brief; those that are not there are left out. */
  endpointStats(ids: readonly string[], query: StatsQuery = {}, options: CallOptions = {}): Promise<readonly EndpointStats[]> {
    return endpointStats(this.#transport, `${this.#path}/stats/endpoints`, ids, query, options);
  }

  readonly events = {
    get: (id: string, options: CallOptions = {}): Promise<EventDetail> => this.#json('GET', `/events/${segment(id)}`, undefined, options),
    list: (filter: EventFilter = {}, options: CallOptions = {}): List<EventSummary> => this.#list('/events', filter, options),
    /** Published within database transactions and not acceptable. */
    rejected: (filter: ListOptions = {}, options: CallOptions = {}): List<RejectedEvent> => this.#list('/rejected-events', filter, options),
    /** Why an endpoint, also a deleted one, did or did not get this event. */
    explain: (id: string, endpoint: string, options: CallOptions = {}): Promise<Explanation> =>
      this.#transport.json({ method: 'GET', path: `${this.#path}/events/${segment(id)}/explain`, query: { endpoint }, ...options }),
  };

  readonly deliveries = {
    /** With every attempt in full. */
    get: (id: string, options: CallOptions = {}): Promise<DeliveryDetail> => this.#json('GET', deliveryPath(id), undefined, options),
    list: (filter: DeliveryFilter = {}, options: CallOptions = {}): List<DeliverySummary> => this.#list('/deliveries', filter, options),
    /** A final one is delivered again as a new delivery, which is the answer; a pending one becomes due now. */
    retry: (id: string, options: CallOptions = {}): Promise<DeliverySummary> =>
      this.#json('POST', `${deliveryPath(id)}/retry`, undefined, options),
    cancel: (id: string, options: CallOptions = {}): Promise<DeliverySummary> =>
      this.#json('POST', `${deliveryPath(id)}/cancel`, undefined, options),
  };

  readonly replays = {
    /** Delivers again what the filter takes (default: all that failed or was skipped), slower than live traffic. */
    create: (filter: ReplayFilter = {}, options: CallOptions = {}): Promise<Replay> => this.#json('POST', '/replays', filter, options),
    /** How many deliveries a replay with this filter would take. */
    count: async (filter: ReplayFilter = {}, options: CallOptions = {}): Promise<number> =>
      (await this.#json<ReplayCount>('POST', '/replays', { ...filter, dryRun: true }, options)).count,
    /** With its progress. */
    get: (id: string, options: CallOptions = {}): Promise<Replay> => this.#json('GET', replayPath(id), undefined, options),
    list: (filter: ListOptions = {}, options: CallOptions = {}): List<Replay> => this.#list('/replays', filter, options),
    /** Makes nothing more, and cancels what it made and is pending. */
    cancel: (id: string, options: CallOptions = {}): Promise<Replay> => this.#json('POST', `${replayPath(id)}/cancel`, undefined, options),
  };

  #json<T>(method: Call['method'], path: string, body: unknown, options: CallOptions): Promise<T> {
    return this.#transport.json({
      method,
      path: this.#path + path,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...options,
    });
  }

  #list<T>(path: string, filter: ListFilter, options: CallOptions): List<T> {
    return listing(this.#transport, this.#path + path, filter, options);
  }

  #publishing(path: string, body: string, options: PublishOptions): Call {
    return {
      method: 'POST',
      path: this.#path + path,
      body,
      headers: { 'idempotency-key': options.idempotencyKey ?? crypto.randomUUID() },
      repeatable: true,
      signal: options.signal,
    };
  }
}

function endpointPath(id: string): string {
  return `/endpoints/${segment(id)}`;
}

function deliveryPath(id: string): string {
  return `/deliveries/${segment(id)}`;
}

function listenerPath(id: string): string {
  return `/listeners/${segment(id)}`;
}

function replayPath(id: string): string {
  return `/replays/${segment(id)}`;
}
