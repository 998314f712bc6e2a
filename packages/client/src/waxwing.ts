// The client: one address, one key. Deployment-wide calls stand here; a tenant's own in tenant.ts.
//
// No dependencies, no Node API: it runs wherever fetch does.

import type {
  Cluster,
  Endpoint,
  EndpointStats,
  EventSummary,
  RejectedEvent,
  DeliverySummary,
  EventType,
  EventTypeInput,
  Key,
  KeyInput,
  KeyWithSecret,
  LookupResult,
  Notice,
  ProfileResource,
  Replay,
  Setting,
  Stats,
  StreamMessage,
  Tenant,
  TenantInput,
} from '@waxwing/protocol';

import { WaxwingApiError } from './api-error.ts';
import { listing } from './list-call.ts';
import type { DeliveryFilter, EventFilter, EventTypeFilter, ListOptions, NoticeFilter } from './filters.ts';
import type { List } from './list.ts';
import { openTransport } from './open-transport.ts';
import type { RetryOptions } from './retry.ts';
import { segment } from './segment.ts';
import { endpointStats } from './stats-call.ts';
import type { StatsQuery } from './stats-call.ts';
import { streamOf } from './stream.ts';
import type { StreamOptions } from './stream.ts';
import { TenantClient } from './tenant.ts';
import type { CallOptions, Transport } from './transport.ts';

export interface WaxwingOptions {
  /** Where the server is, such as `http://127.0.0.1:8400`. A path below it is kept. */
  readonly url: string;
  /** The API key. Needed for everything but health. */
  readonly key?: string;
  /** In place of the global one: a proxy agent's, a test's. */
  readonly fetch?: typeof fetch;
  /** How long one attempt may take, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Bounds on trying again: reads, and publishing under one idempotency key. */
  readonly retry?: RetryOptions;
}

/** What the health routes say. */
export interface Health {
  readonly ok: boolean;
  /** Why not, when not. */
  readonly detail: string | null;
}

/**
 * The typed client of the Waxwing API.
 *
 * Every call may throw `WaxwingApiError` (the server answered with a problem) or `WaxwingConnectionError` (no answer came).
 * @example
 * const acme = new Waxwing({ url: 'http://127.0.0.1:8400', key }).tenant('acme');
 * await acme.publish({ type: 'meeting.completed', data: { meeting_id: 'mtg_1' } });
 */
export class Waxwing {
  readonly #transport: Transport;

  constructor(options: WaxwingOptions) {
    this.#transport = openTransport(options);
  }

  /** A tenant's own calls. Nothing is asked of the server: an unknown tenant shows at the first call. */
  tenant(id: string): TenantClient {
    return new TenantClient(this.#transport, id);
  }

  readonly tenants = {
    /** Creates or replaces. */
    put: (id: string, input: TenantInput = {}, options: CallOptions = {}): Promise<Tenant> =>
      this.#transport.json({ method: 'PUT', path: `/v1/tenants/${segment(id)}`, body: JSON.stringify(input), ...options }),
    get: (id: string, options: CallOptions = {}): Promise<Tenant> =>
      this.#transport.json({ method: 'GET', path: `/v1/tenants/${segment(id)}`, ...options }),
    list: (filter: ListOptions = {}, options: CallOptions = {}): List<Tenant> => listing(this.#transport, '/v1/tenants', filter, options),
    /** Refused while the tenant has endpoints. */
    delete: async (id: string, options: CallOptions = {}): Promise<void> => {
      await this.#transport.send({ method: 'DELETE', path: `/v1/tenants/${segment(id)}`, ...options });
    },
  };

  readonly eventTypes = {
    put: (name: string, input: EventTypeInput = {}, options: CallOptions = {}): Promise<EventType> =>
      this.#transport.json({ method: 'PUT', path: `/v1/event-types/${segment(name)}`, body: JSON.stringify(input), ...options }),
    get: (name: string, options: CallOptions = {}): Promise<EventType> =>
      this.#transport.json({ method: 'GET', path: `/v1/event-types/${segment(name)}`, ...options }),
    list: (filter: EventTypeFilter = {}, options: CallOptions = {}): List<EventType> =>
      listing(this.#transport, '/v1/event-types', filter, options),
    delete: async (name: string, options: CallOptions = {}): Promise<void> => {
      await this.#transport.send({ method: 'DELETE', path: `/v1/event-types/${segment(name)}`, ...options });
    },
  };

  readonly profiles = {
    /** A platform's own wire convention. The server validates it and names what is wrong. */
    put: (name: string, definition: unknown, options: CallOptions = {}): Promise<ProfileResource> =>
      this.#transport.json({ method: 'PUT', path: `/v1/profiles/${segment(name)}`, body: JSON.stringify(definition), ...options }),
    /** What `put` would make of it, with its signed sample message; nothing is kept. */
    preview: (name: string, definition: unknown, options: CallOptions = {}): Promise<ProfileResource> =>
      this.#transport.json({ method: 'POST', path: `/v1/profiles/${segment(name)}/preview`, body: JSON.stringify(definition), ...options }),
    get: (name: string, options: CallOptions = {}): Promise<ProfileResource> =>
      this.#transport.json({ method: 'GET', path: `/v1/profiles/${segment(name)}`, ...options }),
    list: (filter: ListOptions = {}, options: CallOptions = {}): List<ProfileResource> =>
      listing(this.#transport, '/v1/profiles', filter, options),
    delete: async (name: string, options: CallOptions = {}): Promise<void> => {
      await this.#transport.send({ method: 'DELETE', path: `/v1/profiles/${segment(name)}`, ...options });
    },
  };

  readonly keys = {
    /** The answer is the only one that carries the key itself. */
    create: (input: KeyInput, options: CallOptions = {}): Promise<KeyWithSecret> =>
      this.#transport.json({ method: 'POST', path: '/v1/keys', body: JSON.stringify(input), ...options }),
    list: (filter: ListOptions = {}, options: CallOptions = {}): List<Key> => listing(this.#transport, '/v1/keys', filter, options),
    revoke: async (id: string, options: CallOptions = {}): Promise<void> => {
      await this.#transport.send({ method: 'DELETE', path: `/v1/keys/${segment(id)}`, ...options });
    },
  };

  /** Over all tenants, for operators. */
  readonly everywhere = {
    /** What Waxwing told, and what became of each email. */
    notices: (filter: NoticeFilter = {}, options: CallOptions = {}): List<Notice> =>
      listing(this.#transport, '/v1/notices', filter, options),
    endpoints: (filter: ListOptions = {}, options: CallOptions = {}): List<Endpoint> =>
      listing(this.#transport, '/v1/endpoints', filter, options),
    events: (filter: EventFilter = {}, options: CallOptions = {}): List<EventSummary> =>
      listing(this.#transport, '/v1/events', filter, options),
    /** Published within database transactions and not acceptable; for tenants that do not exist, too. */
    rejectedEvents: (filter: ListOptions = {}, options: CallOptions = {}): List<RejectedEvent> =>
      listing(this.#transport, '/v1/rejected-events', filter, options),
    deliveries: (filter: DeliveryFilter = {}, options: CallOptions = {}): List<DeliverySummary> =>
      listing(this.#transport, '/v1/deliveries', filter, options),
    replays: (filter: ListOptions = {}, options: CallOptions = {}): List<Replay> =>
      listing(this.#transport, '/v1/replays', filter, options),
  };

  /** As a tenant's `stream`, over all tenants: for operators. */
  stream(options: StreamOptions = {}): AsyncGenerator<StreamMessage, void, undefined> {
    return streamOf(this.#transport, this.#transport.surroundings, '/v1/stream', options);
  }

  /** What happened over all tenants within a window (default `1h`), whole and by step. */
  stats(query: StatsQuery = {}, options: CallOptions = {}): Promise<Stats> {
    return this.#transport.json({ method: 'GET', path: '/v1/stats', query: { ...query }, ...options });
  }

  /** The same of up to 100 endpoints in brief; those that are not there are left out. */
  endpointStats(ids: readonly string[], query: StatsQuery = {}, options: CallOptions = {}): Promise<readonly EndpointStats[]> {
    return endpointStats(this.#transport, '/v1/stats/endpoints', ids, query, options);
  }

  /** The nodes and the store. */
  cluster(options: CallOptions = {}): Promise<Cluster> {
    return this.#transport.json({ method: 'GET', path: '/v1/cluster', ...options });
  }

  /** The settings in effect; of secrets, only whether they are set. */
  async settings(options: CallOptions = {}): Promise<readonly Setting[]> {
    return (await this.#transport.json<{ readonly data: readonly Setting[] }>({ method: 'GET', path: '/v1/settings', ...options })).data;
  }

  /** Finds anything by its id. */
  lookup(id: string, options: CallOptions = {}): Promise<LookupResult> {
    return this.#transport.json({ method: 'GET', path: `/v1/lookup/${segment(id)}`, ...options });
  }

  /** Whether the server lives. Throws WaxwingConnectionError when nothing answers. */
  health(options: CallOptions = {}): Promise<Health> {
    return this.#health('/healthz', options);
  }

  /** Whether it is ready for work: its store reached, its endpoints loaded. */
  status(options: CallOptions = {}): Promise<Health> {
    return this.#health('/readyz', options);
  }

  async #health(path: string, options: CallOptions): Promise<Health> {
    try {
      await this.#transport.send({ method: 'GET', path, repeatable: false, ...options }); // "not ready" is the answer asked for
      return { ok: true, detail: null };
    } catch (error) {
      if (error instanceof WaxwingApiError && error.code !== 'unexpected_answer') return { ok: false, detail: error.detail };
      throw error;
    }
  }
}
